import { crossEntropy } from './ce';
import { defineLoss } from './loss';
import { WEIGHTING } from './options';
import { classWeights } from './weights';

/**
 * Weighted cross-entropy: -w_t log p_t, summed over the labelled tokens and divided by their number N.
 *
 *   t the gold class, p softmax (N, C), w (C) one weight per class, from the training counts or given.
 *
 * Source: Li et al. 2020 (arXiv 1911.02855v3), section 3.2, whose weights are `lg`; see weights.ts for the others.
 * Departure from PyTorch's `weight=`: the denominator is N, not the sum of the weights, so that a batch of rare classes
 * is not scaled down again.
 */
export const wce = defineLoss({
  name: 'wce',
  title: 'weighted cross-entropy',
  formula: '-w_t log p_t',
  source: 'Li et al. 2020, arXiv 1911.02855v3, section 3.2',
  params: { ...WEIGHTING, weights: { ...WEIGHTING.weights, default: 'lg' } },
  create: (tf, params, context) => crossEntropy(tf, classWeights(params, context)),
});
