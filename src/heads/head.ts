import type * as tf from '@tensorflow/tfjs-core';
import type { LossFn, Target } from '../losses/loss';
import type { Decoding, PathScores } from './decoding';

/** All weights of a tagger by name. */
export type Weights = ReadonlyMap<string, tf.Tensor>;

/** A weight by name. @throws Error where the tagger has none such */
export function weightOf(weights: Weights, name: string): tf.Tensor {
  const tensor = weights.get(name);
  if (tensor) return tensor;
  throw new Error(`weights: there is no ${name}`);
}

/**
 * A row of HEADS: from emissions, the scores of every label for every token, to loss, probabilities and tags. N tokens, C labels,
 * packed as the batch is; the output layer that makes the emissions is the tagger's.
 */
export interface Head {
  /** Names and shapes of weights of its own, which start at 0. They are in `weights` below, by these names. */
  weights(labels: number): readonly { readonly name: string; readonly shape: number[] }[];
  /** A loss on what this head predicts. Differentiable in the emissions and in the head's weights. */
  loss(loss: LossFn, emissions: tf.Tensor2D, target: Target, weights: Weights): tf.Scalar;
  /** Of every label for every token; each row sums to 1. (N, C), row-major */
  probabilities(emissions: tf.Tensor2D, target: Target, weights: Weights): Float32Array;
  /** The scores of neighbouring labels; null where each token stands for itself. */
  path(weights: Weights): PathScores | null;
  /** The labels that the tagger answers with; `target.gold` is not looked at. (N) */
  decode(emissions: tf.Tensor2D, target: Target, weights: Weights, decoding: Decoding): Int32Array;
}
