import type * as tf from '@tensorflow/tfjs-core';
import { UserError } from '../errors';
import { meanOver, oneHot } from './ce';
import type { LossContext, LossFn, Tf } from './loss';
import { classWeights, type Weighting } from './weights';

/** What every overlap loss is told: the form, and which classes and tokens count how much. */
export interface OverlapParams extends Weighting {
  readonly form: 'gold' | 'one-vs-rest' | 'set';
  readonly scope: 'sentence' | 'batch';
  readonly ignoreOutside: boolean;
}

/** One overlap, elementwise: `both` = sum of g y, `guess` = sum of g, `truth` = sum of y. Any shape, all the same or broadcast. */
export type Ratio = (both: tf.Tensor, guess: tf.Tensor, truth: tf.Tensor | number) => tf.Tensor;

/** How one overlap loss differs from another. */
export interface Overlap {
  /** p in [1e-6, 1 - 1e-6] to the guess g that is compared with y. Default: g = p. */
  readonly guess?: (p: tf.Tensor) => tf.Tensor;
  /** Square g (and y, which is its own square) in the sums of the denominator. */
  readonly square: boolean;
  /** 1 - ratio: 0 for perfect overlap, 1 for none. */
  readonly loss: Ratio;
}

/** Keeps powers, and their gradients, finite at both ends: (1 - p)^alpha with alpha < 1 has none at p = 1. */
export const P_MIN = 1e-6;

/**
 * What Dice, self-adjusting Dice and Tversky share: softmax, the three forms, weights, and the mean.
 *
 *   gold         sum_i w_t L(g_t, g_t, 1) / N                      t the gold class of token i
 *   one-vs-rest  sum_i sum_j w_j L(g_ij y_ij, g_ij, y_ij) / (N C)
 *   set          sum_S sum_j w_j L(sum g_ij y_ij, sum g_ij, sum y_ij) / (S C)   sums over the tokens i of a set
 *
 * N labelled tokens, C classes (without O when `ignoreOutside`), S sets that hold a labelled token. With `square` the middle
 * term is g^2. Ignored rows have y = 0 everywhere and are left out of the sums, N and S.
 */
export function overlapLoss(tf: Tf, params: OverlapParams, context: LossContext, overlap: Overlap): LossFn {
  const weights = columnWeights(params, context);
  const g = overlap.guess ?? ((p: tf.Tensor) => p);
  const inDenominator = (x: tf.Tensor): tf.Tensor => (overlap.square ? tf.square(x) : x);
  const clip = (p: tf.Tensor): tf.Tensor => tf.clipByValue(p, P_MIN, 1 - P_MIN);

  function gold(p: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar {
    const guess = g(clip(tf.sum(tf.mul(p, y), 1))); // (N)
    const weight = tf.sum(weights ? tf.mul(y, tf.tensor1d([...weights.of])) : y, 1); // (N)
    const loss = tf.mul(weight, overlap.loss(guess, inDenominator(guess), 1)); // (N)
    return meanOver(tf, tf.sum(loss), tf.sum(y)); // ()
  }

  function oneVsRest(p: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar {
    const guess = g(clip(p)); // (N, C)
    const loss = overlap.loss(tf.mul(guess, y), inDenominator(guess), y); // (N, C)
    const kept = tf.mul(loss, tf.sum(y, 1, true)); // (N, C)
    return meanOver(tf, meanOfClasses(kept), tf.sum(y)); // ()
  }

  function set(p: tf.Tensor2D, y: tf.Tensor2D, sentenceOf: tf.Tensor1D): tf.Scalar {
    const add = params.scope === 'batch' ? sumOfBatch : sumOfSentences(sentenceOf);
    const guess = tf.mul(g(clip(p)), tf.sum(y, 1, true)); // (N, C)
    const truth = add(y); // (S, C)
    const loss = overlap.loss(add(tf.mul(guess, y)), add(inDenominator(guess)), truth); // (S, C)
    return meanOver(tf, meanOfClasses(loss), tf.sum(tf.step(tf.sum(truth, 1)))); // ()
  }

  /** Sum over rows of the weighted mean over classes. */
  function meanOfClasses(loss: tf.Tensor): tf.Tensor {
    if (!weights) return tf.div(tf.sum(loss), loss.shape[1] ?? 1); // ()
    return tf.div(tf.sum(tf.mul(loss, tf.tensor1d([...weights.of]))), weights.classes); // ()
  }

  const sumOfBatch = (x: tf.Tensor): tf.Tensor => tf.sum(x, 0, true); // (1, C)

  function sumOfSentences(sentenceOf: tf.Tensor1D): (x: tf.Tensor) => tf.Tensor {
    const ids = sentenceOf.dataSync<'int32'>();
    const sentences = 1 + ids.reduce((last, s) => Math.max(last, s), 0);
    const at = tf.expandDims(sentenceOf, 1); // (N, 1)
    // scatterND adds the rows of equal index, one pass over them; it comes without a gradient, which is a gather.
    return tf.customGrad((x) => ({
      value: tf.scatterND(at, x as tf.Tensor, [sentences, (x as tf.Tensor).shape[1] ?? 1]), // (S, C)
      gradFunc: (dy) => tf.gather(dy, sentenceOf), // (N, C)
    }));
  }

  const form = { gold, 'one-vs-rest': oneVsRest, set }[params.form];
  return (logits, target) =>
    tf.tidy(() => form(tf.softmax(logits), oneHot(tf, target.gold, logits.shape[1]), target.sentenceOf));
}

/** Weights of the classes (0 for an outside class left out) and how many classes the mean is over; undefined for all ones. */
function columnWeights(
  params: OverlapParams,
  context: LossContext,
): { readonly of: readonly number[]; readonly classes: number } | undefined {
  const weights = classWeights(params, context);
  if (!params.ignoreOutside || params.form === 'gold')
    return weights && { of: weights, classes: context.labels.length };
  if (context.outside < 0)
    throw new UserError('ignoreOutside: the labels have no outside label O', 'leave ignoreOutside at false');
  const of = context.labels.map((_, j) => (j === context.outside ? 0 : (weights?.[j] ?? 1)));
  return { of, classes: Math.max(1, context.labels.length - 1) };
}
