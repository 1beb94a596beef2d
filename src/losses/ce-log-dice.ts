import { defineLoss } from './loss';
import { mixWithCrossEntropy } from './mix';
import { MIXING, SCOPE, WEIGHTING } from './options';
import { overlapLoss } from './overlap';

/** Below this a power of -log D with an exponent under 1 has next to no finite gradient. */
const LEAST = 1e-12;

/**
 * Cross-entropy and exponential logarithmic Dice loss mixed: (1 - mix) CE + mix (-log D_c)^gamma, D_c a class's soft Dice over a batch.
 *
 *   D_c = (I + s) / (I + (P - I) / 2 + (T - I) / 2 + s); I sum of p y, P sum of p, T sum of y over the tokens; the mean is over the
 *   classes that the batch holds (form present of overlap.ts). p is held in [1e-6, 1 - 1e-6], -log D above 1e-12.
 * Gradient at p -> 0: every bounded ratio pulls on a gold token by its p; here d(-log D)/dp is about 1 / I, so p cancels and the gold
 * tokens of a class share a pull of 1 however small p is, as long as s is far below I: keep s tiny. gamma below 1 damps
 * it by (-log D)^(gamma - 1). Every class of a batch pulls alike, as with weights by inverse frequency; so alone (mix 1) it
 * costs precision, and the mix does not.
 *
 * Source: Wong et al., "3D Segmentation with Exponential Logarithmic Loss", MICCAI 2018, arXiv 1809.00076 (gamma 0.3).
 * Departures: the cross-entropy beside it is plain (theirs has the exponent and weights too); absent classes are left out; s is tiny.
 */
export const ceLogDice = defineLoss({
  name: 'ce+log-dice',
  title: 'cross-entropy and exponential logarithmic Dice loss',
  formula: '(1 - mix) CE + mix (-log D)^gamma, D = (p y + s) / (p y + p (1 - y) / 2 + (1 - p) y / 2 + s) over a set',
  source: 'Wong et al. 2018, arXiv 1809.00076',
  params: {
    ...MIXING,
    gamma: {
      type: 'number',
      range: [0.1, 3],
      default: 0.3,
      meaning:
        'exponent of -log D: the smaller, the weaker classes of almost no overlap pull; 1 is the logarithmic Dice loss',
      tune: [0.3, 1],
    },
    scope: { ...SCOPE, meaning: 'the set of tokens of one ratio', when: {} },
    smooth: {
      type: 'number',
      range: [1e-8, 1e6],
      default: 1e-8,
      meaning: 's, added above and below the line of the ratio; where it is not tiny the pull on rare classes is gone',
    },
    ...WEIGHTING,
  },
  create: (tf, params, context) => {
    const form = { form: 'present', ignoreOutside: false } as const;
    const logDice = overlapLoss(tf, { ...params, ...form }, context, {
      square: false,
      loss: (both, guess, truth) => {
        const errors = tf.div(tf.sub(tf.add(guess, truth), tf.mul(both, 2)), 2); // FP / 2 + FN / 2
        // -log D = log(1 + errors / (I + s)): a small one keeps its digits
        const minusLog = tf.log1p(tf.div(errors, tf.add(both, params.smooth)));
        return params.gamma === 1 ? minusLog : tf.pow(tf.maximum(minusLog, LEAST), params.gamma);
      },
    });
    return mixWithCrossEntropy(tf, params, context, logDice);
  },
});
