import { defineLoss } from './loss';
import { FORM, OVERLAP, SMOOTH, WEIGHTING } from './options';
import { overlapLoss } from './overlap';

/**
 * Tversky loss: 1 - (p y + s) / (p y + alpha p (1 - y) + beta (1 - p) y + s).
 *
 *   p softmax probability of a class, y its gold value (0 or 1), s `smooth`; alpha weighs false positives, beta false
 *   negatives: beta > alpha asks for recall. Which p and y meet in one ratio is the `form` (see overlap.ts).
 * In sums over a set: TP = sum p y, FP = sum p - TP, FN = sum y - TP. Form gold has no false positives.
 * alpha = beta = 0.5 is the Dice loss without squares, its s doubled.
 *
 * Source: Tversky 1977; Salehi et al., "Tversky loss function for image segmentation", MLMI 2017, arXiv 1706.05721.
 * Departures: p is held in [1e-6, 1 - 1e-6]; s stands above and below the line, the sources have none: it is small by default,
 * as s = 1 pushes every class that a batch lacks towards 0 and so towards all-O. Without a push back, a small s does it too: in form
 * set a tagger that predicts O alone never leaves it. So the default is form present, which has no such push.
 */
export const tl = defineLoss({
  name: 'tl',
  title: 'Tversky loss',
  fades: true,
  formula: '1 - (p y + s) / (p y + alpha p (1 - y) + beta (1 - p) y + s)',
  source: 'Salehi et al. 2017, arXiv 1706.05721',
  params: {
    ...OVERLAP,
    form: { ...FORM, default: 'present' },
    smooth: { ...SMOOTH, default: 1e-5 },
    alpha: {
      type: 'number',
      range: [0, 10],
      default: 0.5,
      meaning: 'weight of false positives',
      when: { form: ['one-vs-rest', 'set', 'present', 'pooled'] },
      tune: [0.3, 0.5, 0.7],
    },
    beta: {
      type: 'number',
      range: [0, 10],
      default: 0.5,
      meaning: 'weight of false negatives',
      tune: [0.7, 0.5, 0.3],
    },
    ...WEIGHTING,
  },
  create: (tf, params, context) =>
    overlapLoss(tf, params, context, {
      square: false,
      loss: (both, guess, truth) => {
        const falsePositive = tf.mul(tf.sub(guess, both), params.alpha);
        const falseNegative = tf.mul(tf.sub(truth, both), params.beta);
        const errors = tf.add(falsePositive, falseNegative);
        return tf.div(errors, tf.add(tf.add(both, errors), params.smooth)); // 1 - (TP + s) / (TP + errors + s)
      },
    }),
});
