import { present } from '../errors';
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
 * @param classes every class of every run, in the order of the result
 */
export function resampleScores(
  runs: readonly SentenceCounts[],
  classes: readonly string[],
  resamples: number,
  rng: Rng,
): Resampled {
  const metrics = classes.length + 2;
  const ordered = runs.map((run) => reorder(run, classes));
  const sentences = (runs.at(0)?.offsets.length ?? 1) - 1;
  const sums = new ClassSums(classes.length);
  const score = (run: SentenceCounts, times: Int32Array, into: Float64Array, at: number): void => {
    sums.clear();
    for (let s = 0; s < sentences; s++) {
      const count = times[s] as number;
      if (count > 0) sums.add(run, s, count);
    }
    const { micro, macro, classes: each } = sums.f1();
    into[at] = micro;
    into[at + 1] = macro;
    for (let k = 0; k < each.length; k++) into[at + 2 + k] = each[k] ?? NaN;
  };
  const scored = ordered.map((run) => ({
    run,
    whole: new Float64Array(metrics),
    drawn: new Float64Array(metrics * resamples),
  }));
  const times = new Int32Array(sentences).fill(1); // how often each sentence is drawn
  for (const { run, whole } of scored) score(run, times, whole, 0);
  for (let r = 0; r < resamples; r++) {
    times.fill(0);
    for (let i = 0; i < sentences; i++) {
      const s = rng.int(sentences);
      times[s] = (times[s] as number) + 1;
    }
    for (const { run, drawn } of scored) score(run, times, drawn, r * metrics);
  }
  return { resamples, whole: scored.map(({ whole }) => whole), drawn: scored.map(({ drawn }) => drawn), metrics };
}

/** The same counts with classes numbered as in `classes`. @throws RangeError where one is not among them: its counts would be lost */
function reorder(counts: SentenceCounts, classes: readonly string[]): SentenceCounts {
  const places = new Map(classes.map((name, k) => [name, k]));
  const ids = counts.classes.map((name) => {
    const place = places.get(name);
    if (place === undefined) throw new RangeError(`class ${name} is not among ${classes.join(', ')}`);
    return place;
  });
  return { ...counts, classes, classOf: counts.classOf.map((k) => ids[k] as number) };
}

/** A mean over seeds, or a difference of two, with its interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Two-sided, of the null that the value is 0. */
  readonly p: number;
  readonly variances: Variances;
}

/**
 * Mean over seeds of one metric, or with `against` of the difference between paired runs, and its percentile interval over sentences
 * and seeds. Each resample takes the mean over seeds on the sentences drawn, and adds how far a draw of n - 1 of n seeds with
 * replacement lies from the mean (n - 1, so that the variance of a mean over seeds is not understated: Rao and Wu 1988). Runs
 * differ between seeds also because test sentences are few, and the sentences drawn show that already: the deviation of seeds is
 * shrunk by it (`seedShare`), or it would count twice (Owen 2007, on the pigeonhole bootstrap). One seed stays as it is. The
 * p-value centres the resamples on 0: (1 + #{|d* - d| >= |d|}) / (1 + resamples).
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
  const of = (scores: readonly Float64Array[], run: number, place: number): number =>
    present(scores[run]?.[place], 'score');
  const pairs = runs.map((run, i) => ({ run, other: against ? present(against[i], 'paired run') : null }));
  const at = (scores: readonly Float64Array[], place: number): number[] =>
    pairs.map(({ run, other }) =>
      other === null ? of(scores, run, place) : orZero(of(scores, run, place)) - orZero(of(scores, other, place)),
    );
  const observed = at(whole, metric); // by seed
  const value = orZero(mean(observed));
  const bySeed = Array.from({ length: resamples }, (_, r) => at(drawn, r * metrics + metric));
  const own = variances(observed, bySeed);
  const share = seedShare(own);
  const seedDeviation = (): number =>
    n > 1 ? orZero(mean(Array.from({ length: n - 1 }, () => present(observed[rng.int(n)], 'score'))) - value) : 0;
  const stars: number[] = [];
  for (const values of bySeed) {
    const star = mean(values) + share * seedDeviation();
    if (!Number.isNaN(star)) stars.push(against ? star : Math.min(1, Math.max(0, star)));
  }
  const extreme = stars.filter((d) => Math.abs(d - value) >= Math.abs(value) - 1e-12).length;
  return {
    value,
    low: quantile(stars, (1 - level) / 2) ?? value,
    high: quantile(stars, (1 + level) / 2) ?? value,
    p: (1 + extreme) / (1 + stars.length),
    variances: own,
  };
}

/** What of the spread between seeds is theirs, as a factor on standard deviations. */
const seedShare = ({ between, within }: Variances): number =>
  between === 0 ? 0 : Math.sqrt(Math.max(0, 1 - within / between));

/** Where the variance of a mean over seeds, or of a difference of two, comes from. Squares of fractions of 1. */
export interface Variances {
  /** Of one seed against the others; 0 of one seed. */
  readonly between: number;
  /** The part of `between` that comes and goes with the sentences drawn: a larger file takes it away. */
  readonly within: number;
  /** What all seeds share, for they are scored on the same sentences: more seeds do not take it away. */
  readonly shared: number;
}

/** The variances of the difference between paired runs, seed by seed. @param runs as in `estimate` */
export function differenceVariances(
  { whole, drawn, metrics, resamples }: Resampled,
  metric: number,
  runs: readonly number[],
  against: readonly number[],
): Variances {
  const at = (scores: readonly Float64Array[], place: number): number[] =>
    runs.map((run, i) => {
      const score = (of: number): number => orZero(present(scores[of]?.[place], 'score'));
      return score(run) - score(present(against[i], 'paired run'));
    });
  return variances(
    at(whole, metric),
    Array.from({ length: resamples }, (_, r) => at(drawn, r * metrics + metric)),
  );
}

/**
 * The two-way layout of seeds and sentences, each seed once on every resample: `within` is the variance of a seed's deviation from
 * the mean over seeds (the interaction), `shared` that of the mean less what the deviations put into it.
 */
function variances(observed: readonly number[], bySeed: readonly (readonly number[])[]): Variances {
  const n = observed.length;
  const centre = mean(observed);
  const between = n < 2 ? 0 : observed.reduce((sum, d) => sum + orZero((d - centre) ** 2), 0) / (n - 1);
  let squares = 0;
  let count = 0;
  const shifts: number[] = [];
  for (const values of bySeed) {
    const shift = mean(values) - centre;
    if (!Number.isNaN(shift)) shifts.push(shift);
    for (let i = 0; i < n; i++) {
      const residual = (values[i] as number) - (observed[i] as number) - shift;
      if (Number.isNaN(residual)) continue;
      squares += residual ** 2;
      count++;
    }
  }
  const within = count > 0 && n > 1 ? ((squares / count) * n) / (n - 1) : 0;
  const middle = mean(shifts);
  const moved = shifts.reduce((sum, shift) => sum + (shift - middle) ** 2, 0) / Math.max(1, shifts.length - 1);
  return { between, within, shared: Math.max(0, moved - within / n) };
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
