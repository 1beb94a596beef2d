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

export interface TagParts {
  /** Position letter, or the whole tag where it has no hyphen. */
  readonly letter: string;
  /** Class, '' where the tag has no hyphen. */
  readonly type: string;
}

/** `B-PER` to B and PER; the first hyphen splits, so `B-creative-work` is of type creative-work. */
export function splitTag(tag: string): TagParts {
  const hyphen = tag.indexOf('-');
  return hyphen < 0 ? { letter: tag, type: '' } : { letter: tag.slice(0, hyphen), type: tag.slice(hyphen + 1) };
}

/** A type in words: a bare `B` or `I` has none. */
export const typeTitle = (type: string): string => (type === '' ? '(no type)' : type);

const OUTSIDE: TagParts = { letter: 'O', type: '' };

/** Reads the chunks of one sentence, in order, never overlapping. Works for every scheme: the letters say which. */
export function chunksOf(tags: readonly string[]): Chunk[] {
  const chunks: Chunk[] = [];
  let previous = OUTSIDE;
  let start = -1; // of the open chunk
  for (let i = 0; i <= tags.length; i++) {
    const current = i < tags.length ? splitTag(tags[i] as string) : OUTSIDE; // a sentence break counts as outside
    const starts = startsChunk(previous, current);
    if (start >= 0 && (starts || endsChunk(previous, current))) {
      chunks.push({ type: previous.type, start, end: i });
      start = -1;
    }
    if (starts) start = i;
    previous = current;
  }
  return chunks;
}

/** Does a chunk start at `current`, seen after `previous`? */
export function startsChunk(previous: TagParts, current: TagParts): boolean {
  if (current.letter === 'O') return false;
  if (current.type !== previous.type) return true;
  switch (current.letter) {
    case 'B':
    case 'S':
    case 'U':
      return true;
    case 'I':
    case 'M':
    case 'E':
    case 'L':
      return 'OELSU'.includes(previous.letter);
    default:
      return false; // an unknown letter starts a chunk only by a new type
  }
}

/** Has the chunk that holds `previous` ended before `current`? */
function endsChunk(previous: TagParts, current: TagParts): boolean {
  if (previous.letter === 'O') return false;
  if (current.type !== previous.type) return true;
  switch (previous.letter) {
    case 'E':
    case 'L':
    case 'S':
    case 'U':
      return true;
    case 'B':
    case 'I':
    case 'M':
      return 'OBSU'.includes(current.letter);
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
