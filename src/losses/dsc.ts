import type * as tf from '@tensorflow/tfjs-core';
import { present } from '../errors';
import { defineLoss, type LossFn, type LossContext, type Param, type Tf } from './loss';
import { OVERLAP, SQUARE, WEIGHTING } from './options';
import { overlapLoss, type OverlapParams } from './overlap';

export interface DscParams extends OverlapParams {
  readonly alpha: number;
  readonly smooth: number;
  readonly k: number;
  readonly square: boolean;
  readonly constantWeight: boolean;
}

export const DSC_PARAMS = {
  ...OVERLAP,
  alpha: {
    type: 'number',
    range: [0, 10],
    default: 0.01,
    meaning: 'decay of easy tokens; the gold term is smallest at p = 1 / (1 + alpha), not at 1',
    tune: [0.1, 0.01, 0.001],
  },
  k: {
    type: 'number',
    range: [1, 2],
    default: 2,
    meaning: 'factor of the numerator: 2 in the equations of the paper, 1 in its Table 2',
    tune: [1, 2],
  },
  square: { ...SQUARE, default: true },
  constantWeight: {
    type: 'boolean',
    default: false,
    meaning: 'no gradient through (1 - p)^alpha: takes the turning point away; not in the paper',
  },
  ...WEIGHTING,
} as const satisfies Record<string, Param>;

/**
 * Self-adjusting Dice loss: 1 - (k g y + s) / (g^2 + y^2 + s) with g = (1 - p)^alpha p; g + y + s below the line when `square`
 * is off.
 *
 *   p softmax probability of a class, y its gold value (0 or 1), s `smooth`. Which p and y meet in one ratio is the `form`
 *   (see overlap.ts); the mean is over tokens, tokens and classes, or sets and classes.
 *   p is held in [1e-6, 1 - 1e-6] before the power, which is skipped at alpha = 0.
 * For one gold token the loss turns at p* = 1 / (1 + alpha) and rises to 0.5 (s = 1) at p = 1: keep alpha small.
 *
 * Source: Li et al., "Dice Loss for Data-imbalanced NLP Tasks", ACL 2020, arXiv 1911.02855 v3, section 3.4.
 * Departures: the paper's equation is `form` gold, alpha 1, `square` off, one example, reduction left open; alpha 0.01 and s 1 are
 * those of its authors' scripts. The defaults `form` set and `square` on are ours: from an output bias at the log class priors
 * the equation as written stays at all-O for long. Without squares and with s = 1, a class absent from a batch is pushed
 * down by g / (g + 1), about as hard as its few gold tokens pull; with squares that push fades as g^2. `constantWeight` is ours.
 */
export const dsc = defineLoss({
  name: 'dsc',
  title: 'self-adjusting Dice loss',
  fades: true,
  formula: '1 - (k g y + s) / (g^2 + y^2 + s), g = (1 - p)^alpha p; g + y + s with square false',
  source: 'Li et al. 2020, arXiv 1911.02855v3, section 3.4',
  params: DSC_PARAMS,
  stopsGradient: ({ constantWeight }) => constantWeight === true,
  create: (tf, params, context) => selfAdjustingDice(tf, params, context),
});

export function selfAdjustingDice(tf: Tf, params: DscParams, context: LossContext): LossFn {
  const { alpha, k, smooth, square, constantWeight } = params;
  return overlapLoss(tf, params, context, {
    square,
    guess: decay(tf, alpha, constantWeight),
    loss: (both, guess, truth) => {
      const union = tf.add(guess, truth);
      return tf.div(tf.sub(union, tf.mul(both, k)), tf.add(union, smooth)); // 1 - (k both + s) / (union + s)
    },
  });
}

/**
 * g = w p with w = (1 - p)^alpha; dg/dp = w - alpha g / (1 - p), with `constant` w alone. The power, which costs more than all else
 * here, is taken once for both; p is below 1.
 */
function decay(tf: Tf, alpha: number, constant: boolean): (p: tf.Tensor) => tf.Tensor {
  if (alpha === 0) return (p) => p;
  return tf.customGrad((...args) => {
    const [p, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const rest = tf.sub(1, p);
    const w = alpha === 1 ? rest : tf.pow(rest, alpha);
    const g = tf.mul(w, p);
    save(constant ? [w] : [w, g, rest]);
    return {
      value: g,
      gradFunc: (dy, saved) => {
        const weight = present(saved[0], 'weight');
        if (constant) return tf.mul(dy, weight);
        const [guess, below] = [present(saved[1], 'guess'), present(saved[2], 'rest')];
        return tf.mul(dy, tf.sub(weight, tf.div(tf.mul(guess, alpha), below)));
      },
    };
  });
}
