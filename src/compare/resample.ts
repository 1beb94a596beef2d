import { ClassSums, quantile, type SentenceCounts } from '../metrics/bootstrap';
import type { Rng } from '../rng';

/** The scores of every run on every resample of the sentences. */
export interface Resampled {
  readonly resamples: number;
  /** Of each run on the whole set: micro, macro, then F1 of each class; NaN for a class in neither gold nor prediction. (M) */
  readonly whole: readonly Float64Array[];
  /** Of each run, resample after resample. (R * M) */
  readonly drawn: readonly Float64Array[];
  /** M = 2 + classes. */
  readonly metrics: number;
}

/**
 * Draws sentences with replacement, the same for every run, and scores each run on them.
 * @param runs counts of each run on the same sentences
 * @param classes the order of the classes in the result
 */
export function resampleScores(
  runs: readonly SentenceCounts[],
  classes: readonly string[],
  resamples: number,
  rng: Rng,
): Resampled {
  const metrics = classes.length + 2;
  const ordered = runs.map((run) => reorder(run, classes));
  const sentences = runs.length > 0 ? runs[0].offsets.length - 1 : 0;
  const sums = new ClassSums(classes.length);
  const score = (run: SentenceCounts, times: Int32Array, into: Float64Array, at: number): void => {
    sums.clear();
    for (let s = 0; s < sentences; s++) if (times[s] > 0) sums.add(run, s, times[s]);
    const { micro, macro, classes: each } = sums.f1();
    into[at] = micro;
    into[at + 1] = macro;
    for (let k = 0; k < each.length; k++) into[at + 2 + k] = each[k] ?? NaN;
  };
  const whole = ordered.map(() => new Float64Array(metrics));
  const drawn = ordered.map(() => new Float64Array(metrics * resamples));
  const times = new Int32Array(sentences).fill(1); // how often each sentence is drawn
  ordered.forEach((run, k) => score(run, times, whole[k], 0));
  for (let r = 0; r < resamples; r++) {
    times.fill(0);
    for (let i = 0; i < sentences; i++) times[rng.int(sentences)]++;
    for (let k = 0; k < ordered.length; k++) score(ordered[k], times, drawn[k], r * metrics);
  }
  return { resamples, whole, drawn, metrics };
}

/** The same counts with classes numbered as in `classes`. */
function reorder(counts: SentenceCounts, classes: readonly string[]): SentenceCounts {
  const ids = counts.classes.map((name) => classes.indexOf(name));
  return { ...counts, classes, classOf: counts.classOf.map((k) => ids[k]) };
}

/** A mean over seeds, or a difference of two, with its interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Two-sided, of the null that the value is 0. */
  readonly p: number;
}

/**
 * Mean over seeds of one metric, or with `against` of the difference between paired runs, and its percentile interval over resamples of
 * sentences and of seeds: each resample takes its scores on the sentences drawn, and draws n - 1 of n seeds with replacement
 * (n - 1, so that the variance of a mean over seeds is not understated: Rao and Wu 1988; sentences and seeds are crossed: Owen
 * 2007, the pigeonhole bootstrap). One seed stays as it is. The p-value centres the resamples on 0:
 * (1 + #{|d* - d| >= |d|}) / (1 + resamples).
 * @param runs    indices of the runs, one a seed
 * @param against the runs they are paired with, seed by seed
 */
export function estimate(
  { whole, drawn, metrics, resamples }: Resampled,
  metric: number,
  runs: readonly number[],
  against: readonly number[] | null,
  rng: Rng,
  level = 0.95,
): Estimate {
  const n = runs.length;
  const at = (scores: readonly Float64Array[], i: number, place: number): number => {
    const a = scores[runs[i]][place];
    return against ? orZero(a) - orZero(scores[against[i]][place]) : a;
  };
  const value = mean(runs.map((_, i) => at(whole, i, metric)));
  const draws = n > 1 ? n - 1 : 1;
  const stars: number[] = [];
  for (let r = 0; r < resamples; r++) {
    const place = r * metrics + metric;
    const star = mean(Array.from({ length: draws }, () => at(drawn, n > 1 ? rng.int(n) : 0, place)));
    if (!Number.isNaN(star)) stars.push(star);
  }
  const extreme = stars.filter((d) => Math.abs(d - value) >= Math.abs(value) - 1e-12).length;
  return {
    value: orZero(value),
    low: quantile(stars, (1 - level) / 2) ?? orZero(value),
    high: quantile(stars, (1 + level) / 2) ?? orZero(value),
    p: (1 + extreme) / (1 + stars.length),
  };
}

/** A class that is in neither gold nor prediction has no F1: between two runs it makes no difference. */
const orZero = (x: number): number => (Number.isNaN(x) ? 0 : x);

/** Of the values that are there; NaN of none. */
function mean(values: readonly number[]): number {
  let sum = 0;
  let n = 0;
  for (const x of values) {
    if (Number.isNaN(x)) continue;
    sum += x;
    n++;
  }
  return n > 0 ? sum / n : NaN;
}
