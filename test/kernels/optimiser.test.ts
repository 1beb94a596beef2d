import * as tf from '@tensorflow/tfjs-core';
import { adam, type AdamOptions, adamRows, globalNorm } from '../../src/kernels';
import { createRng } from '../../src/rng';
import { eachEngine } from '../engine/each';
import { normals, relativeError } from './packed';

const OPTIONS: AdamOptions = { rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, step: 1, scale: 1 };

function state<T extends tf.Tensor>(values: ArrayLike<number>, shape: number[]): Record<'param' | 'm' | 'v', T> {
  const zeros = (): T => tf.zeros(shape) as T;
  return { param: tf.tensor(Float32Array.from(values), shape) as T, m: zeros(), v: zeros() };
}

/** Adam as the paper writes it, over plain arrays. */
function plainAdam(param: number[], grads: number[][], { rate, beta1, beta2, epsilon, scale }: AdamOptions): number[] {
  const m = param.map(() => 0);
  const v = param.map(() => 0);
  grads.forEach((grad, t) => {
    grad.forEach((unscaled, i) => {
      const g = unscaled * scale;
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g ** 2;
      const mHat = m[i] / (1 - beta1 ** (t + 1));
      const vHat = v[i] / (1 - beta2 ** (t + 1));
      param[i] -= (rate * mHat) / (Math.sqrt(vHat) + epsilon);
    });
  });
  return param;
}

eachEngine('adam', (test) => {
  test('takes two steps as by hand', () => {
    const s = state([1], [1]);
    adam({ ...s, grad: tf.tensor1d([0.5]) }, OPTIONS);
    // m = 0.05, v = 0.0025; m^ = 0.5, v^ = 0.25: the first step is the rate, whatever the gradient
    expect(s.param.dataSync()[0]).toBeCloseTo(0.9, 6);
    expect(s.m.dataSync()[0]).toBeCloseTo(0.05, 7);
    expect(s.v.dataSync()[0]).toBeCloseTo(0.0025, 7);
    adam({ ...s, grad: tf.tensor1d([-1]) }, { ...OPTIONS, step: 2, scale: 0.25 });
    // g = -0.25: m = 0.02, v = 0.0031; m^ = 0.02/0.19 = 0.105263, v^ = 0.0031/0.0199 = 0.155779; 0.9 - 0.0105263/0.394688
    expect(s.param.dataSync()[0]).toBeCloseTo(0.87333, 5);
  });

  test('equals the paper over ten steps of random gradients', () => {
    const rng = createRng(1);
    const start = Array.from(normals(rng, 37));
    const grads = Array.from({ length: 10 }, () => Array.from(normals(rng, 37)));
    const options = { ...OPTIONS, scale: 0.7 };
    const s = state(start, [37]);
    grads.forEach((grad, t) => adam({ ...s, grad: tf.tensor1d(grad) }, { ...options, step: t + 1 }));
    expect(relativeError(s.param.dataSync(), plainAdam(start, grads, options))).toBeLessThan(1e-5);
  });

  test('on rows: equals the dense step on the rows named, and leaves all others and their moments as they were', () => {
    const rng = createRng(2);
    const start = normals(rng, 6 * 5);
    const rows = [4, 0, 3];
    const s = state<tf.Tensor2D>(start, [6, 5]);
    const dense = state(start, [6, 5]);
    for (let step = 1; step <= 3; step++) {
      const grad = normals(rng, rows.length * 5);
      const whole = new Float32Array(30);
      rows.forEach((row, u) => whole.set(grad.subarray(u * 5, u * 5 + 5), row * 5));
      adamRows({ ...s, rows: tf.tensor1d(rows, 'int32'), grad: tf.tensor2d(grad, [3, 5]) }, { ...OPTIONS, step });
      adam({ ...dense, grad: tf.tensor2d(whole, [6, 5]) }, { ...OPTIONS, step });
    }
    const [ours, full, m, v] = [s.param, dense.param, s.m, s.v].map((tensor) => tensor.dataSync());
    for (let row = 0; row < 6; row++) {
      const at = [row * 5, row * 5 + 5];
      if (rows.includes(row)) {
        expect(relativeError(ours.slice(...at), full.slice(...at))).toBeLessThan(1e-6);
      } else {
        expect(ours.slice(...at)).toEqual(start.slice(...at));
        expect([...m.slice(...at), ...v.slice(...at)].every((value) => value === 0)).toBe(true);
      }
    }
  });

  test('on rows: refuses a row outside of the table', () => {
    const s = state<tf.Tensor2D>(new Float32Array(6), [3, 2]);
    for (const row of [-1, 3]) {
      expect(() => adamRows({ ...s, rows: tf.tensor1d([row], 'int32'), grad: tf.ones([1, 2]) }, OPTIONS)).toThrow();
    }
    expect([...s.param.dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

eachEngine('globalNorm', (test) => {
  test('is the norm over all elements, with nothing lost among many or overflowing in float32', () => {
    expect(globalNorm({ x: [tf.tensor1d([3]), tf.tensor2d([[0, 4]]), tf.zeros([0, 2])] }).dataSync()[0]).toBe(5);
    expect(globalNorm({ x: [tf.tensor1d([3e25, 4e25])] }).dataSync()[0] / 5e25).toBeCloseTo(1, 6);
    const many = tf.fill([1_000_000], 1e-3);
    expect(globalNorm({ x: [tf.scalar(1), many] }).dataSync()[0]).toBeCloseTo(Math.SQRT2, 6);
    expect(globalNorm({ x: [tf.scalar(NaN)] }).dataSync()[0]).toBeNaN();
  });
});
