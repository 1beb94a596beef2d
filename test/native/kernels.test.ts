import { BufferPool } from '../../src/engine/bufferPool';
import { nativeKernels } from '../../src/engine/nativeKernels';
import { drawCall } from '../../src/engine/selfTest';
import { ALL_OPS, type AnyKernel, type Bound, type Example, type OpName, type Values } from '../../src/kernels';
import type { Rng } from '../../src/rng';
import { describeIsas, difference, normals, rngFor, stepSizesOf, sum } from './addon';

const FORWARD = 1e-5;

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

/** Batches on both sides of every vector width, of more than one unit, and with scores that single products do not hold. */
const CRFS = [
  { lengths: [1], labels: 1 },
  { lengths: [], labels: 3 },
  { lengths: [7, 1], labels: 2 },
  { lengths: [5, 5, 5, 4, 1, 1], labels: 8 },
  { lengths: [9, 8, 3, 3, 2, 1], labels: 17, scale: 300 },
  { lengths: Array.from({ length: 30 }, (_, i) => 41 - i), labels: 13 },
  { lengths: Array.from({ length: 11 }, (_, i) => 30 - i), labels: 33 },
].map(({ lengths, labels, scale = 1 }) => ({
  dims: { N: sum(lengths), C: labels, T: Math.max(0, ...lengths) },
  numbers: { training: 1 },
  draw: {
    emissions: (rng: Rng, n: number) => normals(rng, n, scale),
    transitions: (rng: Rng, n: number) => normals(rng, n, scale),
    stepSizes: () => stepSizesOf(lengths),
  },
}));

/** Calls of each op beside its own example: sizes on both sides of every vector width, none, and more than one chunk of rows. */
const CALLS: Record<OpName, readonly Example[]> = {
  lstm: [
    ...LSTMS,
    // 1 160 rows of 128 units, of which a chunk takes 512 on every instruction set
    { lengths: Array.from({ length: 40 }, (_, i) => 48 - i), inputs: 3, units: 128, directions: 2 },
  ].flatMap(({ lengths, inputs, units, directions }): Example[] => {
    const stepSizes = stepSizesOf(lengths);
    const dims = { N: sum(lengths), I: inputs, H: units, D: directions, T: stepSizes.length };
    const draw = {
      w: (rng: Rng, n: number) => normals(rng, n, 0.5 / Math.sqrt(units)),
      b: (rng: Rng, n: number) => normals(rng, n, 0.3),
      stepSizes: () => stepSizes,
    };
    return [{ dims, draw, numbers: { training: 1 } }];
  }),
  dense: [
    [1, 1, 1],
    [1, 7, 3],
    [33, 256, 9],
    [100, 17, 40],
    [3, 600, 2],
    [400, 64, 165],
    [0, 5, 4],
    [6, 0, 4],
  ].map(([N, I, O]) => ({ dims: { N, I, O } })),
  embed: [{ dims: { N: 70, V: [11, 11, 11], E: [5, 16, 33] } }, { dims: { N: 0, V: [2], E: [5] } }],
  crfNll: CRFS.flatMap((call) =>
    [0, 1].map((unknown) => ({
      ...call,
      draw: {
        ...call.draw,
        // All known, or one in some not.
        gold: (rng: Rng, n: number) => Int32Array.from({ length: n }, () => rng.int(call.dims.C + unknown) - unknown),
      },
    })),
  ),
  crfMarginals: CRFS,
  decode: CRFS.flatMap((call): Example[] => {
    const numbers = { outside: call.dims.C - 2, bias: -0.5 };
    const forbid = (rng: Rng, n: number) => Float32Array.from({ length: n }, () => (rng.int(3) === 0 ? -Infinity : 0));
    const { emissions, stepSizes } = call.draw;
    return [
      { ...call, numbers },
      { ...call, numbers, draw: { emissions, stepSizes, transitions: forbid, start: forbid, end: (_, n) => normals(rngFor('end'), n, 0) } }, // prettier-ignore
    ];
  }),
  dropout: [0, 0.3, 0.5, 0.999, 1 - 2 ** -40].flatMap((rate) =>
    [0, 1, 0xdeadbeef, 0xffffffff].map((seed) => ({ any: [[10_007]], numbers: { rate, seed } })),
  ),
  sumRows: [
    { dims: { N: 1, G: 4 }, numbers: { from: 2, E: 1 } },
    { dims: { N: 9, G: 20 }, numbers: { from: 2, E: 17 } },
    { dims: { N: 300, G: 103 }, numbers: { from: 2, E: 100 } },
    { dims: { N: 0, G: 3 }, numbers: { from: 1, E: 2 } },
  ],
  maxPool: [
    [1, 1, 1, 1],
    [40, 17, 7, 90],
    [300, 30, 60, 200],
  ].map(([P, F, U, N]) => ({
    dims: { P, F, U, N },
    draw: {
      lengths: () => Int32Array.from({ length: U }, (_, u) => (u < U - 1 ? 1 + (u % 5) : P - sum(Array.from({ length: U - 1 }, (__, k) => 1 + (k % 5))))), // prettier-ignore
      words: (rng: Rng, n: number) => Int32Array.from({ length: n }, () => rng.int(U)),
    },
  })),
  globalNorm: [{ any: [[20_003], [0, 2], [1]] }],
  adam: [1, 15, 16, 1000, 20_003].map((n) => ({ any: [[n]] })),
  adamRows: [
    [1, 1, 1, 1],
    [50, 50, 17, 6],
    [700, 600, 100, 250],
  ].map(([V, M, E, U]) => ({
    dims: { V, M, E, U },
    draw: { rows: (rng: Rng, n: number) => Int32Array.from(rng.shuffle([...Array(M).keys()]).slice(0, n)) },
  })),
};

interface Bodies {
  readonly forward: AnyKernel['body'];
  readonly gradient?: AnyKernel['body'];
}

/** A call with what the reference makes of it, which is worked out once for all threads and instruction sets. */
const calls = ALL_OPS.flatMap(([name, { forward, gradient, example }]) =>
  [example, ...CALLS[name]].map((call) => {
    const numbers = call.numbers ?? example.numbers ?? {};
    const draw = { ...example.draw, ...call.draw };
    const drawn = once(() => drawCall(forward, rngFor(forward.name), { ...call, draw }));
    const run = (): { arrays: Arrays; dims: Bound } => {
      const arrays = { ...drawn().arrays };
      for (const name of forward.inPlace) arrays[name] = (arrays[name] as Values).slice();
      return { arrays, dims: { ...drawn().dims, ...numbers } };
    };
    const expected = once(() => {
      const { arrays, dims } = run();
      const outputs = forward.body(arrays, dims, numbers);
      if (!gradient) return { arrays, outputs, back: {}, grads: {} };
      const [{ name: y }] = forward.signature.outputs;
      const back = { ...arrays, [`d${y}`]: normals(rngFor('dy'), (outputs[y] as Values).length) };
      return { arrays, outputs, back, grads: gradient.body({ ...back, ...outputs }, dims, numbers) };
    });
    const what = `${name} of ${JSON.stringify({ dims: call.dims, any: call.any, numbers })}`;
    return { what, name, forward, gradient, numbers, run, expected };
  }),
);
type Arrays = ReturnType<typeof drawCall>['arrays'];

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

describeIsas('native kernels agree with the reference', (addon) => {
  const native = nativeKernels(addon, new BufferPool()) as unknown as Record<OpName, Bodies>;

  describe.each([1, 2, 5])('on %d threads', (threads) => {
    beforeAll(() => addon.setThreads(threads));

    it.each(calls)('$what', ({ name, forward, gradient, numbers, run, expected: right }) => {
      const { arrays, dims } = run();
      const expected = right();
      const actual = native[name].forward(arrays, dims, numbers);
      for (const { name: output, dims: shape } of forward.signature.outputs)
        if (shape !== 'opaque') agree(actual[output] as Values, expected.outputs[output] as Values, forward.tolerance);
      for (const input of forward.inPlace)
        agree(arrays[input] as Values, expected.arrays[input] as Values, forward.tolerance);

      const grads = native[name].gradient?.({ ...expected.back, ...actual }, dims, numbers) ?? {};
      expect(Object.keys(grads)).toEqual(Object.keys(expected.grads));
      for (const [input, values] of Object.entries(expected.grads))
        agree(grads[input] as Values, values as Values, gradient?.tolerance ?? 0);
    });
  });

  it('lstm gives the same output and keeps nothing where no gradient will be asked for', () => {
    const { arrays, dims } = calls[0].run();
    const [kept, free] = [1, 0].map((training) => native.lstm.forward(arrays, dims, { training }));
    expect(free.h).toEqual(kept.h);
    expect(free.reserve).toHaveLength(0);
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

/** Integers and what must agree to the bit are equal, all else within the tolerance of the kernel. */
function agree(actual: Values, expected: Values, tolerance: number): void {
  const bytes = ({ buffer, byteOffset, byteLength }: Values): Buffer => Buffer.from(buffer, byteOffset, byteLength);
  if (tolerance === 0 || expected instanceof Int32Array) expect(bytes(actual).equals(bytes(expected))).toBe(true);
  else expect(difference(actual as Float32Array, expected)).toBeLessThanOrEqual(tolerance);
}
