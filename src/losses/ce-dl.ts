import { DL_PARAMS, dl } from './dl';
import { defineLoss } from './loss';
import { mixWithCrossEntropy } from './mix';
import { MIXING } from './options';

/**
 * Cross-entropy and Dice loss mixed: (1 - mix) CE + mix DL, both with the same class weights.
 *
 * Cross-entropy gives the gradient that an untrained model lacks under Dice, Dice the balance between classes.
 * Source: common practice in segmentation (MONAI's DiceCELoss adds the two with a factor each; 0.5 is half of that sum).
 */
export const ceDl = defineLoss({
  name: 'ce+dl',
  title: 'cross-entropy and Dice loss',
  formula: '(1 - mix) CE + mix DL',
  source: 'Taghanaki et al. 2019, arXiv 1805.02798; the sum of the rows ce and dl',
  params: { ...MIXING, ...DL_PARAMS },
  create: (tf, params, context) => mixWithCrossEntropy(tf, params, context, dl.create(tf, params, context)),
});
