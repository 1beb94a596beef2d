import { defineLoss, type Param } from './loss';
import { selfAdjustingDice } from './dsc';
import { OVERLAP, SQUARE, WEIGHTING } from './options';

export const DL_PARAMS = {
  ...OVERLAP,
  square: { ...SQUARE, default: true },
  ...WEIGHTING,
} as const satisfies Record<string, Param>;

/**
 * Dice loss: 1 - (2 p y + s) / (p^2 + y^2 + s), or p + y + s below the line when `square` is off.
 *
 *   p softmax probability of a class, y its gold value (0 or 1), s `smooth`. Which p and y meet in one ratio is the `form`
 *   (see overlap.ts); the mean is over tokens, tokens and classes, or sets and classes.
 * It is the self-adjusting Dice loss with alpha = 0 and k = 2, and is computed as such.
 *
 * Source: Milletari et al., "V-Net", 3DV 2016 (the squared form over a set); Li et al. 2020 (arXiv 1911.02855v3), section 3.3.
 * Departures: p is held in [1e-6, 1 - 1e-6]; s stands above and below the line, V-Net has none.
 */
export const dl = defineLoss({
  name: 'dl',
  title: 'Dice loss',
  fades: true,
  formula: '1 - (2 p y + s) / (p^2 + y^2 + s); p + y + s with square false',
  source: 'Milletari et al. 2016, arXiv 1606.04797; Li et al. 2020, arXiv 1911.02855v3, section 3.3',
  params: DL_PARAMS,
  create: (tf, params, context) => selfAdjustingDice(tf, { ...params, alpha: 0, k: 2, constantWeight: false }, context),
});
