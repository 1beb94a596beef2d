import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '../../src/engine';
import { type Spread, SPREADS } from '../../src/engine/addon';
import { reduction, spread } from '../../src/engine/broadcast';
import { createRng } from '../../src/rng';

let engine: Awaited<ReturnType<typeof openEngine>>;
beforeAll(async () => {
  engine = await openEngine('js');
});
afterAll(() => {
  engine.dispose();
});

const rng = createRng(3);
const shapes = Array.from({ length: 400 }, () => Array.from({ length: rng.int(5) }, () => 1 + rng.int(3)));

/** The same shape with some axes at 1 and some leading ones left out: what broadcasts to it. */
const shrink = (shape: readonly number[]): number[] =>
  shape.slice(rng.int(shape.length + 1)).map((length) => (rng.int(2) === 0 ? 1 : length));

/** Which element of an operand stands at (outer, inner). */
const READ: Record<Spread, (o: number, i: number, inner: number) => number> = {
  [SPREADS.full]: (o, i, inner) => o * inner + i,
  [SPREADS.scalar]: () => 0,
  [SPREADS.row]: (_, i) => i,
  [SPREADS.column]: (o) => o,
};

const iota = (shape: readonly number[]): tf.Tensor =>
  tf.reshape(tf.range(0, tf.util.sizeFromShape([...shape])), [...shape]);

describe('spread', () => {
  it('reads both operands where tfjs broadcasts them to', () => {
    let planned = 0;
    for (const full of shapes) {
      const part = shrink(full);
      for (const [a, b] of [
        [full, part],
        [part, full],
      ]) {
        const plan = spread(a, b);
        if (!plan) continue;
        planned++;
        expect(plan.shape).toEqual(full);
        for (const [shape, how] of [
          [a, plan.a],
          [b, plan.b],
        ] as const) {
          const read = Array.from({ length: plan.outer * plan.inner }, (_, at) =>
            READ[how](Math.floor(at / plan.inner), at % plan.inner, plan.inner),
          );
          expect(read).toEqual([...tf.broadcastTo(iota(shape), full).dataSync()]);
        }
      }
    }
    expect(planned).toBeGreaterThan(400);
  });

  it('leaves to tfjs what is neither a row nor a column', () => {
    expect(spread([2, 3, 4], [2, 1, 4])).toBeUndefined();
    expect(spread([2, 1], [1, 3])).toBeUndefined();
    expect(spread([3], [2])).toBeUndefined();
  });
});

describe('reduction', () => {
  it('sums what tfjs sums, over the first axes and over the last', () => {
    for (const x of shapes) {
      const split = rng.int(x.length + 1);
      const keepsOuter = rng.int(2) === 0;
      const axes = [...x.keys()].filter((axis) => (keepsOuter ? axis >= split : axis < split));
      const keepDims = rng.int(2) === 0;
      const plan = reduction(x, axes, keepDims);
      const values = iota(x);
      const wanted = axes.length === 0 ? values : tf.sum(values, axes, keepDims);
      const { outer = 0, inner = 0, keepsOuter: byOuter } = plan ?? {};
      const sums = new Array<number>(byOuter ? outer : inner).fill(0);
      values.dataSync().forEach((value, at) => (sums[byOuter ? Math.floor(at / inner) : at % inner] += value));
      expect([plan?.shape, sums]).toEqual([wanted.shape, [...wanted.dataSync()]]);
    }
  });

  it('leaves to tfjs the axes in the middle, and empty tensors', () => {
    expect(reduction([2, 3, 4], 1, false)).toBeUndefined();
    expect(reduction([2, 3, 4], [0, 2], false)).toBeUndefined();
    expect(reduction([2, 0], 1, false)).toBeUndefined();
  });
});
