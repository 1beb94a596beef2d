import { chiSquareTail, fTail, normalTwoSided } from '../metrics/distributions';
import { pairedPermutation } from '../metrics/significance';
import { createRng, type Rng } from '../rng';
import type { Variances } from './resample';
import { canBeShown, FEWEST_SEEDS, LEVEL, seedLevel } from './statistics';

/** What a pilot tells of one question: one loss against another on one metric. Variances in squares of fractions of 1. */
export interface Pilot extends Variances {
  /** Degrees of freedom behind `between`; null where it is known. */
  readonly df: number | null;
  /** Questions that Holm's correction holds together with this one, itself among them. */
  readonly family: number;
  /** Of the bootstrap: no p-value is below 1 / (1 + resamples). */
  readonly resamples: number;
}

/** A comparison that is not made yet. */
export interface Design {
  /** The true difference, a fraction of 1. */
  readonly effect: number;
  readonly seeds: number;
  /** Size of the file that is scored, as a multiple of the pilot's. */
  readonly scale: number;
}

/** Made-up comparisons behind a power: its standard error is at most 0.011. */
const DRAWS = 2000;

/** Up to so many seeds the permutation test is made as it is; above, Student's t, which it comes to, stands for it. */
const PERMUTED = 8;

/** Random numbers of the made-up comparisons: the same for every question and design, so that power rises with both. */
export interface Draws {
  /** Standard normals: of each comparison the sentences' one, then its seeds'. (DRAWS * (1 + most)) */
  readonly normals: Float64Array;
  readonly most: number;
  readonly rng: Rng;
}

export function createDraws(most: number): Draws {
  const rng = createRng(0).split('power');
  const normals = Float64Array.from({ length: DRAWS * (1 + most) }, () => rng.normal());
  return { normals, most, rng };
}

/**
 * The chance that `compare` calls the better loss better: the share of made-up comparisons in which both tests of its verdict do,
 * while no other question of the family has an effect (Holm's correction asks most of it then). The differences of seeds are
 * normal around the effect, with what the sentences add to all of them. Where the spread between seeds comes from a pilot, each
 * made-up comparison draws one that the pilot may have come from (scaled inverse chi-square): the chance over both, called
 * assurance (O'Hagan, Stevens and Campbell 2005, "Assurance in clinical trial design").
 */
export function powerOf(pilot: Pilot, design: Design, draws: Draws): number {
  return rejections(pilot, design, draws) / DRAWS;
}

function rejections({ between, within, shared, df, family, resamples }: Pilot, design: Design, draws: Draws): number {
  const { effect, seeds: n, scale } = design;
  const level = LEVEL / family;
  if (n < FEWEST_SEEDS || !canBeShown(family, resamples)) return 0;
  const critical = normalQuantile(level);
  const chi = df === null ? null : chiSquares(df);
  const rows = { within: within / scale, shared: shared / scale };
  const ofT = n > PERMUTED ? studentAtLevel(n - 1) : 0;
  const zeros = new Array<number>(n).fill(0);
  let called = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    const at = draw * (1 + draws.most);
    const spread = chi ? (between * (df ?? 1)) / (chi[draw] as number) : between;
    const sd = Math.sqrt(Math.max(0, spread - within) + rows.within);
    const middle = effect + Math.sqrt(rows.shared) * (draws.normals[at] as number);
    let [sum, squares] = [0, 0];
    for (let i = 0; i < n; i++) {
      const d = sd * (draws.normals[at + 1 + i] as number);
      sum += d;
      squares += d * d;
    }
    const mean = middle + sum / n;
    const seen = Math.max(0, squares - (sum * sum) / n) / (n - 1);
    // as `estimate` draws them: the sentences, and what of the seeds' spread is theirs
    const error = Math.sqrt(rows.shared + Math.max(rows.within, seen) / n);
    if (mean <= critical * error) continue;
    if (n > PERMUTED) {
      if (mean >= ofT * Math.sqrt(seen / n)) called++;
      continue;
    }
    const values = zeros.map((_, i) => middle + sd * (draws.normals[at + 1 + i] as number));
    const { p, smallest } = pairedPermutation(values, zeros, draws.rng);
    if (p <= seedLevel(smallest)) called++;
  }
  return called;
}

/** A chi-square for each made-up comparison: its quantiles, in an order that has nothing to do with the normals. (DRAWS) */
const chiSquares = memo((df: number): Float64Array => {
  const rng = createRng(0).split(`chi/${df}`);
  const values = Float64Array.from({ length: DRAWS }, () => {
    let sum = 0;
    for (let k = 0; k < df; k++) sum += rng.normal() ** 2;
    return Math.max(sum, 1e-12);
  });
  return values;
});

/** The z that a standard normal exceeds on either side with probability p. */
export const normalQuantile = memo((p: number): number => root((z) => normalTwoSided(z) - p, 0, 40));

/** The t that Student's distribution exceeds on either side with probability p. */
export const studentQuantile = (p: number, df: number): number => root((t) => fTail(t * t, 1, df) - p, 0, 1e4);

/** That for the level of the permutation. */
const studentAtLevel = memo((df: number): number => studentQuantile(LEVEL, df));

/** Where a falling function is 0, by bisection. */
function root(falling: (x: number) => number, low: number, high: number): number {
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (falling(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export function memo<T>(make: (key: number) => T): (key: number) => T {
  const made = new Map<number, T>();
  return (key) => {
    const found = made.get(key) ?? make(key);
    made.set(key, found);
    return found;
  };
}

/** The fewest seeds that see the effect at the power asked for; null where `draws.most` do not. */
export function seedsNeeded(pilot: Pilot, effect: number, power: number, draws: Draws): number | null {
  const enough = (seeds: number): boolean => powerOf(pilot, { effect, seeds, scale: 1 }, draws) >= power;
  if (!enough(draws.most)) return null;
  let [low, high] = [FEWEST_SEEDS - 1, draws.most]; // low does not suffice, high does
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The smallest effect that so many seeds see at the power asked for; null where that is no difference of scores. */
export function effectSeen(pilot: Pilot, seeds: number, power: number, draws: Draws): number | null {
  const seen = (effect: number): boolean => powerOf(pilot, { effect, seeds, scale: 1 }, draws) >= power;
  if (!seen(1)) return null;
  let [low, high] = [0, 1];
  while (high - low > 1e-4) {
    const middle = (low + high) / 2;
    if (seen(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The smallest effect that any number of seeds sees: what is left is the luck of the sentences. */
export const effectAtBest = ({ shared, family }: Pilot, power: number): number =>
  Math.sqrt(shared) * (normalQuantile(LEVEL / family) + normalQuantile(2 * (1 - power)));

/** Largest file that is thought of, as a multiple of the pilot's. */
const LARGEST = 1024;

/**
 * How many times the file that is scored must be as large for so many seeds to see the effect; null where no file is large
 * enough, for the spread between seeds stays.
 */
export function scaleNeeded(pilot: Pilot, effect: number, seeds: number, power: number, draws: Draws): number | null {
  const enough = (scale: number): boolean => powerOf(pilot, { effect, seeds, scale }, draws) >= power;
  if (!enough(LARGEST)) return null;
  let [low, high] = [1, LARGEST];
  while (high / low > 1.02) {
    const middle = Math.sqrt(low * high);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The ends of the interval that the variance between seeds lies in with the probability `share`, as multiples of the pilot's. */
export function varianceInterval(df: number, share: number): readonly [low: number, high: number] {
  const at = (p: number): number => root((x) => chiSquareTail(x, df) - p, 0, 1e6);
  return [df / at((1 - share) / 2), df / at((1 + share) / 2)];
}
