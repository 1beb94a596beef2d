import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '../../src/engine';
import { LOSSES, parseLossParams, type LossContext, type LossName, type LossSpec } from '../../src/losses';
import {
  type Answer,
  type Ask,
  asker,
  brokenClauses,
  ignoredRows,
  randomRows,
  type Rows,
} from '../../src/losses/contract';
import type { Param } from '../../src/losses/loss';
import { plainLoss } from './plain';
import { rowsTarget } from './target';

/** What holds for every row of the table, in every form, at the defaults and with each parameter moved off its default. */

beforeAll(() => openEngine('js'));

const CONTEXT: LossContext = { labels: ['O', 'B-X', 'I-X', 'B-Y'], counts: [900, 60, 30, 10], outside: 0 };
const C = CONTEXT.labels.length;
/** Of the gold class alone there is nothing left of it where nothing that is missed counts. */
const CONSTANT = ['tl {"form":"gold","beta":0}'];

/** In the middle of a schedule. */
const EPOCH = 3;

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

const create = ({ name, raw }: Case): Ask =>
  asker(tf, LOSSES[name].create(tf, parseLossParams(name, raw) as never, CONTEXT), EPOCH);

const randomBatch = (seed: number, rows?: number, scale?: number): Rows => randomRows(seed, C, rows, scale);

describe.each(CASES.map((c) => [`${c.name} ${JSON.stringify(c.raw)}`, c] as const))('%s', (title, c) => {
  const run = create(c);

  it('equals the plain implementation', () => {
    for (const seed of [1, 2, 3]) {
      const { logits, gold: known, sentenceOf } = randomBatch(seed);
      const gold = known.with(seed, -1);
      const want = plainLoss(c.name, parseLossParams(c.name, c.raw), CONTEXT, logits, gold, sentenceOf, EPOCH);
      expect(Math.abs(run({ logits, gold, sentenceOf }).value - want)).toBeLessThan(2e-6 * (1 + Math.abs(want)));
    }
  });

  it('has the gradient of its finite differences', () => {
    const { logits, gold, sentenceOf } = randomBatch(4, 6, 1);
    const { grad } = run({ logits, gold, sentenceOf });
    const params = parseLossParams(c.name, c.raw);
    if ('constantWeight' in params && params.constantWeight) {
      expectConstantWeight(c, { logits, gold, sentenceOf });
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

  it('keeps to the contract that losses of files are held to', () => {
    const broken = brokenClauses(run, C, LOSSES[c.name], parseLossParams(c.name, c.raw));
    expect(broken).toEqual(CONSTANT.includes(title) ? [expect.stringContaining('must depend on the logits')] : []);
  });

  it('is the same to the bit whatever ignored rows hold', () => {
    expect(ignoredRows(run, C, 1e4).off).toBe(0);
  });

  it('leaves no tensor behind', () => {
    const batch = randomBatch(9);
    const loss = LOSSES[c.name].create(tf, parseLossParams(c.name, c.raw) as never, CONTEXT);
    const z = tf.tensor2d(batch.logits.flat(), [batch.gold.length, C]);
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
function expectConstantWeight(c: Case, { logits, gold, sentenceOf }: Rows): void {
  const { alpha, k, smooth } = parseLossParams('dsc', {}) as unknown as { alpha: number; k: number; smooth: number };
  const p = (z: readonly number[], g: number): number => Math.exp(z[g]) / z.reduce((sum, v) => sum + Math.exp(v), 0);
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
      const sum = ({ value, grad }: Answer): string => JSON.stringify([value, grad]);
      expect(sum(create({ name, raw })(batch))).not.toBe(sum(create({ name, raw: without })(batch)));
    },
  );
});
