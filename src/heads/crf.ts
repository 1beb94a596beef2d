import type * as tf from '@tensorflow/tfjs-core';
import { crfLogMarginals, crfNll } from '../kernels';
import type { Target } from '../losses/loss';
import { bestLabels, type Head, weightOf, type Weights } from './head';

const [TRANSITIONS, START, END] = ['crf.transitions', 'crf.start', 'crf.end'];

/**
 * A linear-chain conditional random field: emissions and scores of neighbouring labels make the probability of a whole sentence's
 * tags. Probabilities of a token are its marginals, and every loss of tokens is one of log-marginals in place of logits. Its
 * weights start at 0, where it is `softmax`.
 */
export const crf: Head = {
  weights: (labels) => [
    { name: TRANSITIONS, shape: [labels, labels] },
    { name: START, shape: [labels] },
    { name: END, shape: [labels] },
  ],
  loss(loss, emissions, target, weights) {
    const scores = scoresOf(emissions, target, weights);
    const nll = (): tf.Scalar => crfNll({ ...scores, gold: target.gold });
    const logits = loss.readsNllAlone ? emissions : crfLogMarginals(scores); // (N, C)
    return loss(logits, { ...target, nll });
  },
  probabilities: (emissions, target, weights) =>
    crfLogMarginals(scoresOf(emissions, target, weights))
      .dataSync<'float32'>()
      .map(Math.exp),
  path: (weights) => ({
    start: weightOf(weights, START).dataSync<'float32'>(),
    transitions: weightOf(weights, TRANSITIONS).dataSync<'float32'>(),
    end: weightOf(weights, END).dataSync<'float32'>(),
  }),
  /** By argmax each token's likeliest label, by its marginals; else the likeliest sequence of those that may be. */
  decode(emissions, target, weights, decoding) {
    if (decoding.method === 'argmax')
      return bestLabels(crfLogMarginals(scoresOf(emissions, target, weights)), target, decoding, null);
    return bestLabels(emissions, target, decoding, crf.path(weights));
  },
};

function scoresOf(emissions: tf.Tensor2D, { stepSizes }: Target, weights: Weights) {
  return {
    emissions,
    transitions: weightOf(weights, TRANSITIONS) as tf.Tensor2D,
    start: weightOf(weights, START) as tf.Tensor1D,
    end: weightOf(weights, END) as tf.Tensor1D,
    stepSizes,
  };
}
