import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCorpus } from '../../src/data/corpus';
import { encode } from '../../src/data/encode';
import { makeBatches } from '../../src/data/batches';
import { buildVocab } from '../../src/data/vocab';
import { present } from '../../src/errors';
import { char } from '../../src/features/char';
import { dense, maxPool } from '../../src/kernels';
import { createLoss, parseLossParams } from '../../src/losses';
import { initialWeights } from '../../src/model/init';
import type { TaggerSpec } from '../../src/model/spec';
import { createTagger, targetOf } from '../../src/model/tagger';
import { createRng } from '../../src/rng';
import { createTrainer } from '../../src/train/step';
import { eachEngine } from '../engine/each';
import { relativeError } from '../kernels/packed';

interface Golden {
  readonly words: readonly string[];
  readonly chars: Readonly<Record<string, number>>;
  /** (V, D) */
  readonly table: readonly (readonly number[])[];
  /** (F, D, 3) */
  readonly filters: readonly (readonly (readonly number[])[])[];
  readonly bias: readonly number[];
  readonly output: readonly (readonly number[])[];
  readonly upstream: readonly (readonly number[])[];
  readonly gradTable: Golden['table'];
  readonly gradFilters: Golden['filters'];
  readonly gradBias: readonly number[];
}
/** Made by test/fixtures/char.py. */
const GOLDEN = JSON.parse(readFileSync(join(__dirname, '../fixtures/char.json'), 'utf8')) as Golden;
const [D, F] = [3, 4];

/** From (F, D, 3) to our (3 D, F). */
const turned = (filters: Golden['filters']): number[] =>
  Array.from({ length: 3 * D * F }, (_, at) => filters[at % F][Math.floor(at / F) % D][Math.floor(at / F / D)]);

/** A tagger with a table of two words beside the characters of the golden words, and the batch of these as one sentence. */
async function open() {
  const text = GOLDEN.words.map((word) => `${word}\tO\n`).join('');
  const corpus = parseCorpus(`${text}\nx\tB-X\n`, 'x');
  const vocab = buildVocab(corpus);
  const characters = Object.keys(GOLDEN.chars);
  const feature = char.load({ width: D, filters: F, characters }, vocab);
  const words = { name: 'words', rows: vocab.wordCount, width: 2, wordDropout: true, rate: 1, encode: vocab.wordId };
  const { name, rows, width, filters } = present(feature.columns[0], 'column');
  const tables = [{ name: 'words', rows: vocab.wordCount, width: 2, wordDropout: true, rate: 1 }, { name, rows, width, filters, wordDropout: false, rate: 1 }]; // prettier-ignore
  const spec: TaggerSpec = { tables, labels: 2, hidden: 3, layers: 1, dropout: 0, head: 'softmax' };
  const encoded = encode(corpus, vocab, [words, ...feature.columns]);
  const batches = makeBatches(encoded, { batchTokens: 3 });
  const given = new Map([['chars', GOLDEN.table.flat()], ['chars.w', turned(GOLDEN.filters)], ['chars.b', GOLDEN.bias]]); // prettier-ignore
  const drawn = initialWeights(spec, [3, 1], createRng(1), feature.columns);
  const weights = drawn.map((weight) => {
    const values = given.get(weight.name);
    return values ? { ...weight, values: Float32Array.from(values) } : weight;
  });
  (weights.find((weight) => weight.name === 'chars')?.values ?? new Float32Array(0)).fill(0, 0, D);
  const loss = await createLoss('ce', parseLossParams('ce', {}), { labels: ['O', 'B-X'], counts: [3, 1], outside: 0 });
  return { tagger: createTagger(spec, weights), batch: batches[0], loss, drawn };
}

eachEngine('characters', (test) => {
  test('equal the reference values, forwards and back', async () => {
    const { tagger, batch } = await open();
    const { spelled, characters } = tagger.spell(batch);
    const { rows, lengths, words } = present(spelled.get('chars'), 'chars');
    const run = (...[c, w, b]: tf.Tensor[]): tf.Tensor =>
      maxPool({
        h: dense({ x: c as tf.Tensor2D, w: w as tf.Tensor2D, b: b as tf.Tensor1D }), // (P, F)
        lengths: tf.tensor1d(lengths, 'int32'),
        words: tf.tensor1d(words, 'int32'),
      }); // (N, F)
    const given = [characters.get('chars'), tagger.variables.get('chars.w'), tagger.variables.get('chars.b')];
    const inputs = given.map((tensor) => present(tensor, 'tensor'));
    expect(relativeError(run(...inputs).dataSync(), GOLDEN.output.flat())).toBeLessThan(1e-6);
    const [dc, dw, db] = tf.grads(run)(inputs, tf.tensor2d(GOLDEN.upstream.flat(), [3, F]));
    expect(relativeError(dw.dataSync(), turned(GOLDEN.gradFilters))).toBeLessThan(1e-6);
    expect(relativeError(db.dataSync(), GOLDEN.gradBias)).toBeLessThan(1e-6);
    const table = GOLDEN.table.map((row) => row.map(() => 0));
    dc.dataSync().forEach((value, i) => (table[rows[Math.floor(i / D)]][i % D] += value));
    expect(relativeError(table.slice(1).flat(), GOLDEN.gradTable.slice(1).flat())).toBeLessThan(1e-6);
    tagger.dispose();
  });

  test('learn by the gradient of the loss, and leave row 0 at zero', async () => {
    const { tagger, batch, loss } = await open();
    const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1e9, wordDropout: 0, ema: 0 };
    const trainer = createTrainer(tagger, loss, options, createRng(2));
    const start = tagger.weights();
    const lossNow = (): number =>
      tf.tidy(() => {
        const target = targetOf(batch);
        const emissions = tagger.emissions(tagger.embed(batch), target.stepSizes, null, tagger.spell(batch));
        return tagger.head.loss(loss, emissions, target, tagger.variables).dataSync()[0];
      });
    trainer.step(batch, 1e-9);
    const { moments } = trainer.optimiser.state(); // 0.1 of the gradient
    for (const name of ['chars', 'chars.w', 'chars.b']) {
      const [at, moment] = [start, moments].map((all, k) => present(all.find((one) => one.name === (k === 0 ? name : `${name}.m`)), name).values); // prettier-ignore
      const first = name === 'chars' ? D : 0;
      expect([...moment.slice(0, first)].every((value) => value === 0)).toBe(true);
      for (let i = first; i < at.length; i++) {
        const [less, more] = [-1, 1].map((sign) => {
          const moved = Float32Array.from(at);
          moved[i] += sign * 0.003;
          tagger.load(start.map((weight) => (weight.name === name ? { ...weight, values: moved } : weight)));
          return lossNow();
        });
        expect(Math.abs(10 * moment[i] - (more - less) / 0.006)).toBeLessThan(2e-4);
      }
    }
    trainer.dispose();
    tagger.dispose();
  });

  test('are drawn by Glorot, with no character at zero', async () => {
    const { drawn, tagger } = await open();
    const of = (name: string): number[] => [...present(drawn.find((weight) => weight.name === name), name).values]; // prettier-ignore
    const limit = Math.sqrt(6 / (3 * D + F));
    expect(Math.max(...of('chars.w').map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(Math.max(...of('chars.w').map(Math.abs))).toBeGreaterThan(0.7 * limit);
    expect([...of('chars.b'), ...of('chars').slice(0, D)].every((value) => value === 0)).toBe(true);
    tagger.dispose();
  });
});

describe('a word in characters', () => {
  const vocab = buildVocab(parseCorpus('x\tO\n', 'x'));
  const spell = present(
    char.load({ width: 2, filters: 3, characters: ['a', 'b', '😀'] }, vocab).columns[0]?.spell,
    'spell',
  );

  it('is counted in code points, without those that training never saw', () => {
    expect(['ab😀', 'A', '', 'é'].map(spell)).toEqual([[1, 2, 3], [0], [0], [0]]);
  });

  it('of more than 24 keeps the first and last 12', () => {
    expect(spell(`${'a'.repeat(12)}xyz${'b'.repeat(12)}`)).toEqual([
      ...Array<number>(12).fill(1),
      ...Array<number>(12).fill(2),
    ]);
    expect(spell('a'.repeat(24))).toHaveLength(24);
  });

  it('is once in a batch, however often it stands there, with zeros on either side', () => {
    const corpus = parseCorpus('ab\tO\nb\tO\nab\tO\n', 'x');
    const feature = char.load({ width: 2, filters: 3, characters: ['a', 'b'] }, vocab);
    const [batch] = makeBatches(encode(corpus, vocab, feature.columns), { batchTokens: 9 });
    const { rows, lengths, words } = present(batch.spelled?.get('chars'), 'chars');
    expect([...rows]).toEqual([0, 1, 2, 1, 2, 0, 0, 2, 0]);
    expect([[...lengths], [...words]]).toEqual([[2, 1], [0, 1, 0]]); // prettier-ignore
  });
});
