import * as tf from '@tensorflow/tfjs-core';
import { crfLogMarginals, crfNll } from '../../src/kernels';
import { createLoss, type LossContext, parseLossParams } from '../../src/losses';
import { createRng, type Rng } from '../../src/rng';
import { eachEngine } from '../engine/each';
import golden from '../fixtures/crf.json';
import { normals, relativeError, rowsOf, stepSizesOf } from './packed';

interface Model {
  readonly lengths: readonly number[];
  /** Of each sentence, token by token. */
  readonly emissions: readonly (readonly (readonly number[])[])[];
  readonly transitions: readonly (readonly number[])[];
  readonly start: readonly number[];
  readonly end: readonly number[];
}

/** Values of each sentence token by token, longest first, in packed rows. */
function packed<T>(perSentence: readonly (readonly T[])[]): T[] {
  const stepSizes = stepSizesOf(perSentence.map((sentence) => sentence.length));
  const rows: T[] = [];
  perSentence.forEach((sentence, i) => rowsOf(stepSizes, i).forEach((row, t) => (rows[row] = sentence[t])));
  return rows;
}

const stepSizesTensor = ({ lengths }: Model): tf.Tensor1D => tf.tensor1d(stepSizesOf(lengths), 'int32');
type Scores = [emissions: tf.Tensor2D, transitions: tf.Tensor2D, start: tf.Tensor1D, end: tf.Tensor1D];
const scoresOf = (model: Model): Scores => {
  const labels = model.start.length;
  return [
    tf.tensor2d(packed(model.emissions).flat(), [model.lengths.reduce((a, b) => a + b, 0), labels]),
    tf.tensor2d(model.transitions.flat(), [labels, labels]),
    tf.tensor1d([...model.start]),
    tf.tensor1d([...model.end]),
  ];
};
const named = (scores: tf.Tensor[]) => {
  const [emissions, transitions, start, end] = scores as unknown as Scores;
  return { emissions, transitions, start, end };
};

interface Run {
  readonly value: number;
  /** By emissions, transitions, start, end. */
  readonly grads: Float32Array[];
}

function run(model: Model, loss: (scores: ReturnType<typeof named>, stepSizes: tf.Tensor1D) => tf.Scalar): Run {
  const stepSizes = stepSizesTensor(model);
  const { value, grads } = tf.valueAndGrads((...scores) => loss(named(scores), stepSizes))(scoresOf(model));
  return { value: value.dataSync()[0], grads: grads.map((grad) => grad.dataSync<'float32'>()) };
}

const nllOf = (model: Model, gold: readonly (readonly number[])[]): Run =>
  run(model, (scores, stepSizes) => crfNll({ ...scores, gold: tf.tensor1d(packed(gold), 'int32'), stepSizes }));

const logMarginalsOf = (model: Model): Float32Array =>
  crfLogMarginals({ ...named(scoresOf(model)), stepSizes: stepSizesTensor(model) }).dataSync<'float32'>();

/** The same by the definition: every path of every sentence, in double precision. */
function paths({ emissions, transitions, start, end }: Model, i: number): { path: number[]; score: number }[] {
  const labels = start.length;
  let all = start.map((score, y) => ({ path: [y], score: score + emissions[i][0][y] }));
  for (let t = 1; t < emissions[i].length; t++)
    all = all.flatMap(({ path, score }) =>
      Array.from({ length: labels }, (_, y) => ({
        path: [...path, y],
        score: score + transitions[path[t - 1]][y] + emissions[i][t][y],
      })),
    );
  return all.map(({ path, score }) => ({ path, score: score + end[path[path.length - 1]] }));
}

function logSum(scores: readonly number[]): number {
  const most = Math.max(...scores);
  return most + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - most), 0));
}

/** Loss, and log-marginals of packed rows. */
function bruteForce(model: Model, gold: readonly (readonly number[])[]): { nll: number; logMarginals: number[] } {
  let nll = 0;
  const logMarginals = model.lengths.map((length, i) => {
    const all = paths(model, i);
    const fits = all.filter(({ path }) => path.every((y, t) => gold[i][t] < 0 || gold[i][t] === y));
    const logZ = logSum(all.map(({ score }) => score));
    nll += logZ - logSum(fits.map(({ score }) => score));
    return Array.from({ length }, (_, t) =>
      model.start.map((__, y) => logSum(all.filter(({ path }) => path[t] === y).map(({ score }) => score)) - logZ),
    );
  });
  const known = gold.flat().filter((y) => y >= 0).length;
  return { nll: nll / Math.max(1, known), logMarginals: packed(logMarginals).flat() };
}

/** Scores that float32 holds, so that the reference sees the very same. */
function random(rng: Rng, lengths: readonly number[], labels: number, scale = 1): Model {
  const draw = (n: number, size = scale): number[] => Array.from(normals(rng, n, size));
  return {
    lengths,
    emissions: lengths.map((length) => Array.from({ length }, () => draw(labels))),
    transitions: Array.from({ length: labels }, () => draw(labels)),
    start: draw(labels),
    end: draw(labels),
  };
}

const goldOf = (rng: Rng, lengths: readonly number[], labels: number, unknown = 0): number[][] =>
  lengths.map((length) => Array.from({ length }, () => (rng.float() < unknown ? -1 : rng.int(labels))));

const GOLDEN: Model = {
  lengths: golden.sequences.map(({ length }) => length),
  emissions: golden.sequences.map(({ emissions }) => emissions),
  transitions: golden.transitions,
  start: golden.start,
  end: golden.end,
};
const GOLDEN_TAGS = golden.sequences.map(({ gold }) => gold);

interface GoldenGradients {
  readonly emissions: number[][][];
  readonly transitions: number[][];
  readonly start: number[];
  readonly end: number[];
}
const expectGradients = (grads: Float32Array[], expected: GoldenGradients): void => {
  const want = [packed(expected.emissions).flat(), expected.transitions.flat(), expected.start, expected.end];
  grads.forEach((grad, i) => expect(relativeError(grad, want[i], 1e-6)).toBeLessThan(1e-6));
};

eachEngine('crf', (test, name) => {
  test('gives the likelihood, marginals and gradients that PyTorch gives in double precision', () => {
    const { value, grads } = nllOf(GOLDEN, GOLDEN_TAGS);
    expect(Math.abs(value / golden.nll.value - 1)).toBeLessThan(1e-6);
    expectGradients(grads, golden.nll.gradients);
    const logMarginals = logMarginalsOf(GOLDEN);
    expect(
      relativeError(logMarginals.map(Math.exp), packed(golden.sequences.map((s) => s.marginals)).flat()),
    ).toBeLessThan(1e-6);
  });

  test('gives the gradient of the marginals that PyTorch gives in double precision', () => {
    const upstream = tf.tensor2d(
      packed([golden.marginalsBackward.upstream.slice(0, 5), golden.marginalsBackward.upstream.slice(5)]),
    );
    const { grads } = run(GOLDEN, (scores, stepSizes) =>
      tf.sum(tf.mul(upstream, tf.exp(crfLogMarginals({ ...scores, stepSizes })))),
    );
    expectGradients(grads, golden.marginalsBackward.gradients);
  });

  for (const [loss, params, key] of [
    ['dsc', { form: 'set', alpha: 0.01, smooth: 1, square: true }, 'dsc set, alpha 0.01, smooth 1, square'],
    ['dl', { form: 'set', smooth: 1, square: true }, 'dl set (alpha 0)'],
    ['dsc', { form: 'gold', alpha: 0.01, smooth: 1, square: true }, 'dsc gold, alpha 0.01'],
    ['ce', {}, 'ce on marginals: -mean log p_t(gold)'],
  ] as const)
    test(`gives the ${key} on marginals that PyTorch gives in double precision`, async () => {
      const context: LossContext = { labels: ['a', 'b', 'c', 'd'], counts: [1, 1, 1, 1], outside: -1 };
      const fn = await createLoss(loss, parseLossParams(loss, params), context);
      const gold = tf.tensor1d(packed(GOLDEN_TAGS), 'int32');
      const { value, grads } = run(GOLDEN, (scores, stepSizes) =>
        fn(crfLogMarginals({ ...scores, stepSizes }), {
          ...{ gold, stepSizes, sentenceOf: gold, order: Int32Array.of(0, 1) },
        }),
      );
      const expected = golden.lossesOnMarginals[key];
      expect(Math.abs(value / expected.value - 1)).toBeLessThan(1e-6);
      expectGradients(grads, expected.gradients);
    });

  test('equals the sum over all paths, with labels of which some or all are unknown', () => {
    const rng = createRng(1);
    for (const [lengths, labels] of [
      [[1], 1],
      [[1], 3],
      [[4, 4, 1], 1],
      [[5, 3, 3, 2, 1, 1], 3],
      [[7, 2], 2],
      [[3, 1], 9],
      [[2, 2, 2, 2, 2], 17],
    ] as const)
      for (const unknown of [0, 0.4, 1]) {
        const model = random(rng, lengths, labels);
        const gold = goldOf(rng, lengths, labels, unknown);
        const expected = bruteForce(model, gold);
        const { value, grads } = nllOf(model, gold);
        expect(Math.abs(value - expected.nll)).toBeLessThan(1e-6 * Math.max(1, expected.nll));
        expect(relativeError(logMarginalsOf(model), expected.logMarginals)).toBeLessThan(1e-6);
        if (unknown === 1) expect([value, ...grads.flatMap((grad) => [...grad])].every((x) => x === 0)).toBe(true);
      }
  });

  test('has the gradient of finite differences where labels are unknown', () => {
    const rng = createRng(2);
    const model = random(rng, [4, 3, 1], 3);
    const gold = [[-1, 2, -1, 0], [1, -1, -1], [-1]];
    const { grads } = nllOf(model, gold);
    const at = packed(model.emissions);
    const h = 1e-4;
    for (let n = 0; n < 8; n++)
      for (let j = 0; j < 3; j++) {
        const moved = (by: number): number => {
          const emissions = model.emissions.map((sentence) => sentence.map((row) => [...row]));
          const row = at[n];
          for (const [s, sentence] of model.emissions.entries())
            for (const [t, token] of sentence.entries()) if (token === row) emissions[s][t][j] += by;
          return bruteForce({ ...model, emissions }, gold).nll;
        };
        expect(Math.abs(grads[0][n * 3 + j] - (moved(h) - moved(-h)) / (2 * h))).toBeLessThan(1e-6);
      }
    const moved = (i: number, j: number, by: number): number =>
      bruteForce(
        {
          ...model,
          transitions: model.transitions.map((row, k) => row.map((x, l) => (k === i && l === j ? x + by : x))),
        },
        gold,
      ).nll;
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        expect(Math.abs(grads[1][i * 3 + j] - (moved(i, j, h) - moved(i, j, -h)) / (2 * h))).toBeLessThan(1e-6);
  });

  test('is the softmax of each token where all transitions, starts and ends score 0', () => {
    const rng = createRng(3);
    const model = random(rng, [6, 2, 2], 4);
    const flat: Model = {
      ...model,
      transitions: model.transitions.map((row) => row.map(() => 0)),
      start: [0, 0, 0, 0],
      end: [0, 0, 0, 0],
    };
    const [emissions] = scoresOf(flat);
    expect(relativeError(logMarginalsOf(flat), tf.logSoftmax(emissions).dataSync())).toBeLessThan(1e-6);
  });

  test('stays exact where scores are thousands apart', () => {
    const rng = createRng(4);
    for (const scale of [1e2, 1e3, 1e4]) {
      for (const [emissions, transitions] of [
        [scale, 1],
        [1, scale],
        [scale, scale],
      ]) {
        const lengths = [5, 3, 1];
        const model = {
          ...random(rng, lengths, 3, transitions),
          emissions: random(rng, lengths, 3, emissions).emissions,
        };
        const gold = goldOf(rng, lengths, 3, 0.2);
        const expected = bruteForce(model, gold);
        const { value, grads } = nllOf(model, gold);
        expect(Math.abs(value - expected.nll)).toBeLessThan(1e-6 * Math.max(1, expected.nll));
        expect(relativeError(logMarginalsOf(model), expected.logMarginals)).toBeLessThan(1e-6);
        for (const grad of grads) expect(grad.every((x) => Math.abs(x) <= 2)).toBe(true);
        // ce on marginals pulls on a token in full however improbable its label is
        const { grads: through } = run(model, (scores, stepSizes) =>
          tf.neg(tf.sum(crfLogMarginals({ ...scores, stepSizes }))),
        );
        const total = through[0].reduce((a, b) => a + Math.abs(b), 0);
        expect(total).toBeGreaterThan(1);
        for (const grad of through) expect(grad.every(Number.isFinite)).toBe(true);
      }
    }
  });

  test('takes 5 000 tokens in one sentence, beside one of a single token', () => {
    const rng = createRng(5);
    const model = random(rng, [5000, 1], 5, 3);
    const gold = goldOf(rng, model.lengths, 5);
    const { value, grads } = nllOf(model, gold);
    const p = logMarginalsOf(model).map(Math.exp);
    const tags = packed(gold);
    const sums = new Float64Array(5001);
    for (let n = 0; n < 5001; n++) {
      const row = p.subarray(n * 5, n * 5 + 5);
      sums[n] = row.reduce((a, b) => a + b);
      row.forEach((share, j) => {
        const known = tags[n] === j ? 1 : 0;
        if (n < 50) expect(Math.abs(grads[0][n * 5 + j] * 5001 - (share - known))).toBeLessThan(1e-5);
      });
    }
    expect(sums.every((sum) => Math.abs(sum - 1) < 1e-6)).toBe(true);
    // Every pair of neighbours counts once, in the model and in the gold tags.
    expect(Math.abs(grads[1].reduce((a, b) => a + b))).toBeLessThan(1e-5);
    expect(Number.isFinite(value)).toBe(true);
    // Tokens far from both ends of a long sentence do not know of them: their marginals are those of a part around them.
    const part: Model = { ...model, lengths: [201], emissions: [model.emissions[0].slice(1000, 1201)] };
    const inPart = logMarginalsOf(part).slice(100 * 5, 101 * 5);
    const rows = rowsOf(stepSizesOf(model.lengths), 0);
    expect(relativeError(inPart.map(Math.exp), p.slice(rows[1100] * 5, rows[1100] * 5 + 5))).toBeLessThan(1e-5);
  });

  test('takes an empty batch', () => {
    const empty = random(createRng(6), [], 3);
    const { value, grads } = nllOf(empty, []);
    expect([value, ...grads[1], ...grads[2], ...grads[3]].every((x) => x === 0)).toBe(true);
    expect(logMarginalsOf(empty)).toHaveLength(0);
  });

  test('refuses a label that is none, and steps that are not those of the rows', () => {
    const model = random(createRng(7), [2, 1], 3);
    for (const wrong of [3, -2]) expect(() => nllOf(model, [[0, wrong], [1]])).toThrow(/label/);
    const scores = named(scoresOf(model));
    expect(() => crfLogMarginals({ ...scores, stepSizes: tf.tensor1d([2], 'int32') })).toThrow(/stepSizes|emissions/);
  });

  if (name === 'js' || name === 'native')
    test('gives a sentence the same marginals alone and in any batch, to the bit', () => {
      const rng = createRng(8);
      const model = random(rng, [9, 9, 6, 6, 6, 5, 2, 1, 1, 1], 7);
      const together = logMarginalsOf(model);
      model.lengths.forEach((length, i) => {
        const alone = logMarginalsOf({ ...model, lengths: [length], emissions: [model.emissions[i]] });
        const rows = rowsOf(stepSizesOf(model.lengths), i);
        expect([...alone]).toEqual(rows.flatMap((row) => [...together.subarray(row * 7, row * 7 + 7)]));
      });
    });
});
