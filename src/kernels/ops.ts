import * as tf from '@tensorflow/tfjs-core';
import type { AdamOptions } from './kernelSet';
import * as names from './names';

/*
 * Our kernels as tensor ops. The differentiable ones are `customGrad`s rather than registered gradients: the tape then knows one
 * output alone, and builds no zero tensor for the LSTM's reserve.
 */

/** A whole LSTM layer: x (N, I), w (D, I+H, 4H), b (D, 4H), stepSizes (T) int32 -> h (N, D*H). Differentiable in x, w and b. */
export function lstm(x: tf.Tensor2D, w: tf.Tensor3D, b: tf.Tensor2D, stepSizes: tf.Tensor1D): tf.Tensor2D {
  const training = tf.engine().state.gradientDepth > 0 ? 1 : 0;
  const op = tf.customGrad((x_, w_, b_, save) => {
    const inputs = { x: x_, w: w_, b: b_, stepSizes } as tf.NamedTensorMap;
    const [h, reserve] = runMany(names.LSTM, inputs, { training });
    (save as tf.GradSaveFunc)([x_ as tf.Tensor, w_ as tf.Tensor, b_ as tf.Tensor, stepSizes, h, reserve]);
    return {
      value: h,
      gradFunc: (dh: tf.Tensor, saved: tf.Tensor[]) =>
        runMany(names.LSTM_GRAD, named(['x', 'w', 'b', 'stepSizes', 'h', 'reserve', 'dh'], [...saved, dh])),
    };
  });
  return op(x, w, b) as tf.Tensor2D;
}

/** x (N, I), w (I, O), b (O) -> x w + b (N, O). Differentiable in all three. */
export function dense(x: tf.Tensor2D, w: tf.Tensor2D, b: tf.Tensor1D): tf.Tensor2D {
  const op = tf.customGrad((x_, w_, b_, save) => {
    (save as tf.GradSaveFunc)([x_ as tf.Tensor, w_ as tf.Tensor]);
    return {
      value: run(names.DENSE, { x: x_, w: w_, b: b_ } as tf.NamedTensorMap),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        runMany(names.DENSE_GRAD, named(['x', 'w', 'dy'], [...saved, dy])),
    };
  });
  return op(x, w, b) as tf.Tensor2D;
}

/** Inverted dropout; `seed` (uint32) must be drawn anew each call, since equal seeds give equal masks. Differentiable in x. */
export function dropout<T extends tf.Tensor>(x: T, rate: number, seed: number): T {
  if (rate === 0) return x;
  const apply = (t: tf.Tensor): tf.Tensor => run(names.DROPOUT, { x: t }, { rate, seed });
  return tf.customGrad((x_) => ({ value: apply(x_ as tf.Tensor), gradFunc: (dy) => apply(dy) }))(x) as T;
}

/** Rows of several tables side by side: tables (V, E), ids (N) int32 -> (N, sum of E). Not differentiable: see `sumRows`. */
export function embed(lookups: readonly { table: tf.Tensor2D; ids: tf.Tensor1D }[]): tf.Tensor2D {
  const inputs: tf.NamedTensorMap = {};
  lookups.forEach(({ table, ids }, i) => {
    inputs[`table${i}`] = table;
    inputs[`ids${i}`] = ids;
  });
  return run(names.EMBED, inputs) as tf.Tensor2D;
}

/** ids (N) int32, columns from..from+width of grad (N, G) -> [distinct ids (U) int32, sums of their rows (U, width)]. */
export function sumRows(
  ids: tf.Tensor1D,
  grad: tf.Tensor2D,
  from = 0,
  width = grad.shape[1] - from,
): [rows: tf.Tensor1D, sums: tf.Tensor2D] {
  return runMany(names.SUM_ROWS, { ids, grad }, { from, width }) as [tf.Tensor1D, tf.Tensor2D];
}

/** Euclidean norm over all elements of a list of tensors: a scalar. */
export function globalNorm(tensors: readonly tf.Tensor[]): tf.Scalar {
  return run(names.GLOBAL_NORM, named([...tensors.keys()].map(String), tensors)) as tf.Scalar;
}

/** A parameter with Adam's two moments, all of one shape. */
export interface AdamState {
  readonly param: tf.Tensor;
  readonly m: tf.Tensor;
  readonly v: tf.Tensor;
}

/** Adam in place on param, m and v; grad of the same shape. */
export function adam({ param, m, v }: AdamState, grad: tf.Tensor, options: AdamOptions): void {
  run(names.ADAM, { param, m, v, grad }, { ...options }).dispose();
}

/** Lazy Adam in place on the named rows of a table (V, E): rows (U) int32 distinct, grad (U, E). */
export function adamRows({ param, m, v }: AdamState, rows: tf.Tensor1D, grad: tf.Tensor2D, options: AdamOptions): void {
  run(names.ADAM_ROWS, { param, m, v, rows, grad }, { ...options }).dispose();
}

function run(kernel: string, inputs: tf.NamedTensorMap, attrs: Record<string, number> = {}): tf.Tensor {
  return tf.engine().runKernel(kernel, inputs, attrs);
}

function runMany(kernel: string, inputs: tf.NamedTensorMap, attrs: Record<string, number> = {}): tf.Tensor[] {
  return tf.engine().runKernel(kernel, inputs, attrs);
}

function named(keys: readonly string[], tensors: readonly tf.Tensor[]): tf.NamedTensorMap {
  return Object.fromEntries(keys.map((key, i) => [key, tensors[i]]));
}
