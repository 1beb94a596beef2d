import { makeBatches } from '../../src/data/batches';
import type { Encoded } from '../../src/data/encode';
import { classIds, drawsByClass, drawSentences, SAMPLINGS } from '../../src/data/sampling';
import { createRng } from '../../src/rng';

const LABELS = ['O', 'B-PER', 'I-PER', 'B-LOC'];
const KINDS = classIds(LABELS, 'chunks');

/** Sentences of label ids. */
function encoded(sentences: readonly number[][]): Encoded {
  const offsets = new Int32Array(sentences.length + 1);
  sentences.forEach((ids, s) => (offsets[s + 1] = (offsets[s] ?? 0) + ids.length));
  return {
    size: sentences.length,
    offsets,
    longest: Math.max(...sentences.map((ids) => ids.length)),
    types: Int32Array.from(sentences.flat(), (_, n) => n),
    inputs: new Map(),
    labels: Int32Array.from(sentences.flat()),
    unknownLabels: [],
    unknownWords: 0,
  };
}

/** 16 sentences: one with LOC and PER, three more with PER, the others without. */
const CORPUS = encoded([[0, 3, 1], [1, 2], [0, 1], [1, 0, 0, 1], ...Array.from({ length: 12 }, () => [0, 0])]);
const weights = SAMPLINGS.rare.weights(CORPUS, KINDS.ids);

describe('sampling', () => {
  it('takes labels as the classes that they are of', () => {
    expect([...KINDS.ids]).toEqual([-1, 0, 0, 1]);
    expect(KINDS.names).toEqual(['PER', 'LOC']);
    expect([...classIds(['O', 'B'], 'tags').ids]).toEqual([0, 1]); // plain tags: O is one of them
  });

  it('weighs a sentence by the inverse root of the share of sentences with its rarest class', () => {
    expect(SAMPLINGS.uniform.weights()).toBeNull();
    expect([...weights]).toEqual([4, 2, 2, 2, ...new Array<number>(12).fill(1)]); // sqrt(16 / 1), sqrt(16 / 4), 1
    expect([...SAMPLINGS.rare.weights(encoded([[0], [0, -1]]), KINDS.ids)]).toEqual([1, 1]); // no class at all
  });

  it('draws as many sentences as there are, each as often as expected, rounded up or down', () => {
    const seen = new Float64Array(16);
    for (let seed = 0; seed < 400; seed++) {
      const drawn = drawSentences(weights, createRng(seed));
      expect(drawn.length).toBe(16);
      const counts = new Float64Array(16);
      for (const s of drawn) counts[s] = (counts[s] ?? 0) + 1;
      const mean = 22 / 16;
      counts.forEach((n, s) => {
        expect(n).toBeGreaterThanOrEqual(Math.floor((weights[s] ?? 0) / mean));
        expect(n).toBeLessThanOrEqual(Math.ceil((weights[s] ?? 0) / mean));
        seen[s] = (seen[s] ?? 0) + n / 400;
      });
    }
    seen.forEach((n, s) => expect(Math.abs(n - (weights[s] ?? 0) / (22 / 16))).toBeLessThan(0.1));
  });

  it('tells how often an epoch has sentences of each class', () => {
    const mean = 22 / 16;
    const { classes, none } = drawsByClass(weights, CORPUS, KINDS);
    expect(classes.map(([name]) => name)).toEqual(['LOC', 'PER']);
    expect(classes[0][1]).toBeCloseTo(4 / mean, 12);
    expect(classes[1][1]).toBeCloseTo(10 / 4 / mean, 12);
    expect(none).toBeCloseTo(1 / mean, 12);
  });

  it('makes epochs that depend on seed and epoch alone, and have as many sentences as the corpus', () => {
    const epoch = (name: string): number[][] =>
      makeBatches(CORPUS, { batchTokens: 8, weights }, createRng(1).split('shuffle').split(name)).map(({ order }) => [...order]); // prettier-ignore
    expect(epoch('1')).toEqual(epoch('1'));
    expect(epoch('1')).not.toEqual(epoch('2'));
    for (const name of ['1', '2', '3']) {
      expect(epoch(name).flat()).toHaveLength(16);
      expect(
        epoch(name)
          .flat()
          .filter((s) => s === 0).length,
      ).toBeGreaterThanOrEqual(2); // 4 / 1.375 = 2.9
      for (const order of epoch(name)) {
        const lengths = order.map((s) => (CORPUS.offsets[s + 1] ?? 0) - (CORPUS.offsets[s] ?? 0));
        expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
      }
    }
  });

  it('leaves batches without it as they were, and predictions too', () => {
    const of = (own: Float64Array | null): number[] =>
      makeBatches(CORPUS, { batchTokens: 8, weights: own }).flatMap(({ order }) => [...order]);
    expect([...of(weights)].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, s) => s));
    expect(of(weights)).toEqual(of(null));
  });
});
