import * as tf from '@tensorflow/tfjs-core';
import { decode } from '../kernels';
import type { LossFn, Target } from '../losses/loss';
import { allowedPath, type Decoding, type PathScores } from './decoding';

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

/**
 * Of each sentence the labels with the highest score among those that are allowed. Emissions may have any number added that is the
 * same for all labels of a token, so that logits, their log-softmax and log-marginals are all one. The tensors that it makes are
 * the caller's scope's.
 * @param path scores of neighbouring labels; null where each token stands for itself
 * @returns (N)
 */
export function bestLabels(
  emissions: tf.Tensor2D,
  { stepSizes }: Pick<Target, 'stepSizes'>,
  decoding: Decoding,
  path: PathScores | null,
): Int32Array {
  const [, C] = emissions.shape;
  const { start, transitions, end } = allowedPath(decoding, C, path);
  const scores = { transitions: tf.tensor2d(transitions, [C, C]), start: tf.tensor1d(start), end: tf.tensor1d(end) };
  const { outside, outsideBias } = decoding;
  return decode({ emissions, ...scores, stepSizes }, { outside, bias: outsideBias }).dataSync<'int32'>();
}

/** The same over arrays, without an engine. @param emissions (N, C), row-major @param stepSizes sentences alive at each step. (T) */
export function decodePacked(
  emissions: Float32Array,
  C: number,
  stepSizes: Int32Array,
  decoding: Decoding,
  path: PathScores | null = null,
): Int32Array {
  const { outside, outsideBias: bias } = decoding;
  const inputs = { emissions, ...allowedPath(decoding, C, path), stepSizes };
  const dims = { N: emissions.length / C, C, T: stepSizes.length };
  return decode.forward.body(inputs, dims, { outside, bias }).ids;
}
