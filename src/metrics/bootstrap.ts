import { present } from '../errors';
import type { Rng } from '../rng';
import { chunksOf } from '../schemes';
import { checkAligned } from './confusion';
import { countEntities, type ReadChunks } from './entities';
import type { Counts } from './prf';

/**
 * Sufficient statistics of entity scores, sentence by sentence: a resample of sentences is a sum over these arrays.
 * Sentence s owns the entries offsets[s] .. offsets[s + 1] - 1, one for each class that occurs in it.
 */
export interface SentenceCounts {
  readonly classes: readonly string[];
  /** (S + 1) */
  readonly offsets: Int32Array;
  /** Index into classes. (E) */
  readonly classOf: Int32Array;
  /** (E) each */
  readonly tp: Int32Array;
  readonly predicted: Int32Array;
  readonly support: Int32Array;
}

/** Counts entities sentence by sentence. */
export function sentenceCounts(
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  read: ReadChunks = chunksOf,
): SentenceCounts {
  checkAligned(gold, predicted);
  return packCounts(gold.map((tags, s) => countEntities([tags], [present(predicted[s], 'sentence')], read)));
}

/** Class counts of each sentence as arrays; `scale` multiplies every count, for those that come in fractions. */
export function packCounts(
  sentences: readonly Iterable<readonly [name: string, counts: Counts]>[],
  scale = 1,
): SentenceCounts {
  const ids = new Map<string, number>();
  const offsets = [0];
  const entries: (readonly [classOf: number, tp: number, predicted: number, support: number])[] = [];
  for (const sentence of sentences) {
    for (const [name, { tp, predicted, support }] of sentence) {
      if (!ids.has(name)) ids.set(name, ids.size);
      entries.push([ids.get(name) ?? -1, scale * tp, scale * predicted, scale * support]);
    }
    offsets.push(entries.length);
  }
  const column = (c: 0 | 1 | 2 | 3): Int32Array => Int32Array.from(entries, (entry) => entry[c]); // (E)
  return {
    classes: [...ids.keys()],
    offsets: Int32Array.from(offsets),
    classOf: column(0),
    tp: column(1),
    predicted: column(2),
    support: column(3),
  };
}

/** A score with its percentile bootstrap interval. `low` and `high` are null where no resample had the class. */
export interface Interval {
  readonly f1: number;
  readonly low: number | null;
  readonly high: number | null;
}

export interface BootstrapOptions {
  /** Default 1000. */
  readonly resamples?: number;
  /** Coverage of the interval; default 0.95. */
  readonly level?: number;
}

export interface BootstrapResult {
  readonly resamples: number;
  readonly level: number;
  readonly micro: Interval;
  readonly macro: Interval;
  readonly classes: readonly (Interval & { readonly name: string })[];
}

/**
 * Percentile bootstrap (Efron 1979) of F1 over sentences: draw S of S sentences with replacement, sum their counts, take F1;
 * the interval is the (1 - level) / 2 and (1 + level) / 2 quantiles. A class's interval leaves out resamples in which it
 * occurs in neither gold nor predictions; the macro mean of a resample is over the classes that its gold holds.
 */
export function bootstrap(counts: SentenceCounts, rng: Rng, options: BootstrapOptions = {}): BootstrapResult {
  const { resamples = 1000, level = 0.95 } = options;
  const sentences = counts.offsets.length - 1;
  const { patternOf, first } = patternsOf(counts);
  const times = new Int32Array(first.length); // (P)
  const sums = new ClassSums(counts.classes.length);
  for (let s = 0; s < sentences; s++) sums.add(counts, s);
  const point = sums.f1();
  const M = 2 + counts.classes.length;
  const drawn = new Float64Array(sentences > 0 ? resamples * M : 0); // micro, macro, then each class (R * M)
  for (let at = 0; at < drawn.length; at += M) {
    sums.clear();
    times.fill(0);
    for (let i = 0; i < sentences; i++) {
      const pattern = patternOf[rng.int(sentences)] as number;
      times[pattern] = (times[pattern] as number) + 1;
    }
    for (let p = 0; p < times.length; p++) {
      const often = times[p] as number;
      if (often > 0) sums.add(counts, first[p] as number, often);
    }
    sums.writeF1(drawn, at);
  }
  const interval = (f1: number, m: number): Interval => {
    const values = new Float64Array(drawn.length / M); // (R)
    let there = 0;
    for (let at = m; at < drawn.length; at += M) if (!Number.isNaN(drawn[at])) values[there++] = drawn[at] as number;
    const sorted = values.subarray(0, there).sort();
    return { f1, low: quantileOfSorted(sorted, (1 - level) / 2), high: quantileOfSorted(sorted, (1 + level) / 2) };
  };
  return {
    resamples,
    level,
    micro: interval(point.micro, 0),
    macro: interval(point.macro, 1),
    classes: counts.classes.map((name, k) => ({ name, ...interval(point.classes[k] ?? 0, 2 + k) })),
  };
}

/**
 * Sentences with the same counts are one pattern: a resample counts how often each pattern is drawn, and adds it up once. Few
 * sentences are unlike all others, so that this takes a fraction of the time.
 */
export function patternsOf({ offsets, classOf, tp, predicted, support }: SentenceCounts) {
  const ids = new Map<string, number>();
  const first: number[] = []; // a sentence of each pattern (P)
  const patternOf = new Int32Array(offsets.length - 1); // (S)
  for (let s = 0; s < patternOf.length; s++) {
    let key = '';
    const end = offsets[s + 1] as number;
    for (let e = offsets[s] as number; e < end; e++) {
      key += `${classOf[e] as number} ${tp[e] as number} ${predicted[e] as number} ${support[e] as number},`;
    }
    let id = ids.get(key);
    if (id === undefined) {
      ids.set(key, (id = first.length));
      first.push(s);
    }
    patternOf[s] = id;
  }
  return { patternOf, first };
}

/** Running sums by class, and F1 from them. */
export class ClassSums {
  private readonly tp: Int32Array; // (K)
  private readonly total: Int32Array; // predicted + support (K)
  private readonly support: Int32Array; // (K)
  private readonly scores: Float64Array; // (2 + K)

  constructor(classes: number) {
    this.tp = new Int32Array(classes);
    this.total = new Int32Array(classes);
    this.support = new Int32Array(classes);
    this.scores = new Float64Array(2 + classes);
  }

  clear(): void {
    this.tp.fill(0);
    this.total.fill(0);
    this.support.fill(0);
  }

  /** Adds a sentence as often as it was drawn. */
  add({ offsets, classOf, tp, predicted, support }: SentenceCounts, sentence: number, times = 1): void {
    const end = offsets[sentence + 1] as number;
    for (let e = offsets[sentence] as number; e < end; e++) {
      const k = classOf[e] as number;
      const inGold = support[e] as number;
      this.tp[k] = (this.tp[k] as number) + times * (tp[e] as number);
      this.total[k] = (this.total[k] as number) + times * ((predicted[e] as number) + inGold);
      this.support[k] = (this.support[k] as number) + times * inGold;
    }
  }

  /**
   * F1 = 2 tp / (predicted + support), into an array from `at` on: micro, macro, then each class, NaN for one that does not occur.
   * Averages with nothing to average are 0.
   */
  writeF1(into: Float64Array, at: number): void {
    let [right, all, sum, inGold] = [0, 0, 0, 0];
    for (let k = 0; k < this.tp.length; k++) {
      const [tp, total] = [this.tp[k] as number, this.total[k] as number];
      right += tp;
      all += total;
      const f1 = total > 0 ? (2 * tp) / total : NaN;
      into[at + 2 + k] = f1;
      if ((this.support[k] as number) === 0) continue;
      sum += f1;
      inGold++;
    }
    into[at] = all > 0 ? (2 * right) / all : 0;
    into[at + 1] = inGold > 0 ? sum / inGold : 0;
  }

  /** The same; null for a class that does not occur. */
  f1(): { micro: number; macro: number; classes: (number | null)[] } {
    this.writeF1(this.scores, 0);
    const [micro = 0, macro = 0, ...classes] = this.scores;
    return { micro, macro, classes: classes.map((f1) => (Number.isNaN(f1) ? null : f1)) };
  }
}

/** Quantile by linear interpolation between order statistics (Hyndman and Fan's type 7, NumPy's default); null of nothing. */
export const quantile = (values: readonly number[], q: number): number | null =>
  quantileOfSorted(Float64Array.from(values).sort(), q);

/** The same of values in ascending order. */
export function quantileOfSorted(sorted: Float64Array, q: number): number | null {
  if (sorted.length === 0) return null;
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  const [low, high] = [present(sorted[below], 'value'), present(sorted[above], 'value')];
  return low + (position - below) * (high - low);
}
