import { UserError } from '../errors';
import type { Chunk, TagParts } from './chunks';
import { splitTag } from './chunks';

/** What a scheme's letters may do. `same`: the two tags are of one type. */
interface Grammar {
  readonly letters: string;
  /** May a chunk start at `now`, seen after `before`? */
  starts(before: string, now: string, same: boolean): boolean;
  /** Does `now` carry on the chunk that holds `before`? Only asked for one type. */
  continues(before: string, now: string): boolean;
  /** Is the chunk complete that ends with `before`, where `now` does not carry it on? */
  complete(before: string, now: string, same: boolean): boolean;
}

/** Begin and inside letters; a chunk is complete wherever it stops. */
const IOB2: Grammar = {
  letters: 'OBI',
  starts: (_before, now) => now === 'B',
  continues: (before, now) => now === 'I' && before !== 'O',
  complete: () => true,
};

/** I alone: a run of one type is a chunk, and every sequence is allowed. */
const IO: Grammar = {
  letters: 'OI',
  starts: (before, now, same) => now === 'I' && (before !== 'I' || !same),
  continues: (_before, now) => now === 'I',
  complete: () => true,
};

/** I everywhere, B only between two adjacent chunks of one type. A B elsewhere starts nothing. */
const IOB1: Grammar = {
  letters: 'OBI',
  starts: (before, now, same) => (now === 'I' ? before !== 'I' || !same : now === 'B' && before !== 'O' && same),
  continues: (before, now) => now === 'I' && before !== 'O',
  complete: (before, now, same) => before === 'I' || now !== 'B' || same,
};

/** Schemes with an end and a single letter: a chunk without its end is none. */
function closed(begin: string, inside: string, end: string, single: string): Grammar {
  return {
    letters: `O${begin}${inside}${end}${single}`,
    starts: (_before, now) => now === begin || now === single,
    continues: (before, now) => (before === begin || before === inside) && (now === inside || now === end),
    complete: (before) => before === end || before === single,
  };
}

/** The chunk schemes by name. */
export const GRAMMARS = {
  IO,
  IOB1,
  IOB2,
  BIOES: closed('B', 'I', 'E', 'S'),
  BILOU: closed('B', 'I', 'L', 'U'),
  BMES: closed('B', 'M', 'E', 'S'),
} as const satisfies Record<string, Grammar>;

export type ChunkScheme = keyof typeof GRAMMARS;

/** The chunk scheme of that name, in capitals or not; undefined for plain tags and whatever else has no chunks. */
export function chunkScheme(name: string): ChunkScheme | undefined {
  const upper = name.toUpperCase();
  return Object.hasOwn(GRAMMARS, upper) ? (upper as ChunkScheme) : undefined;
}

const OUTSIDE: TagParts = { letter: 'O', type: '' };

/**
 * Reads the chunks of one sentence by seqeval's strict mode: a sequence that the scheme does not allow is no chunk.
 *
 * Source: seqeval 1.2, `mode='strict'`, `seqeval/scheme.py`, with its treatment of IOB1 (`O B-X I-X` is the chunk of I-X
 * alone). BMES, which it lacks, is BIOES with M for I. Departure: a letter outside the scheme is an error there, an O here.
 */
export function strictChunksOf(tags: readonly string[], scheme: string): Chunk[] {
  const name = chunkScheme(scheme);
  if (!name) {
    throw new UserError(`scheme '${scheme}' has no strict reading`, `schemes: ${Object.keys(GRAMMARS).join(', ')}`);
  }
  const grammar: Grammar = GRAMMARS[name];
  const at = (i: number): TagParts => parts[i] as TagParts; // one more than there are tags
  const parts = [...tags.map(splitTag), OUTSIDE].map((tag) => (grammar.letters.includes(tag.letter) ? tag : OUTSIDE));
  const chunks: Chunk[] = [];
  let i = 0;
  while (i < tags.length) {
    const before = i > 0 ? at(i - 1) : OUTSIDE;
    if (!grammar.starts(before.letter, at(i).letter, before.type === at(i).type)) {
      i++;
      continue;
    }
    const start = i++;
    const { type } = at(start);
    while (at(i).type === type && grammar.continues(at(i - 1).letter, at(i).letter)) i++;
    if (grammar.complete(at(i - 1).letter, at(i).letter, at(i).type === type)) {
      chunks.push({ type, start, end: i });
    }
  }
  return chunks;
}
