import { performance } from 'node:perf_hooks';
import { makeBatches } from '../data/batches';
import type { Batch } from '../data/types';
import { present } from '../errors';
import { createLoss, parseLossParams } from '../losses';
import { initialWeights } from '../model/init';
import type { TaggerSpec } from '../model/spec';
import { createTagger } from '../model/tagger';
import { createRng, type Rng } from '../rng';
import { createTrainer } from '../train/step';

/** Training speed of the current engine on made-up sentences. */
export interface Speed {
  /** Of the median step. */
  readonly tokensPerSecond: number;
  readonly stepMilliseconds: number;
  readonly steps: number;
  readonly seconds: number;
  /** What was trained, in words. */
  readonly task: string;
}

const SPEC: TaggerSpec = {
  tables: [
    { name: 'words', rows: 20_000, width: 100, wordDropout: true, rate: 1 },
    { name: 'shapes', rows: 8, width: 8, wordDropout: false, rate: 1 },
  ],
  labels: 9,
  hidden: 128,
  layers: 1,
  dropout: 0.3,
  head: 'softmax',
};
const SENTENCES = 32;
const LENGTHS = { least: 5, most: 40 };
const OPTIONS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 5, wordDropout: 0.01, ema: 0 };

/** Whole training steps (dropout, loss, gradient, update) for so many seconds, at least three of them. */
export async function measureSpeed(seconds: number): Promise<Speed> {
  const rng = createRng(1, 'speed');
  const counts = Array.from({ length: SPEC.labels }, (_, i) => (i === 0 ? 900 : 10));
  const labels = counts.map((_, i) => (i === 0 ? 'O' : `B-${i}`));
  const tagger = createTagger(SPEC, initialWeights(SPEC, counts, rng.split('weights')));
  const loss = await createLoss('ce', parseLossParams('ce', {}), { labels, counts, outside: 0 });
  const trainer = createTrainer(tagger, loss, OPTIONS, rng.split('train'));
  const batch = makeBatch(rng.split('batch'));
  const step = (): number => {
    const start = performance.now();
    trainer.step(batch, 1e-3);
    return performance.now() - start;
  };
  try {
    step(); // the first one finds memory and compiles
    const start = performance.now();
    const times: number[] = [];
    while (times.length < 3 || performance.now() - start < seconds * 1000) times.push(step());
    const took = (performance.now() - start) / 1000;
    const median = present(times.sort((a, b) => a - b)[times.length >> 1], 'time');
    const words = present(SPEC.tables[0], 'table');
    const tokens = batch.labels.length;
    return {
      tokensPerSecond: Math.round((tokens / median) * 1000),
      stepMilliseconds: Number(median.toFixed(2)),
      steps: times.length,
      seconds: Number(took.toFixed(2)),
      task:
        `batches of ${SENTENCES} sentences of ${LENGTHS.least} to ${LENGTHS.most} words (${tokens} tokens), ` +
        `BiLSTM of 2 x ${SPEC.hidden} units over ${words.width}-wide embeddings of ${words.rows} words, cross-entropy, Adam`,
    };
  } finally {
    trainer.dispose();
    tagger.dispose();
  }
}

/** One packed batch. Lengths are spread evenly. */
function makeBatch(rng: Rng): Batch {
  const { least, most } = LENGTHS;
  const lengths = Array.from({ length: SENTENCES }, (_, i) =>
    Math.round(most - (i * (most - least)) / (SENTENCES - 1)),
  );
  const offsets = new Int32Array(SENTENCES + 1);
  let tokens = 0;
  lengths.forEach((length, s) => (offsets[s + 1] = tokens += length));
  const draw = (n: number): Int32Array => Int32Array.from({ length: tokens }, () => rng.int(n));
  const encoded = {
    size: SENTENCES,
    offsets,
    longest: most,
    types: Int32Array.from({ length: tokens }, (_, i) => i),
    inputs: new Map(SPEC.tables.map(({ name, rows }) => [name, draw(rows)])),
    labels: draw(SPEC.labels),
    unknownLabels: [],
    unknownWords: 0,
  };
  return present(makeBatches(encoded, { batchTokens: tokens })[0], 'batch');
}
