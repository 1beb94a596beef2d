import { multiplyAdd, packColumns } from './product';

/** y = x w + b, x (rows, inputs), w (inputs, outputs), b (outputs) -> (rows, outputs). */
export function dense(
  rows: number,
  inputs: number,
  outputs: number,
  x: Float32Array,
  w: Float32Array,
  b: Float32Array,
): Float32Array {
  const y = new Float32Array(rows * outputs);
  for (let n = 0; n < rows; n++) y.set(b, n * outputs);
  const packed = packColumns({ data: w, offset: 0, row: outputs, column: 1 }, inputs, outputs);
  const to = { data: y, offset: 0, row: outputs, column: 1 };
  multiplyAdd(rows, outputs, inputs, { data: x, offset: 0, row: inputs, column: 1 }, packed, to); // (N, O)
  return y;
}

/** dx = dy w^T, dw = x^T dy, db = column sums of dy. */
export function denseGrad(
  rows: number,
  inputs: number,
  outputs: number,
  x: Float32Array,
  w: Float32Array,
  dy: Float32Array,
): [dx: Float32Array, dw: Float32Array, db: Float32Array] {
  const dx = { data: new Float32Array(rows * inputs), offset: 0, row: inputs, column: 1 };
  const dw = { data: new Float32Array(inputs * outputs), offset: 0, row: outputs, column: 1 };
  const db = new Float32Array(outputs);
  const grad = { data: dy, offset: 0, row: outputs, column: 1 };
  const transposedW = { data: w, offset: 0, row: 1, column: outputs }; // (O, I)
  const transposedX = { data: x, offset: 0, row: 1, column: inputs }; // (I, N)
  multiplyAdd(rows, inputs, outputs, grad, packColumns(transposedW, outputs, inputs), dx); // (N, I)
  multiplyAdd(inputs, outputs, rows, transposedX, packColumns(grad, rows, outputs), dw); // (I, O)
  for (let n = 0; n < rows; n++) for (let j = 0; j < outputs; j++) db[j] += dy[n * outputs + j];
  return [dx.data, dw.data, db];
}
