import { present, UserError } from '../errors';
import type { Rng } from '../rng';

/** A paired test of two systems over seeds (or folds): the i-th scores of both share seed, data and order. */
export interface PermutationResult {
  /** Mean of a - b. */
  readonly difference: number;
  /** Two-sided. */
  readonly p: number;
  /** All 2^n sign patterns were counted; otherwise that many were drawn. */
  readonly exact: boolean;
  readonly permutations: number;
  /** The smallest p that this many pairs could give: 2 / 2^n when exact. Three seeds never reach 0.05. */
  readonly smallest: number;
}

const EXACT_LIMIT = 14; // 2^14 = 16 384 sign patterns

/**
 * Paired permutation test (Fisher's sign flips): were the labels of the two systems exchangeable within each pair, every sign
 * pattern of the differences would be as likely. p is the share of patterns whose |mean| reaches the observed one: exact
 * for up to 14 pairs, above that from `draws` random patterns with p = (1 + hits) / (1 + draws).
 * Throws UserError where the lists are empty or differ in length.
 */
export function pairedPermutation(
  a: readonly number[],
  b: readonly number[],
  rng: Rng,
  draws = 20_000,
): PermutationResult {
  if (a.length !== b.length || a.length === 0) {
    throw new UserError(`a paired test needs two lists of the same length, not ${a.length} and ${b.length}`);
  }
  const n = a.length;
  const d = a.map((x, i) => x - present(b[i], 'value'));
  const observed = Math.abs(d.reduce((sum, x) => sum + x, 0));
  const threshold = observed - 1e-12 * Math.max(1, ...d.map(Math.abs)); // rounding must not split equal sums
  const exact = n <= EXACT_LIMIT;
  const permutations = exact ? 2 ** n : draws;
  let hits = 0;
  for (let pattern = 0; pattern < permutations; pattern++) {
    let sum = 0;
    let bits = pattern;
    for (let i = 0; i < n; i++) {
      if (!exact && i % 32 === 0) bits = rng.uint32();
      const x = d[i] as number;
      sum += bits & 1 ? -x : x;
      bits >>>= 1;
    }
    if (Math.abs(sum) >= threshold) hits++;
  }
  return {
    difference: d.reduce((sum, x) => sum + x, 0) / n,
    p: exact ? hits / permutations : (1 + hits) / (1 + permutations),
    exact,
    permutations,
    smallest: exact ? Math.min(1, 2 / permutations) : 1 / (1 + permutations),
  };
}

/**
 * Holm's step-down correction (1979) of several p-values for the family-wise error rate: the k-th smallest of m is multiplied
 * by m - k + 1, made monotone, capped at 1. In the order given.
 */
export function holm(p: readonly number[]): number[] {
  const order = [...p.entries()].sort(([, a], [, b]) => a - b);
  const adjusted = new Array<number>(p.length);
  let running = 0;
  order.forEach(([index, value], rank) => {
    running = Math.max(running, Math.min(1, (p.length - rank) * value));
    adjusted[index] = running;
  });
  return adjusted;
}
