import * as tf from '@tensorflow/tfjs-core';
import { lstm } from '../../src/kernels';
import { createRng } from '../../src/rng';
import { eachEngine, OUR_PRODUCTS } from '../engine/each';
import { add, affine, backward, leaves, mul, type Scalar, sigmoid, tanh } from './tape';
import { normals, relativeError, rowsOf, stepSizesOf } from './packed';

interface Case {
  readonly lengths: readonly number[];
  readonly inputs: number;
  readonly units: number;
  readonly directions: number;
}

const CASES: Case[] = [
  { lengths: [1], inputs: 1, units: 1, directions: 1 },
  { lengths: [4], inputs: 3, units: 5, directions: 2 },
  { lengths: [1, 1, 1], inputs: 2, units: 3, directions: 2 },
  { lengths: [5, 3, 3, 1], inputs: 4, units: 4, directions: 1 },
  { lengths: [6, 4, 1, 1, 1], inputs: 7, units: 6, directions: 2 },
  { lengths: [3, 3, 3], inputs: 5, units: 9, directions: 2 },
  { lengths: [19, 17, 12, 12, 9, 8, 8, 5, 3, 2, 1], inputs: 33, units: 35, directions: 2 },
];

interface Tensors {
  x: tf.Tensor2D;
  w: tf.Tensor3D;
  b: tf.Tensor2D;
  stepSizes: tf.Tensor1D;
  dh: tf.Tensor2D;
}

function tensors({ lengths, inputs, units, directions }: Case, seed = 1): Tensors {
  const rng = createRng(seed);
  const rows = lengths.reduce((a, b) => a + b, 0);
  return {
    x: tf.tensor2d(normals(rng, rows * inputs), [rows, inputs]),
    w: tf.tensor3d(normals(rng, directions * (inputs + units) * 4 * units, 0.4), [
      directions,
      inputs + units,
      4 * units,
    ]),
    b: tf.tensor2d(normals(rng, directions * 4 * units, 0.4), [directions, 4 * units]),
    stepSizes: tf.tensor1d(stepSizesOf(lengths), 'int32'),
    dh: tf.tensor2d(normals(rng, rows * directions * units), [rows, directions * units]),
  };
}

/** The same layer token by token in double precision: h (N, D*H) and the gradients [dx, dw, db]. */
function plainLstm(t: Tensors, { inputs, units, directions, lengths }: Case): { h: number[]; grads: number[][] } {
  const [x, w, b] = [t.x, t.w, t.b].map((tensor) => leaves(tensor.dataSync()));
  const dh = t.dh.dataSync();
  const stepSizes = stepSizesOf(lengths);
  const h = new Array<number>(dh.length);
  backward(() => {
    for (let d = 0; d < directions; d++) {
      for (let i = 0; i < lengths.length; i++) {
        const rows = rowsOf(stepSizes, i);
        let state = leaves(new Float32Array(units));
        let cell = leaves(new Float32Array(units));
        for (const row of d === 0 ? rows : rows.reverse()) {
          const from = [...x.slice(row * inputs, (row + 1) * inputs), ...state];
          const gate = (k: number, j: number): Scalar => {
            const column = k * units + j;
            const weights = from.map((_, p) => w[(d * (inputs + units) + p) * 4 * units + column]);
            return affine(from, weights, b[d * 4 * units + column]);
          };
          const before = cell;
          cell = before.map((c, j) => add(mul(sigmoid(gate(1, j)), c), mul(sigmoid(gate(0, j)), tanh(gate(2, j)))));
          state = cell.map((c, j) => mul(sigmoid(gate(3, j)), tanh(c)));
          state.forEach((value, j) => {
            const at = (row * directions + d) * units + j;
            h[at] = value.value;
            value.grad = dh[at];
          });
        }
      }
    }
  });
  return { h, grads: [x, w, b].map((scalars) => scalars.map((scalar) => scalar.grad)) };
}

function gradients(f: (x: tf.Tensor2D, w: tf.Tensor3D, b: tf.Tensor2D) => tf.Tensor, t: Tensors): Float32Array[] {
  const grads = tf.grads((x, w, b) => f(x as tf.Tensor2D, w as tf.Tensor3D, b as tf.Tensor2D))([t.x, t.w, t.b], t.dh);
  return grads.map((grad) => grad.dataSync<'float32'>());
}

eachEngine('lstm', (test, name) => {
  for (const item of CASES) {
    const { lengths, inputs, units, directions } = item;
    const what = `lengths ${lengths.join(' ')}, I=${inputs}, H=${units}, D=${directions}`;

    test(`equals a token-by-token layer in double precision, values and gradients: ${what}`, () => {
      const t = tensors(item);
      const h = lstm({ x: t.x, w: t.w, b: t.b, stepSizes: t.stepSizes });
      const plain = plainLstm(t, item);
      expect(h.shape).toEqual([t.x.shape[0], directions * units]);
      expect(relativeError(h.dataSync(), plain.h)).toBeLessThan(1e-5);
      const ours = gradients((x, w, b) => lstm({ x, w, b, stepSizes: t.stepSizes }), t);
      ours.forEach((grad, i) => expect(relativeError(grad, plain.grads[i])).toBeLessThan(1e-4));
    });
  }

  test('gives a sentence the same output alone and in any batch, to the bit where the products are ours', () => {
    const item = CASES[6];
    const t = tensors(item, 4);
    const together = lstm({ x: t.x, w: t.w, b: t.b, stepSizes: t.stepSizes }).arraySync();
    const sizes = stepSizesOf(item.lengths);
    item.lengths.forEach((length, i) => {
      const rows = rowsOf(sizes, i);
      const x = tf.gather<tf.Tensor2D>(t.x, tf.tensor1d(rows, 'int32'));
      const alone = lstm({ x, w: t.w, b: t.b, stepSizes: tf.ones([length], 'int32') }).arraySync();
      const beside = rows.map((row) => together[row]);
      if (OUR_PRODUCTS.includes(name)) expect(alone).toEqual(beside);
      expect(relativeError(alone.flat(), beside.flat())).toBeLessThan(1e-6);
    });
  });

  test('keeps to [-1, 1] and finite for inputs far outside the range of exp', () => {
    const t = tensors(CASES[3], 5);
    const far = tf.mul<tf.Tensor2D>(t.x, 1e4);
    const h = lstm({ x: far, w: t.w, b: t.b, stepSizes: t.stepSizes }).dataSync();
    expect(h.every((value) => Math.abs(value) <= 1)).toBe(true);
    const grads = gradients((x, w, b) => lstm({ x, w, b, stepSizes: t.stepSizes }), { ...t, x: far });
    for (const grad of grads) expect(grad.every(Number.isFinite)).toBe(true);
  });

  test('takes an empty batch', () => {
    const t = tensors({ lengths: [], inputs: 3, units: 2, directions: 2 });
    expect(lstm({ x: t.x, w: t.w, b: t.b, stepSizes: t.stepSizes }).shape).toEqual([0, 4]);
    const [dx, dw, db] = gradients((x, w, b) => lstm({ x, w, b, stepSizes: t.stepSizes }), t);
    expect(dx).toHaveLength(0);
    expect([...dw, ...db].every((value) => value === 0)).toBe(true);
  });
});
