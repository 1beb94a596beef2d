import { present } from '../errors';
import { type Chunk, chunksOf } from '../schemes';

/** Predictions whose confidence lies in (low, high]; the first bin holds 0 as well. Means of an empty bin are 0. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean confidence. */
  readonly confidence: number;
  /** Share of right predictions. */
  readonly accuracy: number;
}

export interface Calibration {
  readonly count: number;
  /** Expected calibration error: sum over bins of count / N * |accuracy - confidence|. */
  readonly ece: number;
  /** Maximum calibration error: the largest |accuracy - confidence| of a bin that is not empty. */
  readonly mce: number;
  readonly bins: readonly ReliabilityBin[];
}

/**
 * Reliability of confidences in equal-width bins (Guo et al. 2017, On calibration of modern neural networks).
 * confidence (N) in [0, 1]; correct (N), 1 where the prediction is right, else 0. Throws RangeError on other values.
 */
export function calibration(confidence: ArrayLike<number>, correct: ArrayLike<number>, bins = 15): Calibration {
  const n = confidence.length;
  if (correct.length !== n) throw new RangeError(`${n} confidences, but ${correct.length} outcomes`);
  const count = new Float64Array(bins);
  const sum = new Float64Array(bins);
  const right = new Float64Array(bins);
  for (let i = 0; i < n; i++) {
    const c = confidence[i] as number;
    if (!(c >= 0 && c <= 1)) throw new RangeError(`confidence ${c} at ${i} is not in [0, 1]`);
    const bin = Math.max(0, Math.ceil(c * bins) - 1);
    count[bin] = (count[bin] as number) + 1;
    sum[bin] = (sum[bin] as number) + c;
    right[bin] = (right[bin] as number) + (correct[i] as number);
  }
  const table = Array.from(count, (size, b): ReliabilityBin => ({
    low: b / bins,
    high: (b + 1) / bins,
    count: size,
    confidence: size > 0 ? present(sum[b], 'bin') / size : 0,
    accuracy: size > 0 ? present(right[b], 'bin') / size : 0,
  }));
  const gaps = table.map((bin) => Math.abs(bin.accuracy - bin.confidence));
  return {
    count: n,
    ece: n > 0 ? gaps.reduce((total, gap, b) => total + (gap * present(count[b], 'bin')) / n, 0) : 0,
    mce: Math.max(0, ...gaps),
    bins: table,
  };
}

/**
 * Reliability of the probabilities of tags.
 * @param guess ids of the tags that were given. (N)
 * @param probabilities of every label. (N, C), row-major
 * @param gold ids, -1 for a label that no tagger can give. (N)
 * @param counts which tokens are looked at; all by default
 */
export function tagCalibration(
  guess: Int32Array,
  probabilities: Float32Array,
  gold: Int32Array,
  counts: (token: number) => boolean = () => true,
): Calibration {
  const labels = guess.length > 0 ? probabilities.length / guess.length : 0;
  const confidence = new Float64Array(guess.length);
  const correct = new Uint8Array(guess.length);
  let n = 0;
  for (let i = 0; i < guess.length; i++) {
    if (!counts(i)) continue;
    confidence[n] = Math.min(1, probabilities[i * labels + (guess[i] as number)] as number);
    correct[n++] = guess[i] === gold[i] ? 1 : 0;
  }
  return calibration(confidence.subarray(0, n), correct.subarray(0, n));
}

/**
 * Reliability of the probabilities of entities: right is one that gold has, with the same start, end and type, as conlleval reads it.
 * @param predicted by sentence
 * @param gold tags, by sentence
 */
export function entityCalibration(
  predicted: readonly (readonly (Chunk & { readonly probability: number })[])[],
  gold: readonly (readonly string[])[],
): Calibration {
  const key = ({ type, start, end }: Chunk): string => `${start} ${end} ${type}`;
  const [confidence, correct]: [number[], number[]] = [[], []];
  predicted.forEach((entities, s) => {
    const right = new Set(chunksOf(present(gold[s], 'sentence')).map(key));
    for (const entity of entities) {
      confidence.push(entity.probability);
      correct.push(right.has(key(entity)) ? 1 : 0);
    }
  });
  return calibration(confidence, correct);
}
