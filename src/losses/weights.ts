import { present, UserError } from '../errors';
import type { ClassWeights, LossContext } from './loss';

export interface Weighting {
  readonly weights: ClassWeights;
  /** q of `power`. */
  readonly exponent: number;
  /** K of `lg`. */
  readonly lgOffset: number;
  /** beta of `class-balanced`. */
  readonly balance: number;
}

/**
 * One weight per class (C), or undefined when all are 1. n = training tokens, n_t = those of class t (at least 1).
 *   power           (n / n_t)^q over its mean over the training tokens
 *   lg              log10((n - n_t) / n_t + K)                    Li et al. 2020, section 3.2
 *   inverse         n / (C n_t)                                   King and Zeng 2001; "balanced" in scikit-learn
 *   class-balanced  (1 - beta) / (1 - beta^n_t), scaled to sum C  Cui et al. 2019
 */
export function classWeights(
  { weights, exponent, lgOffset, balance }: Weighting,
  context: LossContext,
): readonly number[] | undefined {
  const counts = context.counts.map((n) => Math.max(n, 1));
  const total = counts.reduce((a, b) => a + b, 0);
  switch (weights) {
    case 'none':
      return undefined;
    case 'power': {
      const raw = counts.map((n) => (total / n) ** exponent);
      const mean = counts.reduce((sum, n, j) => sum + n * present(raw[j], 'weight'), 0) / total;
      return raw.map((w) => w / mean);
    }
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
      return weightsByLabel(weights, context);
  }
}

/** Log of the class priors, smoothed so that a class without a token has one: (n_c + 1) / (n + C). (C) */
export function logPriors(counts: readonly number[]): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => Math.log((count + 1) / (total + counts.length)));
}

/**
 * One weight per class (C) from weights by tag, as the training file writes them. A label that several tags became (in IOB2 a
 * `B-LOC` is a `B-LOC` or an `S-LOC` of BIOES) weighs as its training tokens do on the mean; tags left out weigh 1. Labels
 * themselves are taken too, where every name is one.
 * @throws UserError for names that are neither
 */
export function weightsByLabel(
  byName: Readonly<Record<string, number>>,
  { labels, written = [] }: LossContext,
): readonly number[] {
  const names = Object.keys(byName);
  const weightOf = (name: string): number => (Object.hasOwn(byName, name) ? present(byName[name], name) : 1);
  const tags = written.map(({ label }) => label);
  if (names.every((name) => tags.includes(name))) {
    return labels.map((label) => {
      let tokens = 0;
      let sum = 0;
      for (const tag of written) {
        const count = tag.labels.find((inner) => inner.label === label)?.count ?? 0;
        tokens += count;
        sum += count * weightOf(tag.label);
      }
      return tokens > 0 ? sum / tokens : 1;
    });
  }
  const unknown = names.filter((name) => !labels.includes(name));
  if (unknown.length === 0) return labels.map(weightOf);
  const strange = unknown.filter((name) => !tags.includes(name));
  throw new UserError(
    `class weights for labels that the training data does not have: ${(strange.length > 0 ? strange : unknown).join(', ')}`,
    `labels: ${(tags.length > 0 ? tags : labels).join(', ')}`,
  );
}
