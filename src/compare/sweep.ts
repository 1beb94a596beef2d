import { metricNames, metricValue } from '../metrics/metric';
import { scoreCorpus } from '../run/assess';
import type { Split } from '../run/corpora';
import type { Curve } from './curves';

/** The score with a number added to the logit of O: below 0 the tagger names more entities, above 0 fewer. */
export interface SweepPoint {
  readonly bias: number;
  /** Of the metric that chooses. */
  readonly score: number;
  readonly micro: number;
  readonly macro: number;
}

/** Largest bias either way, and the step. 0 is one of them. */
const LIMIT = 6;
const STEP = 0.25;

/**
 * Scores a split at every bias of O. Adding b to O's logit makes a token O where log p(O) + b is at least the log-probability of
 * its best other label; the others keep their order, so one margin a token says it all.
 * @param probabilities (N, C)
 */
export function sweepOutside(
  probabilities: Float32Array,
  { corpus, encoded }: Pick<Split, 'corpus' | 'encoded'>,
  labels: readonly string[],
  metric: string,
): { points: SweepPoint[]; curves: Curve[] } {
  const outside = labels.indexOf('O');
  const { best, margin } = bestOther(probabilities, labels.length, outside);
  const { offsets, size } = encoded;
  const curves = new Map<string, Curve['points'][number][]>();
  const points = biases().map((bias): SweepPoint => {
    const tags = Array.from({ length: size }, (_, s) =>
      Array.from({ length: offsets[s + 1] - offsets[s] }, (_, t) => {
        const i = offsets[s] + t;
        return margin[i] > bias ? labels[best[i]] : 'O';
      }),
    );
    const report = scoreCorpus(corpus, tags);
    for (const { name, precision, recall, support, predicted } of report.entities?.classes ?? []) {
      if (support === 0 || predicted === 0) continue; // no such class, or no precision
      const curve = curves.get(name) ?? [];
      curve.push({ at: bias, precision, recall });
      curves.set(name, curve);
    }
    const known = metricNames(report); // a class that training chooses by may be missing here
    const value = (name: string): number => (known.includes(name) ? metricValue(report, name) : 0);
    return { bias, score: value(metric), micro: value('micro-f1'), macro: value('macro-f1') };
  });
  return { points, curves: [...curves].map(([name, of]) => ({ name, points: of })) };
}

/** The bias with the best score; of equals the one nearest to 0, and of two such the negative one. */
export function bestBias(points: readonly SweepPoint[]): number {
  const best = Math.max(...points.map(({ score }) => score));
  const tied = points.filter(({ score }) => score === best).map(({ bias }) => bias);
  return tied.sort((a, b) => Math.abs(a) - Math.abs(b) || a - b)[0] ?? 0;
}

const biases = (): number[] => Array.from({ length: (2 * LIMIT) / STEP + 1 }, (_, i) => i * STEP - LIMIT);

/** The likeliest label but O of each token, and how far its log-probability is above that of O. (N) each */
function bestOther(p: Float32Array, labels: number, outside: number): { best: Int32Array; margin: Float64Array } {
  const n = p.length / labels;
  const best = new Int32Array(n);
  const margin = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const at = i * labels;
    let top = -1;
    for (let c = 0; c < labels; c++) if (c !== outside && (top < 0 || p[at + c] > p[at + top])) top = c;
    best[i] = top;
    margin[i] = top < 0 ? -Infinity : Math.log(p[at + top]) - Math.log(p[at + outside]);
  }
  return { best, margin };
}
