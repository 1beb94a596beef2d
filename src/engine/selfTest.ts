import * as tf from '@tensorflow/tfjs-core';
import type { AdamOptions } from '../kernels/kernelSet';
import * as names from '../kernels/names';
import * as ops from '../kernels/ops';
import { REFERENCE } from '../kernels/reference';
import { createRng, type Rng } from '../rng';

/** What one kernel gave on the current engine, beside what the TypeScript kernels give. */
export interface KernelCheck {
  readonly kernel: string;
  /** Largest difference, relative to the largest magnitude expected; null when the kernel failed or gave something else. */
  readonly error: number | null;
  readonly tolerance: number;
  readonly passed: boolean;
  /** Why it failed, where it did. */
  readonly reason?: string;
}

type Values = ArrayLike<number>;
/** Pairs of what the engine computes and what it should be. */
type Case = (rng: Rng) => [actual: tf.Tensor, expected: Values][];

/** Sentences of 6, 6, 4, 2 and 1 words; 9 inputs, 8 units, two directions. */
const STEPS = Int32Array.of(5, 4, 3, 3, 2, 2);
const SHAPE = { rows: 19, inputs: 9, units: 8, directions: 2 };
const ADAM: AdamOptions = { rate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 3, scale: 0.5 };

/** A case for every kernel: at most the named error passes. Copies and masks must be equal to the bit. */
const CASES: Readonly<Record<string, readonly [tolerance: number, run: Case]>> = {
  [names.LSTM]: [
    1e-5,
    (rng) => {
      const { x, w, b, xt, wt, bt, steps } = lstmInputs(rng);
      const [h] = REFERENCE.lstm(SHAPE, x, w, b, STEPS, false);
      return [[ops.lstm(xt, wt, bt, steps), h]];
    },
  ],
  [names.LSTM_GRAD]: [
    1e-4,
    (rng) => {
      const { x, w, b, xt, wt, bt, steps } = lstmInputs(rng);
      const dh = normals(rng, SHAPE.rows * 16);
      const [h, reserve] = REFERENCE.lstm(SHAPE, x, w, b, STEPS, true);
      const expected = REFERENCE.lstmGrad(SHAPE, x, w, b, STEPS, h, reserve, dh);
      const layer = (...t: tf.Tensor[]): tf.Tensor =>
        ops.lstm(t[0] as tf.Tensor2D, t[1] as tf.Tensor3D, t[2] as tf.Tensor2D, steps);
      return tf
        .grads(layer)([xt, wt, bt], tf.tensor2d(dh, [SHAPE.rows, 16]))
        .map((grad, i) => [grad, expected[i]]);
    },
  ],
  [names.DENSE]: [
    1e-5,
    (rng) => {
      const [x, w, b] = [normals(rng, 7 * 5), normals(rng, 5 * 3), normals(rng, 3)];
      const y = ops.dense(tf.tensor2d(x, [7, 5]), tf.tensor2d(w, [5, 3]), tf.tensor1d(b));
      return [[y, REFERENCE.dense(7, 5, 3, x, w, b)]];
    },
  ],
  [names.DENSE_GRAD]: [
    1e-5,
    (rng) => {
      const [x, w, b, dy] = [normals(rng, 7 * 5), normals(rng, 5 * 3), normals(rng, 3), normals(rng, 7 * 3)];
      const expected = REFERENCE.denseGrad(7, 5, 3, x, w, dy);
      const layer = (...t: tf.Tensor[]): tf.Tensor =>
        ops.dense(t[0] as tf.Tensor2D, t[1] as tf.Tensor2D, t[2] as tf.Tensor1D);
      const inputs = [tf.tensor2d(x, [7, 5]), tf.tensor2d(w, [5, 3]), tf.tensor1d(b)];
      return tf
        .grads(layer)(inputs, tf.tensor2d(dy, [7, 3]))
        .map((grad, i) => [grad, expected[i]]);
    },
  ],
  [names.EMBED]: [
    0,
    (rng) => {
      const tables = [4, 3].map((width) => ({
        table: normals(rng, 11 * width),
        ids: Int32Array.from({ length: 20 }, () => rng.int(11)),
        width,
      }));
      const lookups = tables.map(({ table, ids, width }) => ({
        table: tf.tensor2d(table, [11, width]),
        ids: tf.tensor1d(ids, 'int32'),
      }));
      return [[ops.embed(lookups), REFERENCE.embed(20, tables)]];
    },
  ],
  [names.DROPOUT]: [
    0,
    (rng) => {
      const x = normals(rng, 1000);
      return [[ops.dropout(tf.tensor1d(x), 0.3, 0xdeadbeef), REFERENCE.dropout(x, 0.3, 0xdeadbeef)]];
    },
  ],
  [names.SUM_ROWS]: [
    1e-6,
    (rng) => {
      const ids = Int32Array.from({ length: 60 }, () => rng.int(9));
      const grad = normals(rng, 60 * 5);
      const [rows, sums] = ops.sumRows(tf.tensor1d(ids, 'int32'), tf.tensor2d(grad, [60, 5]), 1, 3);
      const expected = REFERENCE.sumRows(ids, grad, 5, 1, 3);
      return [
        [rows, expected[0]],
        [sums, expected[1]],
      ];
    },
  ],
  [names.GLOBAL_NORM]: [
    1e-6,
    (rng) => {
      const [a, b] = [normals(rng, 500), normals(rng, 300)];
      return [[ops.globalNorm([tf.tensor1d(a), tf.tensor2d(b, [30, 10])]), [REFERENCE.globalNorm([a, b])]]];
    },
  ],
  [names.ADAM]: [
    1e-5,
    (rng) => {
      const grad = normals(rng, 24);
      return adamCase(rng, (state, { param, m, v }) => {
        ops.adam(state, tf.tensor2d(grad, [6, 4]), ADAM);
        REFERENCE.adam(param, m, v, grad, ADAM);
      });
    },
  ],
  [names.ADAM_ROWS]: [
    1e-5,
    (rng) => {
      const [rows, grad] = [Int32Array.of(4, 0, 3), normals(rng, 12)];
      return adamCase(rng, (state, { param, m, v }) => {
        ops.adamRows(state, tf.tensor1d(rows, 'int32'), tf.tensor2d(grad, [3, 4]), ADAM);
        REFERENCE.adamRows(param, m, v, rows, grad, 4, ADAM);
      });
    },
  ],
};

/** Runs every kernel on the current engine and compares it with the TypeScript kernels. Needs no files and no training. */
export function selfTest(): KernelCheck[] {
  return Object.entries(CASES).map(([kernel, [tolerance, run]]) => {
    try {
      const error = tf.tidy(() =>
        run(createRng(1, kernel)).reduce((worst, pair) => Math.max(worst, relativeError(...pair)), 0),
      );
      const passed = error <= tolerance;
      return { kernel, error, tolerance, passed, ...(!passed && { reason: `error above ${tolerance}` }) };
    } catch (error) {
      const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
      return { kernel, error: null, tolerance, passed: false, reason };
    }
  });
}

function relativeError(actual: tf.Tensor, expected: Values): number {
  const values = actual.dataSync<'float32'>();
  if (values.length !== expected.length) throw new Error(`${values.length} values, expected ${expected.length}`);
  let [worst, scale] = [0, 1e-6];
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new Error(`value ${i} is ${values[i]}, expected ${expected[i]}`);
    worst = Math.max(worst, Math.abs(values[i] - expected[i]));
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return worst / scale;
}

const normals = (rng: Rng, length: number, scale = 1): Float32Array =>
  Float32Array.from({ length }, () => scale * rng.normal());

interface LstmInputs {
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly b: Float32Array;
  readonly xt: tf.Tensor2D;
  readonly wt: tf.Tensor3D;
  readonly bt: tf.Tensor2D;
  readonly steps: tf.Tensor1D;
}

function lstmInputs(rng: Rng): LstmInputs {
  const [x, w, b] = [normals(rng, 19 * 9), normals(rng, 2 * 17 * 32, 0.4), normals(rng, 2 * 32)];
  const steps = tf.tensor1d(STEPS, 'int32');
  return { x, w, b, xt: tf.tensor2d(x, [19, 9]), wt: tf.tensor3d(w, [2, 17, 32]), bt: tf.tensor2d(b, [2, 32]), steps };
}

type Arrays = Readonly<Record<'param' | 'm' | 'v', Float32Array>>;

/** A table (6, 4) with moments, updated by the engine and, in a copy, by the reference. */
function adamCase(rng: Rng, update: (state: ops.AdamState, arrays: Arrays) => void): [tf.Tensor, Values][] {
  const arrays = { param: normals(rng, 24), m: normals(rng, 24, 0.1), v: normals(rng, 24, 0.1).map((x) => x * x) };
  const state = Object.fromEntries(
    Object.entries(arrays).map(([name, values]) => [name, tf.tensor2d(values.slice(), [6, 4])]),
  ) as unknown as ops.AdamState;
  update(state, arrays);
  return [
    [state.param, arrays.param],
    [state.m, arrays.m],
    [state.v, arrays.v],
  ];
}
