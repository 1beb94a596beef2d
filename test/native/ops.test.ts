import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '../../src/engine';
import { OPS as FUSED } from '../../src/kernels';
import { describeAddon, normals, rngFor } from './addon';

/** tfjs's own kernels on the native backend against the same on the plain one. */
const OPS: Record<string, (a: tf.Tensor, b: tf.Tensor, positive: tf.Tensor) => tf.Tensor> = {
  abs: (a) => tf.abs(a),
  clipByValue: (a) => tf.clipByValue(a, -0.5, 1),
  exp: (a) => tf.exp(a),
  log: (_a, _b, p) => tf.log(p),
  neg: (a) => tf.neg(a),
  sigmoid: (a) => tf.sigmoid(a),
  sqrt: (_a, _b, p) => tf.sqrt(p),
  square: (a) => tf.square(a),
  step: (a) => tf.step(a),
  'step to another level': (a) => tf.step(a, 0.5),
  tanh: (a) => tf.tanh(a),
  add: (a, b) => tf.add(a, b),
  sub: (a, b) => tf.sub(a, b),
  mul: (a, b) => tf.mul(a, b),
  div: (a, _b, p) => tf.div(a, p),
  maximum: (a, b) => tf.maximum(a, b),
  minimum: (a, b) => tf.minimum(b, a),
  squaredDifference: (a, b) => tf.squaredDifference(a, b),
  pow: (_a, b, p) => tf.pow(p, b),
  'pow 1': (a) => tf.pow(a, 1),
  'pow 2': (a) => tf.pow(a, 2),
  sum: (a) => tf.sum(a),
  'sum of the last axis': (a) => tf.sum(a, -1, true),
  'sum of the first axis': (a) => tf.sum(a, 0),
  'sum of a middle axis': (a) => tf.sum(tf.stack([a, a], 0), 1),
  max: (a) => tf.max(a, -1),
  softmax: (a) => tf.softmax(a),
  logSoftmax: (a) => tf.logSoftmax(a as tf.Tensor2D),
};

/** Shapes of two operands: equal, scalars, rows, columns, and broadcasts that fall through to tfjs. */
const SHAPES: [number[], number[]][] = [
  [
    [7, 9],
    [7, 9],
  ],
  [[7, 9], []],
  [
    [7, 9],
    [1, 1],
  ],
  [[7, 9], [9]],
  [
    [7, 9],
    [1, 9],
  ],
  [
    [33, 17],
    [33, 1],
  ],
  [
    [2, 3, 5],
    [3, 5],
  ],
  [
    [2, 3, 5],
    [2, 1, 1],
  ],
  [
    [2, 3, 5],
    [1, 3, 1],
  ],
  [
    [4, 1],
    [1, 6],
  ],
  [
    [1, 6],
    [5, 6],
  ],
];

describeAddon('tfjs kernels on the native backend', () => {
  afterAll(() => openEngine('js'));

  const results = async (engine: string): Promise<Map<string, tf.TensorBuffer<tf.Rank>>> => {
    await openEngine(engine);
    const rng = rngFor('ops');
    const found = new Map<string, tf.TensorBuffer<tf.Rank>>();
    const add = (name: string, result: tf.Tensor): void => void found.set(name, result.bufferSync());
    for (const [left, right] of SHAPES) {
      for (const [a, b] of [
        [left, right],
        [right, left],
      ]) {
        const make = (shape: number[]): tf.Tensor =>
          tf.tensor(
            normals(
              rng,
              shape.reduce((p, q) => p * q, 1),
              2,
            ),
            shape,
          );
        const [x, y, p] = [make(a), make(b), tf.add(tf.abs(make(b)), 0.01)];
        for (const [name, op] of Object.entries(OPS)) {
          if (a.length < 2 && /axis|max|soft/.test(name)) continue;
          add(`${name} ${JSON.stringify([a, b])}`, op(x, y, p));
        }
      }
    }
    const m = tf.tensor3d(normals(rng, 2 * 5 * 7), [2, 5, 7]);
    add('matMul', tf.matMul(m, m, false, true));
    add('matMul transposed', tf.matMul(m, m, true, false));
    add('matMul broadcast', tf.matMul(m, tf.ones([1, 7, 3])));
    add('integers', tf.add(tf.tensor1d([1, 2], 'int32'), tf.tensor1d([3, 4], 'int32')));
    add('empty', tf.add(tf.zeros([0, 3]), tf.zeros([0, 3])));
    return found;
  };

  it('agree with tfjs', async () => {
    const expected = await results('js');
    const actual = await results('native');
    expect(expected.size).toBeGreaterThan(450);
    expect([...actual.keys()]).toEqual([...expected.keys()]);
    for (const [name, { shape, dtype, values }] of expected) {
      const ours = actual.get(name);
      expect({ name, shape: ours?.shape, dtype: ours?.dtype }).toEqual({ name, shape, dtype });
      const scale = Math.max(1e-3, ...values.map(Math.abs));
      values.forEach((value, i) => {
        const error = Math.abs(Number(ours?.values[i]) - value) / scale;
        if (!(error < 1e-5))
          throw new Error(`${name}: element ${i} is ${String(ours?.values[i])}, tfjs has ${String(value)}`);
      });
    }
  });

  it('never reuse memory that was read or sliced, and reuse the rest', async () => {
    await openEngine('native');
    // Each result holds another value, so that memory used again shows.
    const filled = (value: number): tf.Tensor => FUSED.dropout({ x: tf.fill([300, 200], value) }, { rate: 0, seed: 1 });
    const { data } = tf.backend() as unknown as { data: { get(id: object): { values: Float32Array } } };
    const bufferOf = (x: tf.Tensor): ArrayBufferLike => data.get(x.dataId).values.buffer;
    const read = filled(1);
    const values = read.dataSync();
    read.dispose();
    const sliced = filled(2);
    const slice = tf.slice(sliced, [10, 0], [20, 200]);
    sliced.dispose();
    const free = filled(3);
    const buffer = bufferOf(free);
    free.dispose();
    const last = filled(4);
    expect(bufferOf(last)).toBe(buffer);
    expect([values, slice.dataSync(), last.dataSync()].map((all) => [...new Set(all)])).toEqual([[1], [2], [4]]);
  });

  it.each(['js', 'native'])('take the edges of abs, step and clipByValue as %s does', async (engine) => {
    await openEngine(engine);
    const edges = tf.tensor1d([NaN, Infinity, -Infinity, 0, -0, 1e-45, -1e-45, 1, 1.0000001, -1, 2]);
    const values = (y: tf.Tensor): number[] => [...y.dataSync()];
    expect(values(tf.step(edges))).toEqual([NaN, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1]);
    const tiny = Math.fround(1e-45);
    expect(values(tf.abs(edges))).toEqual([NaN, Infinity, Infinity, 0, 0, tiny, tiny, 1, Math.fround(1.0000001), 1, 2]);
    expect(values(tf.clipByValue(edges, -0.5, 1))).toEqual([NaN, 1, -0.5, 0, -0, tiny, -tiny, 1, 1, -0.5, 1]);
  });

  it('propagate NaN in maximum and minimum', async () => {
    await openEngine('native');
    const a = tf.tensor1d([NaN, 1, NaN]);
    const b = tf.tensor1d([1, NaN, NaN]);
    expect([...tf.maximum(a, b).dataSync(), ...tf.minimum(a, b).dataSync()]).toEqual(Array(6).fill(NaN));
  });
});
