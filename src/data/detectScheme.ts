import { splitChunkTag, tagReader, type Letters } from './chunkTags';
import { SCHEMES, type SchemeName } from './schemes';
import type { Choice, Sentence } from './types';

/** Distinct tags and how often each stands in the file. */
export type TagCounts = ReadonlyMap<string, number>;

/** Schemes told apart by their letters; IOB1 and IOB2 share theirs and are told apart by their sequences. */
const BY_LETTERS = ['iob2', 'bioes', 'bilou', 'bmes'] as const satisfies readonly SchemeName[];

const ALL_LETTERS = new Set(BY_LETTERS.flatMap((name) => Object.keys(SCHEMES[name].letters)));

/** What a hand that meant `B-PER` may have typed: `B_PER`, `b-PER`, `B:PER`, `B PER`. */
const MISTYPED = /^[BIESLUM][_:./ –—−][\p{L}\p{N}]|^[biesulm]-[\p{L}\p{N}]|^[BIESLUM]-$/u;

/** At least this share of the tokens must look like `O` or `B-X` before the rest counts as typing errors. */
const CHUNK_SHARE = 0.8;

/**
 * Finds the scheme from the tags themselves. Tags that the scheme found does not know are for the caller to refuse: chunk
 * schemes are chosen over plain tags where nearly all tokens speak for them.
 */
export function detectScheme(counts: TagCounts, sentences: readonly Sentence[]): Choice<SchemeName> {
  const tags = [...counts.keys()].filter((tag) => tag !== 'O');
  if (tags.length === 0) return { name: 'iob2', why: 'every tag is O' };
  if (tags.every((tag) => tag.length === 1)) return detectBare(tags, counts, sentences);

  const typed = tags.filter((tag) => isChunkTag(tag));
  const mistyped = tags.filter((tag) => !isChunkTag(tag) && MISTYPED.test(tag));
  const total = sum(counts, [...counts.keys()]);
  const shaped = (counts.get('O') ?? 0) + sum(counts, typed) + sum(counts, mistyped);
  const isChunks =
    typed.length > 0 ? shaped >= CHUNK_SHARE * total : counts.has('O') && mistyped.length === tags.length;
  if (!isChunks) {
    const looks =
      typed.length === 0 ? 'no tag has' : `only ${String(typed.length)} of ${String(tags.length)} tags have`;
    return { name: 'plain', why: `${looks} the form of a chunk tag such as B-PER` };
  }
  const letters = new Map<string, number>();
  for (const tag of [...typed, ...mistyped]) addTo(letters, tag[0].toUpperCase(), counts.get(tag) ?? 0);
  return chooseByLetters(letters, sentences);
}

/** Letters without a type: chunks of one kind, or part-of-speech tags that happen to be one letter long. */
function detectBare(tags: readonly string[], counts: TagCounts, sentences: readonly Sentence[]): Choice<SchemeName> {
  const fits = BY_LETTERS.some((name) => tags.every((tag) => Object.hasOwn(SCHEMES[name].letters, tag)));
  if (!fits || !tags.includes('B')) {
    return { name: 'plain', why: 'the tags are single letters that are not those of a chunk scheme' };
  }
  return chooseByLetters(new Map(tags.map((tag) => [tag, counts.get(tag) ?? 0])), sentences);
}

/** The scheme that knows the most tokens; among equals the one with the fewest letters. */
function chooseByLetters(letters: ReadonlyMap<string, number>, sentences: readonly Sentence[]): Choice<SchemeName> {
  const covered = (name: SchemeName): number => {
    const known = Object.keys(SCHEMES[name].letters);
    return known.reduce((tokens, letter) => tokens + (letters.get(letter) ?? 0), 0) - known.length * 1e-6;
  };
  const name = BY_LETTERS.reduce((best, next) => (covered(next) > covered(best) ? next : best));
  if (name === 'iob2') return tellIobApart(sentences);
  const found = Object.keys(SCHEMES[name].letters).filter((letter) => letters.has(letter));
  return { name, why: `the tags start with ${found.map((letter) => `${letter}-`).join(', ')}` };
}

/** In IOB2 every chunk starts with B-; in IOB1 a B- follows a chunk of its own type and every other chunk starts with I-. */
function tellIobApart(sentences: readonly Sentence[]): Choice<SchemeName> {
  const letters: Letters = SCHEMES.iob2.letters;
  const read = tagReader(letters);
  let startsB = 0; // B- where IOB1 has I-
  let startsI = 0; // I- where IOB2 has B-
  for (const { tags } of sentences) {
    for (let i = 0; i < tags.length; i++) {
      const tag = read(tags[i]);
      if (tag.role === 'outside') continue;
      const previous = i > 0 ? read(tags[i - 1]) : undefined;
      if (previous?.role !== undefined && previous.role !== 'outside' && previous.type === tag.type) continue;
      if (tag.role === 'begin') startsB++;
      else startsI++;
    }
  }
  const why = `of the chunks that follow none of their own type, ${String(startsB)} start with B- and ${String(startsI)} with I-`;
  return { name: startsI > startsB ? 'iob1' : 'iob2', why };
}

function isChunkTag(tag: string): boolean {
  const parts = splitChunkTag(tag);
  return parts !== undefined && parts.type !== '' && ALL_LETTERS.has(parts.letter);
}

const sum = (counts: TagCounts, tags: readonly string[]): number =>
  tags.reduce((total, tag) => total + (counts.get(tag) ?? 0), 0);

function addTo(counts: Map<string, number>, key: string, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}
