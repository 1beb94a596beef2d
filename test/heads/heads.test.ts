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
    const three = { ...target(), stepSizes: tf.tensor1d([2, 1], 'int32') };
    expect([...softmax.decode(emissions, three, new Map(), argmax)]).toEqual([1, 0, 1]);
    const p = softmax.probabilities(tf.tensor2d([[0, Math.log(2), Math.log(5)]]), target(), new Map());
    [1 / 8, 2 / 8, 5 / 8].forEach((share, c) => expect(p[c]).toBeCloseTo(share, 6));
  });
});

eachEngine('crf', (test) => {
  const crf: Head = HEADS.crf;
  const emissions = (seed = 1): tf.Tensor2D => tf.tensor2d(numbers(N * C, seed), [N, C]);

  test('starts as softmax: the same probabilities and tags, and a likelihood that is cross-entropy', async () => {
    const zero: Weights = new Map(crf.weights(C).map(({ name, shape }) => [name, tf.zeros(shape)]));
    const [ours, theirs] = [crf, HEADS.softmax].map((head) => [...head.probabilities(emissions(), target(), zero)]);
    ours.forEach((p, i) => expect(p).toBeCloseTo(theirs[i], 6));
    for (const decoding of [valid, argmax])
      expect(crf.decode(emissions(), target(), zero, decoding)).toEqual(
        HEADS.softmax.decode(emissions(), target(), zero, decoding),
      );
    const [nll, ce] = await Promise.all(['nll', 'ce'].map((name) => createLoss(name, {}, CONTEXT)));
    expect(crf.loss(nll, emissions(), target(), zero).dataSync()[0]).toBeCloseTo(
      HEADS.softmax.loss(ce, emissions(), target(), zero).dataSync()[0],
      6,
    );
  });

  /** Every path of the first sentence, its rows by token, the best first. */
  const rows = SENTENCE.flatMap((s, n) => (s === 0 ? [n] : []));
  function paths(scores: tf.Tensor2D, weights: Weights): { path: number[]; score: number }[] {
    const e = scores.arraySync();
    const [transitions, start, end] = crf.weights(C).map(({ name }) => weights.get(name)?.arraySync()) as [
      number[][],
      number[],
      number[],
    ];
    let all: { path: number[]; score: number }[] = [{ path: [], score: 0 }];
    rows.forEach((row, t) => {
      all = all.flatMap(({ path, score }) =>
        [0, 1, 2].map((y) => ({
          path: [...path, y],
          score: score + e[row][y] + (t === 0 ? start[y] : transitions[path[t - 1]][y]) + (t === 3 ? end[y] : 0),
        })),
      );
    });
    return all.sort((a, b) => b.score - a.score);
  }

  test('answers with the best of all sequences, of those that are valid, or of each token by itself', () => {
    for (let seed = 10; seed < 30; seed++) {
      const weights = weightsOf(crf);
      const scores = emissions(seed);
      const all = paths(scores, weights);
      const of = (tags: Int32Array): number[] => rows.map((row) => tags[row]);
      const fits = ({ path }: { path: number[] }): boolean =>
        path.every((y, t) => y !== 2 || (t > 0 && path[t - 1] > 0));
      const free = { ...valid, allowed: null };
      expect(of(crf.decode(scores, target(), weights, free))).toEqual(all[0].path);
      expect(of(crf.decode(scores, target(), weights, valid))).toEqual(all.find(fits)?.path);
      const z = all.reduce((sum, { score }) => sum + Math.exp(score), 0);
      const p = crf.probabilities(scores, target(), weights);
      const tags = crf.decode(scores, target(), weights, argmax);
      rows.forEach((row, t) => {
        const shares = [0, 1, 2].map((y) =>
          all.reduce((sum, { path, score }) => sum + (path[t] === y ? Math.exp(score) / z : 0), 0),
        );
        shares.forEach((share, y) => expect(p[row * C + y]).toBeCloseTo(share, 5));
        expect(tags[row]).toBe(shares.indexOf(Math.max(...shares)));
      });
    }
  });

  test('works out no marginals for a loss that reads the likelihood alone, and hands it to one that mixes', async () => {
    const weights = weightsOf(crf);
    const nll = await createLoss('nll', {}, CONTEXT);
    const seen: tf.Tensor[] = [];
    const spy = (readsNllAlone?: true) =>
      Object.assign(
        (logits: tf.Tensor2D, of: Target) => {
          seen.push(logits);
          return tf.add<tf.Scalar>(of.nll?.() ?? NaN, of.nll?.() ?? NaN);
        },
        readsNllAlone ? { readsNllAlone } : {},
      );
    const x = emissions();
    const once = crf.loss(nll, x, target(), weights).dataSync()[0];
    for (const loss of [spy(true), spy()])
      expect(crf.loss(loss, x, target(), weights).dataSync()[0]).toBeCloseTo(2 * once, 5);
    expect(seen[0]).toBe(x);
    const p = seen[1].dataSync().map(Math.exp);
    crf.probabilities(x, target(), weights).forEach((share, i) => expect(p[i]).toBeCloseTo(share, 6));
  });
});
