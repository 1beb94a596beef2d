import { studentQuantile } from '../metrics/distributions';
import { FEWEST_SEEDS, LEVEL, mean, seedLevel, spreadOf } from './statistics';

/** Of a loss, by seed: the score of a finished run, null where it is still to come. A run that failed is none. */
export type SeedScores = ReadonlyMap<number, number | null>;

/** What the finished runs say of a loss against the reference while the others are made: no verdict. Fractions of 1. */
export interface SoFar {
  readonly label: string;
  /** Pairs of finished runs, and all that there are to be. */
  readonly seeds: number;
  readonly planned: number;
  /** Mean over the pairs, and 95 % by Student's t of their spread; null of one pair. */
  readonly difference: number;
  readonly interval: readonly [low: number, high: number] | null;
  /**
   * `few`: there are to be too few seeds for a verdict. `closed`: the seeds that are there disagree so much that, whatever those to come
   * score, no difference can be shown. `same`: the scores are the same with each seed so far. `open`: all else.
   */
  readonly state: 'open' | 'closed' | 'same' | 'few';
}

/**
 * Every loss that has a pair of runs with the reference.
 * @param grows seeds are added until a rule is content, and it alone closes a question
 */
export function soFar(
  losses: ReadonlyMap<string, SeedScores>,
  reference: string,
  { grows }: { readonly grows: boolean },
): SoFar[] {
  const base = losses.get(reference) ?? new Map<number, number | null>();
  return [...losses].flatMap(([label, scores]): SoFar[] => {
    if (label === reference) return [];
    const pairs = [...scores].filter(([seed]) => base.has(seed));
    const differences = pairs.flatMap(([seed, score]) => {
      const other = base.get(seed) ?? null;
      return score === null || other === null ? [] : [score - other];
    });
    if (differences.length === 0) return [];
    const [n, planned] = [differences.length, pairs.length];
    const few = planned < FEWEST_SEEDS && !grows;
    const same = n > 1 && differences.every((difference) => difference === 0);
    const state = few ? 'few' : same ? 'same' : !grows && !canStillBeShown(differences, planned) ? 'closed' : 'open';
    return [
      { label, seeds: n, planned, difference: mean(differences), interval: intervalOverSeeds(differences), state },
    ];
  });
}

function intervalOverSeeds(differences: readonly number[]): [number, number] | null {
  const n = differences.length;
  if (n < 2) return null;
  const { mean: middle, sd } = spreadOf(differences);
  const width = studentQuantile(LEVEL, n - 1) * (sd / Math.sqrt(n));
  return [middle - width, middle + width];
}

/** Sign patterns that are counted one by one; of more the question stays open. */
const COUNTED = 14;

/**
 * Can the permutation over all seeds still reach its level? Were the differences to come all of one sign and ever so large, the patterns
 * that reach the observed sum would be those that leave them alike and the known ones at their sum or beyond it: fewer there can never be.
 */
export function canStillBeShown(known: readonly number[], planned: number): boolean {
  if (planned > COUNTED) return true;
  const observed = known.reduce((sum, d) => sum + d, 0);
  const slack = 1e-12 * Math.max(1, ...known.map(Math.abs));
  let [above, below] = [0, 0];
  for (let pattern = 0; pattern < 2 ** known.length; pattern++) {
    const sum = known.reduce((all, d, i) => all + ((pattern >> i) & 1 ? -d : d), 0);
    if (sum >= observed - slack) above++;
    if (sum <= observed + slack) below++;
  }
  const smallest = 2 / 2 ** planned;
  // where none is to come, the sum that is there has one sign
  const hits = planned > known.length ? Math.min(above, below) : observed >= 0 ? above : below;
  return hits * smallest <= seedLevel(smallest);
}
