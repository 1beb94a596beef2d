/** The biases of the outside label that are tried, in nats: 0, and quarters up to 6 either way. */
export const BIASES: readonly number[] = Array.from({ length: 49 }, (_, i) => i / 4 - 6);

/** A score that predictions had with a number added to the score of the outside label: below 0 a tagger names more entities. */
export interface BiasPoint {
  readonly bias: number;
  /** Of the metric that chooses. */
  readonly score: number;
}

/** The bias with the best score; of equals the one nearest to 0, and of two such the negative one. 0 of none. */
export function bestBias(points: readonly BiasPoint[]): number {
  const best = Math.max(...points.map(({ score }) => score));
  const tied = points.filter(({ score }) => score === best).map(({ bias }) => bias);
  return tied.sort((a, b) => Math.abs(a) - Math.abs(b) || a - b)[0] ?? 0;
}

/** What a bias does to a score. */
export interface BiasFit {
  readonly bias: number;
  /** Without it, and with it. */
  readonly plain: number;
  readonly biased: number;
}

/** The finest step that is tried, in nats, and how often it fits in one of BIASES. */
const FINE = 0.05;
const REFINED = 4;

/**
 * The bias of the outside label that scores best: the best of BIASES, then in steps of 0.05 around it. The score jumps where a
 * token changes its label and is flat between, so that there is nothing to follow downhill; finer steps fit noise.
 * Of biases that score the same the one nearest to 0 is taken, so that none is where none is better.
 */
export function fitBias(scoreAt: (bias: number) => number): BiasFit {
  const pointAt = (bias: number): BiasPoint => ({ bias, score: scoreAt(bias) });
  const coarse = BIASES.map(pointAt);
  const middle = bestBias(coarse);
  const steps = Array.from({ length: 2 * REFINED + 1 }, (_, i) => i - REFINED).filter((step) => step !== 0);
  const fine = steps.map((step) => pointAt(Number((middle + step * FINE).toFixed(2)))); // 0.05 is no float: 0.3, not 0.30000000000000004
  const points = [...coarse, ...fine];
  const bias = bestBias(points);
  const scoreOf = (wanted: number): number => points.find((point) => point.bias === wanted)?.score ?? 0;
  return { bias, plain: scoreOf(0), biased: scoreOf(bias) };
}
