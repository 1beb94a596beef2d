import { UserError } from '../errors';

/** Token counts by gold and predicted tag. */
export interface Confusion {
  /** Every tag in gold or predicted, sorted by code unit. (C) */
  readonly tags: readonly string[];
  /** counts[g][p]: tokens with gold tag g that were tagged p. (C, C) */
  readonly counts: readonly (readonly number[])[];
}

/** Counts tokens by gold and predicted tag. Throws UserError where the two are not aligned. */
export function confusionOf(
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
): Confusion {
  checkAligned(gold, predicted);
  const ids = new Map<string, number>();
  for (const tag of [...new Set([...gold.flat(), ...predicted.flat()])].sort(byCodeUnit)) ids.set(tag, ids.size);
  const counts = Array.from(ids, () => new Array<number>(ids.size).fill(0)); // (C, C)
  for (let s = 0; s < gold.length; s++) {
    for (let i = 0; i < gold[s].length; i++) {
      counts[ids.get(gold[s][i]) ?? -1][ids.get(predicted[s][i]) ?? -1]++;
    }
  }
  return { tags: [...ids.keys()], counts };
}

/** Throws UserError at the first sentence whose gold and predicted tags differ in number. */
export function checkAligned(gold: readonly (readonly string[])[], predicted: readonly (readonly string[])[]): void {
  const note = 'gold and predicted tags are compared token by token: both need the same sentences in the same order';
  if (gold.length !== predicted.length) {
    throw new UserError(`gold has ${gold.length} sentences, the prediction ${predicted.length}`, note);
  }
  const s = gold.findIndex((tags, i) => tags.length !== predicted[i].length);
  if (s >= 0) {
    throw new UserError(
      `sentence ${s + 1}: gold has ${gold[s].length} tokens, the prediction ${predicted[s].length}`,
      note,
    );
  }
}

/** Order of class names everywhere in reports: by code unit, so the same in every locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
