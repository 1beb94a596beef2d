import * as tf from '@tensorflow/tfjs-core';
import { present } from '../errors';
import { embed } from './embed';
import { sumRows } from './sumRows';

/*
 * Columns put side by side and taken apart by our own kernels: the concat and slice of `tfjs-backend-cpu` walk element by element
 * through index arithmetic, which took four times as long as the rest of a training step.
 */

/** Numbers from 0. (N) */
const all = (n: number): tf.Tensor1D =>
  tf.tensor1d(
    Int32Array.from({ length: n }, (_, i) => i),
    'int32',
  );

/** Columns [from, from + width) of x. (N, width); without a gradient. */
export const columnsOf = (x: tf.Tensor2D, from: number, width: number): tf.Tensor2D =>
  sumRows({ ids: all(x.shape[0]), grad: x }, { from, E: width }).sums; // each row is the sum of itself

/** Tensors of as many rows side by side: (N, A), (N, B), ... to (N, A + B + ...). */
export const sideBySide = (parts: readonly tf.Tensor2D[]): tf.Tensor2D =>
  tf.customGrad((...args) => {
    const tensors = args.slice(0, parts.length) as tf.Tensor2D[];
    const rows = all(present(tensors[0], 'part').shape[0]);
    const widths = tensors.map(({ shape }) => shape[1]);
    const gradFunc = (dy: tf.Tensor): tf.Tensor[] => {
      let from = 0;
      return widths.map((width) => columnsOf(dy as tf.Tensor2D, (from += width) - width, width));
    };
    return { value: embed({ table: tensors, ids: tensors.map(() => rows) }), gradFunc };
  })(...parts);
