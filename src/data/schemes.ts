import { invalidTags, scanChunks, splitChunkTag, tagReader } from './chunkTags';
import type { InvalidTag, Letters, Role, RULES } from './chunkTags';
import type { Task } from './types';

export interface Scheme {
  readonly title: string;
  readonly task: Task;
  /** Letter of the scheme to its role. Empty for plain tags. */
  readonly letters: Letters;
  /** A well-formed tag: `O`, or a letter with or without a type. Plain tags may be anything. */
  readonly isTag: (tag: string) => boolean;
  /**
   * The same chunks in IOB2. Of sequences that break the scheme's rules the chunks are those that conlleval sees; IOB2 and
   * plain tags come back as they are.
   */
  readonly toIob2: (tags: readonly string[]) => readonly string[];
  /** The inverse of `toIob2` on every valid sequence. */
  readonly fromIob2: (tags: readonly string[]) => readonly string[];
  /** The tags of one sentence that break the scheme's rules, in order. */
  readonly invalid: (tags: readonly string[]) => InvalidTag[];
}

const IOB: Letters = { B: 'begin', I: 'inside' };

export const SCHEMES = {
  iob2: chunkScheme('IOB2 (BIO): every chunk starts with B-', IOB, 'iob2'),
  iob1: chunkScheme('IOB1: I- everywhere, B- only where a chunk follows one of its own type', IOB, 'iob1'),
  bioes: chunkScheme('BIOES (IOBES): begin, inside, end, single', { B: 'begin', I: 'inside', E: 'end', S: 'single' }),
  bilou: chunkScheme('BILOU: begin, inside, last, unit', { B: 'begin', I: 'inside', L: 'end', U: 'single' }),
  bmes: chunkScheme('BMES: begin, middle, end, single', { B: 'begin', M: 'inside', E: 'end', S: 'single' }),
  plain: plainScheme('plain tags: each stands for itself (part of speech)'),
} as const satisfies Record<string, Scheme>;

export type SchemeName = keyof typeof SCHEMES;

function plainScheme(title: string): Scheme {
  const same = (tags: readonly string[]): readonly string[] => tags;
  return {
    title,
    task: 'tags',
    letters: {},
    isTag: (tag) => tag !== '',
    toIob2: same,
    fromIob2: same,
    invalid: () => [],
  };
}

function chunkScheme(title: string, letters: Letters, rules: keyof typeof RULES = 'closed'): Scheme {
  const read = tagReader(letters);
  const readIob2 = tagReader(IOB);
  const spell = speller();
  const letterOf = (role: Role): string => Object.keys(letters).find((letter) => letters[letter] === role) ?? '';
  const [begin, inside, end, single] = (['begin', 'inside', 'end', 'single'] as const).map(letterOf);

  function isTag(tag: string): boolean {
    return tag === 'O' || Object.hasOwn(letters, splitChunkTag(tag)?.letter ?? '');
  }

  function toIob2(tags: readonly string[]): readonly string[] {
    if (rules === 'iob2') return tags;
    const iob2 = new Array<string>(tags.length).fill('O');
    scanChunks(tags, read, (type, from, to) => {
      for (let i = from; i < to; i++) iob2[i] = spell(i === from ? 'B' : 'I', type);
    });
    return iob2;
  }

  function fromIob2(iob2: readonly string[]): readonly string[] {
    if (rules === 'iob2') return iob2;
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

  return { title, task: 'chunks', letters, isTag, toIob2, fromIob2, invalid: (tags) => invalidTags(tags, read, rules) };
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
