import { type Chunk, chunkGrammar, splitTag } from '../schemes';
import { strictChunksOf } from './strict';

/**
 * Reads chunks as NCRF++ does (`utils/metric.py`, Yang and Zhang 2018).
 *
 * IOB2: the same chunks as seqeval's strict mode. Schemes with an end letter: B opens, the next end letter of whatever type
 * closes with the type of B, everything between is skipped, O too; a B or S while a chunk is open closes it before itself; a
 * chunk still open at the end of the sentence is written without its end, as S is, and so equals an S at its start.
 * Such spans without an end are returned with `end` = `start`, to be equal to each other and to nothing else.
 *
 * Left out: NCRF++ upper-cases types and finds `B-` anywhere in a tag.
 */
export function ncrfppChunksOf(tags: readonly string[], scheme: string): Chunk[] {
  if (chunkGrammar(scheme)?.name === 'iob2') return strictChunksOf(tags, scheme);
  const chunks: Chunk[] = [];
  let open: { type: string; start: number } | null = null;
  for (const [i, tag] of tags.entries()) {
    const { role, type } = splitTag(tag);
    const single = role === 'single';
    if (role === 'begin' || single) {
      if (open) chunks.push({ ...open, end: i });
      open = single ? null : { type, start: i };
      if (single) chunks.push({ type, start: i, end: i });
    } else if (role === 'end') {
      if (open) chunks.push({ ...open, end: i + 1 });
      open = null;
    }
  }
  if (open) chunks.push({ ...open, end: open.start });
  return chunks;
}
