import * as tf from '@tensorflow/tfjs-core';
import { createLoss, parseLossParams, type LossFn } from '../../src/losses';
import { initialWeights } from '../../src/model/init';
import type { Weight } from '../../src/model/spec';
import { createTagger, inputOf, type Tagger } from '../../src/model/tagger';
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
