import * as tf from '@tensorflow/tfjs-core';
import { ENGINES, openEngine } from '../../src/engine';
import type { HeadName } from '../../src/heads';
import { createLoss, parseLossParams } from '../../src/losses';
import { initialWeights } from '../../src/model/init';
import type { TaggerSpec } from '../../src/model/spec';
import { createTagger } from '../../src/model/tagger';
import { createRng } from '../../src/rng';
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

/** Eight batches of sentences of 1 to 14 words. */
function batches(): ReturnType<typeof pack>[] {
  const rng = createRng(3);
  const draw = (length: number, n: number): number[] => Array.from({ length }, () => rng.int(n));
  const sentence = (): ToySentence => {
    const length = 1 + rng.int(14);
    return { words: draw(length, 50), shapes: draw(length, 4), labels: draw(length, SPEC.labels) };
  };
  return Array.from({ length: 8 }, () => pack(Array.from({ length: 9 }, sentence)));
}

/**
 * Loss of every step on one engine. Weights, word dropout and dropout masks are drawn by our own generators from the seed, in
 * integers, so all engines start from the same numbers and drop the same elements; only the rounding of sums differs.
 */
async function lossesOn(engineName: string, head: HeadName, lossName: string): Promise<number[]> {
  const engine = await openEngine(engineName, { threads: 2 });
  const tagger = createTagger({ ...SPEC, head }, initialWeights({ ...SPEC, head }, COUNTS, createRng(1)));
  const labels = ['O', 'B-A', 'I-A', 'B-B', 'I-B'];
  const loss = await createLoss(lossName, parseLossParams(lossName, {}), { labels, counts: COUNTS, outside: 0 });
  const trainer = createTrainer(tagger, loss, OPTIONS, createRng(2));
  const data = batches();
  const losses = Array.from({ length: STEPS }, (_, k) => trainer.step(data[k % data.length], 5e-3).loss);
  trainer.dispose();
  tagger.dispose();
  engine.dispose();
  return losses;
}

const refusals = JSON.parse(process.env.DSC_TRAIN_REFUSALS ?? '{}') as Record<string, string>;

describe.each([
  ['softmax', 'dsc'],
  ['crf', 'nll'],
  ['crf', 'dsc'],
] as const)('one config and seed on every engine: %s, %s', (head, loss) => {
  let reference: number[];
  beforeAll(async () => {
    reference = await lossesOn('js', head, loss);
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
        const losses = await lossesOn(name, head, loss);
        const worst = Math.max(...losses.map((loss, k) => Math.abs(loss / reference[k] - 1)));
        expect(worst).toBeLessThan(1e-3);
      },
    );
});
