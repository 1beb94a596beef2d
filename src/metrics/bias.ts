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

/**
 * The likeliest label of each token at any bias. Adding b to the logit of the outside label makes a token outside where its
 * log-probability + b is at least that of the best other label; the others keep their order, so one margin a token says it all.
 * @param probabilities (N, C), row-major
 * @param labels C
 * @param outside id of the outside label
 * @returns label ids at a bias, in one array that the next call fills again. (N)
 */
export function biasedLabels(
  probabilities: Float32Array,
  labels: number,
  outside: number,
): (bias: number) => Int32Array {
  const n = probabilities.length / labels;
  const p = (at: number): number => probabilities[at] as number;
  const best = new Int32Array(n); // the likeliest label but the outside one (N)
  const margin = new Float64Array(n); // of its log-probability above that of the outside label (N)
  for (let i = 0; i < n; i++) {
    const at = i * labels;
    let top = -1;
    for (let c = 0; c < labels; c++) if (c !== outside && (top < 0 || p(at + c) > p(at + top))) top = c;
    best[i] = top;
    margin[i] = top < 0 ? -Infinity : Math.log(p(at + top)) - Math.log(p(at + outside));
  }
  const ids = new Int32Array(n);
  return (bias) => {
    for (let i = 0; i < n; i++) ids[i] = (margin[i] as number) > bias ? (best[i] as number) : outside;
    return ids;
  };
}
