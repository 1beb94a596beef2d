import { present } from '../errors';
import { type Role, scanChunks, splitTag } from './chunks';
import { findOffences, type Grammar, grammarOf, type RULES } from './grammar';

export {
  type Chunk,
  chunksOf,
  OUTSIDE,
  type Role,
  scanChunks,
  sharedChunks,
  splitTag,
  type Tag,
  typeTitle,
} from './chunks';
export { findOffences, type Grammar, INVALID_KINDS, type InvalidKind, mayFollow } from './grammar';

/** A tag of a file that breaks the rules of its scheme, and how. */
export interface Misplaced {
  /** Index in the sentence. */
  readonly index: number;
  /** Such as `I-PER after O`. */
  readonly what: string;
}

/** Entities are chunks of tokens; part-of-speech tags stand for themselves. */
export type Task = 'chunks' | 'tags';

/** Labels inside the program: `B-PER`, `I-PER`, `O`; `I-PER`, `O` where files mark no begin; plain tags as they are. */
export type Inner = 'iob2' | 'io' | 'plain';

/** The label inside the program of a token of no entity, whatever the file calls it; null where each label stands for itself. */
export const outsideLabel = (inner: Inner): 'O' | null => (inner === 'plain' ? null : 'O');

export interface Scheme {
  readonly title: string;
  readonly task: Task;
  /** What `toInner` gives. */
  readonly inner: Inner;
  /** The letters of its tags. Empty for plain tags and brackets. */
  readonly letters: readonly string[];
  /** How its tags are read; null for plain tags and brackets. */
  readonly grammar: Grammar | null;
  /** What its tags look like, for messages. */
  readonly forms: readonly string[];
  /** A well-formed tag: `O`, or a letter with or without a type. Plain tags may be anything. */
  readonly isTag: (tag: string) => boolean;
  /**
   * The same chunks in the inner scheme. Of sequences that break the scheme's rules the chunks are those that conlleval sees;
   * IOB2, IO and plain tags come back as they are.
   */
  readonly toInner: (tags: readonly string[]) => readonly string[];
  /** The inverse of `toInner` on every valid sequence. */
  readonly fromInner: (tags: readonly string[]) => readonly string[];
  /** The tags of one sentence that break the scheme's rules, in order. @param written the same tags as the file has them */
  readonly invalid: (tags: readonly string[], written?: readonly string[]) => Misplaced[];
  /** What becomes of invalid tags. */
  readonly repair: string;
}

/** A scheme whose tags have letters. */
export type ChunkScheme = Scheme & { readonly grammar: Grammar };

/** What opens, whether a star stands, what closes: `(A(B*`, `*`, `*)`, `(A)`. */
const BRACKETS = /^((?:\([^()*\s]+)*)(\*?)(\)*)$/;

const same = (tags: readonly string[]): readonly string[] => tags;

export const SCHEMES = {
  iob2: chunkScheme('IOB2 (BIO): every chunk starts with B-', ['B', 'I'], 'iob2'),
  iob1: chunkScheme('IOB1: I- everywhere, B- only where a chunk follows one of its own type', ['B', 'I'], 'iob1'),
  bioes: chunkScheme('BIOES (IOBES): begin, inside, end, single', ['B', 'I', 'E', 'S']),
  bilou: chunkScheme('BILOU: begin, inside, last, unit', ['B', 'I', 'L', 'U']),
  bmes: chunkScheme('BMES: begin, middle, end, single', ['B', 'M', 'E', 'S']),
  io: chunkScheme('IO: a run of one type is an entity (Person Person O)', ['I'], 'io'),
  brackets: bracketScheme('brackets of CoNLL-2012: (PER* * *) and (PER), the outermost where they are nested'),
  plain: plainScheme('plain tags: each stands for itself (part of speech)'),
} as const satisfies Record<string, Scheme>;

export type SchemeName = keyof typeof SCHEMES;

/** The chunk scheme of that name, in capitals or not; undefined for plain tags and whatever else has no letters. */
export function chunkGrammar(name: string): (Grammar & { readonly name: SchemeName }) | undefined {
  const lower = name.toLowerCase();
  if (!Object.hasOwn(SCHEMES, lower)) return undefined;
  const scheme = lower as SchemeName;
  const { grammar }: Scheme = SCHEMES[scheme];
  return grammar ? { name: scheme, ...grammar } : undefined;
}

function plainScheme(title: string): Scheme {
  return {
    title,
    task: 'tags',
    inner: 'plain',
    letters: [],
    grammar: null,
    forms: [],
    isTag: (tag) => tag !== '',
    toInner: same,
    fromInner: same,
    invalid: () => [],
    repair: '',
  };
}

function chunkScheme(title: string, letters: readonly string[], rules: keyof typeof RULES = 'closed'): ChunkScheme {
  const grammar = grammarOf(rules, letters);
  const spell = speller();
  const letterOf = (role: Role): string => letters.find((letter) => splitTag(letter).role === role) ?? '';
  const [begin, inside] = [letterOf('begin'), letterOf('inside')];
  const [end, single] = [letterOf('end'), letterOf('single')];

  function isTag(tag: string): boolean {
    return tag === 'O' || (letters.includes(tag.charAt(0)) && (tag.length === 1 || (tag.length > 2 && tag[1] === '-')));
  }

  function toIob2(tags: readonly string[]): readonly string[] {
    const iob2 = new Array<string>(tags.length).fill('O');
    scanChunks(tags, grammar.read, (type, from, to) => {
      for (let i = from; i < to; i++) iob2[i] = spell(i === from ? 'B' : 'I', type);
    });
    return iob2;
  }

  function fromIob2(iob2: readonly string[]): readonly string[] {
    const tags = new Array<string>(iob2.length).fill('O');
    let lastType = '';
    let lastEnd = -1;
    scanChunks(iob2, splitTag, (type, from, to) => {
      for (let i = from; i < to; i++) tags[i] = spell(inside, type);
      if (rules === 'iob1') {
        if (from === lastEnd && type === lastType) tags[from] = spell(begin, type);
      } else {
        tags[from] = spell(to - from === 1 ? single : begin, type);
        if (to - from > 1) tags[to - 1] = spell(end, type);
      }
      lastType = type;
      lastEnd = to;
    });
    return tags;
  }

  const own = rules === 'iob2' || rules === 'io'; // these are the inner schemes themselves
  return {
    title,
    task: 'chunks',
    inner: rules === 'io' ? 'io' : 'iob2',
    letters,
    grammar,
    forms: ['O', ...letters.map((letter) => `${letter}-TYPE`)],
    isTag,
    toInner: own ? same : toIob2,
    fromInner: own ? same : fromIob2,
    invalid: (tags, written) => misplaced(tags, grammar, written),
    repair: 'read as conlleval reads it',
  };
}

/**
 * Every tag of a sentence that may not stand where it stands: of a chunk that is not closed the tag that should have closed it. What
 * the scheme does not know is another matter. @param written the same tags as the file has them
 */
function misplaced(tags: readonly string[], grammar: Grammar, written: readonly string[] = tags): Misplaced[] {
  const found: Misplaced[] = [];
  const writtenAt = (i: number): string => present(written[i], 'tag');
  findOffences(tags, grammar, (kind, token) => {
    if (kind === 'unknown-tag') return;
    const index = kind === 'unclosed' ? token + 1 : token;
    if (index === tags.length) found.push({ index: token, what: `${writtenAt(token)} at the end of a sentence` });
    else {
      const where = index === 0 ? 'at the start of a sentence' : `after ${writtenAt(index - 1)}`;
      found.push({ index, what: `${writtenAt(index)} ${where}` });
    }
  });
  return found;
}

function bracketScheme(title: string): Scheme {
  const spell = speller();
  function isTag(tag: string): boolean {
    const [whole, opens, star, closes] = BRACKETS.exec(tag) ?? [];
    return whole !== undefined && (star !== '' || (opens !== '' && closes !== ''));
  }

  /** Calls back as `scanChunks` does, with the outermost brackets alone. */
  function scan(
    tags: readonly string[],
    found: (type: string, from: number, to: number) => void,
    wrong: (index: number, what: string) => void = () => undefined,
    written = tags,
  ): void {
    let depth = 0;
    let from = 0;
    let type = '';
    const writtenAt = (i: number): string => present(written[i], 'tag');
    for (let i = 0; i < tags.length; i++) {
      const [, opens = '', , closes = ''] = BRACKETS.exec(tags[i] as string) ?? [];
      const types = opens.split('(').slice(1);
      if (depth + types.length > 1 && types.length > 0) wrong(i, `${writtenAt(i)} opens an entity inside another`);
      const outer = depth === 0 ? types.at(0) : undefined;
      if (outer !== undefined) [type, from] = [outer, i];
      const open = depth + types.length;
      depth = Math.max(0, open - closes.length);
      if (closes.length > open) wrong(i, `${writtenAt(i)} closes what is not open`);
      if (depth === 0 && open > 0) found(type, from, i + 1);
    }
    if (depth === 0) return;
    wrong(tags.length - 1, `${writtenAt(from)} is not closed at the end of a sentence`);
    found(type, from, tags.length);
  }

  return {
    title,
    task: 'chunks',
    inner: 'iob2',
    letters: [],
    grammar: null,
    forms: ['*', '(TYPE)', '(TYPE*', '*)'],
    isTag,
    toInner: (tags) => {
      const iob2 = new Array<string>(tags.length).fill('O');
      scan(tags, (type, from, to) => {
        for (let i = from; i < to; i++) iob2[i] = spell(i === from ? 'B' : 'I', type);
      });
      return iob2;
    },
    fromInner: (iob2) => {
      const tags = new Array<string>(iob2.length).fill('*');
      scanChunks(iob2, splitTag, (type, from, to) => {
        tags[from] = to - from === 1 ? `(${type})` : `(${type}*`;
        if (to - from > 1) tags[to - 1] = '*)';
      });
      return tags;
    },
    invalid: (tags, written) => {
      const invalid: Misplaced[] = [];
      scan(
        tags,
        () => undefined,
        (index, what) => invalid.push({ index, what }),
        written,
      );
      return invalid;
    },
    repair: 'the outermost brackets are read',
  };
}

/** `B` and `PER` to `B-PER`, each spelled once: a corpus has few tags and many tokens. */
function speller(): (letter: string, type: string) => string {
  const known = new Map<string, Map<string, string>>();
  return (letter, type) => {
    let byType = known.get(letter);
    if (!byType) known.set(letter, (byType = new Map<string, string>()));
    let tag = byType.get(type);
    if (tag === undefined) byType.set(type, (tag = type === '' ? letter : `${letter}-${type}`));
    return tag;
  };
}
