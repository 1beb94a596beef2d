import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '../../src/engine';
import { defineLoss, type LossFn, type LossSpec } from '../../src/losses/loss';
import { asker, brokenClauses, CONTRACT } from '../../src/losses/contract';
import { LOSSES } from '../../src/losses';
import { isLossFile, lossOf } from '../../src/losses/own';

beforeAll(() => openEngine('js'));

/** Every clause is broken by a loss that is wrong in this one way, and by none that is right. */
const onehot = (gold: tf.Tensor1D, C: number): tf.Tensor2D => tf.oneHot(gold, C, 1, 0, 'float32') as tf.Tensor2D;
const right: LossFn = (z, { gold }) => {
  const y = onehot(gold, z.shape[1]);
  return tf.div(tf.neg(tf.sum(tf.mul(y, tf.logSoftmax(z)))), tf.maximum(tf.sum(y), 1));
};

const WRONG: Readonly<Record<keyof typeof CONTRACT, LossFn>> = {
  finite: (z, target) => {
    const y = onehot(target.gold, z.shape[1]);
    const far = tf.sum(tf.mul(y, tf.exp(tf.mul(z, -3)))); // e^120 is more than float32 holds
    return tf.add(right(z, target), tf.div(tf.mul(far, 1e-6), tf.maximum(tf.sum(y), 1)));
  },
  gradient: (z, target) => {
    const half = tf.customGrad((x) => ({
      value: tf.clone(x as tf.Tensor),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, 0.5),
    }));
    return right(half(z) as tf.Tensor2D, target);
  },
  learns: (z) => tf.mul(tf.sum(z), 0),
  ignored: (z, target) => tf.add(right(z, target), tf.mul(0.01, tf.mean(tf.square(z)))),
  unknown: (z, target) => tf.add(right(z, target), 1),
  mean: (z, { gold }) => tf.neg(tf.sum(tf.mul(onehot(gold, z.shape[1]), tf.logSoftmax(z)))),
  order: (z, { gold }) => {
    const y = onehot(gold, z.shape[1]);
    const known = tf.sum(y, 1); // (N)
    const place = tf.div(tf.cumsum(known), tf.maximum(tf.sum(known), 1)); // later rows count for more
    const rows = tf.sum(tf.mul(y, tf.logSoftmax(z)), 1);
    return tf.div(tf.neg(tf.sum(tf.mul(rows, place))), tf.maximum(tf.sum(y), 1));
  },
  repeats: (() => {
    let asked = 0;
    return (z, target) => tf.mul(right(z, target), 1 + 1e-4 * asked++);
  })(),
};

const broken = (loss: LossFn, C = 5): string[] => brokenClauses(asker(tf, loss, 1), C, LOSSES.ce, {});

describe('the contract', () => {
  it.each([2, 5, 40])('is kept by a loss that is right, of %i labels', (C) => {
    expect(broken(right, C)).toEqual([]);
  });

  it.each(Object.keys(WRONG) as (keyof typeof CONTRACT)[])('says so where it is broken: %s', (clause) => {
    const lines = broken(WRONG[clause]);
    expect(lines.filter((line) => line.includes(`must ${CONTRACT[clause].must}`))).toHaveLength(1);
    for (const line of lines) expect(line).toMatch(/: .*[\dN]/); // with numbers
  });

  it('takes a kink for what it is', () => {
    const hinge: LossFn = (z, { gold }) => {
      const y = onehot(gold, z.shape[1]);
      const own = tf.sum(tf.mul(y, z), 1, true);
      const others = tf.mul(tf.sub(1, y), tf.relu(tf.add(tf.sub(z, own), 1)));
      return tf.div(tf.sum(tf.mul(others, tf.sum(y, 1, true))), tf.maximum(tf.sum(y), 1));
    };
    expect(broken(hinge)).toEqual([]);
  });

  it('does not ask a loss that holds a part constant for its finite differences', () => {
    const spec: LossSpec = { ...LOSSES.ce, stopsGradient: () => true };
    expect(brokenClauses(asker(tf, WRONG.gradient, 1), 5, spec, {})).toEqual([]);
  });
});

describe('a file', () => {
  const whole = defineLoss({
    ...{ name: 'mine', title: 'my loss', formula: 'f', source: 'me' },
    params: { q: { type: 'number', range: [0, 1], default: 0.5, meaning: 'q' } },
    create: () => right,
  });
  const read = (exported: unknown): LossSpec => lossOf(exported, 'my.mjs', ['ce']);

  it('gives the loss that it exports, described as far as it says', () => {
    expect(read(whole)).toEqual(whole);
    expect(
      read({ ...whole, title: undefined, formula: undefined, source: undefined, params: undefined, name: 'x' }),
    ).toMatchObject({
      name: 'x',
      title: 'x',
      params: {},
      source: 'my.mjs',
    });
  });

  it.each<[unknown, string]>([
    [undefined, 'has no default export'],
    [() => 1, 'its default export is no object'],
    [{ ...whole, name: undefined }, 'name is missing'],
    [{ ...whole, name: 'a b' }, 'name is "a b", expected letters'],
    [{ ...whole, name: 'ce' }, "name is 'ce', which is a loss that is built in"],
    [{ ...whole, create: 3 }, 'create is no function'],
    [
      { ...whole, params: { q: { type: 'int' } } },
      'params.q: type is "int", expected number, boolean, choice, weights',
    ],
    [
      { ...whole, params: { q: { type: 'number', range: [0, 1], default: 2 } } },
      'params.q: its default 2 is not from 0 to 1',
    ],
    [{ ...whole, params: { q: { type: 'choice', choices: ['a'], default: 'b' } } }, 'params.q: a choice needs'],
    [
      { ...whole, params: { name: { type: 'boolean', default: true } } },
      "params.name: 'name' is the name of the loss itself",
    ],
  ])('%j is refused: %s', (exported, message) => {
    expect(() => read(exported)).toThrow(`my.mjs: ${message}`);
  });

  it('is told from a name by its ending', () => {
    expect(['./a.mjs', 'b.js', '/c/d.cjs', 'ce', 'ce+dsc', 'js', 3].map(isLossFile)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
