import { UserError } from '../errors';
import type { ClassWeights, LossContext } from './loss';

export interface Weighting {
  readonly weights: ClassWeights;
  /** K of `lg`. */
  readonly lgOffset: number;
  /** beta of `class-balanced`. */
  readonly balance: number;
}

/**
 * One weight per class (C), or undefined when all are 1. n = training tokens, n_t = those of class t (at least 1).
 *   lg              log10((n - n_t) / n_t + K)                    Li et al. 2020, section 3.2
 *   inverse         n / (C n_t)                                   King and Zeng 2001; "balanced" in scikit-learn
 *   class-balanced  (1 - beta) / (1 - beta^n_t), scaled to sum C  Cui et al. 2019
 */
export function classWeights(
  { weights, lgOffset, balance }: Weighting,
  context: LossContext,
): readonly number[] | undefined {
  const counts = context.counts.map((n) => Math.max(n, 1));
  const total = counts.reduce((a, b) => a + b, 0);
  switch (weights) {
    case 'none':
      return undefined;
    case 'lg':
      return counts.map((n) => Math.log10((total - n) / n + lgOffset));
    case 'inverse':
      return counts.map((n) => total / (counts.length * n));
    case 'class-balanced': {
      const raw = counts.map((n) => (1 - balance) / (1 - balance ** n));
      const scale = counts.length / raw.reduce((a, b) => a + b, 0);
      return raw.map((w) => w * scale);
    }
    default:
      return explicitWeights(weights, context.labels);
  }
}

function explicitWeights(byLabel: Readonly<Record<string, number>>, labels: readonly string[]): readonly number[] {
  const unknown = Object.keys(byLabel).filter((label) => !labels.includes(label));
  if (unknown.length > 0)
    throw new UserError(
      `class weights for labels that the training data does not have: ${unknown.join(', ')}`,
      `labels: ${labels.join(', ')}`,
    );
  return labels.map((label) => (Object.hasOwn(byLabel, label) ? (byLabel[label] ?? 1) : 1));
}
