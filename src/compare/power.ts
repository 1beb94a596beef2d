import { bisect, chiSquareQuantile, normalQuantile, studentQuantile } from '../metrics/distributions';
import { pairedPermutation } from '../metrics/significance';
import { createRng, type Rng } from '../rng';
import type { Variances } from './resample';
import { canBeShown, FEWEST_SEEDS, LEVEL, seedLevel } from './statistics';

/** What a pilot tells of one question: one loss against another on one metric. Variances in squares of fractions of 1. */
export interface Pilot {
  /** What the variances may be, each as likely as another; one where they are known. */
  readonly believed: readonly Variances[];
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
  /** The effect is what the pilot's own file shows: its luck is in it, and more seeds do not draw it anew. */
  readonly onThisFile?: boolean;
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
 * normal around the effect, with what the sentences add to all of them. Each made-up comparison has variances that the pilot may have
 * come from: the chance over all of them, called assurance (O'Hagan, Stevens and Campbell 2005, "Assurance in clinical trial
 * design").
 */
export function powerOf({ believed, family, resamples }: Pilot, design: Design, draws: Draws): number {
  const { effect, seeds: n, scale, onThisFile = false } = design;
  if (n < FEWEST_SEEDS || !canBeShown(family, resamples)) return 0;
  const critical = normalQuantile(LEVEL / family);
  const ofT = n > PERMUTED ? studentQuantile(LEVEL, n - 1) : 0;
  const zeros = new Array<number>(n).fill(0);
  let called = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    const at = draw * (1 + draws.most);
    const { between, within, shared } = believed[draw % believed.length] as Variances;
    const rows = { within: within / scale, shared: shared / scale };
    const sd = Math.sqrt(Math.max(0, between - within) + rows.within);
    const middle = effect + (onThisFile ? 0 : Math.sqrt(rows.shared) * (draws.normals[at] as number));
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
  return called / DRAWS;
}

/** The variances of a pilot that so many seeds of a comparison are at the quantile `share` of, from small ones to large. */
export function pilotAt(pilot: Pilot, seeds: number, share: number): Pilot {
  const ordered = pilot.believed.toSorted((a, b) => a.shared + a.between / seeds - b.shared - b.between / seeds);
  const at = Math.min(ordered.length - 1, Math.floor(share * ordered.length));
  return { ...pilot, believed: ordered.slice(at, at + 1) };
}

/** The fewest seeds that see the effect at the power asked for, `least` or more; null where `draws.most` do not. */
export const seedsNeeded = (
  pilot: Pilot,
  effect: number,
  power: number,
  draws: Draws,
  { onThisFile = false, least = FEWEST_SEEDS }: { readonly onThisFile?: boolean; readonly least?: number } = {},
): number | null =>
  fewestSeeds((seeds) => powerOf(pilot, { effect, seeds, scale: 1, onThisFile }, draws) >= power, draws.most, least);

/**
 * The ends of the interval that holds the seeds that are needed with the probability `share`: so many see the effect with that power where
 * the variances are at either end of what is believed.
 */
export function seedsBetween(
  pilot: Pilot,
  effect: number,
  power: number,
  share: number,
  draws: Draws,
): readonly [low: number | null, high: number | null] {
  const at = (quantile: number): number | null =>
    fewestSeeds((seeds) => powerOf(pilotAt(pilot, seeds, quantile), { effect, seeds, scale: 1 }, draws) >= power, draws.most); // prettier-ignore
  return [at((1 - share) / 2), at((1 + share) / 2)];
}

/** The ends of the interval that holds the true power of a design with the probability `share`. */
export function powerBetween(pilot: Pilot, design: Design, share: number, draws: Draws): readonly [number, number] {
  const at = (quantile: number): number => powerOf(pilotAt(pilot, design.seeds, quantile), design, draws);
  return [at((1 + share) / 2), at((1 - share) / 2)];
}

/**
 * null where `most` are not enough. The least are asked by themselves: five seeds have a level of the permutation test that is twice that of
 * six, so that they may be enough where six are not; from there on the power rises.
 */
function fewestSeeds(enough: (seeds: number) => boolean, most: number, least = FEWEST_SEEDS): number | null {
  if (least > most) return null;
  if (enough(least)) return least;
  return enough(most) ? Math.ceil(bisect((seeds) => enough(Math.ceil(seeds)), least, most, 0.9)) : null;
}

/** The smallest effect that so many seeds see at the power asked for; null where that is no difference of scores. */
export function effectSeen(pilot: Pilot, seeds: number, power: number, draws: Draws): number | null {
  const seen = (effect: number): boolean => powerOf(pilot, { effect, seeds, scale: 1 }, draws) >= power;
  return seen(1) ? bisect(seen, 0, 1, 1e-4) : null;
}

/** The smallest effect that any number of seeds sees: what is left is the luck of the sentences. */
export const effectAtBest = ({ believed, family }: Pilot, power: number): number =>
  Math.sqrt(believed.reduce((sum, { shared }) => sum + shared, 0) / believed.length) *
  (normalQuantile(LEVEL / family) + normalQuantile(2 * (1 - power)));

/** No number of seeds shows a mean difference on one file that is not larger, among so many questions. @param shared of `Variances` */
export const leastShown = (shared: number, questions: number): number =>
  Math.sqrt(shared) * normalQuantile(LEVEL / questions);

/** Largest file that is thought of, as a multiple of the pilot's. */
const LARGEST = 1024;

/**
 * How many times the file that is scored must be as large for so many seeds to see the effect; null where no file is large
 * enough, for the spread between seeds stays.
 */
export function scaleNeeded(pilot: Pilot, effect: number, seeds: number, power: number, draws: Draws): number | null {
  const enough = (scale: number): boolean => powerOf(pilot, { effect, seeds, scale }, draws) >= power;
  if (!enough(LARGEST)) return null;
  return Math.exp(bisect((log) => enough(Math.exp(log)), 0, Math.log(LARGEST), Math.log(1.02)));
}

/** The ends of the interval that the variance between seeds lies in with the probability `share`, as multiples of the pilot's. */
export function varianceInterval(df: number, share: number): readonly [low: number, high: number] {
  const at = (p: number): number => df / chiSquareQuantile(p, df);
  return [at((1 - share) / 2), at((1 + share) / 2)];
}
