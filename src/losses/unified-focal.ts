import type * as tf from '@tensorflow/tfjs-core';
import { meanOver, oneHot } from './ce';
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

    /** factor log p: of entities delta, of O (1 - delta) (1 - p)^gamma, which is differentiated by hand as it is most of the cost. */
    const focused = (logP: tf.Tensor, gold: tf.Tensor1D): tf.Tensor =>
      tf.customGrad((...args) => {
        const [x, save] = args as [tf.Tensor, tf.GradSaveFunc]; // (N)
        const isOutside = tf.equal(gold, context.outside); // (N)
        const p = tf.exp(x); // (N)
        const below = tf.sub(1, p); // (N)
        const rest = tf.maximum(below, P_MIN); // (N)
        const moves = tf.logicalAnd(isOutside, tf.greater(below, P_MIN)); // (N)
        const focus = gamma === 0 ? tf.fill([gold.size], 1 - delta) : tf.mul(tf.pow(rest, gamma), 1 - delta); // (N)
        const factor = tf.where(isOutside, focus, delta); // (N)
        save([factor, tf.where(moves, tf.div(tf.mul(tf.mul(x, p), -gamma), rest), 0)]); // (N) each
        return {
          value: tf.mul(factor, x), // (N)
          gradFunc: (dy, saved) => {
            const [own, slope] = saved as [tf.Tensor, tf.Tensor]; // d log factor / dx
            return tf.mul(dy, tf.mul(own, tf.add(slope, 1)));
          },
        };
      })(logP);

    const focal = (logits: tf.Tensor2D, { gold, allKnown }: Target): tf.Scalar => {
      const y = oneHot(tf, gold, logits.shape[1]); // (N, C)
      const logP = tf.sum(tf.mul(y, tf.logSoftmax(logits)), 1); // (N), 0 on ignored rows
      const total = tf.neg(tf.sum(focused(logP, gold))); // ()
      return allKnown ? tf.div(total, gold.size) : meanOver(tf, total, tf.sum(y)); // ()
    };

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
    return mixed(tf, params, (logits, target) => tf.tidy(() => focal(logits, target)), focalTversky);
  },
});
