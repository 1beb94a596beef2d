import type * as tf from '@tensorflow/tfjs-core';

/** What a loss may know of the training data. All counts are of labelled training tokens. */
export interface LossContext {
  /** Label names, in id order. (C) */
  readonly labels: readonly string[];
  /** Training tokens of each label. (C) */
  readonly counts: readonly number[];
  /** Id of the outside label `O`, or -1 where there is none (part-of-speech tags). */
  readonly outside: number;
}

/**
 * logits (N, C) float32; gold (N) int32 with -1 for rows to ignore (padding, unknown labels): they change neither the value
 * nor the gradient nor the denominator; sentenceOf (N) int32 names each row's sentence, read by set forms with sentence scope.
 * Returns the mean as a scalar. Differentiable in logits; finite with a finite gradient for all logits in [-40, 40].
 */
export type LossFn = (logits: tf.Tensor2D, gold: tf.Tensor1D, sentenceOf: tf.Tensor1D) => tf.Scalar;
