import { crossEntropy } from './ce';
import type { LossContext, LossFn, Tf } from './loss';
import { classWeights, type Weighting } from './weights';

/** How much of the second loss a mix holds, in which epoch. */
export interface Mixing {
  readonly mix: number;
  readonly mixSchedule: 'constant' | 'linear';
  readonly mixFrom: number;
  readonly mixEpochs: number;
}

/**
 * The share of the second loss in an epoch (from 1): `mix`, or by schedule in a straight line from `mixFrom` in the first epoch to `mix`
 * after `mixEpochs`. Cross-entropy first (`train.warmupEpochs`) is the same as a step.
 */
export function shareIn(epoch: number | undefined, { mix, mixSchedule, mixFrom, mixEpochs }: Mixing): number {
  if (mixSchedule === 'constant' || epoch === undefined) return mix;
  return mixFrom + (mix - mixFrom) * Math.min(1, (epoch - 1) / mixEpochs);
}

/** (1 - share) first + share second, the share as the epoch has it. */
export function mixed(tf: Tf, mixing: Mixing, first: LossFn, second: LossFn): LossFn {
  return (logits, target) => {
    const share = shareIn(target.epoch, mixing);
    return tf.tidy(() => tf.add(tf.mul(first(logits, target), 1 - share), tf.mul(second(logits, target), share)));
  };
}

/** (1 - share) CE + share other. */
export function mixWithCrossEntropy(tf: Tf, params: Weighting & Mixing, context: LossContext, other: LossFn): LossFn {
  return mixed(tf, params, crossEntropy(tf, classWeights(params, context)), other);
}
