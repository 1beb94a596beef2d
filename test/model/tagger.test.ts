import * as tf from '@tensorflow/tfjs-core';
import { sumRows } from '../../src/kernels';
import { createLoss, parseLossParams } from '../../src/losses';
import { initialWeights } from '../../src/model/init';
import type { TaggerSpec, Weight } from '../../src/model/spec';
import { createTagger, inputOf, type Tagger, targetOf } from '../../src/model/tagger';
import type { Batch } from '../../src/data/types';
import { batchProbabilities, decodeBatch } from '../../src/train/predict';
import { createRng } from '../../src/rng';
import { eachEngine, OUR_PRODUCTS } from '../engine/each';
import { relativeError, rowsOf } from '../kernels/packed';
import { ARGMAX, COUNTS, pack, SENTENCES, SPEC, tables } from './toy';

const open = (spec: TaggerSpec = SPEC, seed = 1): Tagger =>
  createTagger(spec, initialWeights(spec, COUNTS, createRng(seed)));
const BATCH = pack(SENTENCES);
const forward = (tagger: Tagger, batch: Batch, seed: number | null): tf.Tensor2D =>
  tagger.emissions(tagger.embed(batch), tf.tensor1d(batch.stepSizes, 'int32'), seed, null);

eachEngine('tagger', (test, name) => {
  test('puts lent rows behind those of a table, in place of those lent before', () => {
    const tagger = open();
    const { numTensors } = tf.memory();
    const inputs = new Map([
      ['words', Int32Array.of(7, 8, 9, 0)],
      ['shapes', Int32Array.of(0, 1, 0, 1)],
    ]);
    const words = (): number[] => Array.from(tagger.embed({ inputs }).dataSync()).filter((_, i) => i % 7 < 5);
    const own = tagger.weights().find((weight) => weight.name === 'words')?.values ?? [];
    for (const first of [100, 200]) {
      const lent = Float32Array.from({ length: 10 }, (_, i) => first + i);
      tagger.lend(new Map([['words', lent]]));
      tf.tidy(() => expect(words()).toEqual([...own.slice(35), ...lent, ...own.slice(0, 5)]));
    }
    expect(tagger.weights().find((weight) => weight.name === 'words')?.values).toEqual(own);
    tagger.lend(new Map());
    expect(() => tf.tidy(words)).toThrow();
    expect(tf.memory().numTensors).toBe(numTensors);
    tagger.dispose();
  });

  for (const layers of [1, 2]) {
    test(`has the gradient of finite differences in every weight, with ${layers} layers and dropout`, async () => {
      const spec = { ...SPEC, layers, dropout: 0.3 };
      const tagger = open(spec);
      const context = { labels: ['O', 'B-X', 'B-Y'], counts: COUNTS, outside: 0 };
      const ce = await createLoss('ce', parseLossParams('ce', {}), context);
      const target = targetOf(BATCH);
      const x = tagger.embed(BATCH);
      const variables = [...tagger.variables].slice(spec.tables.length);
      const lossOf = (rows: tf.Tensor2D): tf.Scalar =>
        tagger.head.loss(ce, tagger.emissions(rows, target.stepSizes, 77, null), target, tagger.variables);
      const loss = (): tf.Scalar => lossOf(x);
      const { grads } = tf.engine().gradients(loss, [x, ...variables.map(([, tensor]) => tensor)]);
      const gradient = new Map<string, ArrayLike<number>>(
        variables.map(([name], i) => [name, grads[i + 1].dataSync()]),
      );
      const whole = (ids: Int32Array, from: number, width: number, rows: number): Float32Array => {
        const inputs = { ids: tf.tensor1d(ids, 'int32'), grad: grads[0] as tf.Tensor2D };
        const { rows: distinct, sums } = sumRows(inputs, { from, E: width });
        const table = new Float32Array(rows * width);
        distinct
          .dataSync()
          .forEach((row, u) => table.set(sums.dataSync().slice(u * width, (u + 1) * width), row * width));
        return table;
      };
      let from = 0;
      for (const { name: table, rows, width } of spec.tables) {
        gradient.set(table, whole(inputOf(BATCH.inputs, table), from, width, rows));
        from += width;
      }

      const weights = tagger.weights();
      const valueWith = (changed: Weight): number => {
        tagger.load(weights.map((weight) => (weight.name === changed.name ? changed : weight)));
        return lossOf(tagger.embed(BATCH)).dataSync()[0];
      };
      const rng = createRng(5);
      for (const weight of weights) {
        for (let trial = 0; trial < 6; trial++) {
          const at = rng.int(weight.values.length);
          const moved = (by: number): number =>
            valueWith({ ...weight, values: weight.values.map((value, i) => (i === at ? value + by : value)) });
          const difference = (moved(0.01) - moved(-0.01)) / 0.02;
          expect(Math.abs(difference - (gradient.get(weight.name)?.[at] ?? NaN))).toBeLessThan(5e-4);
        }
      }
      tagger.dispose();
    });
  }

  test('gives a sentence the same logits alone and in any batch, to the bit where the products are ours', () => {
    const tagger = open({ ...SPEC, layers: 2 });
    const together = forward(tagger, BATCH, null).arraySync();
    SENTENCES.forEach((sentence, s) => {
      const rows = rowsOf(BATCH.stepSizes, BATCH.order.indexOf(s));
      const alone = forward(tagger, pack([sentence]), null).arraySync();
      const beside = rows.map((row) => together[row]);
      if (OUR_PRODUCTS.includes(name)) expect(alone).toEqual(beside);
      expect(relativeError(alone.flat(), beside.flat())).toBeLessThan(1e-6);
    });
    tagger.dispose();
  });

  test('starts out predicting about the class priors, and predict is the argmax of probabilities that sum to 1', () => {
    const tagger = open();
    const p = batchProbabilities(tagger, BATCH);
    const best = decodeBatch(tagger, BATCH, ARGMAX);
    expect(best).toHaveLength(BATCH.labels.length);
    best.forEach((label, n) => {
      const row = Array.from(p.slice(n * 3, n * 3 + 3));
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      expect(row.indexOf(Math.max(...row))).toBe(label);
    });
    const mean = p.filter((_, i) => i % 3 === 0).reduce((a, b) => a + b) / best.length;
    expect(mean).toBeGreaterThan(0.6); // O is 12 of 17 after smoothing
    expect(mean).toBeLessThan(0.85);
    tagger.dispose();
  });

  test('drops nothing without a seed, something with one, the same with the same', () => {
    const tagger = open({ ...SPEC, dropout: 0.5 });
    const run = (seed: number | null): number[][] => forward(tagger, BATCH, seed).arraySync();
    expect(run(null)).toEqual(run(null));
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
    expect(run(1)).not.toEqual(run(null));
    tagger.dispose();
  });

  test('drops after the embeddings and after every layer, the last too, each place by a mask of its own', () => {
    // 2H columns everywhere, so that equal masks would show; the output layer hands on what the last LSTM layer gives it
    const spec = { ...SPEC, tables: tables([8, 8], [2, 4]), hidden: 6, labels: 12, layers: 2, dropout: 0.5 };
    const identity = Float32Array.from({ length: 144 }, (_, i) => (i % 13 === 0 ? 1 : 0));
    const tagger = createTagger(
      spec,
      initialWeights(spec, new Array<number>(12).fill(1), createRng(1)).map((weight) => {
        if (weight.name === 'output.w') return { ...weight, values: identity };
        return weight.name === 'output.b' ? { ...weight, values: new Float32Array(12) } : weight;
      }),
    );
    const run = (seed: number): readonly [input: boolean[], output: boolean[]] => {
      const stepSizes = tf.tensor1d(BATCH.stepSizes, 'int32');
      const x = tagger.embed(BATCH);
      const { grads } = tf.engine().gradients(() => tf.sum<tf.Scalar>(tagger.emissions(x, stepSizes, seed, null)), [x]);
      const dropped = (t: tf.Tensor): boolean[] => Array.from(t.dataSync(), (v) => v === 0);
      return [dropped(grads[0]), dropped(tagger.emissions(x, stepSizes, seed, null))];
    };
    for (const seed of [1, 2, 3]) {
      const masks = run(seed);
      for (const mask of masks) {
        const share = mask.filter(Boolean).length / mask.length;
        expect(Math.abs(share - 0.5)).toBeLessThan(0.15); // of 168: four standard deviations
      }
      const alike = masks[0].filter((drop, i) => drop === masks[1][i]).length / masks[0].length;
      expect(Math.abs(alike - 0.5)).toBeLessThan(0.15);
    }
    tagger.dispose();
  });

  test('gives probabilities for logits of any size', () => {
    const tagger = open();
    const biased = tagger.weights().map((weight) => {
      return weight.name === 'output.b' ? { ...weight, values: Float32Array.of(-1000, 1000, 1000) } : weight;
    });
    tagger.load(biased);
    const p = batchProbabilities(tagger, BATCH);
    for (let at = 0; at < p.length; at += 3) {
      expect(p[at]).toBe(0);
      expect(p[at + 1] + p[at + 2]).toBeCloseTo(1, 6);
    }
    tagger.dispose();
  });

  test('gives its weights as copies and takes them back; another shape or a missing name is refused', () => {
    const [tagger, other] = [open(SPEC, 1), open(SPEC, 2)];
    const saved = tagger.weights();
    expect(forward(other, BATCH, null).arraySync()).not.toEqual(forward(tagger, BATCH, null).arraySync());
    other.load(saved);
    expect(forward(other, BATCH, null).arraySync()).toEqual(forward(tagger, BATCH, null).arraySync());
    saved[0].values.fill(0);
    expect(tagger.weights()[0].values.some((value) => value !== 0)).toBe(true);
    expect(other.weights()).toEqual(tagger.weights());
    expect(() => other.load(saved.slice(1))).toThrow('words is missing');
    expect(() => open({ ...SPEC, hidden: 7 }).load(saved)).toThrow('lstm0.w has shape');
    tagger.dispose();
    other.dispose();
  });

  test('frees all its tensors', () => {
    const before = tf.memory().numTensors;
    const tagger = open();
    decodeBatch(tagger, BATCH, ARGMAX);
    tagger.load(tagger.weights());
    tagger.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
