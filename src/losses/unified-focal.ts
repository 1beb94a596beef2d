import type * as tf from '@tensorflow/tfjs-core';
import { oneHot } from './ce';
import { defineLoss, type Target } from './loss';
import { mixed } from './mix';
import { MIXING } from './options';
import { overlapLoss, P_MIN } from './overlap';

/**
 * Asymmetric unified focal loss: (1 - mix) AF + mix AFT, a focal loss that spares the entities and a focal Tversky loss that presses them.
 *
 *   AF   -delta log p_t where the gold class t is an entity label, -(1 - delta) (1 - p_t)^gamma log p_t where it is O; mean over tokens
 *   AFT  (1 - TI_c)^(1 - gamma) for entity labels c, 1 - TI_c for O; mean over the classes that the batch holds
 *   TI_c = (I + s) / (I + delta FN + (1 - delta) FP + s); I, FN, FP sums of p y, (1 - p) y, p (1 - y) over the tokens of the batch
 * 1 - p_t and 1 - TI are held above 1e-6 before the power, p in [1e-6, 1 - 1e-6] in the sums. Tags without O are all entities here.
 * Gradient at p -> 0: AF pulls on an entity's logit by delta, as cross-entropy does by 1; AFT by about p, as every bounded ratio.
 *
 * Source: Yeung et al., "Unified Focal loss", 2022, arXiv 2102.04525 (asymmetric form; lambda, here 1 - mix, and gamma 0.5, delta 0.6).
 * Departures: several entity classes, absent ones left out of the mean; s 1e-6.
 */
export const unifiedFocal = defineLoss({
  name: 'unified-focal',
  title: 'asymmetric unified focal loss',
  formula:
    '(1 - mix) AF + mix AFT; AF = -delta log p_t, of O -(1 - delta) (1 - p_t)^gamma log p_t; AFT = (1 - TI)^(1 - gamma)',
  source: 'Yeung et al. 2022, arXiv 2102.04525',
  params: {
    ...MIXING,
    mix: { ...MIXING.mix, meaning: 'share of the focal Tversky loss; the rest is the focal loss' },
    delta: {
      type: 'number',
      range: [0, 1],
      default: 0.6,
      meaning: 'weight of entities against O, and of false negatives against false positives',
      tune: [0.5, 0.6, 0.7],
    },
    gamma: {
      type: 'number',
      range: [0, 0.95],
      default: 0.5,
      meaning: 'focus: fades easy O and enhances entities that are missed; 0 does neither',
      tune: [0.2, 0.5],
    },
    smooth: {
      type: 'number',
      range: [1e-8, 1e6],
      default: 1e-6,
      meaning: 's, added above and below the line of the ratio',
    },
  },
  create(tf, params, context) {
    const { delta, gamma, smooth } = params;
    const exponents = context.labels.map((_, c) => (c === context.outside ? 1 : 1 - gamma));

    /**
     * AF in logits: with x = log p_t and f its factor, d AF / dz_j = -(f + f' x) (y_j - p_j) / N. By hand, as the ops that the tape would
     * add are most of its cost.
     */
    const focal = (logits: tf.Tensor2D, { gold, allKnown }: Target): tf.Scalar =>
      tf.customGrad((...args) => {
        const [z, save] = args as [tf.Tensor2D, tf.GradSaveFunc]; // (N, C)
        const y = oneHot(tf, gold, z.shape[1]); // (N, C)
        const logP = tf.logSoftmax(z); // (N, C)
        const x = tf.sum(tf.mul(y, logP), 1); // (N), 0 on ignored rows
        const isOutside = tf.equal(gold, context.outside); // (N)
        const p = tf.exp(x); // (N)
        const below = tf.sub(1, p); // (N)
        const rest = tf.maximum(below, P_MIN); // (N)
        const focus = gamma === 0 ? tf.fill([gold.size], 1 - delta) : tf.mul(tf.pow(rest, gamma), 1 - delta); // (N)
        const factor = tf.where(isOutside, focus, delta); // (N)
        const moves = tf.logicalAnd(isOutside, tf.greater(below, P_MIN)); // (N)
        const slope = tf.where(moves, tf.div(tf.mul(tf.mul(x, p), gamma), rest), 0); // (N), -d log f / d log x
        const count = allKnown ? tf.scalar(gold.size) : tf.maximum(tf.sum(y), 1); // ()
        const pull = tf.div(tf.mul(factor, tf.sub(slope, 1)), count); // (N)
        save([y, logP, allKnown ? pull : tf.mul(pull, tf.sum(y, 1))]); // (N, C), (N, C), (N)
        return {
          value: tf.div(tf.neg(tf.sum(tf.mul(factor, x))), count), // ()
          gradFunc: (dy, saved) => {
            const [hot, logs, pulls] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
            return tf.mul(tf.mul(tf.sub(hot, tf.exp(logs)), tf.expandDims(pulls, 1)), dy); // (N, C)
          },
        };
      })(logits) as tf.Scalar;

    const sets = { form: 'present', scope: 'batch', ignoreOutside: false } as const;
    const unweighted = { weights: 'none', lgOffset: 1, balance: 0.5, exponent: 0 } as const;
    const focalTversky = overlapLoss(tf, { ...sets, ...unweighted }, context, {
      square: false,
      loss: (both, guess, truth) => {
        const missed = tf.mul(tf.sub(truth, both), delta);
        const errors = tf.add(missed, tf.mul(tf.sub(guess, both), 1 - delta));
        const loss = tf.div(errors, tf.add(tf.add(both, errors), smooth)); // 1 - TI (S, C)
        return tf.pow(tf.clipByValue(loss, P_MIN, 1), tf.tensor1d(exponents)); // (S, C)
      },
    });
    return mixed(tf, params, focal, focalTversky);
  },
});
