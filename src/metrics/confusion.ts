import { present, UserError } from '../errors';
import { byCodeUnit } from '../order';
import { count } from '../wording';

/** A count of a sparse table: row, column, how many. */
export type Cell = readonly [row: number, column: number, count: number];

/** Token counts by gold and predicted tag. Sparse: of the square of many tags nearly all is 0. */
export interface Confusion {
  /** Every tag in gold or predicted, sorted by code unit. (C) */
  readonly tags: readonly string[];
  /** `[g, p, n]`: n > 0 tokens with gold tag g, by its place in `tags`, were tagged p. In order of g, then p. */
  readonly cells: readonly Cell[];
}

/** Counts tokens by gold and predicted tag. Throws UserError where the two are not aligned. */
export function confusionOf(
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
): Confusion {
  checkAligned(gold, predicted);
  const seen = new Set<string>();
  for (const sentences of [gold, predicted]) for (const tags of sentences) for (const tag of tags) seen.add(tag);
  const tags = [...seen].sort(byCodeUnit);
  const ids = new Map(tags.map((tag, id) => [tag, id]));
  const cells = new CellCounts(tags.length);
  const idOf = (tag: string | undefined): number => present(ids.get(present(tag, 'tag')), 'tag');
  gold.forEach((right, s) => {
    const guessed = present(predicted[s], 'sentence');
    right.forEach((tag, i) => cells.add(idOf(tag), idOf(guessed[i])));
  });
  return { tags, cells: cells.list() };
}

/** Counts the cells of a table that has few which are not 0. */
export class CellCounts {
  private readonly counts = new Map<number, number>(); // by row * columns + column

  constructor(private readonly columns: number) {}

  add(row: number, column: number, n = 1): void {
    const key = row * this.columns + column;
    this.counts.set(key, (this.counts.get(key) ?? 0) + n);
  }

  /** Row by row, column by column. */
  list(): Cell[] {
    return [...this.counts]
      .sort(([a], [b]) => a - b)
      .map(([key, n]) => [Math.floor(key / this.columns), key % this.columns, n]);
  }
}

/** Throws UserError at the first sentence whose gold and predicted tags differ in number. @param other what is held against gold */
export function checkAligned(
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  other = 'the prediction',
): void {
  const note = 'gold and predicted tags are compared token by token: both need the same sentences in the same order';
  if (gold.length !== predicted.length) {
    throw new UserError(`gold has ${count(gold.length, 'sentence')}, ${other} ${predicted.length}`, note);
  }
  for (const [s, { length }] of gold.entries()) {
    const own = present(predicted[s], 'sentence').length;
    if (length !== own)
      throw new UserError(`sentence ${s + 1}: gold has ${count(length, 'token')}, ${other} ${own}`, note);
  }
}
