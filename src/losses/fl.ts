import { meanOver, oneHot } from './ce';
import { defineLoss } from './loss';
import { WEIGHTING } from './options';
import { P_MIN } from './overlap';
import { classWeights } from './weights';

/**
 * Focal loss: -w_t (1 - p_t)^gamma log p_t, summed over the labelled tokens and divided by their number N.
 *
 *   t the gold class, p softmax (N, C), gamma the focus (0 is cross-entropy), w (C) class weights.
 * log p_t comes from log-softmax; 1 - p_t is held above 1e-6, as its power has no gradient at 0 for gamma < 1.
 *
 * Source: Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017, equations 4 and 5; softmax form as in Li et al. 2020.
 * Departure: normalised by the number of tokens, not of foreground tokens.
 */
export const fl = defineLoss({
  name: 'fl',
  title: 'focal loss',
  formula: '-w_t (1 - p_t)^gamma log p_t',
  source: 'Lin et al. 2017, ICCV, arXiv 1708.02002',
  params: {
    gamma: {
      type: 'number',
      range: [0, 10],
      default: 2,
      meaning: 'focus: how fast easy tokens fade; 0 is cross-entropy',
      tune: [1, 2, 3],
    },
    ...WEIGHTING,
  },
  create(tf, params, context) {
    const weights = classWeights(params, context);
    return (logits, { gold }) =>
      tf.tidy(() => {
        const y = oneHot(tf, gold, logits.shape[1]); // (N, C)
        const logP = tf.sum(tf.mul(y, tf.logSoftmax(logits)), 1); // (N), 0 on ignored rows
        const weighted = weights ? tf.mul(logP, tf.sum(tf.mul(y, tf.tensor1d([...weights])), 1)) : logP; // (N)
        if (params.gamma === 0) return meanOver(tf, tf.neg(tf.sum(weighted)), tf.sum(y)); // ()
        const focus = tf.pow(tf.clipByValue(tf.sub(1, tf.exp(logP)), P_MIN, 1), params.gamma); // (N)
        return meanOver(tf, tf.neg(tf.sum(tf.mul(focus, weighted))), tf.sum(y)); // ()
      });
  },
});
