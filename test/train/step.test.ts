import * as tf from '@tensorflow/tfjs-core';
import { createLoss, parseLossParams, type LossFn } from '../../src/losses';
import { initialWeights } from '../../src/model/init';
import type { TaggerSpec, Weight } from '../../src/model/spec';
import { createTagger, inputOf, type Tagger, targetOf } from '../../src/model/tagger';
import { decodeBatch } from '../../src/train/predict';
import { createRng } from '../../src/rng';
import { createTrainer, NonFiniteLoss, type StepOptions, type Trainer } from '../../src/train/step';
import { eachEngine } from '../engine/each';
import { ARGMAX, COUNTS, pack, SENTENCES, SPEC } from '../model/toy';

const OPTIONS: StepOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 5, wordDropout: 0, ema: 0 };
const BATCH = pack(SENTENCES);
const WORDS = inputOf(BATCH.inputs, 'words');
const ce = (): Promise<LossFn> =>
  createLoss('ce', parseLossParams('ce', {}), { labels: ['O', 'B-X', 'B-Y'], counts: COUNTS, outside: 0 });

async function open(
  options: Partial<StepOptions> = {},
  spec = SPEC,
  loss?: LossFn,
): Promise<{ tagger: Tagger; trainer: Trainer }> {
  const tagger = createTagger(spec, initialWeights(spec, COUNTS, createRng(1)));
  const trainer = createTrainer(tagger, loss ?? (await ce()), { ...OPTIONS, ...options }, createRng(2));
  return { tagger, trainer };
}

const values = (weights: readonly Weight[], name: string): number[] =>
  Array.from(weights.find((weight) => weight.name === name)?.values ?? []);

eachEngine('training step', (test) => {
  test('learns four sentences by heart, with word dropout and dropout too', async () => {
    for (const [options, dropout, steps] of [
      [{}, 0, 60],
      [{ wordDropout: 0.05 }, 0.2, 150],
    ] as const) {
      const { tagger, trainer } = await open(options, { ...SPEC, dropout });
      const first = trainer.step(BATCH, 0.02);
      let last = first;
      for (let k = 1; k < steps; k++) last = trainer.step(BATCH, 0.02);
      expect(last.loss).toBeLessThan(first.loss / 4);
      expect(decodeBatch(tagger, BATCH, ARGMAX)).toEqual(BATCH.labels);
      expect(first.tokens).toBe(14);
      trainer.dispose();
      tagger.dispose();
    }
  });

  test('leaks no tensor over 40 steps', async () => {
    const { tagger, trainer } = await open({ wordDropout: 0.1 }, { ...SPEC, layers: 2, dropout: 0.3 });
    trainer.step(BATCH, 0.01);
    trainer.step(BATCH, 0.01);
    const { numTensors, numBytes } = tf.memory();
    for (let k = 0; k < 40; k++) trainer.step(BATCH, 0.01);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
    trainer.dispose();
    tagger.dispose();
  });

  test('sums the rows of a bag, and gives each the gradient of the sum', async () => {
    const bag = { name: 'bag', rows: 5, width: 3, wordDropout: false, rate: 1 };
    const spec = { ...SPEC, tables: [SPEC.tables[0], bag, SPEC.tables[1]] };
    const rows = BATCH.labels.reduce<number[][]>((all, _, i) => [...all, i % 3 === 0 ? [0] : [1 + (i % 3), 4]], []);
    const batch = {
      ...BATCH,
      inputs: new Map([...BATCH.inputs, ['bag', Int32Array.from(rows.flat())]]),
      owners: new Map([['bag', Int32Array.from(rows.flatMap((of, i) => of.map(() => i)))]]),
    };
    const loss = await ce();
    const { tagger, trainer } = await open({ clipNorm: 1e9 }, spec);
    const lossNow = (): number =>
      tf.tidy(() => {
        const target = targetOf(batch);
        const emissions = tagger.emissions(tagger.embed(batch), target.stepSizes, null, null);
        return tagger.head.loss(loss, emissions, target, tagger.variables).dataSync()[0];
      });

    const start = tagger.weights();
    const table = values(start, 'bag');
    const x = tagger.embed(batch).arraySync();
    rows.forEach((of, i) => {
      const sum = [0, 1, 2].map((e) => of.reduce((total, row) => total + table[3 * row + e], 0));
      sum.forEach((value, e) => expect(x[i][5 + e]).toBeCloseTo(value, 5));
      expect(x[i]).toHaveLength(5 + 3 + 2);
    });

    trainer.step(batch, 1e-9);
    const moments = values(trainer.optimiser.state().moments, 'bag.m'); // 0.1 of the gradient
    for (let i = 0; i < table.length; i++) {
      const [less, more] = [-1, 1].map((sign) => {
        const moved = Float32Array.from(table);
        moved[i] += sign * 0.01;
        tagger.load(start.map((weight) => (weight.name === 'bag' ? { ...weight, values: moved } : weight)));
        return lossNow();
      });
      expect(Math.abs(10 * moments[i] - (more - less) / 0.02)).toBeLessThan(1e-4);
    }
    expect(moments.slice(3, 6)).toEqual([0, 0, 0]); // row 1 is in no bag
    expect(Math.min(...moments.slice(12).map(Math.abs))).toBeGreaterThan(0);
    trainer.dispose();
    tagger.dispose();
  });

  test('changes only the embedding rows of the batch', async () => {
    const { tagger, trainer } = await open();
    const before = values(tagger.weights(), 'words');
    for (let k = 0; k < 3; k++) trainer.step(BATCH, 0.01);
    const after = values(tagger.weights(), 'words');
    for (let row = 0; row < 8; row++) {
      const same = after.slice(row * 5, row * 5 + 5).every((value, j) => value === before[row * 5 + j]);
      expect([row, same]).toEqual([row, !WORDS.includes(row)]);
    }
    trainer.dispose();
    tagger.dispose();
  });

  /** The toy's tables, rows of words from `from` on with a rate of their own. */
  const withPretrained = (from: number, rate: number): TaggerSpec => ({
    ...SPEC,
    tables: SPEC.tables.map((table) => (table.name === 'words' ? { ...table, pretrained: { from, rate } } : table)),
  });

  test('keeps frozen rows, without gradient and moments, and trains the others as if they were alone', async () => {
    const spec = withPretrained(4, 0);
    const { tagger, trainer } = await open({ wordDropout: 0.2 }, spec);
    const before = values(tagger.weights(), 'words');
    for (let k = 0; k < 5; k++) trainer.step(BATCH, 0.01);
    const after = values(tagger.weights(), 'words');
    const same = (row: number): boolean =>
      after.slice(row * 5, row * 5 + 5).join() === before.slice(row * 5, row * 5 + 5).join();
    expect(Array.from({ length: 8 }, (_, row) => same(row))).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
    const { moments } = trainer.optimiser.state();
    expect(moments.filter(({ name }) => name.startsWith('words.')).map(({ shape }) => shape)).toEqual([
      [4, 5],
      [4, 5],
    ]);
    trainer.dispose();
    tagger.dispose();

    const free = await open();
    const frozen = await open({}, withPretrained(4, 0));
    const [all, fewer] = [free.trainer.step(BATCH, 0.01).gradNorm, frozen.trainer.step(BATCH, 0.01).gradNorm];
    expect(fewer).toBeLessThan(all);
    const none = await open({}, withPretrained(1, 0)); // every word of the batch
    expect(none.trainer.step(BATCH, 0.01).gradNorm).toBeLessThan(fewer);
    for (const { tagger: t, trainer: r } of [free, frozen, none]) {
      r.dispose();
      t.dispose();
    }
  });

  test('multiplies the rate of rows with a factor of their own', async () => {
    const [plain, slow] = [await open(), await open({}, withPretrained(4, 0.25))];
    const before = values(plain.tagger.weights(), 'words');
    for (const { trainer } of [plain, slow]) trainer.step(BATCH, 0.01);
    const [whole, quarter] = [plain, slow].map(({ tagger }) =>
      values(tagger.weights(), 'words').map((w, i) => w - before[i]),
    );
    quarter.forEach((change, i) => expect(change).toBeCloseTo(whole[i] * (i < 20 ? 1 : 0.25), 6));
    expect(slow.tagger.weights().slice(1)).toEqual(plain.tagger.weights().slice(1));
    for (const { tagger, trainer } of [plain, slow]) {
      trainer.dispose();
      tagger.dispose();
    }
  });

  test('reaches the unknown word by word dropout alone', async () => {
    const { tagger, trainer } = await open({ wordDropout: 0.3 });
    const unknown = (): number[] => values(tagger.weights(), 'words').slice(0, 5);
    const before = unknown();
    for (let k = 0; k < 3; k++) trainer.step(BATCH, 0.01);
    expect(unknown()).not.toEqual(before);
    expect(WORDS.includes(0)).toBe(false); // the batch itself is as it was
    trainer.dispose();
    tagger.dispose();
  });

  test('scales the gradient down to the clip norm: the second moment of every weight adds up to it', async () => {
    const clipNorm = 1e-3;
    const { tagger, trainer } = await open({ clipNorm });
    const { gradNorm } = trainer.step(BATCH, 0.01);
    expect(gradNorm).toBeGreaterThan(clipNorm);
    const { moments } = trainer.optimiser.state();
    const sum = moments
      .filter(({ name }) => name.endsWith('.m'))
      .flatMap(({ values: m }) => Array.from(m, (x) => x * x));
    expect(Math.sqrt(sum.reduce((a, b) => a + b)) / (0.1 * clipNorm)).toBeCloseTo(1, 4); // m = (1 - beta1) g
    trainer.dispose();
    tagger.dispose();
  });

  test('stops before any weight changes when the loss or its gradient is not finite', async () => {
    const plain = await ce();
    const broken: LossFn[] = [
      (...args) => tf.mul<tf.Scalar>(plain(...args), NaN),
      (...args) => tf.mul<tf.Scalar>(plain(...args), Infinity),
      (logits) => tf.sum<tf.Scalar>(tf.mul(tf.mul(logits, 1e38), 10)),
    ];
    for (const loss of broken) {
      const { tagger, trainer } = await open({}, SPEC, loss);
      const before = tagger.weights();
      const { numTensors } = tf.memory();
      expect(() => trainer.step(BATCH, 0.01)).toThrow(NonFiniteLoss);
      expect(tagger.weights()).toEqual(before);
      expect(trainer.optimiser.step).toBe(0);
      expect(tf.memory().numTensors).toBe(numTensors);
      trainer.dispose();
      tagger.dispose();
    }
  });

  test('goes on from saved weights and optimiser state as if it had never stopped, to the bit', async () => {
    const options = { wordDropout: 0.2 };
    const spec = { ...SPEC, dropout: 0.3 };
    const unbroken = await open(options, spec);
    for (let k = 0; k < 6; k++) unbroken.trainer.step(BATCH, 0.01);

    const first = await open(options, spec);
    for (let k = 0; k < 3; k++) first.trainer.step(BATCH, 0.01);
    const second = await open(options, spec);
    second.tagger.load(first.tagger.weights());
    second.trainer.optimiser.load(first.trainer.optimiser.state());
    for (let k = 0; k < 3; k++) second.trainer.step(BATCH, 0.01);

    expect(second.tagger.weights()).toEqual(unbroken.tagger.weights());
    expect(second.trainer.optimiser.state()).toEqual(unbroken.trainer.optimiser.state());
    for (const { tagger, trainer } of [unbroken, first, second]) {
      trainer.dispose();
      tagger.dispose();
    }
  });
});
