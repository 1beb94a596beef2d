import { present } from '../errors';
import { isPosLike, isPosName, OUTSIDE_NAMES } from './tagNames';
import { SCHEMES, type SchemeName, splitTag, type Tag } from '../schemes';
import { SPELLINGS, type Spelling, type SpellingName } from './spellings';
import { hasOutside, PLAIN, tagReaderOf, type Tagging } from './tagging';
import type { Sentence } from './types';

/** Distinct tags and how often each stands in the file. */
export type TagCounts = ReadonlyMap<string, number>;

/** What a person has said about the tags; the rest is found. */
export interface Told {
  readonly scheme?: SchemeName | 'auto' | undefined;
  readonly spelling?: SpellingName | 'auto' | undefined;
  readonly outside?: string | null | undefined;
}

export interface Detected extends Tagging {
  readonly why: string;
  /** Set where the evidence is too thin, or speaks for something that no scheme reads: for the caller to refuse. */
  readonly doubt?: TagDoubt;
}

export interface TagDoubt {
  /** One that shows it. */
  readonly tag: string;
  readonly message: string;
  /** Which options decide. */
  readonly note: string;
}

/** Schemes told apart by their letters; IOB1 and IOB2 share theirs and are told apart by their sequences. */
const BY_LETTERS = ['iob2', 'bioes', 'bilou', 'bmes'] as const satisfies readonly SchemeName[];

const ALL_LETTERS = new Set(BY_LETTERS.flatMap((name): readonly string[] => SCHEMES[name].letters));

/** Spellings of tags with letters, the usual one first. */
const LETTER_SPELLINGS = (Object.keys(SPELLINGS) as SpellingName[]).filter((name) =>
  ['all', 'letters'].includes(SPELLINGS[name].of),
);

/** What a hand that meant `B-PER` may have typed: `B_PER`, `b-PER`, `B:PER`, `B PER`. */
const MISTYPED = /^[BIESLUM][_:./ –—−][\p{L}\p{N}]|^[biesulm]-[\p{L}\p{N}]|^[BIESLUM]-$/u;

/** At least this share of the tokens must look like `O` or `B-X` before the rest counts as typing errors. */
const CHUNK_SHARE = 0.8;

/** Two chunk tags, or a chunk tag and `O`, in one: `B-ORG|B-LOC`, `B-ORG__I-LOC`. */
const SEVERAL =
  /^[BIESLUM]-[^|;,+/&#]+([|;,+/&#]([BIESLUM]-[^|;,+/&#]+|O))+$|^[BIESLUM]-\S*[^\s\p{L}\p{N}.:-][BIESLUM]-[\p{L}\p{N}]/u;

/** `Case=Nom|Number=Sing`, `name=B-PER`. */
const KEYED = /^[\p{L}][\p{L}\p{N}_[\]]*=[^|]*(\|[\p{L}][\p{L}\p{N}_[\]]*=[^|]*)*$/u;

/** Of a part-of-speech corpus no tag takes half of the tokens; of an entity corpus `O` nearly always does. */
const HALF = 0.5;

/** So many tags beside a rare O are a tag set, not entity types; no tag set of parts of speech has so few. */
const MANY = 10;
const FEW = 5;
const RARE = 0.1;

/**
 * Finds how the tags are to be understood, from the tags themselves and what was told. Tags that the scheme found does not know
 * are for the caller to refuse: chunk schemes are chosen over plain tags where nearly all tokens speak for them.
 */
export function detectScheme(counts: TagCounts, sentences: readonly Sentence[], told: Told = {}): Detected {
  const { scheme = 'auto' } = told;
  if (scheme === 'auto') return detect(counts, sentences, told);
  const tagging = { scheme, spelling: toldSpelling(told) ?? spellingIn(scheme, counts, told), outside: 'O' };
  const found = { ...tagging, outside: outsideFor(tagging, counts, told), why: 'as told' };
  if (hasOutside(scheme) || (told.outside ?? null) === null) return found;
  const [tag = ''] = counts.keys();
  const note = 'entity types beside an outside label are --scheme io (data.scheme)';
  return {
    ...found,
    doubt: { tag, message: `tags of ${scheme} have no outside label, but --outside names one`, note },
  };
}

function detect(counts: TagCounts, sentences: readonly Sentence[], told: Told): Detected {
  const all = [...counts.keys()];
  const several = all.find((tag) => SEVERAL.test(tag));
  if (several !== undefined) return doubtSeveral(several);
  if (all.some((tag) => tag.startsWith('(')) && all.every((tag) => SCHEMES.brackets.isTag(tag))) {
    const spelling = toldSpelling(told) ?? spellingIn('brackets', counts, told);
    return { ...PLAIN, scheme: 'brackets', spelling, why: 'the tags are brackets such as (PER*, * and *)' };
  }
  const spellings = toldSpelling(told) === undefined ? LETTER_SPELLINGS : [toldSpelling(told) ?? 'standard'];
  for (const spelling of spellings) {
    const found = detectLetters(spelling, counts, sentences, told);
    if (found) return found;
  }
  return detectKeyed(counts) ?? doubtForm(counts, told) ?? detectWords(counts, told);
}

const toldSpelling = ({ spelling }: Told): SpellingName | undefined => (spelling === 'auto' ? undefined : spelling);

/** A scheme of letters in this spelling, where the tags speak for one. */
function detectLetters(
  spelling: SpellingName,
  counts: TagCounts,
  sentences: readonly Sentence[],
  told: Told,
): Detected | undefined {
  const { read }: Spelling = SPELLINGS[spelling];
  const isTyped = (tag: string): boolean => isChunkTag(read(tag));
  const isBare = (tag: string): boolean => tag.length === 1 && ALL_LETTERS.has(read(tag) ?? '');
  const outside = told.outside ?? findOutside(counts, (tag) => isTyped(tag) || isBare(tag));
  const tags = [...counts.keys()].filter((tag) => tag !== outside);
  if (tags.length === 0) {
    return spelling === 'standard' && outside === 'O' ? { ...PLAIN, scheme: 'iob2', why: 'every tag is O' } : undefined;
  }
  const standard = (tag: string): string => read(tag) ?? tag;
  const choose = (letters: ReadonlyMap<string, number>): Detected => {
    const tagging: Tagging = { scheme: 'iob2', spelling, outside };
    const { name, why } = chooseByLetters(letters, () => tellIobApart(sentences, tagging));
    return { ...tagging, scheme: name, why: why + spellingText(spelling, tags) + outsideText(outside, told) };
  };
  const lettersOf = (some: readonly string[]): Map<string, number> => {
    const letters = new Map<string, number>();
    for (const tag of some) addTo(letters, standard(tag).charAt(0).toUpperCase(), counts.get(tag) ?? 0);
    return letters;
  };

  if (tags.every((tag) => tag.length === 1)) {
    const fits = BY_LETTERS.some((name) => tags.every((tag) => SCHEMES[name].letters.includes(standard(tag))));
    const mostlyOutside = share(counts, outside) >= HALF;
    return fits && (tags.some((tag) => standard(tag) === 'B') || mostlyOutside) ? choose(lettersOf(tags)) : undefined;
  }
  const typed = tags.filter(isTyped);
  const isStandard = spelling === 'standard';
  if (!isStandard) {
    // A rarer spelling must explain every tag, and show where chunks start or what stands outside.
    const shown = counts.has(outside) || typed.some((tag) => standard(tag).startsWith('B'));
    return typed.length === tags.length && shown ? choose(lettersOf(typed)) : undefined;
  }
  const mistyped = tags.filter((tag) => !isTyped(tag) && MISTYPED.test(tag));
  if (typed.length === 0) {
    const another = LETTER_SPELLINGS.some(
      (name) =>
        name !== 'standard' &&
        toldSpelling(told) === undefined &&
        tags.every((tag) => isChunkTag(SPELLINGS[name].read(tag))),
    );
    return counts.has(outside) && mistyped.length === tags.length && !another ? choose(lettersOf(mistyped)) : undefined;
  }
  const total = sum(counts, [...counts.keys()]);
  const shaped = (counts.get(outside) ?? 0) + sum(counts, typed) + sum(counts, mistyped);
  const others = tags.filter((tag) => !isTyped(tag) && !MISTYPED.test(tag));
  const looks = `only ${String(typed.length)} of ${String(tags.length)} tags have the form of a chunk tag such as B-PER`;
  if (shaped >= CHUNK_SHARE * total) return choose(lettersOf([...typed, ...mistyped]));
  // One tag alone among chunk tags is an outside label by another name, which the refusal of the tag asks for.
  if (others.length === 1 && (!counts.has(outside) || OUTSIDE_NAMES.has(present(others[0], 'tag'))))
    return choose(lettersOf([...typed, ...mistyped]));
  if (others.filter(isPosName).length >= HALF * others.length) return { ...PLAIN, why: looks };
  const note =
    'a tag column holds one kind of tags: is this the right column (--tag-column)? --scheme plain (data.scheme) takes every tag as it stands';
  const other = present(others[0], 'other tag');
  return { ...PLAIN, why: looks, doubt: { tag: other, message: `${looks}; ${quoted(other)} has not`, note } };
}

/** Tags without letters: entity types beside an outside label, or part of speech. */
function detectWords(counts: TagCounts, told: Told): Detected {
  const why = 'no tag has the form of a chunk tag such as B-PER';
  const outside = told.outside ?? (counts.has('O') ? 'O' : commonestOf(counts));
  const tags = [...counts.keys()].filter((tag) => tag !== outside);
  const part = share(counts, outside);
  const percent = `${(100 * part).toFixed(1)} %`;
  const types = `${String(tags.length)} other ${tags.length === 1 ? 'tag' : 'tags'}`;
  const io: Tagging = { scheme: 'io', spelling: 'bare', outside };
  if (told.outside !== null && told.outside !== undefined) {
    return { ...io, why: `${outside} stands outside, as told, beside ${types}: entity types` };
  }
  if (!counts.has(outside) || !OUTSIDE_NAMES.has(outside) || tags.length === 0) return { ...PLAIN, why };
  const commonest = tags.every((tag) => (counts.get(tag) ?? 0) < (counts.get(outside) ?? 0));
  const pos = posShare(tags) >= HALF;
  const several = tags.find((tag) => isSeveral(tag, counts));
  if (part >= HALF || (outside === 'O' && !pos && (commonest || tags.length < FEW))) {
    if (several !== undefined) return doubtSeveral(several);
    return {
      ...io,
      why: `${outside} is ${percent} of the tokens${commonest ? ', the commonest tag' : ''}: it stands outside, and ${tags.length === 1 ? 'the other tag is an entity type' : `the ${types} are entity types`}`,
    };
  }
  if (pos || (part < RARE && tags.length >= MANY)) {
    const like = pos ? 'most of them names of parts of speech' : 'too rare to stand outside';
    return {
      ...PLAIN,
      why: `${why}; ${outside} is ${percent} of the tokens beside ${types}, ${like}: a tag like the others`,
    };
  }
  return {
    ...PLAIN,
    why,
    doubt: {
      tag: outside,
      message: `tag ${quoted(outside)} may stand outside of entities (${percent} of the tokens, beside ${types}) or be a tag like the others`,
      note: `--scheme io --outside ${shell(outside)} (data.scheme, data.outside) reads the others as entity types; --scheme plain takes every tag as it stands`,
    },
  };
}

/** `key=value`: readable where one key holds chunk tags, and then the column needs its key. */
function detectKeyed(counts: TagCounts): Detected | undefined {
  const tags = [...counts.keys()].filter((tag) => !OUTSIDE_NAMES.has(tag));
  const keyed = tags.filter((tag) => KEYED.test(tag));
  const example = keyed.at(0);
  if (example === undefined || keyed.length < tags.length) return undefined;
  const values = new Map<string, Set<string>>();
  for (const pair of keyed.flatMap((tag) => tag.split('|'))) {
    const at = pair.indexOf('=');
    const of = values.get(pair.slice(0, at)) ?? new Set();
    values.set(pair.slice(0, at), of.add(pair.slice(at + 1)));
  }
  const keys = [...values.keys()];
  const why = `the tags are lists of key=value (${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', …' : ''})`;
  const holds = (fits: (all: readonly string[]) => boolean): string | undefined =>
    keys.find((key) => fits([...(values.get(key) ?? [])]));
  const chunks = holds((all) => all.every((value) => value === 'O' || isChunkTag(value)));
  const key = chunks ?? holds((all) => all.some((value) => value !== '0' && OUTSIDE_NAMES.has(value))); // Person=0 is morphology
  if (key === undefined) return { ...PLAIN, why }; // morphological features: each list is one tag
  return {
    ...PLAIN,
    why,
    doubt: {
      tag: example,
      message: `tag ${quoted(example)} looks like key=value, and the values of ${key} like ${chunks === undefined ? 'entity types and an outside label' : 'chunk tags'}`,
      note: `--tag-column COLUMN:${key}, such as MISC:${key} (data.tagColumn), takes the values of one key; --scheme plain takes every list as one tag`,
    },
  };
}

function doubtSeveral(tag: string): Detected {
  return {
    ...PLAIN,
    why: `tags such as ${tag} hold several labels`,
    doubt: {
      tag,
      message: `tag ${quoted(tag)} looks like several labels of one token`,
      note: 'a tagger gives each token one label: keep one of them, or take each combination as a tag with --scheme plain (data.scheme)',
    },
  };
}

/** `Person|Location` where one of them stands alone too; `place/city` is a type below another where not all of its parts do. */
function isSeveral(tag: string, counts: TagCounts): boolean {
  const parts = tag.split(/[|;,+&#]/);
  if (parts.length > 1 && parts.some((part) => counts.has(part))) return true;
  return tag.includes('/') && tag.split('/').every((part) => counts.has(part));
}

/** Forms that no scheme reads, and that would become types of their own. All tags but an outside label have the form. */
function doubtForm(counts: TagCounts, { outside }: Told): Detected | undefined {
  const tags = [...counts.keys()].filter((tag) => tag !== outside && !OUTSIDE_NAMES.has(tag));
  const example = tags.at(0);
  if (example === undefined) return undefined;
  const all = [...counts.keys()];
  const odd = all.find((tag) => !SCHEMES.brackets.isTag(tag));
  const bracketed = all.every((tag) => OUTSIDE_NAMES.has(tag) || /^\(|\)$/.test(tag));
  if (odd !== undefined && all.some((tag) => BRACKET.test(tag)) && (counts.has('*') || bracketed)) {
    const note = 'bracket tags are (PER*, *, *) and (PER); brackets of coreference, such as (12 and 12), are not read';
    return doubt(odd, 'is no bracket tag, as others of the file are', note);
  }
  const dressed = doubtDressed(all);
  if (dressed) return dressed;
  if (tags.every((tag) => PARSEME.test(tag)) && tags.some((tag) => tag.includes(':'))) {
    const shown = tags.find((tag) => tag.includes(':')) ?? example;
    const note = 'write the first word of each expression as B-TYPE and the others as I-TYPE';
    return doubt(shown, 'looks like PARSEME: a number ties the words of an expression together', note);
  }
  const positions = tags.map(positionOf);
  const named = new Set(positions.map((position) => position?.toLowerCase()));
  if (!named.has(undefined) && (named.size > 1 || tags.every((tag) => /[-_:./]/.test(tag)))) {
    const note = 'write B-TYPE, I-TYPE and so on instead; --scheme io (data.scheme) takes each as an entity type';
    return doubt(example, 'looks like a chunk tag in a spelling that is not read', note);
  }
  const label = commonestOf(counts);
  const asTypes = outside == null && OUTSIDE_NAMES.has(label);
  if (tags.every((tag) => NUMBER.test(tag)) && (asTypes || tags.some((tag) => !/^\d+$/.test(tag)))) {
    const io = asTypes ? `; --scheme io --outside ${shell(label)} takes them as entity types` : '';
    return doubt(
      example,
      'is a number, as all tags are: ids of labels, scores or positions',
      `write labels by name${io}`,
    );
  }
  return undefined;
}

/** Opens a bracket of a name, or closes one. */
const BRACKET = /^\([^()*]*[\p{L}\p{N}][^()*]*\*?\)?$|^\*\)$/u;

/** Chunk tags, or tags of any kind, with marks around them that another program put there: `"B-PER"`, `[B-PER]`, `B-PER,`. */
function doubtDressed(all: readonly string[]): Detected | undefined {
  const bare = all.map((tag) => tag.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''));
  const example = all.find((tag, i) => tag !== bare[i] && isChunkTag(bare[i]));
  if (example !== undefined && bare.every((tag) => tag === '' || OUTSIDE_NAMES.has(tag) || isChunkTag(tag))) {
    return doubt(example, 'looks like a chunk tag with something around it', 'write B-TYPE, I-TYPE and O alone');
  }
  const quotes = all.every((tag) => tag.length > 2 && /^(["'`]).*\1$/.test(tag));
  const quoted = quotes ? all.find((tag) => /[\p{L}\p{N}]/u.test(tag)) : undefined;
  if (quoted === undefined) return undefined;
  return doubt(
    quoted,
    'stands in quotes, as all tags do',
    'write the fields without quotes: nothing here takes them off',
  );
}

/** `1:VPC`, `1`, `1:LVC.full;2`: words of an expression share its number, and only the first names its type. */
const PARSEME = /^\d+(:[^;:\s]+)?(;\d+(:[^;:\s]+)?)*$/;

const NUMBER = /^[-+]?\d+([.,]\d+)?$/;

const POSITION =
  'B|I|E|S|L|U|M|W|BEG|BEGIN|BEGINNING|START|IN|INS|INSIDE|INT|INTERMEDIATE|MID|MIDDLE|CONT|END|LAST|SINGLE|SINGLETON|UNIT|WHOLE';
const POSITION_FIRST = new RegExp(`^(${POSITION})[-_:./].`, 'i');
const POSITION_LAST = new RegExp(`.[-_:./](${POSITION})$`, 'i');
const POSITION_ALONE = new RegExp(`^(${POSITION})$`, 'i');

/** What says where in its chunk a token stands: `Begin` of `Begin-PER`, `B` of `PER_B`, `BEGIN`. */
function positionOf(tag: string): string | undefined {
  return (POSITION_FIRST.exec(tag) ??
    POSITION_LAST.exec(tag) ??
    (tag.length > 1 ? POSITION_ALONE.exec(tag) : null))?.[1];
}

function doubt(tag: string, looks: string, note: string): Detected {
  const plain = 'another column is named with --tag-column; --scheme plain (data.scheme) takes every tag as it stands';
  const message = `tag ${quoted(tag)} ${looks}`;
  return {
    ...PLAIN,
    why: `tags such as ${tag} have a form that no scheme reads`,
    doubt: { tag, message, note: `${note}; ${plain}` },
  };
}

/** The scheme that knows the most tokens; among equals the one with the fewest letters. */
function chooseByLetters(
  letters: ReadonlyMap<string, number>,
  iob: () => { name: SchemeName; why: string },
): { name: SchemeName; why: string } {
  const covered = (name: SchemeName): number => {
    const known = SCHEMES[name].letters;
    return known.reduce((tokens, letter) => tokens + (letters.get(letter) ?? 0), 0) - known.length * 1e-6;
  };
  const name = BY_LETTERS.reduce((best, next) => (covered(next) > covered(best) ? next : best));
  if (name === 'iob2') return iob();
  const found = SCHEMES[name].letters.filter((letter) => letters.has(letter));
  return { name, why: `the letters of the tags are ${found.join(', ')}` };
}

/** In IOB2 every chunk starts with B-; in IOB1 a B- follows a chunk of its own type and every other chunk starts with I-. */
function tellIobApart(sentences: readonly Sentence[], tagging: Tagging): { name: SchemeName; why: string } {
  const { standard } = tagReaderOf(tagging);
  const read = SCHEMES.iob2.grammar.read;
  const roleOf = (tag: string) => read(standard(tag) ?? 'O');
  let startsB = 0; // B- where IOB1 has I-
  let startsI = 0; // I- where IOB2 has B-
  for (const { tags } of sentences) {
    let last: Tag | undefined;
    for (const written of tags) {
      const previous = last;
      const tag = (last = roleOf(written));
      if (tag.role === 'outside') continue;
      if (previous && previous.role !== 'outside' && previous.type === tag.type) continue;
      if (tag.role === 'begin') startsB++;
      else startsI++;
    }
  }
  const why = `of the chunks that follow none of their own type, ${String(startsB)} start with B- and ${String(startsI)} with I-`;
  return { name: startsI > startsB ? 'iob1' : 'iob2', why };
}

/** How the tags of a scheme that was told are spelled: the spelling that knows the most tokens. */
function spellingIn(scheme: SchemeName, counts: TagCounts, told: Told): SpellingName {
  const lettered = [...counts.keys()].some(isChunkTag);
  const fits = (of: Spelling['of']): boolean =>
    of === 'all' || (scheme === 'io' ? of === (lettered ? 'letters' : 'io') : scheme !== 'plain' && of === 'letters');
  const fitting = (Object.keys(SPELLINGS) as SpellingName[]).filter((name) => fits(SPELLINGS[name].of));
  if (scheme === 'brackets')
    return [...counts.keys()].some((tag) => /^\([^()*]+\*\)$/.test(tag)) ? 'starred' : 'standard';
  const known = (spelling: SpellingName): number => {
    const outside = outsideFor({ scheme, spelling, outside: 'O' }, counts, told);
    const { isTag } = tagReaderOf({ scheme, spelling, outside });
    const tags = [...counts.keys()].filter(isTag);
    return sum(counts, tags);
  };
  return fitting.reduce((best, next) => (known(next) > known(best) ? next : best));
}

function outsideFor(tagging: Tagging, counts: TagCounts, { outside }: Told): string {
  if (outside !== null && outside !== undefined) return outside;
  if (!hasOutside(tagging.scheme)) return 'O';
  if (tagging.spelling === 'bare') {
    const commonest = commonestOf(counts);
    return counts.has('O') || !OUTSIDE_NAMES.has(commonest) ? 'O' : commonest;
  }
  const { isTag } = tagReaderOf({ ...tagging, outside: 'O' });
  return findOutside(counts, (tag) => tag !== 'O' && isTag(tag));
}

/** `O` where it stands, else the one tag that is no chunk tag, where it has the name of an outside label. */
function findOutside(counts: TagCounts, fits: (tag: string) => boolean): string {
  if (counts.has('O')) return 'O';
  const others = [...counts.keys()].filter((tag) => !fits(tag));
  const named = others.filter((tag) => OUTSIDE_NAMES.has(tag));
  return named.length === 1 && others.length < counts.size ? present(named[0], 'outside label') : 'O';
}

const isChunkTag = (tag: string | undefined): boolean => {
  const { letter, type } = splitTag(tag ?? '');
  return type !== '' && ALL_LETTERS.has(letter);
};

const spellingText = (spelling: SpellingName, tags: readonly string[]): string =>
  spelling === 'standard' ? '' : `; spelled as ${tags[0]}`;

const outsideText = (outside: string, told: Told): string =>
  outside === 'O'
    ? ''
    : `; ${outside} stands outside${told.outside === outside ? ', as told' : ': the one tag without a letter'}`;

const posShare = (tags: readonly string[]): number =>
  tags.length === 0 ? 0 : tags.filter(isPosLike).length / tags.length;

/** The commonest tag, of equals the one seen first. */
function commonestOf(counts: TagCounts): string {
  let best = '';
  for (const [tag, count] of counts) if (count > (counts.get(best) ?? 0)) best = tag;
  return best;
}

const share = (counts: TagCounts, tag: string): number => (counts.get(tag) ?? 0) / sum(counts, [...counts.keys()]);

const sum = (counts: TagCounts, tags: readonly string[]): number =>
  tags.reduce((total, tag) => total + (counts.get(tag) ?? 0), 0);

function addTo(counts: Map<string, number>, key: string, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}

const quoted = (tag: string): string => JSON.stringify(tag);

/** As a shell takes it. */
const shell = (text: string): string => (/^[\w-]+$/.test(text) ? text : `'${text}'`);
