import fc from 'fast-check';
import { createLoss, parseLossParams } from '../../src/losses';
import { initialWeights } from '../../src/model/init';
import type { Weight } from '../../src/model/spec';
import { createTagger } from '../../src/model/tagger';
import { createRng } from '../../src/rng';
import { createAverages, left } from '../../src/train/average';
import { createTrainer } from '../../src/train/step';
import { eachEngine } from '../engine/each';
import { relativeError } from '../kernels/packed';
import { COUNTS, pack, SENTENCES, SPEC } from '../model/toy';

const OPTIONS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 5, wordDropout: 0, ema: 0.8 };
const LABELS = { labels: ['O', 'B-X', 'B-Y'], counts: COUNTS, outside: 0 };

/** Every average written out, of whole weights after every update. */
function plainly(averages: Map<string, number[]>, weights: readonly Weight[], update: number): void {
  const d = Math.min(OPTIONS.ema, (1 + update) / (10 + update));
  for (const { name, values } of weights)
    averages.set(
      name,
      Array.from(values, (value, i) => d * (averages.get(name)?.[i] ?? 0) + (1 - d) * value),
    );
}

eachEngine('averages of weights', (test) => {
  test('equal those written out, whichever rows a batch changes, and go on from what was saved', async () => {
    const batches = [[0], [1, 2], [2], [3, 0], [2], [2], [1]].map((of) => pack(of.map((s) => SENTENCES[s])));
    const loss = await createLoss('ce', parseLossParams('ce', {}), LABELS);
    const tagger = createTagger(SPEC, initialWeights(SPEC, COUNTS, createRng(1)));
    const trainer = createTrainer(tagger, loss, OPTIONS, createRng(2));
    const written = new Map(tagger.weights().map(({ name, values }) => [name, Array.from(values)]));
    const { averages } = trainer;
    if (!averages) throw new Error('there are none');
    const agree = (): void => {
      averages.catchUp();
      for (const { name, values } of averages.weights())
        expect(relativeError(values, written.get(name) ?? [])).toBeLessThan(1e-5);
    };
    agree(); // the initial weights
    for (let k = 0; k < 60; k++) {
      trainer.step(batches[k % batches.length], 0.05);
      plainly(written, tagger.weights(), k + 1);
      if (k % 20 === 19) agree();
      if (k === 47) {
        const [weights, behind] = [averages.weights(), averages.behind()];
        expect(Math.max(...behind.flatMap(({ values }) => Array.from(values)))).toBeGreaterThan(2); // or nothing is shown
        averages.load(
          weights.map((weight) => ({ ...weight, values: weight.values.map(() => 9) })),
          behind,
          1,
        );
        averages.load(weights, behind, 48);
      }
    }
    expect(averages.weights().map(({ name }) => name)).toEqual(tagger.weights().map(({ name }) => name));
    expect(() => averages.load(tagger.weights(), [], 60)).toThrow('averages: words does not fit');
    trainer.dispose();
    tagger.dispose();
  });

  test('leave out a table that keeps its values', () => {
    const spec = { ...SPEC, tables: SPEC.tables.map((table, i) => ({ ...table, rate: i })) };
    const tagger = createTagger(spec, initialWeights(spec, COUNTS, createRng(1)));
    const names = createAverages(tagger, 0.9).weights().map(({ name }) => name); // prettier-ignore
    expect(names).toEqual(tagger.weights().map(({ name }) => name).filter((name) => name !== 'words')); // prettier-ignore
    tagger.dispose();
  });
});

describe('left', () => {
  it('is the product of the factors of every update between', () => {
    const decay = fc.oneof(fc.constantFrom(0.001, 0.1, 0.5, 0.9, 0.995, 0.9999), fc.double({ min: 1e-6, max: 0.9999, noNaN: true })); // prettier-ignore
    fc.assert(
      fc.property(decay, fc.nat(3000), fc.nat(200), (d, from, more) => {
        let product = 1;
        for (let t = from + 1; t <= from + more; t++) product *= Math.min(d, (1 + t) / (10 + t));
        expect(Math.abs(left(from, from + more, d) - product)).toBeLessThan(1e-12);
      }),
    );
  });
});
