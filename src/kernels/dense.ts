import { op } from './op';
import { multiplyAdd, packColumns } from './product';

/** A dense layer, y = x w + b. */
export const dense = op({
  name: 'DscDense',
  inputs: { x: 'N I', w: 'I O', b: 'O' },
  attributes: {},
  outputs: { y: 'N O' },
  body({ x, w, b }, { N: rows, I: inputs, O: outputs }) {
    const y = new Float32Array(rows * outputs);
    for (let n = 0; n < rows; n++) y.set(b, n * outputs);
    const packed = packColumns({ data: w, offset: 0, row: outputs, column: 1 }, inputs, outputs);
    const to = { data: y, offset: 0, row: outputs, column: 1 };
    multiplyAdd(rows, outputs, inputs, { data: x, offset: 0, row: inputs, column: 1 }, packed, to); // (N, O)
    return { y };
  },
  tolerance: 1e-5,
  gradient: {
    needs: ['x', 'w'],
    of: ['x', 'w', 'b'],
    /** dx = dy w^T, dw = x^T dy, db = column sums of dy. */
    body({ x, w, dy }, { N: rows, I: inputs, O: outputs }) {
      const dx = { data: new Float32Array(rows * inputs), offset: 0, row: inputs, column: 1 };
      const dw = { data: new Float32Array(inputs * outputs), offset: 0, row: outputs, column: 1 };
      const db = new Float32Array(outputs);
      const grad = { data: dy, offset: 0, row: outputs, column: 1 };
      const transposedW = { data: w, offset: 0, row: 1, column: outputs }; // (O, I)
      const transposedX = { data: x, offset: 0, row: 1, column: inputs }; // (I, N)
      multiplyAdd(rows, inputs, outputs, grad, packColumns(transposedW, outputs, inputs), dx); // (N, I)
      multiplyAdd(inputs, outputs, rows, transposedX, packColumns(grad, rows, outputs), dw); // (I, O)
      for (let n = 0; n < rows; n++)
        for (let j = 0; j < outputs; j++) db[j] = (db[j] as number) + (dy[n * outputs + j] as number);
      return { dx: dx.data, dw: dw.data, db };
    },
    tolerance: 1e-5,
  },
  example: { dims: { N: 7, I: 5, O: 3 } },
});
