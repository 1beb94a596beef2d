import type * as tf from '@tensorflow/tfjs-core';
import { UserError } from '../errors';
import { meanOver, oneHot } from './ce';
import type { LossContext, LossFn, Target, Tf } from './loss';
import { classWeights, type Weighting } from './weights';

/** What every overlap loss is told: the form, and which classes and tokens count how much. */
export interface OverlapParams extends Weighting {
  readonly form: 'gold' | 'one-vs-rest' | 'set' | 'present' | 'pooled';
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
 * What Dice, self-adjusting Dice and Tversky share: softmax, the forms, weights, and the mean.
 *
 *   gold         sum_i w_t L(g_t, g_t, 1) / N                      t the gold class of token i
 *   one-vs-rest  sum_i sum_j w_j L(g_ij y_ij, g_ij, y_ij) / (N C)
 *   set          sum_S sum_j w_j L(sum g_ij y_ij, sum g_ij, sum y_ij) / (S C)   sums over the tokens i of a set
 *   present      sum_S (sum_j w_j L(the same) / C_S) / S           over the C_S classes alone that the set holds a gold token of
 *   pooled       sum_S L(sum w_j g_ij y_ij, sum w_j g_ij, sum w_j y_ij) / S     sums over the tokens i and the classes j but O
 *
 * N labelled tokens, C classes (without O when `ignoreOutside`), S sets that hold a labelled token. With `square` the middle
 * term is g^2. Ignored rows have y = 0 everywhere and are left out of the sums, N and S.
 *
 * In form set a class that a batch lacks is pushed down by all its tokens, so a rare one far more often than it is pulled; form
 * present takes that push away. Form pooled is a soft micro-F1 of the entities: what the NER tables of Li et al. 2020 were made with
 * (in the authors' code one ratio over the start, or end, scores of all tokens and all entity types of a batch). It has no
 * denominator of a class's own and so pulls on a rare class no harder than on a common one.
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

  function set(p: tf.Tensor2D, y: tf.Tensor2D, target: Target): tf.Scalar {
    const { both, guess, truth } = sumsOf(p, y, target);
    return meanOfSets(meanOfClasses(overlap.loss(both, guess, truth)), truth, target); // ()
  }

  function present(p: tf.Tensor2D, y: tf.Tensor2D, target: Target): tf.Scalar {
    const { both, guess, truth } = sumsOf(p, y, target);
    const here = weights ? tf.mul(tf.step(truth), tf.tensor1d([...weights.counted])) : tf.step(truth); // (S, C)
    const loss = tf.mul(overlap.loss(both, guess, truth), here); // (S, C)
    const weighted = weights ? tf.mul(loss, tf.tensor1d([...weights.of])) : loss; // (S, C)
    const ofSets = tf.div(tf.sum(weighted, 1), tf.maximum(tf.sum(here, 1), 1)); // (S)
    return meanOfSets(tf.sum(ofSets), truth, target); // ()
  }

  function pooled(p: tf.Tensor2D, y: tf.Tensor2D, target: Target): tf.Scalar {
    const { both, guess, truth } = sumsOf(p, y, target);
    const pool = (x: tf.Tensor): tf.Tensor => tf.sum(weights ? tf.mul(x, tf.tensor1d([...weights.of])) : x, 1); // (S)
    return meanOfSets(tf.sum(overlap.loss(pool(both), pool(guess), pool(truth))), truth, target); // ()
  }

  /** Sums over the tokens of each set. (S, C) each */
  function sumsOf(
    p: tf.Tensor2D,
    y: tf.Tensor2D,
    { sentenceOf, allKnown }: Target,
  ): Record<'both' | 'guess' | 'truth', tf.Tensor> {
    const add = params.scope === 'batch' ? sumOfBatch : sumOfSentences(sentenceOf);
    const every = g(clip(p)); // (N, C)
    const guess = allKnown ? every : tf.mul(every, tf.sum(y, 1, true)); // (N, C)
    const truth = add(y); // (S, C)
    return { both: add(tf.mul(guess, y)), guess: add(inDenominator(guess)), truth };
  }

  /** Over the sets that hold a labelled token. @param truth (S, C) */
  function meanOfSets(total: tf.Tensor, truth: tf.Tensor, { allKnown }: Target): tf.Scalar {
    if (allKnown && truth.shape[0] === 1) return total as tf.Scalar;
    return meanOver(tf, total, tf.sum(tf.step(tf.sum(truth, 1)))); // ()
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

  const form = { gold, 'one-vs-rest': oneVsRest, set, present, pooled }[params.form];
  return (logits, target) => tf.tidy(() => form(tf.softmax(logits), oneHot(tf, target.gold, logits.shape[1]), target));
}

/**
 * Weights of the classes (0 for an outside class left out), 1 for those that count and 0 for those left out, and how many count;
 * undefined for all ones.
 */
function columnWeights(
  params: OverlapParams,
  context: LossContext,
): { readonly of: readonly number[]; readonly counted: readonly number[]; readonly classes: number } | undefined {
  const weights = classWeights(params, context);
  if (params.ignoreOutside && context.outside < 0)
    throw new UserError('ignoreOutside: the labels have no outside label O', 'leave ignoreOutside at false');
  const leaves = params.form === 'pooled' ? context.outside >= 0 : params.ignoreOutside && params.form !== 'gold';
  if (!leaves && !weights) return undefined;
  const counted = context.labels.map((_, j) => (leaves && j === context.outside ? 0 : 1));
  const of = counted.map((one, j) => one * (weights?.[j] ?? 1));
  return {
    of,
    counted,
    classes: Math.max(
      1,
      counted.reduce<number>((a, b) => a + b, 0),
    ),
  };
}
