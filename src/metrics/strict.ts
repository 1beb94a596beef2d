import { UserError } from '../errors';
import { type Chunk, chunkGrammar, OUTSIDE, SCHEMES, type Tag } from '../schemes';

/**
 * Reads the chunks of one sentence by seqeval's strict mode: a sequence that the scheme does not allow is no chunk.
 *
 * Source: seqeval 1.2, `mode='strict'`, `seqeval/scheme.py`, with its treatment of IOB1 (`O B-X I-X` is the chunk of I-X
 * alone). BMES, which it lacks, is BIOES with M for I. Departure: a letter outside the scheme is an error there, an O here.
 */
export function strictChunksOf(tags: readonly string[], scheme: string): Chunk[] {
  const grammar = chunkGrammar(scheme);
  if (!grammar) {
    const names = Object.keys(SCHEMES).filter((name) => chunkGrammar(name));
    throw new UserError(
      `scheme '${scheme}' has no strict reading`,
      `schemes: ${names.map((name) => name.toUpperCase()).join(', ')}`,
    );
  }
  const { rules, read } = grammar;
  const at = (i: number): Tag => (i >= 0 && i < tags.length ? read(tags[i] as string) : OUTSIDE);
  const chunks: Chunk[] = [];
  let i = 0;
  while (i < tags.length) {
    if (!rules.starts(at(i - 1), at(i))) {
      i++;
      continue;
    }
    const start = i++;
    const { type } = at(start);
    while (at(i).type === type && rules.continues(at(i - 1).role, at(i).role)) i++;
    if (rules.complete(at(i - 1), at(i))) chunks.push({ type, start, end: i });
  }
  return chunks;
}
