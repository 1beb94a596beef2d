import * as tf from '@tensorflow/tfjs-core';
import { columnsOf, dense, embed, sideBySide, sumRows } from '../../src/kernels';
import { createRng } from '../../src/rng';
import { eachEngine } from '../engine/each';
import { normals, relativeError } from './packed';

eachEngine('embed', (test) => {
  test('puts the rows of its tables side by side', () => {
    const words = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const shapes = tf.tensor2d([10, 20], [2, 1]);
    const ids = tf.tensor1d([2, 0, 2], 'int32');
    const x = embed({ table: [words, shapes], ids: [ids, tf.tensor1d([1, 1, 0], 'int32')] });
    expect(x.arraySync()).toEqual([
      [5, 6, 20],
      [1, 2, 20],
      [5, 6, 10],
    ]);
  });

  test('refuses an id outside of its table', () => {
    const table = tf.ones<tf.Rank.R2>([3, 2]);
    for (const id of [-1, 3]) expect(() => embed({ table: [table], ids: [tf.tensor1d([id], 'int32')] })).toThrow();
  });
});

eachEngine('sumRows', (test) => {
  test('sums the rows of equal ids in the order of first appearance, over the columns asked for', () => {
    const ids = tf.tensor1d([7, 2, 7, 0, 2, 7], 'int32');
    const grad = tf.tensor2d([1, 2, 3, 10, 20, 30, 1, 2, 3, 5, 6, 7, 40, 50, 60, 1, 2, 3], [6, 3]);
    const { rows, sums } = sumRows({ ids, grad }, { from: 1, E: 2 });
    expect([...rows.dataSync()]).toEqual([7, 2, 0]);
    expect(rows.dtype).toBe('int32');
    expect(sums.arraySync()).toEqual([
      [6, 9],
      [70, 90],
      [6, 7],
    ]);
    expect(() => sumRows({ ids, grad }, { from: 2, E: 2 })).toThrow(/does not fit/);
  });
});

eachEngine('columns', (test) => {
  test('are put side by side and taken apart, gradients too', () => {
    const parts = [
      [1, 2, 3, 4],
      [5, 6],
      [7, 8, 9, 10, 11, 12],
    ].map((of) => tf.tensor2d(of, [2, of.length / 2]));
    const whole = [
      [1, 2, 5, 7, 8, 9],
      [3, 4, 6, 10, 11, 12],
    ];
    const x = sideBySide(parts);
    expect(x.arraySync()).toEqual(whole);
    expect(columnsOf(x, 2, 3).arraySync()).toEqual(whole.map((row) => row.slice(2, 5)));
    const grads = tf.grads((...of: tf.Tensor[]) => sideBySide(of as tf.Tensor2D[]))(parts, x);
    expect(grads.map((grad) => grad.arraySync())).toEqual(parts.map((part) => part.arraySync()));
  });
});

eachEngine('dense', (test) => {
  for (const [rows, inputs, outputs] of [
    [1, 1, 1],
    [5, 3, 9],
    [130, 17, 6],
    [0, 4, 3],
  ]) {
    test(`equals sums written out, values and gradients: ${rows} rows, ${inputs} to ${outputs}`, () => {
      const rng = createRng(1);
      const [x, w, b, dy] = [rows * inputs, inputs * outputs, outputs, rows * outputs].map((n) => normals(rng, n));
      const tensors = [tf.tensor2d(x, [rows, inputs]), tf.tensor2d(w, [inputs, outputs]), tf.tensor1d(b)];
      const layer = (...t: tf.Tensor[]): tf.Tensor2D =>
        dense({ x: t[0] as tf.Tensor2D, w: t[1] as tf.Tensor2D, b: t[2] as tf.Tensor1D });
      const [y, dx, dw, db] = [dy, x, w, b].map(({ length }) => new Array<number>(length).fill(0));
      for (let n = 0; n < rows; n++) {
        for (let o = 0; o < outputs; o++) {
          const at = n * outputs + o;
          y[at] += b[o];
          db[o] += dy[at];
          for (let i = 0; i < inputs; i++) {
            y[at] += x[n * inputs + i] * w[i * outputs + o];
            dx[n * inputs + i] += dy[at] * w[i * outputs + o];
            dw[i * outputs + o] += x[n * inputs + i] * dy[at];
          }
        }
      }
      expect(relativeError(layer(...tensors).dataSync(), y)).toBeLessThan(1e-5);
      const grads = tf.grads(layer)(tensors, tf.tensor2d(dy, [rows, outputs]));
      [dx, dw, db].forEach((expected, i) => expect(relativeError(grads[i].dataSync(), expected)).toBeLessThan(1e-5));
    });
  }
});
