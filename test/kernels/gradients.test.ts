import * as tf from '@tensorflow/tfjs-core';
import { GRADIENTS } from '../../src/kernels/gradients';
import { createRng } from '../../src/rng';
import { eachEngine } from '../engine/each';

type Inputs = readonly number[][];

/** What is differentiated, and the shapes of what it is differentiated in. Values lie in 0.2 .. 1.8, no two alike. */
interface Case {
  readonly shapes: Inputs;
  readonly f: (...x: tf.Tensor[]) => tf.Tensor;
}

const one = (f: (x: tf.Tensor) => tf.Tensor, shape = [3, 4]): Case => ({ shapes: [shape], f: (x) => f(x) });
const pairs = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Case[] =>
  [
    [
      [3, 4],
      [3, 4],
    ],
    [[3, 4], [4]],
    [[3, 1], [4]],
    [[], [3, 4]],
  ].map((shapes) => ({ shapes, f: (a, b) => f(a, b) }));
const index = (...ids: number[]): tf.Tensor1D => tf.tensor1d(ids, 'int32');

const CASES: Readonly<Record<string, readonly Case[]>> = {
  Add: pairs(tf.add),
  Sub: pairs(tf.sub),
  Multiply: pairs(tf.mul),
  RealDiv: pairs(tf.div),
  Pow: [one((x) => tf.pow(x, 2.5)), one((x) => tf.pow(x, tf.tensor1d([1, 2, 3, 0.5])))],
  SquaredDifference: pairs(tf.squaredDifference),
  Maximum: pairs(tf.maximum),
  Minimum: pairs(tf.minimum),
  Select: [
    {
      shapes: [
        [2, 2],
        [2, 2],
      ],
      f: (a, b) => tf.where(tf.tensor2d([1, 0, 0, 1], [2, 2], 'bool'), a, b),
    },
  ],
  Neg: [one(tf.neg)],
  Exp: [one(tf.exp)],
  Log: [one(tf.log)],
  Log1p: [one(tf.log1p)],
  Sqrt: [one(tf.sqrt)],
  Square: [one(tf.square)],
  Abs: [one((x) => tf.abs(tf.sub(x, 1)))],
  Relu: [one((x) => tf.relu(tf.sub(x, 1)))],
  Softplus: [one(tf.softplus)],
  Sigmoid: [one(tf.sigmoid)],
  Tanh: [one(tf.tanh)],
  Step: [one((x) => tf.mul(tf.step(tf.sub(x, 1)), x))],
  Sign: [one((x) => tf.mul(tf.sign(tf.sub(x, 1)), x))],
  OnesLike: [one((x) => tf.mul(tf.onesLike(x), x))],
  ZerosLike: [one((x) => tf.add(tf.zerosLike(x), x))],
  Identity: [one((x) => tf.clone(x))],
  ClipByValue: [one((x) => tf.clipByValue(x, 0.7, 1.2))],
  Sum: [one((x) => tf.sum(x)), one((x) => tf.sum(x, 0)), one((x) => tf.sum(x, 1, true)), one((x) => tf.sum(x, -1))],
  Mean: [one((x) => tf.mean(x)), one((x) => tf.mean(x, 0)), one((x) => tf.mean(x, 1, true))],
  Max: [one((x) => tf.max(x)), one((x) => tf.max(x, 0)), one((x) => tf.max(x, 1, true))],
  Min: [one((x) => tf.min(x)), one((x) => tf.min(x, 1)), one((x) => tf.min(x, 0, true))],
  Cumsum: [one((x) => tf.cumsum(x, 0)), one((x) => tf.cumsum(x, 1, true)), one((x) => tf.cumsum(x, 1, false, true))],
  Softmax: [one((x) => tf.softmax(x))],
  BatchMatMul: [false, true].flatMap((ta) =>
    [false, true].map((tb) => ({
      shapes: [ta ? [2, 3] : [3, 2], tb ? [4, 2] : [2, 4]],
      f: (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, ta, tb),
    })),
  ),
  Reshape: [one((x) => tf.reshape(x, [2, 6]))],
  ExpandDims: [one((x) => tf.expandDims(x, 1))],
  Transpose: [one((x) => tf.transpose(x)), one((x) => tf.transpose(x, [2, 0, 1]), [2, 3, 4])],
  Reverse: [one((x) => tf.reverse(x, 1))],
  Concat: [
    {
      shapes: [
        [3, 2],
        [3, 1],
        [3, 2],
      ],
      f: (...parts) => tf.concat(parts, 1),
    },
  ],
  SplitV: [one((x) => tf.mul(...(tf.split(x, 2, 1) as [tf.Tensor, tf.Tensor])))],
  Pack: [
    {
      shapes: [
        [3, 2],
        [3, 2],
      ],
      f: (a, b) => tf.stack([a, b], 1),
    },
  ],
  Unpack: [
    one((x) => {
      const [a, b, c] = tf.unstack(x, 0);
      return tf.add(tf.mul(a, b), c);
    }),
  ],
  Slice: [one((x) => tf.slice(x, [1, 1], [2, 2])), one((x) => tf.slice(x, [1, 0], [-1, 3]))],
  PadV2: [
    one((x) =>
      tf.pad(x, [
        [1, 0],
        [0, 2],
      ]),
    ),
  ],
  GatherV2: [
    one((x) => tf.gather(x, index(2, 0, 2, 2))),
    one((x) => tf.gather(x, index(3, 1, 1), 1)),
    one((x) => tf.gather(x, tf.tensor2d([1, 0, 1, 1], [2, 2], 'int32'), 1), [2, 3, 2]),
  ],
};

/** Composed ops that losses and heads use, beside the single ones. */
const COMPOSED: Readonly<Record<string, Case>> = {
  logSoftmax: one((x) => tf.logSoftmax(x)),
  logSumExp: one((x) => tf.logSumExp(x, 1)),
};

function values(shapes: Inputs): number[][] {
  const rng = createRng(7);
  const sizes = shapes.map((shape) => shape.reduce((a, b) => a * b, 1));
  const total = sizes.reduce((a, b) => a + b, 0);
  const all = rng.shuffle(Array.from({ length: total }, (_, i) => 0.2 + (1.6 * (i + 0.3 + 0.4 * rng.float())) / total));
  return sizes.map((size) => all.splice(0, size));
}

eachEngine('gradients', (test) => {
  test('has a case for each op, and no other', () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(GRADIENTS).sort());
  });

  const all = [...Object.entries(CASES), ...Object.entries(COMPOSED).map(([name, c]): [string, Case[]] => [name, [c]])];
  for (const [name, cases] of all)
    test(`of ${name} are those of finite differences`, () => {
      for (const { shapes, f } of cases) {
        const at = values(shapes);
        const tensors = (x: number[][]): tf.Tensor[] => x.map((v, i) => tf.tensor(v, shapes[i]));
        const weights = tf.tidy(() => {
          const y = f(...tensors(at));
          const rng = createRng(8);
          return tf.keep(
            tf.tensor(
              Array.from({ length: y.size }, () => 0.5 + rng.float()),
              y.shape,
            ),
          );
        });
        const scalar = (...x: tf.Tensor[]): tf.Scalar => tf.sum(tf.mul(f(...x), weights));
        const grads = tf
          .grads(scalar)(tensors(at))
          .map((grad) => Array.from(grad.dataSync()));
        const h = 2e-3;
        const moved = (i: number, j: number, by: number): number =>
          tf.tidy(() => {
            const x = at.map((v, k) => v.map((value, l) => (k === i && l === j ? value + by : value)));
            return scalar(...tensors(x)).dataSync()[0];
          });
        at.forEach((v, i) => {
          v.forEach((_, j) => {
            const difference = (moved(i, j, h) - moved(i, j, -h)) / (2 * h);
            expect(Math.abs(grads[i][j] - difference)).toBeLessThan(4e-3 * (1 + Math.abs(difference)));
          });
        });
      }
    });
});

eachEngine('gradients', (test) => {
  test('go in equal parts to equal largest elements, and to no one else', () => {
    const grad = tf.grad((x: tf.Tensor) => tf.max<tf.Tensor>(x, 1))(tf.tensor2d([3, 1, 3, 2, 5, 5], [2, 3]));
    expect(grad.arraySync()).toEqual([
      [0.5, 0, 0.5],
      [0, 0.5, 0.5],
    ]);
  });

  test('leave no tensor behind', () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const f = (t: tf.Tensor): tf.Tensor => {
      const [a, b] = tf.unstack(tf.concat([t, tf.gather(t, index(1, 1))], 1), 0);
      return tf.logSumExp(tf.stack([tf.max(a, 0), tf.sum(tf.cumsum(b))]));
    };
    tf.dispose(tf.grad(f)(x));
    const { numTensors } = tf.memory();
    for (let i = 0; i < 3; i++) tf.dispose(tf.grad(f)(x));
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
