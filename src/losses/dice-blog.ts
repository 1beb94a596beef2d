import type * as tf from '@tensorflow/tfjs-core';
import { meanOver, oneHot } from './ce';
import { defineLoss } from './loss';
import { P_MIN } from './overlap';

/**
 * The self-adjusting Dice loss of the blog's TensorFlow function, digit for digit:
 *   p = clip(softmax(z), 1e-6, 1 - 1e-6), m = p y, c = (1 - m) m, loss = max over classes of 1 - (k c y + s) / (c + y + s),
 * the mean over rows, s = 1e-5, k = 2 or 1.
 *
 *   z (N, C) logits, y (N, C) one-hot gold. It is form gold with alpha = 1: a class other than gold has c = y = 0, so its term
 *   is 1 - s / s = 0 exactly and never the largest; we take the gold class's term alone instead of a maximum.
 *   A gold id of C or more gives y = 0 everywhere: loss 0, and the row still counts in the mean.
 * It turns at p = 0.5: a confident right answer costs as much as a wrong one. Kept for comparison, not for training.
 *
 * Source: a blog's reading of Li et al. 2020 (arXiv 1911.02855), alpha = 1. Departure: rows with gold -1 are ignored.
 */
export const diceBlog = defineLoss({
  name: 'dice-blog',
  title: "the blog's self-adjusting Dice loss",
  fades: true,
  formula: '1 - (k c + s) / (c + 1 + s), c = (1 - p_t) p_t',
  source: 'a TensorFlow function published in a blog, after Li et al. 2020',
  params: {
    k: { type: 'number', range: [1, 2], default: 2, meaning: 'factor of the numerator', tune: [1, 2] },
    smooth: { type: 'number', range: [1e-8, 1e6], default: 1e-5, meaning: 's, added above and below the line' },
  },
  create:
    (tf, { k, smooth }) =>
    (logits, { gold }) =>
      tf.tidy(() => {
        const y = oneHot(tf, gold, logits.shape[1]); // (N, C)
        const p = tf.clipByValue(tf.softmax(logits), P_MIN, 1 - P_MIN); // (N, C)
        const m: tf.Tensor = tf.sum(tf.mul(p, y), 1); // (N)
        const c = tf.mul(tf.sub(1, m), m);
        const hasClass = tf.sum(y, 1); // (N), 0 where gold is -1 or at least C
        const union = tf.add(c, hasClass);
        const loss = tf.div(tf.sub(union, tf.mul(c, k)), tf.add(union, smooth)); // (N)
        const rows = tf.sum(tf.cast(tf.greaterEqual(gold, 0), 'float32')); // ()
        return meanOver(tf, tf.sum(loss), rows); // ()
      }),
});
