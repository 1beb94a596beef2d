import { present } from '../errors';
import { invalidTags, scanChunks, splitChunkTag, tagReader } from './chunkTags';
import type { InvalidTag, Letters, Role, RULES } from './chunkTags';

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
  /** Letter of the scheme to its role. Empty for plain tags and brackets. */
  readonly letters: Letters;
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
  readonly invalid: (tags: readonly string[], written?: readonly string[]) => InvalidTag[];
  /** What becomes of invalid tags. */
  readonly repair: string;
}

/** What opens, whether a star stands, what closes: `(A(B*`, `*`, `*)`, `(A)`. */
const BRACKETS = /^((?:\([^()*\s]+)*)(\*?)(\)*)$/;

const IOB: Letters = { B: 'begin', I: 'inside' };

const same = (tags: readonly string[]): readonly string[] => tags;

export const SCHEMES = {
  iob2: chunkScheme('IOB2 (BIO): every chunk starts with B-', IOB, 'iob2'),
  iob1: chunkScheme('IOB1: I- everywhere, B- only where a chunk follows one of its own type', IOB, 'iob1'),
  bioes: chunkScheme('BIOES (IOBES): begin, inside, end, single', { B: 'begin', I: 'inside', E: 'end', S: 'single' }),
  bilou: chunkScheme('BILOU: begin, inside, last, unit', { B: 'begin', I: 'inside', L: 'end', U: 'single' }),
  bmes: chunkScheme('BMES: begin, middle, end, single', { B: 'begin', M: 'inside', E: 'end', S: 'single' }),
  io: chunkScheme('IO: a run of one type is an entity (Person Person O)', { I: 'inside' }, 'io'),
  brackets: bracketScheme('brackets of CoNLL-2012: (PER* * *) and (PER), the outermost where they are nested'),
  plain: plainScheme('plain tags: each stands for itself (part of speech)'),
} as const satisfies Record<string, Scheme>;

export type SchemeName = keyof typeof SCHEMES;

function plainScheme(title: string): Scheme {
  return {
    title,
    task: 'tags',
    inner: 'plain',
    letters: {},
    forms: [],
    isTag: (tag) => tag !== '',
    toInner: same,
    fromInner: same,
    invalid: () => [],
    repair: '',
  };
}

function chunkScheme(title: string, letters: Letters, rules: keyof typeof RULES = 'closed'): Scheme {
  const read = tagReader(letters);
  const readIob2 = tagReader(IOB);
  const spell = speller();
  const letterOf = (role: Role): string => Object.keys(letters).find((letter) => letters[letter] === role) ?? '';
  const [begin, inside] = [letterOf('begin'), letterOf('inside')];
  const [end, single] = [letterOf('end'), letterOf('single')];

  function isTag(tag: string): boolean {
    return tag === 'O' || Object.hasOwn(letters, splitChunkTag(tag)?.letter ?? '');
  }

  function toIob2(tags: readonly string[]): readonly string[] {
    const iob2 = new Array<string>(tags.length).fill('O');
    scanChunks(tags, read, (type, from, to) => {
      for (let i = from; i < to; i++) iob2[i] = spell(i === from ? 'B' : 'I', type);
    });
    return iob2;
  }

  function fromIob2(iob2: readonly string[]): readonly string[] {
    const tags = new Array<string>(iob2.length).fill('O');
    let lastType = '';
    let lastEnd = -1;
    scanChunks(iob2, readIob2, (type, from, to) => {
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
    forms: ['O', ...Object.keys(letters).map((letter) => `${letter}-TYPE`)],
    isTag,
    toInner: own ? same : toIob2,
    fromInner: own ? same : fromIob2,
    invalid: (tags, written) => invalidTags(tags, read, rules, written),
    repair: 'read as conlleval reads it',
  };
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
    letters: {},
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
      scanChunks(iob2, tagReader(IOB), (type, from, to) => {
        tags[from] = to - from === 1 ? `(${type})` : `(${type}*`;
        if (to - from > 1) tags[to - 1] = '*)';
      });
      return tags;
    },
    invalid: (tags, written) => {
      const invalid: InvalidTag[] = [];
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
