import type * as tf from '@tensorflow/tfjs-core';
import { defineLoss, type LossFn, type Tf } from './loss';

/**
 * Cross-entropy: -log p_t, the mean over the N labelled tokens.
 *
 *   z (N, C) logits, p = softmax(z), t the gold class. Gradient in z_j: (p_j - y_j) / N.
 * Computed from log-softmax, so it is exact for any logit. No departure from the textbook.
 */
export const ce = defineLoss({
  name: 'ce',
  title: 'cross-entropy',
  formula: '-log p_t',
  source: 'negative log-likelihood of the softmax; the control for every other loss',
  params: {},
  create: (tf) => crossEntropy(tf, undefined),
});

/** -w_t log p_t, summed and divided by the number of labelled tokens (not by the sum of their weights). */
export function crossEntropy(tf: Tf, weights: readonly number[] | undefined): LossFn {
  return (logits, { gold }) =>
    tf.tidy(() => {
      const y = oneHot(tf, gold, logits.shape[1]); // (N, C)
      const count = tf.sum(y); // ()
      const target = weights ? tf.mul(y, tf.tensor1d([...weights])) : y; // (N, C)
      return meanOver(tf, tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logits)))), count); // ()
    });
}

/** One-hot gold classes; a row of zeros where gold is -1, which is what leaves ignored rows out of every sum. */
export function oneHot(tf: Tf, gold: tf.Tensor1D, classes: number): tf.Tensor2D {
  return tf.oneHot(gold, classes, 1, 0, 'float32') as tf.Tensor2D; // (N, C)
}

/** total / count, and 0 with zero gradient where every row was ignored. */
export function meanOver(tf: Tf, total: tf.Tensor, count: tf.Tensor): tf.Scalar {
  return tf.div(total, tf.maximum(count, 1));
}
