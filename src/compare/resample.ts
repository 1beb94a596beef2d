import { setImmediate } from 'node:timers/promises';
import { present } from '../errors';
import { byCodeUnit, groupBy } from '../order';
import { ClassSums, quantileOfSorted, type SentenceCounts } from '../metrics/bootstrap';
import { createRng, type Rng } from '../rng';

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
  const drawn = toEnd(
    drawScores(
      runs.map((counts) => reorder(counts, classes)),
      resamples,
      drawnBy(rng),
    ),
  );
  return { resamples, whole: drawn.map((run) => run.whole), drawn: drawn.map((run) => run.drawn), metrics: classes.length + 2 }; // prettier-ignore
}

/** The scores of one run: of M = 2 + its classes on the whole set (M), and resample after resample (R * M). */
interface Drawn {
  readonly classes: readonly string[];
  readonly whole: Float64Array;
  readonly drawn: Float64Array;
}

/**
 * The same of counts whose classes need not be alike, nor what they count: all are of the same sentences. It may be interrupted after
 * each resample.
 */
function* drawScores(
  runs: readonly SentenceCounts[],
  resamples: number,
  draw: DrawTimes,
): Generator<undefined, Drawn[]> {
  const sentences = (runs.at(0)?.offsets.length ?? 1) - 1;
  let times: Int32Array = new Int32Array(sentences).fill(1); // how often each sentence is drawn (S)
  const scored = runs.map((run) => {
    const metrics = run.classes.length + 2;
    const sums = new ClassSums(run.classes.length);
    const { kinds, members, starts } = byKind(run);
    const [whole, drawn] = [new Float64Array(metrics), new Float64Array(metrics * resamples)];
    const score = (into: Float64Array, at: number): void => {
      sums.clear();
      for (let k = 0; k + 1 < starts.length; k++) {
        const count = sumOf(times, members, starts[k] as number, starts[k + 1] as number);
        if (count > 0) sums.add(kinds, k, count);
      }
      sums.writeF1(into, at);
    };
    return { classes: run.classes, score, whole, drawn, metrics };
  });
  for (const { score, whole } of scored) score(whole, 0);
  for (let r = 0; r < resamples; r++) {
    times = draw(r, times);
    for (const { score, drawn, metrics } of scored) score(drawn, r * metrics);
    yield;
  }
  return scored.map(({ classes, whole, drawn }) => ({ classes, whole, drawn }));
}

function toEnd<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Milliseconds that others wait at the most. */
const PATIENCE = 5;

/** The same, with time for others in between. */
async function toEndBeside<T>(steps: Generator<undefined, T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - since < PATIENCE) continue;
    await setImmediate();
    since = performance.now();
  }
}

/** How often each sentence is drawn in resample r, for each r from 0 on: in the array that is given, or in one of its own. (S) */
type DrawTimes = (r: number, into: Int32Array) => Int32Array;

const drawnBy =
  (rng: Rng): DrawTimes =>
  (_, into) => {
    const sentences = into.length;
    into.fill(0);
    for (let i = 0; i < sentences; i++) {
      const s = rng.int(sentences);
      into[s] = (into[s] as number) + 1;
    }
    return into;
  };

/** The same, drawn once for all who ask, where it takes little room. */
function drawnOnce(sentences: number, resamples: number, most: number, rng: () => Rng): () => DrawTimes {
  if (sentences * resamples > most) return () => drawnBy(rng());
  const draw = drawnBy(rng());
  const rows = Array.from({ length: resamples }, (_, r) => draw(r, new Int32Array(sentences))); // (R, S)
  return () => (r, into) => rows[r] ?? into;
}

/**
 * Draws the sentences of a comparison, always the same, and remembers what each run scores on them: runs may be added as they come to
 * an end, so that what is left at the end of the comparison is little.
 */
export interface Resampler {
  readonly resamples: number;
  /** Scores counts of the same sentences that are not known yet, with time for others in between. */
  add(counts: readonly SentenceCounts[]): Promise<void>;
  /** As `resampleScores` gives it. @param classes every class of every run, sorted by code unit */
  scores(runs: readonly SentenceCounts[], classes: readonly string[]): Resampled;
}

/** Numbers that a resampler keeps at the most: what does not fit is worked out each time that it is asked for. */
export interface ResamplerRoom {
  /** Scores of resamples; 256 MiB of them by default. */
  readonly scores: number;
  /** How often sentences are drawn; 32 MiB of it by default. */
  readonly draws: number;
}

const ROOM: ResamplerRoom = { scores: 2 ** 25, draws: 2 ** 23 };

export function createResampler(resamples: number, { scores: most, draws: mostDraws } = ROOM): Resampler {
  const known = new Map<SentenceCounts, Drawn>();
  const drawsOf = new Map<number, () => DrawTimes>(); // by the number of sentences, one in a comparison
  let room = most;
  function draw(counts: readonly SentenceCounts[]): Generator<undefined, Drawn[]> {
    const sentences = (counts.at(0)?.offsets.length ?? 1) - 1;
    const draws = drawsOf.get(sentences) ?? drawnOnce(sentences, resamples, mostDraws, sentenceDraws);
    drawsOf.set(sentences, draws);
    const sorted = counts.map((one) => reorder(one, one.classes.toSorted(byCodeUnit)));
    return drawScores(sorted, resamples, draws());
  }
  function fits({ classes }: SentenceCounts): boolean {
    const size = (classes.length + 2) * resamples;
    if (size > room) return false;
    room -= size;
    return true;
  }
  const open = (counts: readonly SentenceCounts[]): SentenceCounts[] => counts.filter((one) => !known.has(one));
  const keep = (counts: readonly SentenceCounts[], drawn: readonly Drawn[]): void =>
    drawn.forEach((one, i) => known.set(counts[i] as SentenceCounts, one));
  return {
    resamples,
    async add(counts) {
      const more = open(counts).filter(fits);
      keep(more, await toEndBeside(draw(more)));
    },
    scores(runs, classes) {
      const more = open(runs).filter(fits);
      keep(more, toEnd(draw(more)));
      const rest = open(runs);
      const beside = new Map(toEnd(draw(rest)).map((drawn, i) => [rest[i] as SentenceCounts, drawn]));
      const of = runs.map((run) => spreadOut(present(known.get(run) ?? beside.get(run), 'run'), classes, resamples));
      return { resamples, whole: of.map(({ whole }) => whole), drawn: of.map(({ drawn }) => drawn), metrics: classes.length + 2 }; // prettier-ignore
    },
  };
}

/** What the sentences of a comparison are drawn by: the same runs give the same statistics, always. */
const sentenceDraws = (): Rng => createRng(0).split('compare').split('sentences');

/** The same scores among more classes, in whose order its own are: a class that it lacks has none. */
function spreadOut(own: Drawn, classes: readonly string[], resamples: number): Drawn {
  const places = placesIn(own.classes, classes);
  if (own.classes.length === classes.length) return own;
  const widened = (from: Float64Array, rows: number): Float64Array => {
    const [M, all] = [own.classes.length + 2, classes.length + 2];
    const to = new Float64Array(rows * all).fill(NaN);
    for (let r = 0; r < rows; r++) {
      to[r * all] = from[r * M] as number;
      to[r * all + 1] = from[r * M + 1] as number;
      places.forEach((place, k) => (to[r * all + 2 + place] = from[r * M + 2 + k] as number));
    }
    return to;
  };
  return { classes, whole: widened(own.whole, 1), drawn: widened(own.drawn, resamples) };
}

/**
 * What is counted, each kind once: so many right, predicted and gold items of a class in a sentence. Few are unlike all others, so that a resample
 * is a sum of how often sentences are drawn, kind by kind.
 * @returns a kind as a sentence of its own (A); members, the sentences of kind a from `starts[a]` to before `starts[a + 1]` (E), (A + 1)
 */
function byKind(counts: SentenceCounts) {
  const { offsets, classOf, tp, predicted, support } = counts;
  const sentenceOf = new Int32Array(classOf.length); // (E)
  for (let s = 0; s + 1 < offsets.length; s++) sentenceOf.fill(s, offsets[s], offsets[s + 1]);
  const entries = groupBy(classOf.keys(), (e) => `${classOf[e]} ${tp[e]} ${predicted[e]} ${support[e]}`);
  const groups = [...entries.values()];
  const first = Int32Array.from(groups, ([e]) => e as number); // (A)
  const starts = new Int32Array(groups.length + 1);
  groups.forEach(({ length }, a) => (starts[a + 1] = (starts[a] as number) + length));
  const of = (column: Int32Array): Int32Array => first.map((e) => column[e] as number); // (A)
  const kinds: SentenceCounts = {
    classes: counts.classes,
    offsets: Int32Array.from({ length: groups.length + 1 }, (_, a) => a),
    ...{ classOf: of(classOf), tp: of(tp), predicted: of(predicted), support: of(support) },
  };
  return { kinds, starts, members: Int32Array.from(groups.flat(), (e) => sentenceOf[e] as number) };
}

/** How often the sentences at some places of `members` are drawn. A sum in a register: thousands of draws wait for no memory. */
function sumOf(times: Int32Array, members: Int32Array, from: number, end: number): number {
  let sum = 0;
  for (let i = from; i < end; i++) sum += times[members[i] as number] as number;
  return sum;
}

/** The same counts with classes numbered as in `classes`. */
function reorder(counts: SentenceCounts, classes: readonly string[]): SentenceCounts {
  const ids = placesIn(counts.classes, classes);
  return { ...counts, classes, classOf: counts.classOf.map((k) => ids[k] as number) };
}

/** @throws RangeError where one is not among them: its counts would be lost */
function placesIn(own: readonly string[], classes: readonly string[]): number[] {
  const places = new Map(classes.map((name, k) => [name, k]));
  return own.map((name) => {
    const place = places.get(name);
    if (place === undefined) throw new RangeError(`class ${name} is not among ${classes.join(', ')}`);
    return place;
  });
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
  const { observed, bySeed } = bySeeds({ whole, drawn, metrics, resamples }, metric, runs, against);
  const value = orZero(mean(observed, 0, n));
  const own = variances(observed, bySeed);
  const share = seedShare(own);
  const drawnSeeds = new Float64Array(Math.max(0, n - 1));
  const seedDeviation = (): number => {
    if (n < 2) return 0;
    for (let i = 0; i < n - 1; i++) drawnSeeds[i] = observed[rng.int(n)] as number;
    return orZero(mean(drawnSeeds, 0, n - 1) - value);
  };
  const stars = new Float64Array(resamples);
  let [count, extreme] = [0, 0];
  for (let r = 0; r < resamples; r++) {
    const star = mean(bySeed, r * n, n) + share * seedDeviation();
    if (Number.isNaN(star)) continue;
    const kept = against ? star : Math.min(1, Math.max(0, star));
    stars[count++] = kept;
    if (Math.abs(kept - value) >= Math.abs(value) - 1e-12) extreme++;
  }
  const sorted = stars.subarray(0, count).sort();
  return {
    value,
    low: quantileOfSorted(sorted, (1 - level) / 2) ?? value,
    high: quantileOfSorted(sorted, (1 + level) / 2) ?? value,
    p: (1 + extreme) / (1 + count),
    variances: own,
  };
}

/** A metric of some runs, or what they are above those that they are paired with: on the whole set (n), and resample by resample (R * n). */
function bySeeds(
  { whole, drawn, metrics, resamples }: Resampled,
  metric: number,
  runs: readonly number[],
  against: readonly number[] | null,
): { readonly observed: Float64Array; readonly bySeed: Float64Array } {
  const n = runs.length;
  const observed = new Float64Array(n);
  const bySeed = new Float64Array(resamples * n);
  runs.forEach((run, i) => {
    const other = against ? present(against[i], 'paired run') : null;
    const at = (scores: readonly Float64Array[], place: number): number => {
      const score = (of: number): number => present(scores[of]?.[place], 'score');
      return other === null ? score(run) : orZero(score(run)) - orZero(score(other));
    };
    observed[i] = at(whole, metric);
    for (let r = 0; r < resamples; r++) bySeed[r * n + i] = at(drawn, r * metrics + metric);
  });
  return { observed, bySeed };
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
  resampled: Resampled,
  metric: number,
  runs: readonly number[],
  against: readonly number[],
): Variances {
  const { observed, bySeed } = bySeeds(resampled, metric, runs, against);
  return variances(observed, bySeed);
}

/**
 * The two-way layout of seeds and sentences, each seed once on every resample: `within` is the variance of a seed's deviation from
 * the mean over seeds (the interaction), `shared` that of the mean less what the deviations put into it.
 * @param observed (n) @param bySeed (R * n)
 */
function variances(observed: Float64Array, bySeed: Float64Array): Variances {
  const n = observed.length;
  const centre = mean(observed, 0, n);
  const between = n < 2 ? 0 : observed.reduce((sum, d) => sum + orZero((d - centre) ** 2), 0) / (n - 1);
  let squares = 0;
  let count = 0;
  const shifts: number[] = [];
  for (let at = 0; at < bySeed.length; at += n) {
    const shift = mean(bySeed, at, n) - centre;
    if (!Number.isNaN(shift)) shifts.push(shift);
    for (let i = 0; i < n; i++) {
      const residual = (bySeed[at + i] as number) - (observed[i] as number) - shift;
      if (Number.isNaN(residual)) continue;
      squares += residual ** 2;
      count++;
    }
  }
  const within = count > 0 && n > 1 ? ((squares / count) * n) / (n - 1) : 0;
  const middle = mean(shifts, 0, shifts.length);
  const moved = shifts.reduce((sum, shift) => sum + (shift - middle) ** 2, 0) / Math.max(1, shifts.length - 1);
  return { between, within, shared: Math.max(0, moved - within / n) };
}

/**
 * Degrees of freedom of the variance that sentences give to the mean difference of paired runs, to match the variance of that
 * variance: of few sentences that differ little is known. By the influence of each sentence on the scores (the delta method), and the
 * resamples' own luck. Infinite where no sentence makes a difference.
 * @param runs    counts of every run on the same sentences
 * @param classes as given to `resampleScores`
 * @param metric  0 micro, 1 macro, then each class
 */
export function sentenceDegrees(
  runs: readonly SentenceCounts[],
  classes: readonly string[],
  metric: number,
  ours: readonly number[],
  theirs: readonly number[],
  resamples: number,
): number {
  const sentences = (runs.at(0)?.offsets.length ?? 1) - 1;
  const influence = new Float64Array(sentences);
  const add = (side: readonly number[], sign: number): void => {
    for (const run of side) addInfluence(reorder(present(runs[run], 'run'), classes), metric, sign, influence);
  };
  add(ours, 1);
  add(theirs, -1);
  let [squares, fourths] = [0, 0];
  for (const x of influence) {
    squares += x * x;
    fourths += x ** 4;
  }
  if (squares === 0) return Infinity;
  return 2 / (Math.max(0, fourths / squares ** 2 - 1 / sentences) + 2 / resamples);
}

/** Adds what each sentence changes in the F1 of a run, to the first order: of a class (2 tp - F1 (predicted + support)) / total. */
function addInfluence(counts: SentenceCounts, metric: number, sign: number, influence: Float64Array): void {
  const { offsets, classOf, tp, predicted, support, classes } = counts;
  const sums = new ClassSums(classes.length);
  const totals = new Float64Array(classes.length);
  const inGold = new Uint8Array(classes.length);
  for (let s = 0; s < influence.length; s++) sums.add(counts, s);
  for (let e = 0; e < classOf.length; e++) {
    const k = classOf[e] as number;
    totals[k] = (totals[k] as number) + (predicted[e] as number) + (support[e] as number);
    if ((support[e] as number) > 0) inGold[k] = 1;
  }
  const { micro, classes: each } = sums.f1();
  const total = totals.reduce((a, b) => a + b, 0);
  const golds = inGold.reduce((a, b) => a + b, 0);
  for (let s = 0; s < influence.length; s++) {
    const end = offsets[s + 1] as number;
    for (let e = offsets[s] as number; e < end; e++) {
      const k = classOf[e] as number;
      const asked = metric === 0 || (metric === 1 ? inGold[k] === 1 : k === metric - 2);
      if (!asked) continue;
      const f1 = metric === 0 ? micro : (each[k] ?? 0);
      const over = metric === 0 ? total : (totals[k] as number) * (metric === 1 ? golds : 1);
      const own = 2 * (tp[e] as number) - f1 * ((predicted[e] as number) + (support[e] as number));
      if (over > 0) influence[s] = (influence[s] as number) + (sign * own) / over;
    }
  }
}

/** A class that is in neither gold nor prediction has no F1: between two runs it makes no difference. */
const orZero = (x: number): number => (Number.isNaN(x) ? 0 : x);

/** Of the values that are there, of `length` from `at` on; NaN of none. */
function mean(values: ArrayLike<number>, at: number, length: number): number {
  let sum = 0;
  let n = 0;
  for (let i = at; i < at + length; i++) {
    const x = values[i] as number;
    if (Number.isNaN(x)) continue;
    sum += x;
    n++;
  }
  return n > 0 ? sum / n : NaN;
}
