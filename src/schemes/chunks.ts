/**
 * Chunks of a tag sequence, by conlleval's convention: no tag sequence is invalid, every one is read as some chunks.
 *
 * Source: the `startOfChunk` and `endOfChunk` rules of conlleval (Tjong Kim Sang, CoNLL-2000; version of 2004-01-26).
 * A tag is split at its first hyphen into a letter and a type. For the letters that the original knows (B, I, E, O) and
 * sequences of one of its formats (IOB1, IOB2, IOE1, IOE2) the result is the original's, to the digit.
 *
 * Departure, because the original never saw these: S, and E followed by B or S, part chunks as in its Python ports and in
 * seqeval's default mode; L, U and M are read as E, S and I. The original would read `S-X S-X` and `B-X E-X B-X E-X` as one
 * chunk each: `originalChunksOf` does.
 */
export interface Chunk {
  readonly type: string;
  /** Index of the first token. */
  readonly start: number;
  /** Index after the last token. */
  readonly end: number;
}

/** What a tag says of its token and the chunk around it; `other` is a letter of no scheme. */
export type Role = 'begin' | 'inside' | 'end' | 'single' | 'outside' | 'other';

export interface Tag {
  /** Position letter, or the whole tag where it has no hyphen. */
  readonly letter: string;
  readonly role: Role;
  /** Class, '' where the tag has no hyphen. */
  readonly type: string;
}

/** `O`, and what counts as it: a sentence break, a tag that a scheme does not know. */
export const OUTSIDE: Tag = { letter: 'O', role: 'outside', type: '' };

/** `B-PER` to B and PER; the first hyphen splits, so `B-creative-work` is of type creative-work. */
export function splitTag(tag: string): Tag {
  const hyphen = tag.indexOf('-');
  const letter = hyphen < 0 ? tag : tag.slice(0, hyphen);
  return { letter, role: roleOf(letter), type: hyphen < 0 ? '' : tag.slice(hyphen + 1) };
}

/** The letters of all schemes; none means one thing here and another there. */
function roleOf(letter: string): Role {
  switch (letter) {
    case 'O':
      return 'outside';
    case 'B':
      return 'begin';
    case 'I':
    case 'M':
      return 'inside';
    case 'E':
    case 'L':
      return 'end';
    case 'S':
    case 'U':
      return 'single';
    default:
      return 'other';
  }
}

/** A type in words: a bare `B` or `I` has none. */
export const typeTitle = (type: string): string => (type === '' ? '(no type)' : type);

/** Reads the chunks of one sentence, in order, never overlapping. Works for every scheme: the letters say which. */
export function chunksOf(tags: readonly string[]): Chunk[] {
  const chunks: Chunk[] = [];
  scanChunks(tags, splitTag, (type, start, end) => chunks.push({ type, start, end }));
  return chunks;
}

/** The same for tags as `read` takes them apart. Calls back with the type, the first token and the token after the last. */
export function scanChunks(
  tags: readonly string[],
  read: (tag: string) => Tag,
  found: (type: string, from: number, to: number) => void,
): void {
  let previous = OUTSIDE;
  let start = -1; // of the open chunk
  for (let i = 0; i <= tags.length; i++) {
    const current = i < tags.length ? read(tags[i] as string) : OUTSIDE; // a sentence break counts as outside
    const starts = startsChunk(previous, current);
    if (start >= 0 && (starts || endsChunk(previous, current))) {
      found(previous.type, start, i);
      start = -1;
    }
    if (starts) start = i;
    previous = current;
  }
}

/** Does a chunk start at `current`, seen after `previous`? */
function startsChunk(previous: Tag, current: Tag): boolean {
  if (current.role === 'outside') return false;
  if (current.type !== previous.type) return true;
  switch (current.role) {
    case 'begin':
    case 'single':
      return true;
    case 'inside':
    case 'end':
      return previous.role === 'outside' || previous.role === 'end' || previous.role === 'single';
    default:
      return false; // an unknown letter starts a chunk only by a new type
  }
}

/** Has the chunk that holds `previous` ended before `current`? */
function endsChunk(previous: Tag, current: Tag): boolean {
  if (previous.role === 'outside') return false;
  if (current.type !== previous.type) return true;
  switch (previous.role) {
    case 'end':
    case 'single':
      return true;
    case 'begin':
    case 'inside':
      return current.role === 'outside' || current.role === 'begin' || current.role === 'single';
    default:
      return false;
  }
}

/** The chunks found in both lists with the same start, end and type. Both lists in order of start. */
export function sharedChunks(gold: readonly Chunk[], predicted: readonly Chunk[]): Chunk[] {
  const shared: Chunk[] = [];
  let j = 0;
  for (const chunk of gold) {
    while (j < predicted.length && (predicted[j] as Chunk).start < chunk.start) j++;
    if (j === predicted.length) break;
    const other = predicted[j] as Chunk;
    if (other.start === chunk.start && other.end === chunk.end && other.type === chunk.type) shared.push(chunk);
  }
  return shared;
}
