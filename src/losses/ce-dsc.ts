import { DSC_PARAMS, dsc } from './dsc';
import { defineLoss } from './loss';
import { mixWithCrossEntropy } from './mix';
import { MIXING } from './options';

/**
 * Cross-entropy and self-adjusting Dice loss mixed: (1 - mix) CE + mix DSC, both with the same class weights.
 *
 * Cross-entropy gives the gradient that an untrained model lacks under DSC, and pulls a gold token past p = 1 / (1 + alpha).
 * Source: ours, after the sum of cross-entropy and Dice common in segmentation; not in Li et al. 2020.
 */
export const ceDsc = defineLoss({
  name: 'ce+dsc',
  title: 'cross-entropy and self-adjusting Dice loss',
  formula: '(1 - mix) CE + mix DSC',
  source: 'the sum of the rows ce and dsc; not in Li et al. 2020',
  params: { ...MIXING, ...DSC_PARAMS },
  stopsGradient: ({ constantWeight }) => constantWeight === true,
  create: (tf, params, context) => mixWithCrossEntropy(tf, params, context, dsc.create(tf, params, context)),
});
