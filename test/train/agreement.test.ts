import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nest, parseConfig } from '../../src/config';
import { makeBatches } from '../../src/data/batches';
import { readCorpus } from '../../src/data/corpus';
import type { Batch } from '../../src/data/types';
import { ENGINES, openEngine } from '../../src/engine';
import type { HeadName } from '../../src/heads';
import { createLoss, type LossContext, parseLossParams } from '../../src/losses';
import { initialWeights } from '../../src/model/init';
import type { TaggerSpec, Weight } from '../../src/model/spec';
import { createTagger } from '../../src/model/tagger';
import { createRng } from '../../src/rng';
import { lossContext, readCorpora } from '../../src/run/corpora';
import { taggerSpec } from '../../src/run/tagger';
import { createTrainer } from '../../src/train/step';
import { pack, tables, type ToySentence } from '../model/toy';

const STEPS = 50;
const SPEC: TaggerSpec = {
  tables: tables([50, 12], [4, 3]),
  labels: 5,
  hidden: 16,
  layers: 2,
  dropout: 0.4,
  head: 'softmax',
};
const COUNTS = [60, 10, 10, 10, 10];
const OPTIONS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1, wordDropout: 0.05, ema: 0 };

/** What is trained: the same numbers on every engine. */
interface Subject {
  readonly spec: TaggerSpec;
  readonly weights: readonly Weight[];
  readonly batches: readonly Batch[];
  readonly context: LossContext;
}

/** Eight batches of sentences of 1 to 14 words. */
function toy(head: HeadName): Subject {
  const rng = createRng(3);
  const draw = (length: number, n: number): number[] => Array.from({ length }, () => rng.int(n));
  const sentence = (): ToySentence => {
    const length = 1 + rng.int(14);
    return { words: draw(length, 50), shapes: draw(length, 4), labels: draw(length, SPEC.labels) };
  };
  const spec = { ...SPEC, head };
  return {
    spec,
    weights: initialWeights(spec, COUNTS, createRng(1)),
    batches: Array.from({ length: 8 }, () => pack(Array.from({ length: 9 }, sentence))),
    context: { labels: ['O', 'B-A', 'I-A', 'B-B', 'I-B'], counts: COUNTS, outside: 0 },
  };
}

/** Every feature on the bundled corpus: vectors of every other word, and a lexicon of every third. */
async function everyFeature(head: HeadName, vectorsRate: number): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'agreement-'));
  const [vectors, lexicon] = [join(folder, 'vectors.txt'), join(folder, 'lexicon.tsv')];
  const train = join(__dirname, '../../data/ner/train.conll');
  const { sentences } = await readCorpus(train);
  const words = [...new Set(sentences.flatMap(({ tokens }) => tokens.map((token) => token.toLowerCase())))];
  const rng = createRng(7);
  const numbers = (): string => Array.from({ length: 12 }, () => (2 * rng.float() - 1).toFixed(3)).join(' ');
  writeFileSync(vectors, words.flatMap((word, i) => (i % 2 === 0 ? [`${word} ${numbers()}\n`] : [])).join(''));
  writeFileSync(lexicon, words.flatMap((word, i) => (i % 3 === 0 ? [`${word}\tC${i % 4}\n`] : [])).join(''));
  const of = (key: string, value: unknown) => ({ source: key, values: nest(key, value) });
  const config = parseConfig([
    of('data', { train, dev: train }),
    of('model', { vectors, vectorsRate, lexicon, lexiconDim: 4, charDim: 5, charFilters: 6, affixDim: 3, head }),
    of('model', { hidden: 16, layers: 2 }),
  ]);
  const corpora = await readCorpora(config.data, config.model);
  const spec = taggerSpec(config.model, corpora);
  const context = lossContext(corpora);
  return {
    spec,
    weights: initialWeights(spec, context.counts, createRng(1), corpora.features.columns),
    batches: makeBatches(corpora.train.encoded, { batchTokens: 90 }).slice(40, 48),
    context,
  };
}

/**
 * Loss of every step on one engine. Weights, word dropout and dropout masks are drawn by our own generators from the seed, in
 * integers, so all engines start from the same numbers and drop the same elements; only the rounding of sums differs.
 */
async function lossesOn(
  engineName: string,
  { spec, weights, batches, context }: Subject,
  lossName: string,
): Promise<number[]> {
  const engine = await openEngine(engineName, { threads: 2 });
  const tagger = createTagger(spec, weights);
  const loss = await createLoss(lossName, parseLossParams(lossName, {}), context);
  const trainer = createTrainer(tagger, loss, OPTIONS, createRng(2));
  const losses = Array.from({ length: STEPS }, (_, k) => trainer.step(batches[k % batches.length], 5e-3).loss);
  trainer.dispose();
  tagger.dispose();
  engine.dispose();
  return losses;
}

const refusals = JSON.parse(process.env.DSC_TRAIN_REFUSALS ?? '{}') as Record<string, string>;

describe.each([
  ['softmax', 'dsc', 'two features', () => toy('softmax')],
  ['crf', 'nll', 'two features', () => toy('crf')],
  ['crf', 'dsc', 'two features', () => toy('crf')],
  ['softmax', 'dsc', 'every feature', () => everyFeature('softmax', 1)],
  ['crf', 'nll', 'every feature', () => everyFeature('crf', 1)],
  ['crf', 'dsc', 'every feature, frozen vectors', () => everyFeature('crf', 0)],
] as const)('one config and seed on every engine: %s, %s, %s', (head, loss, features, subjectOf) => {
  let subject: Subject;
  let reference: number[];
  beforeAll(async () => {
    subject = await subjectOf();
    reference = await lossesOn('js', subject, loss);
  });

  it('is what it says', () => {
    const names = subject.spec.tables.map(({ name }) => name);
    expect(subject.spec.head).toBe(head);
    if (features !== 'two features')
      expect(names).toEqual(expect.arrayContaining(['words', 'shapes', 'affix.prefix1', 'lexicon', 'chars']));
  });

  it('learns on the js engine', () => {
    expect(tf.getBackend()).not.toBe('');
    expect(reference.every(Number.isFinite)).toBe(true);
    expect(reference[STEPS - 1]).toBeLessThan(reference[0] * 0.9);
  });

  for (const name of Object.keys(ENGINES).filter((other) => other !== 'js'))
    (name in refusals ? it.skip : it)(
      name in refusals
        ? `${name} skipped: ${refusals[name]}`
        : `gives on ${name} the losses of js within 1e-3, at each of ${STEPS} steps`,
      async () => {
        const losses = await lossesOn(name, subject, loss);
        const worst = Math.max(...losses.map((loss, k) => Math.abs(loss / reference[k] - 1)));
        expect(worst).toBeLessThan(1e-3);
      },
    );
});
