import type { Counting } from './types';

/** A multiword range (`3-4`) or an empty node (`8.1`): no word, whatever stands in the other columns. */
const BETWEEN = /^\d+[-.]\d+$/;

/** So many rows must be there, and so large a share of them must count, before a column is taken for one of word numbers. */
const ROWS = 3;
const SHARE = 2 / 3;

/**
 * Looks at a column value by value: is it words, or does it count 1, 2, 3, …? Some rows may be damaged. A column that only
 * repeats its first number does not count.
 */
export function createCountingTest() {
  let rows = 0;
  let steps = 0; // one more than the row before
  let [atZero, atOne] = [0, 0]; // sentences that start so
  let breaks = 0;
  let over = 0; // steps over a sentence break
  let previous = NaN;

  /** @param fresh whether a sentence break stands before it */
  function add(value: string, fresh: boolean): void {
    if (BETWEEN.test(value)) return;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
    if (fresh && rows > 0) breaks++;
    rows++;
    if (number === previous + 1) {
      steps++;
      if (fresh) over++;
    } else if (fresh && number === 0) atZero++;
    else if (fresh && number === 1) atOne++;
    previous = Number.isNaN(number) ? previous + 1 : number;
  }

  function result(): Counting | undefined {
    if (rows < ROWS || steps < ROWS - 1 || steps + atZero + atOne < SHARE * rows) return undefined;
    return { from: atZero > atOne ? 0 : 1, restarts: breaks === 0 || over * 2 < breaks };
  }

  return { add, result };
}
