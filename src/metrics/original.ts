import { type Chunk, OUTSIDE, splitTag } from '../schemes';

/** The pairs of letters that part two chunks of one type in the original script; it knows no others. */
const PARTING = new Set(['BB', 'IB', 'EE', 'EI']);

/**
 * Reads chunks as the conlleval Perl script itself does when it is given tags with letters it does not know (S, U, L, M): they
 * count by their type alone, so adjacent chunks of one type run together, and `B-X E-X B-X E-X` is one chunk.
 * For IOB1 and IOB2 this is the same as `chunksOf`. It is here to reproduce figures that were published that way.
 */
export function originalChunksOf(tags: readonly string[]): Chunk[] {
  const chunks: Chunk[] = [];
  let start = -1; // of the open chunk
  let previous = OUTSIDE;
  for (let i = 0; i <= tags.length; i++) {
    const current = i < tags.length ? splitTag(tags[i] as string) : OUTSIDE;
    const goesOn =
      start >= 0 &&
      current.letter !== 'O' &&
      current.type === previous.type &&
      !PARTING.has(previous.letter + current.letter);
    if (!goesOn) {
      if (start >= 0) chunks.push({ type: previous.type, start, end: i });
      start = current.letter === 'O' ? -1 : i;
    }
    previous = current;
  }
  return chunks;
}
