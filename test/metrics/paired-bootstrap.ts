import { UserError } from '../../src/errors';
import type { Rng } from '../../src/rng';
import { ClassSums, quantile, type BootstrapOptions, type SentenceCounts } from '../../src/metrics/bootstrap';

/** Whether system A is better than system B on the same sentences, by micro or macro F1. */
export interface PairedResult {
  /** F1 of A minus F1 of B on the whole set. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Two-sided. */
  readonly p: number;
  readonly resamples: number;
  readonly level: number;
}

/**
 * Paired bootstrap over sentences (Koehn 2004; Berg-Kirkpatrick et al. 2012). Each resample draws the same sentences for
 * both systems and takes the difference d*. The interval is d*'s percentiles. The p-value centres the resamples on no
 * difference: p = (1 + #{|d* - d| >= |d|}) / (1 + resamples), two-sided, never 0.
 */
export function pairedBootstrap(
  a: SentenceCounts,
  b: SentenceCounts,
  rng: Rng,
  options: BootstrapOptions & { readonly average?: 'micro' | 'macro' } = {},
): PairedResult {
  const { resamples = 1000, level = 0.95, average = 'micro' } = options;
  const sentences = a.offsets.length - 1;
  if (b.offsets.length - 1 !== sentences) {
    throw new UserError(`a paired test needs the same sentences: ${sentences} and ${b.offsets.length - 1} given`);
  }
  const sumsA = new ClassSums(a.classes.length);
  const sumsB = new ClassSums(b.classes.length);
  const difference = (draw: (i: number) => number): number => {
    sumsA.clear();
    sumsB.clear();
    for (let i = 0; i < sentences; i++) {
      const s = draw(i);
      sumsA.add(a, s);
      sumsB.add(b, s);
    }
    return sumsA.f1()[average] - sumsB.f1()[average];
  };
  const observed = difference((i) => i);
  const drawn = Array.from({ length: resamples }, () => difference(() => rng.int(sentences)));
  const extreme = drawn.filter((d) => Math.abs(d - observed) >= Math.abs(observed) - 1e-12).length;
  return {
    difference: observed,
    low: quantile(drawn, (1 - level) / 2) ?? observed,
    high: quantile(drawn, (1 + level) / 2) ?? observed,
    p: (1 + extreme) / (1 + resamples),
    resamples,
    level,
  };
}
