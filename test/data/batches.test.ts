import { emptyPredictions, makeBatches, predictedIds, unpack } from '../../src/data/batches';
import { encode, type Encoded } from '../../src/data/encode';
import { parseCorpus } from '../../src/data/corpus';
import type { Batch } from '../../src/data/types';
import { buildVocab } from '../../src/data/vocab';
import { createRng } from '../../src/rng';

/** Sentences of the given lengths; word, shape and label ids tell sentence and position. */
function made(lengths: readonly number[]): Encoded {
  const offsets = Int32Array.from([0, ...lengths]);
  for (let s = 1; s < offsets.length; s++) offsets[s] += offsets[s - 1];
  const n = offsets[lengths.length];
  const types = Int32Array.from({ length: n }, (_, i) => i);
  return {
    size: lengths.length,
    offsets,
    longest: Math.max(0, ...lengths),
    types,
    inputs: new Map([
      ['words', types],
      ['shapes', types.map((i) => i % 7)],
    ]),
    labels: types.map((i) => (i % 5) - 1),
    unknownLabels: [],
    unknownWords: 0,
  };
}

const words = ({ inputs }: Batch): Int32Array => inputs.get('words') ?? new Int32Array(0);

const rng = createRng(5);
const ENCODED = made(Array.from({ length: 300 }, () => 1 + rng.int(30) + (rng.int(50) === 0 ? 200 : 0)));

describe('makeBatches', () => {
  it('packs by time step, as worked out by hand', () => {
    const [batch, ...rest] = makeBatches(made([1, 3, 2]), { batchTokens: 100 });
    expect(rest).toEqual([]);
    expect([...batch.order]).toEqual([1, 2, 0]);
    expect([...batch.stepSizes]).toEqual([3, 2, 1]);
    expect([...words(batch)]).toEqual([1, 4, 0, 2, 5, 3]);
    expect([...batch.sentenceOf]).toEqual([0, 1, 2, 0, 1, 0]);
    expect([...(batch.inputs.get('shapes') ?? [])]).toEqual([1, 4, 0, 2, 5, 3]);
    expect([...batch.labels]).toEqual([0, 3, -1, 1, -1, 2]);
  });

  it.each([
    ['evaluation', undefined],
    ['training', createRng(9)],
  ])('holds every token once, each batch within its budget and well packed: %s', (_, generator) => {
    const batches = makeBatches(ENCODED, { batchTokens: 128, batchSentences: 20 }, generator);
    const seen = batches.flatMap((batch) => [...words(batch)]).sort((a, b) => a - b);
    expect(seen).toEqual([...ENCODED.types]);
    for (const batch of batches) {
      expect(batch.labels.length <= 128 || batch.size === 1).toBe(true);
      expect(batch.size).toBeLessThanOrEqual(20);
      checkPacked(batch);
    }
    expect(batches.some(({ labels }) => labels.length > 128)).toBe(true); // a sentence beyond the budget
  });

  it('fills a batch to its limit of tokens or sentences and not beyond', () => {
    const sizes = (lengths: number[], options: Parameters<typeof makeBatches>[1]): number[] =>
      makeBatches(made(lengths), options).map(({ size }) => size);
    expect(sizes([5, 5, 5, 5], { batchTokens: 10 })).toEqual([2, 2]);
    expect(sizes([5, 5, 5, 5], { batchTokens: 9 })).toEqual([1, 1, 1, 1]);
    expect(sizes([5, 5, 5, 5], { batchTokens: 14 })).toEqual([2, 2]);
    expect(sizes([1, 1, 1, 1, 1], { batchTokens: 99, batchSentences: 2 })).toEqual([2, 2, 1]);
  });

  it('is the same for evaluation every time, and for training depends on the seed', () => {
    const orders = (seed?: number): string =>
      makeBatches(ENCODED, { batchTokens: 128 }, seed === undefined ? undefined : createRng(seed))
        .map(({ order }) => order.join())
        .join(' ');
    expect(orders()).toBe(orders());
    expect(orders(1)).toBe(orders(1));
    expect(orders(1)).not.toBe(orders(2));
    expect(orders()).not.toBe(orders(1));
  });

  it('mixes sentences of one length: over epochs each meets many others', () => {
    const equal = made(new Array<number>(40).fill(5));
    const generator = createRng(3);
    const partners = new Set<number>();
    for (let epoch = 0; epoch < 50; epoch++) {
      const home = makeBatches(equal, { batchTokens: 20 }, generator).find(({ order }) => order.includes(7));
      home?.order.forEach((s) => partners.add(s));
    }
    expect(partners.size).toBeGreaterThan(30);
  });

  it('makes nothing of nothing', () => {
    expect(makeBatches(made([]), { batchTokens: 10 })).toEqual([]);
  });
});

describe('unpack', () => {
  it('puts the rows of all batches back in the order of the corpus', () => {
    const predictions = emptyPredictions(ENCODED);
    for (const batch of makeBatches(ENCODED, { batchTokens: 64 }, createRng(8)))
      unpack(batch, words(batch), predictions);
    expect(predictions.ids).toEqual(ENCODED.types);
    expect([...predictedIds(predictions, 1)]).toEqual([
      ...ENCODED.types.subarray(ENCODED.offsets[1], ENCODED.offsets[2]),
    ]);
  });

  it('leaves -1 where no batch was', () => {
    const predictions = emptyPredictions(made([2, 1]));
    expect([...predictions.ids]).toEqual([-1, -1, -1]);
  });

  it('works from text to text', () => {
    const corpus = parseCorpus('a\tO\n\nb\tB-X\nc\tI-X\nd\tO\n', 'x');
    const vocab = buildVocab(corpus);
    const encoded = encode(corpus, vocab, []);
    const predictions = emptyPredictions(encoded);
    for (const batch of makeBatches(encoded, { batchTokens: 3 })) unpack(batch, batch.labels, predictions);
    const tags = corpus.sentences.map((_, s) => [...predictedIds(predictions, s)].map((id) => vocab.labels[id]));
    expect(tags).toEqual(corpus.sentences.map((sentence) => sentence.tags));
  });
});

function checkPacked(batch: Batch): void {
  const { size, stepSizes, sentenceOf, order } = batch;
  expect(order).toHaveLength(size);
  expect(stepSizes.reduce((a, b) => a + b, 0)).toBe(batch.labels.length);
  let row = 0;
  stepSizes.forEach((alive, t) => {
    if (t > 0) expect(alive).toBeLessThanOrEqual(stepSizes[t - 1]);
    for (let b = 0; b < alive; b++, row++) {
      expect(sentenceOf[row]).toBe(b);
      expect(words(batch)[row]).toBe(ENCODED.offsets[order[b]] + t);
    }
  });
}
