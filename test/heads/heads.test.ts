import * as tf from '@tensorflow/tfjs-core';
import { decodingOf, type Head, HEADS, type Weights } from '../../src/heads';
import { createLoss, LOSSES, parseLossParams, type LossContext, type Target } from '../../src/losses';
import { createRng } from '../../src/rng';
import { eachEngine } from '../engine/each';
import { stepSizesOf } from '../kernels/packed';

/** What holds for every row of the table: three sentences of 4, 2 and 1 tokens, three labels. */

const CONTEXT: LossContext = { labels: ['O', 'B-X', 'I-X'], counts: [8, 2, 1], outside: 0 };
const C = CONTEXT.labels.length;
const STEPS = stepSizesOf([4, 2, 1]);
const N = 7;
const GOLD = [1, 0, 0, 2, 1, -1, 0];
const SENTENCE = [0, 1, 2, 0, 1, 0, 0];

const valid = decodingOf({ method: 'valid', outsideBias: 0 }, CONTEXT.labels, 'iob2');
const argmax = decodingOf({ method: 'argmax', outsideBias: 0 }, CONTEXT.labels, 'iob2');

const target = (gold: readonly number[] = GOLD): Target => ({
  gold: tf.tensor1d([...gold], 'int32'),
  sentenceOf: tf.tensor1d(SENTENCE, 'int32'),
  stepSizes: tf.tensor1d(STEPS, 'int32'),
  order: Int32Array.of(0, 1, 2),
});

const numbers = (length: number, seed: number): number[] => {
  const rng = createRng(seed);
  return Array.from({ length }, () => rng.normal());
};

/** Weights of the head off their start at 0. */
const weightsOf = (head: Head): Weights =>
  new Map(
    head.weights(C).map(({ name, shape }, i) => [
      name,
      tf.tensor(
        numbers(
          shape.reduce((a, b) => a * b, 1),
          i + 2,
        ),
        shape,
      ),
    ]),
  );

eachEngine('heads', (test) => {
  for (const [name, head] of Object.entries<Head>(HEADS)) {
    const emissions = (): tf.Tensor2D => tf.tensor2d(numbers(N * C, 1), [N, C]);

    test(`${name} gives probabilities that sum to 1, and a tag for each token, without looking at gold`, () => {
      const weights = weightsOf(head);
      const p = head.probabilities(emissions(), target(), weights);
      expect(p).toHaveLength(N * C);
      for (let n = 0; n < N; n++)
        expect(p.subarray(n * C, n * C + C).reduce((sum, x) => sum + (x >= 0 ? x : NaN), 0)).toBeCloseTo(1, 5);
      const tags = head.decode(emissions(), target(), weights, valid);
      expect(tags).toHaveLength(N);
      expect(tags.every((tag) => tag >= 0 && tag < C)).toBe(true);
      const blind = target(GOLD.map(() => -1));
      expect(head.decode(emissions(), blind, weights, valid)).toEqual(tags);
      expect(head.probabilities(emissions(), blind, weights)).toEqual(p);
    });

    test(`${name} answers with I-X only in an entity where it is to be valid, whatever the emissions`, () => {
      const rng = createRng(3, name);
      for (let round = 0; round < 50; round++) {
        const wild = tf.tensor2d(
          Array.from({ length: N * C }, () => 5 * rng.normal()),
          [N, C],
        );
        const tags = head.decode(wild, target(), weightsOf(head), valid);
        tags.forEach((tag, n) => {
          const before = SENTENCE.lastIndexOf(SENTENCE[n], n - 1);
          if (tag === 2) expect(before >= 0 && n > 0 && tags[before] > 0).toBe(true);
        });
      }
    });

    test(`${name} takes every loss, with the gradient of finite differences in emissions and weights`, async () => {
      for (const loss of Object.keys(LOSSES)) {
        const fn = await createLoss(loss, parseLossParams(loss, {}), CONTEXT);
        const named = [...weightsOf(head)];
        const goal = target();
        const value = (x: tf.Tensor[]): tf.Scalar =>
          head.loss(fn, x[0] as tf.Tensor2D, goal, new Map(named.map(([key], i) => [key, x[i + 1]])));
        const at = [emissions(), ...named.map(([, tensor]) => tensor)];
        const grads = tf
          .grads((...x: tf.Tensor[]) => value(x))(at)
          .map((grad) => grad.dataSync());
        const h = 5e-3;
        const moved = (i: number, j: number, by: number): number => {
          const x = at.map((tensor, k) => {
            const values = tensor.dataSync().slice();
            if (k === i) values[j] += by;
            return tf.tensor(values, tensor.shape);
          });
          return value(x).dataSync()[0];
        };
        for (let i = 0; i < at.length; i++)
          for (let j = 0; j < at[i].size; j++)
            expect(Math.abs(grads[i][j] - (moved(i, j, h) - moved(i, j, -h)) / (2 * h))).toBeLessThan(5e-4);
      }
    });
  }
});

eachEngine('softmax', (test) => {
  const softmax: Head = HEADS.softmax;
  test('answers with the likeliest label, the lower one on a tie', () => {
    const emissions = tf.tensor2d([
      [0, 2, 1],
      [3, 3, 0],
      [-1, 0, 0],
    ]);
    expect([...softmax.decode(emissions, target(), new Map(), argmax)]).toEqual([1, 0, 1]);
    const p = softmax.probabilities(tf.tensor2d([[0, Math.log(2), Math.log(5)]]), target(), new Map());
    [1 / 8, 2 / 8, 5 / 8].forEach((share, c) => expect(p[c]).toBeCloseTo(share, 6));
  });
});
