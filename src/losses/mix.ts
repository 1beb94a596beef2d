import { crossEntropy } from './ce';
import type { LossContext, LossFn, Tf } from './loss';
import { classWeights, type Weighting } from './weights';

/** (1 - mix) CE + mix other. */
export function mixWithCrossEntropy(
  tf: Tf,
  params: Weighting & { readonly mix: number },
  context: LossContext,
  other: LossFn,
): LossFn {
  const ce = crossEntropy(tf, classWeights(params, context));
  return (...batch) => tf.tidy(() => tf.add(tf.mul(ce(...batch), 1 - params.mix), tf.mul(other(...batch), params.mix)));
}
