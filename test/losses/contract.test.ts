import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '../../src/engine';
import { LOSSES, parseLossParams, type LossContext, type LossName, type LossSpec } from '../../src/losses';
import type { Param } from '../../src/losses/loss';
import { createRng } from '../../src/rng';
import { plainLoss } from './plain';
import { rowsTarget } from './target';

/** What holds for every row of the table, in every form, at the defaults and with each parameter moved off its default. */

beforeAll(() => openEngine('js'));

const CONTEXT: LossContext = { labels: ['O', 'B-X', 'I-X', 'B-Y'], counts: [900, 60, 30, 10], outside: 0 };
const C = CONTEXT.labels.length;
/** In the middle of a schedule. */
const EPOCH = 3;

interface Batch {
  readonly logits: number[][];
  readonly gold: number[];
  readonly sentenceOf: number[];
}
interface Case {
  readonly name: LossName;
  readonly raw: Record<string, unknown>;
}

const CASES: Case[] = Object.values(LOSSES).flatMap((spec: LossSpec) =>
  bases(spec).flatMap((base) => [base, ...variants(spec, base)].map((raw) => ({ name: spec.name as LossName, raw }))),
);

/** Every form and scope that the loss has; of a mix two, as its other part has them all. */
function bases(spec: LossSpec): Record<string, unknown>[] {
  if (!('form' in spec.params)) return [{}];
  if ('mix' in spec.params) return [{ form: 'gold' }, { form: 'set', scope: 'sentence' }];
  return [
    { form: 'gold' },
    { form: 'one-vs-rest' },
    ...['set', 'present', 'pooled'].flatMap((form) => ['batch', 'sentence'].map((scope) => ({ form, scope }))),
  ];
}

/** One other parameter at a time, where it acts. */
function variants(spec: LossSpec, base: Record<string, unknown>): Record<string, unknown>[] {
  return Object.entries(spec.params).flatMap(([key, param]) => {
    if (key === 'form' || key === 'scope') return [];
    if (param.when?.form && !param.when.form.includes(base.form as string)) return [];
    const needed = Object.fromEntries(
      Object.entries(param.when ?? {}).flatMap(([other, [first]]) => (other in base ? [] : [[other, first]])),
    );
    return tryValues(param)
      .filter((value) => value !== param.default)
      .map((value) => ({ ...base, ...needed, [key]: value }));
  });
}

function tryValues(param: Param): unknown[] {
  if (param.type === 'number') return [param.range[0], ...(param.tune?.slice(-1) ?? [(param.default + 1) / 2])];
  if (param.type === 'boolean') return [true, false];
  return param.type === 'weights' ? [...param.choices, { 'B-Y': 3, O: 0.5 }] : [...param.choices];
}

function create({ name, raw }: Case): (batch: Batch) => { value: number; grad: number[][] } {
  const loss = LOSSES[name].create(tf, parseLossParams(name, raw) as never, CONTEXT);
  return ({ logits, gold, sentenceOf }) =>
    tf.tidy(() => {
      const target = rowsTarget(gold, sentenceOf, EPOCH);
      const { value, grad } = tf.valueAndGrad((z: tf.Tensor) => loss(z as tf.Tensor2D, target))(
        tf.tensor2d(logits, [gold.length, C]),
      );
      return { value: value.dataSync()[0], grad: grad.arraySync() as number[][] };
    });
}

function randomBatch(seed: number, rows = 12, scale = 2): Batch {
  const rng = createRng(seed);
  return {
    logits: Array.from({ length: rows }, () => Array.from({ length: C }, () => scale * rng.normal())),
    gold: Array.from({ length: rows }, () => rng.int(C)),
    sentenceOf: Array.from({ length: rows }, () => rng.int(3)),
  };
}

const flat = (batch: Batch): number[] => batch.logits.flat();

describe.each(CASES.map((c) => [`${c.name} ${JSON.stringify(c.raw)}`, c] as const))('%s', (_, c) => {
  const run = create(c);

  it('equals the plain implementation', () => {
    for (const seed of [1, 2, 3]) {
      const { logits, gold, sentenceOf } = randomBatch(seed);
      gold[seed] = -1;
      const want = plainLoss(c.name, parseLossParams(c.name, c.raw), CONTEXT, logits, gold, sentenceOf, EPOCH);
      expect(Math.abs(run({ logits, gold, sentenceOf }).value - want)).toBeLessThan(2e-6 * (1 + Math.abs(want)));
    }
  });

  it('has the gradient of its finite differences', () => {
    const { logits, gold, sentenceOf } = randomBatch(4, 6, 1);
    const { grad } = run({ logits, gold, sentenceOf });
    const params = parseLossParams(c.name, c.raw);
    if ('constantWeight' in params && params.constantWeight) {
      expectConstantWeight(c, logits, gold, sentenceOf);
      return;
    }
    const h = 1e-4;
    let off = 0;
    logits.forEach((row, i) =>
      row.forEach((z, j) => {
        const at = (delta: number): number => {
          const moved = logits.map((r, k) => (k === i ? r.map((v, l) => (l === j ? z + delta : v)) : r));
          return plainLoss(c.name, params, CONTEXT, moved, gold, sentenceOf, EPOCH);
        };
        off = Math.max(off, Math.abs(grad[i][j] - (at(h) - at(-h)) / (2 * h)) / (1 + 100 * Math.abs(grad[i][j])));
      }),
    );
    expect(off).toBeLessThan(2e-6);
  });

  it('is finite, with a finite gradient, at logits of 40 either way', () => {
    for (const right of [true, false])
      for (const size of [40, -40]) {
        const gold = [0, 1, 2, 3];
        const logits = gold.map((g) => Array.from({ length: C }, (__, j) => ((j === g) === right ? size : -size)));
        const { value, grad } = run({ logits, gold, sentenceOf: [0, 0, 1, 1] });
        expect([value, ...grad.flat()].filter((x) => !Number.isFinite(x))).toEqual([]);
      }
  });

  it('is the same to the bit whatever ignored rows hold, and as if they were not there', () => {
    const { logits, gold, sentenceOf } = randomBatch(5);
    const bare = run({ logits, gold, sentenceOf });
    for (const noise of [
      [1e4, 0, -1e4, 3],
      [0, 0, 0, 0],
    ])
      // The last ignored row is a sentence of its own, past all others.
      for (const sentence of [0, 3]) {
        const padded = run({
          logits: [noise, ...logits, noise],
          gold: [-1, ...gold, -1],
          sentenceOf: [1, ...sentenceOf, sentence],
        });
        expect(padded.value).toBe(bare.value);
        expect(padded.grad.slice(1, -1)).toEqual(bare.grad);
        expect([padded.grad[0], padded.grad.at(-1)].flat().filter((x) => x !== 0)).toEqual([]);
      }
  });

  it('is 0 with zero gradient when every row is ignored', () => {
    const { logits } = randomBatch(6, 3);
    const { value, grad } = run({ logits, gold: [-1, -1, -1], sentenceOf: [0, 0, 1] });
    expect(value).toBeCloseTo(0, 12);
    expect(grad.flat().filter((x) => x !== 0)).toEqual([]);
  });

  it('does not depend on the order of rows', () => {
    const batch = randomBatch(7);
    const order = createRng(8).shuffle(batch.gold.map((__, i) => i));
    const pick = <T>(items: T[]): T[] => order.map((i) => items[i]);
    const before = run(batch);
    const after = run({ logits: pick(batch.logits), gold: pick(batch.gold), sentenceOf: pick(batch.sentenceOf) });
    expect(after.value).toBeCloseTo(before.value, 6);
    const moved = after.grad.flatMap((row, i) => row.map((x, j) => Math.abs(x - before.grad[order[i]][j])));
    expect(Math.max(...moved)).toBeLessThan(5e-7);
  });

  it('leaves no tensor behind', () => {
    const batch = randomBatch(9);
    const loss = LOSSES[c.name].create(tf, parseLossParams(c.name, c.raw) as never, CONTEXT);
    const z = tf.tensor2d(flat(batch), [batch.gold.length, C]);
    const target = { ...rowsTarget(batch.gold, batch.sentenceOf), epoch: EPOCH };
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) {
      loss(z, target).dispose();
      tf.grad((x: tf.Tensor) => loss(x as tf.Tensor2D, target))(z).dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([z, target.gold, target.sentenceOf, target.stepSizes]);
  });
});

/**
 * With a constant weight the gradient is that of alpha = 0 but with p replaced by w p, w fixed: checked by differences of a plain
 * loss whose weight is taken at the unmoved logits. Written for the gold form; the others share its op.
 */
function expectConstantWeight(c: Case, logits: number[][], gold: number[], sentenceOf: number[]): void {
  const { alpha, k, smooth } = parseLossParams('dsc', {}) as unknown as { alpha: number; k: number; smooth: number };
  const p = (z: number[], g: number): number => Math.exp(z[g]) / z.reduce((sum, v) => sum + Math.exp(v), 0);
  const free = create({ name: c.name, raw: { ...c.raw, constantWeight: false } })({ logits, gold, sentenceOf });
  const { value, grad } = create(c)({ logits, gold, sentenceOf });
  expect(value).toBe(free.value);
  expect(grad).not.toEqual(free.grad);
  if (c.raw.form !== 'gold' || c.name !== 'dsc') return;
  logits.forEach((z, i) => {
    const fixed = Math.pow(1 - p(z, gold[i]), alpha);
    const at = (delta: number): number => {
      const g =
        fixed *
        p(
          z.map((v, j) => (j === gold[i] ? v + delta : v)),
          gold[i],
        );
      return (1 - (k * g + smooth) / (g * g + 1 + smooth)) / gold.length;
    };
    expect(grad[i][gold[i]]).toBeCloseTo((at(1e-4) - at(-1e-4)) / 2e-4, 5);
  });
}

describe('the table', () => {
  it('names every row after its key, and declares complete parameters', () => {
    for (const [key, spec] of Object.entries(LOSSES) as [string, LossSpec][]) {
      expect(spec.name).toBe(key);
      expect(spec.formula && spec.title && spec.source).toBeTruthy();
      expect(parseLossParams(key, {})).toEqual(
        Object.fromEntries(Object.entries(spec.params).map(([name, param]) => [name, param.default])),
      );
    }
  });

  it('accepts what it returned: the resolved config of a run can be read back', () => {
    for (const { name, raw } of CASES) {
      const once = parseLossParams(name, raw);
      expect(parseLossParams(name, once)).toEqual(once);
    }
  });

  it.each(CASES.filter(({ raw }) => Object.keys(raw).some((key) => key !== 'form' && key !== 'scope')))(
    'has no parameter that does nothing: $name $raw',
    ({ name, raw }) => {
      const without = Object.fromEntries(Object.entries(raw).slice(0, -1));
      const batch = randomBatch(10);
      const sum = ({ value, grad }: { value: number; grad: number[][] }): string => JSON.stringify([value, grad]);
      expect(sum(create({ name, raw })(batch))).not.toBe(sum(create({ name, raw: without })(batch)));
    },
  );
});
