import { firstLine } from '../../errors';
import { createRng } from '../../rng';
import type { TensorFlowBackend } from './binding';
import { CUDNN } from './cudnn';
import { Handles } from './handles';
import { layoutsOf } from './layout';
import { BLOCK, type Recurrence } from './lstm';

/** Largest difference between cuDNN and BlockLSTM that passes, of values of about 1: room for products of 10 bits, should a user allow TF32. */
const TOLERANCE = 5e-3;

/** cuDNN where it gives the same numbers as BlockLSTM on sentences of unequal length, forward and backward, on this GPU. */
export function chooseRecurrence(backend: TensorFlowBackend): { recurrence: Recurrence; what: string } {
  try {
    const worst = largestDifference(trial(backend, CUDNN), trial(backend, BLOCK));
    if (worst <= TOLERANCE) return { recurrence: CUDNN, what: 'cuDNN' };
    return { recurrence: BLOCK, what: `BlockLSTMV2 (cuDNN differs from it by ${worst.toExponential(1)})` };
  } catch (error) {
    return { recurrence: BLOCK, what: `BlockLSTMV2 (cuDNN refuses: ${firstLine(error)})` };
  }
}

/** h, dx, dw and db of both directions of a small layer, as plain numbers. */
function trial(backend: TensorFlowBackend, recurrence: Recurrence): number[] {
  const tf = new Handles(backend);
  const rng = createRng(1, 'recurrence');
  const widths = { inputs: 3, units: 4 };
  const normals = (...shape: number[]) =>
    tf.floats(
      Float32Array.from({ length: shape.reduce((product, n) => product * n, 1) }, () => rng.normal()),
      shape,
    );
  try {
    const numbers: number[] = [];
    for (const layout of layoutsOf(Int32Array.of(3, 3, 2, 1))) {
      const [x, w, b, dh] = [normals(layout.rows, 3), normals(7, 16), normals(16), normals(layout.rows, 4)];
      const { h, reserve } = recurrence.forward(tf, layout, widths, x, w, b, true);
      const { dx, dw, db } = recurrence.backward(tf, layout, widths, x, w, h, reserve, dh);
      for (const { id } of [h, dx, dw, db]) numbers.push(...backend.binding.tensorDataSync(id));
    }
    return numbers;
  } finally {
    tf.close();
  }
}

/** Infinite where a number is missing or is not one. */
function largestDifference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  for (const [i, value] of a.entries()) {
    const difference = Math.abs(value - (b[i] ?? NaN));
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }
  return worst;
}
