import { BufferPool } from '../../src/engine/bufferPool';
import { nativeKernels } from '../../src/engine/nativeKernels';
import type { AdamOptions, LstmShape } from '../../src/kernels/kernelSet';
import { REFERENCE } from '../../src/kernels/reference';
import { describeIsas, difference, normals, rngFor, stepSizesOf, sum } from './addon';

const FORWARD = 1e-5;
const GRADIENT = 1e-4;

/** Units and inputs on both sides of every vector width, single rows, columns and steps, and unequal lengths. */
const LSTMS: { lengths: number[]; inputs: number; units: number; directions: number }[] = [
  { lengths: [1], inputs: 1, units: 1, directions: 1 },
  { lengths: [1], inputs: 3, units: 5, directions: 2 },
  { lengths: [7], inputs: 4, units: 16, directions: 2 },
  { lengths: [1, 1, 1, 1], inputs: 9, units: 17, directions: 2 },
  { lengths: [9, 4, 4, 1], inputs: 20, units: 33, directions: 2 },
  { lengths: [5, 3, 2, 2, 1], inputs: 16, units: 31, directions: 1 },
  { lengths: Array.from({ length: 20 }, (_, i) => 21 - i), inputs: 50, units: 64, directions: 2 },
  { lengths: Array.from({ length: 12 }, () => 26), inputs: 30, units: 100, directions: 2 },
  { lengths: [], inputs: 6, units: 8, directions: 2 },
  { lengths: [3, 1], inputs: 0, units: 7, directions: 1 },
];

const ADAM: AdamOptions = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 3, scale: 0.7 };

/** 1 160 rows of 128 units, of which a chunk takes 512 on every instruction set, with the results of the reference. */
const chunked = once(() => {
  const rng = rngFor('chunks');
  const lengths = Array.from({ length: 40 }, (_, i) => 48 - i);
  const shape: LstmShape = { rows: sum(lengths), inputs: 3, units: 128, directions: 2 };
  const steps = stepSizesOf(lengths);
  const x = normals(rng, shape.rows * 3);
  const w = normals(rng, 2 * (3 + 128) * 512, 0.05);
  const b = normals(rng, 2 * 512, 0.3);
  const dh = normals(rng, shape.rows * 2 * 128);
  const [h, reserve] = REFERENCE.lstm(shape, x, w, b, steps, true);
  return { shape, steps, x, w, b, dh, h, grads: REFERENCE.lstmGrad(shape, x, w, b, steps, h, reserve, dh) };
});

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

describeIsas('native kernels agree with the reference', (addon) => {
  const native = nativeKernels(addon, new BufferPool());

  describe.each([1, 2, 5])('on %d threads', (threads) => {
    beforeAll(() => addon.setThreads(threads));

    it.each(LSTMS)('lstm and its gradient, I=$inputs H=$units D=$directions lengths=$lengths', (problem) => {
      const { inputs, units, directions } = problem;
      const rng = rngFor('lstm');
      const shape: LstmShape = { rows: sum(problem.lengths), inputs, units, directions };
      const steps = stepSizesOf(problem.lengths);
      const x = normals(rng, shape.rows * inputs);
      const w = normals(rng, directions * (inputs + units) * 4 * units, 0.5 / Math.sqrt(units));
      const b = normals(rng, directions * 4 * units, 0.3);
      const dh = normals(rng, shape.rows * directions * units);
      const [h, reserve] = native.lstm(shape, x, w, b, steps, true);
      const [hRef, reserveRef] = REFERENCE.lstm(shape, x, w, b, steps, true);
      expect(difference(h, hRef)).toBeLessThan(FORWARD);
      expect(difference(native.lstm(shape, x, w, b, steps, false)[0], hRef)).toBeLessThan(FORWARD);

      const grads = native.lstmGrad(shape, x, w, b, steps, h, reserve, dh);
      const expected = REFERENCE.lstmGrad(shape, x, w, b, steps, hRef, reserveRef, dh);
      grads.forEach((grad, i) => expect(difference(grad, expected[i])).toBeLessThan(GRADIENT));
    });

    it('lstm and its gradient, in several chunks of its rows', () => {
      const { shape, steps, x, w, b, dh, h: hRef, grads: expected } = chunked();
      const [h, reserve] = native.lstm(shape, x, w, b, steps, true);
      expect(difference(h, hRef)).toBeLessThan(FORWARD);
      native
        .lstmGrad(shape, x, w, b, steps, h, reserve, dh)
        .forEach((grad, i) => expect(difference(grad, expected[i])).toBeLessThan(GRADIENT));
    });

    it.each([
      [1, 1, 1],
      [1, 7, 3],
      [33, 256, 9],
      [100, 17, 40],
      [3, 600, 2],
      [400, 64, 165],
      [0, 5, 4],
      [6, 0, 4],
    ])('dense and its gradient, %d rows, %d inputs, %d outputs', (rows, inputs, outputs) => {
      const rng = rngFor('dense');
      const x = normals(rng, rows * inputs);
      const w = normals(rng, inputs * outputs);
      const b = normals(rng, outputs);
      const dy = normals(rng, rows * outputs);
      const y = native.dense(rows, inputs, outputs, x, w, b);
      expect(difference(y, REFERENCE.dense(rows, inputs, outputs, x, w, b))).toBeLessThan(FORWARD);
      const expected = REFERENCE.denseGrad(rows, inputs, outputs, x, w, dy);
      native
        .denseGrad(rows, inputs, outputs, x, w, dy)
        .forEach((grad, i) => expect(difference(grad, expected[i])).toBeLessThan(GRADIENT));
    });

    it.each([1, 15, 16, 1000, 20_003])('adam and the global norm on %d elements', (n) => {
      const rng = rngFor('adam');
      const state = [normals(rng, n), normals(rng, n, 0.1), normals(rng, n, 0.1).map(Math.abs)];
      const grad = normals(rng, n);
      const copy = state.map((array) => array.slice());
      native.adam(state[0], state[1], state[2], grad, ADAM);
      REFERENCE.adam(copy[0], copy[1], copy[2], grad, ADAM);
      state.forEach((array, i) => expect(difference(array, copy[i])).toBeLessThan(FORWARD));
      const norm = REFERENCE.globalNorm([grad, state[0]]);
      expect(native.globalNorm([grad, state[0]]) / norm).toBeCloseTo(1, 12);
    });

    it.each([
      [1, 1, 1],
      [50, 17, 9],
      [600, 100, 300],
    ])('row gradients and lazy adam, %d rows of %d, %d ids', (rows, width, count) => {
      const rng = rngFor('rows');
      const ids = Int32Array.from({ length: count }, () => rng.int(rows));
      const grad = normals(rng, count * (width + 3));
      const [distinct, sums] = native.sumRows(ids, grad, width + 3, 2, width);
      const [distinctRef, sumsRef] = REFERENCE.sumRows(ids, grad, width + 3, 2, width);
      expect(distinct).toEqual(distinctRef);
      expect(sums).toEqual(sumsRef);

      const state = [normals(rng, rows * width), normals(rng, rows * width), normals(rng, rows * width).map(Math.abs)];
      const copy = state.map((array) => array.slice());
      native.adamRows(state[0], state[1], state[2], distinct, sums, width, ADAM);
      REFERENCE.adamRows(copy[0], copy[1], copy[2], distinct, sums, width, ADAM);
      state.forEach((array, i) => expect(difference(array, copy[i])).toBeLessThan(FORWARD));
    });
  });

  it('embed', () => {
    const rng = rngFor('embed');
    const tables = [5, 16, 33].map((width) => ({
      table: normals(rng, 20 * width),
      ids: Int32Array.from({ length: 70 }, () => rng.int(20)),
      width,
    }));
    expect(native.embed(70, tables)).toEqual(REFERENCE.embed(70, tables));
    expect(native.embed(0, [{ table: normals(rng, 10), ids: new Int32Array(0), width: 5 }])).toHaveLength(0);
  });

  it.each([0, 0.3, 0.5, 0.999, 1 - 2 ** -40])('dropout at rate %d, bit for bit', (rate) => {
    const x = normals(rngFor('dropout'), 10_007);
    for (const seed of [0, 1, 0xdeadbeef, 0xffffffff]) {
      expect(native.dropout(x, rate, seed)).toEqual(REFERENCE.dropout(x, rate, seed));
    }
  });

  it('matmul, both operands as they are and transposed, in a batch', () => {
    const rng = rngFor('matmul');
    for (const [m, n, k] of [
      [1, 1, 1],
      [13, 37, 300],
      [65, 5, 31],
    ]) {
      const a = normals(rng, 2 * m * k);
      const b = normals(rng, 2 * k * n);
      for (const flags of [0, 1, 2, 3]) {
        const [ta, tb] = [(flags & 1) > 0, (flags & 2) > 0];
        const expected = new Float32Array(2 * m * n);
        for (let p = 0; p < 2; p++) {
          for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++) {
              let total = 0;
              for (let q = 0; q < k; q++) {
                total += a[p * m * k + (ta ? q * m + i : i * k + q)] * b[p * k * n + (tb ? j * k + q : q * n + j)];
              }
              expected[(p * m + i) * n + j] = total;
            }
          }
        }
        const c = new Float32Array(2 * m * n);
        addon.matmul(2, m, n, k, ta, tb, a, b, c);
        expect(difference(c, expected)).toBeLessThan(FORWARD);
      }
    }
  });
});
