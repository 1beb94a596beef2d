const LF = 10;

/** Lines are looked through so many bytes at a time, so that what is found of them stays near the processor. */
export const SEARCHED_BYTES = 1 << 14;

/**
 * Finds the bytes at which a field or a line may end.
 * @param highest of these bytes; all that are lower, such as control characters, are found too. At most 127
 */
export function createMarkFinder(highest: number) {
  let marks = new Int32Array(SEARCHED_BYTES + 1);

  /** Looks through whole lines. @returns where it stopped, which is the last mark: behind a line feed, or at the end of the block */
  function search(block: Buffer, from: number): number {
    const to = endOfLines(block, from);
    if (to - from >= marks.length) marks = new Int32Array(2 * (to - from));
    findMarks(block, from, to, highest, marks);
    return to;
  }

  return { search, marks: () => marks };
}

/**
 * Writes every place and stays where it is unless a mark was there: a branch would be foretold wrongly at every other field. Eight at
 * a time, since going round costs as much as a byte.
 */
function findMarks(block: Buffer, from: number, to: number, highest: number, marks: Int32Array): void {
  const above = highest + 1;
  let count = 0;
  let i = from;
  for (; i + 8 <= to; i += 8) {
    marks[count] = i;
    count += ((block[i] as number) - above) >>> 31; // 1 where the byte is a mark
    marks[count] = i + 1;
    count += ((block[i + 1] as number) - above) >>> 31;
    marks[count] = i + 2;
    count += ((block[i + 2] as number) - above) >>> 31;
    marks[count] = i + 3;
    count += ((block[i + 3] as number) - above) >>> 31;
    marks[count] = i + 4;
    count += ((block[i + 4] as number) - above) >>> 31;
    marks[count] = i + 5;
    count += ((block[i + 5] as number) - above) >>> 31;
    marks[count] = i + 6;
    count += ((block[i + 6] as number) - above) >>> 31;
    marks[count] = i + 7;
    count += ((block[i + 7] as number) - above) >>> 31;
  }
  for (; i < to; i++) {
    marks[count] = i;
    count += ((block[i] as number) - above) >>> 31;
  }
  marks[count] = to;
}

/** The end of the last line that ends within the next bytes, else of the line that is longer. */
function endOfLines(block: Buffer, from: number): number {
  if (block.length - from <= SEARCHED_BYTES) return block.length;
  const within = block.lastIndexOf(LF, from + SEARCHED_BYTES - 1);
  const lf = within >= from ? within : block.indexOf(LF, from + SEARCHED_BYTES);
  return lf < 0 ? block.length : lf + 1;
}
