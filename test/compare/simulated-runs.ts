import type { ScoredRun } from '../../src/compare/statistics';
import { sentenceCounts } from '../../src/metrics/bootstrap';
import type { Rng } from '../../src/rng';

export const SEEDS = [1, 2, 3, 4, 5];

/**
 * Made-up runs of losses on one test set. An entity is found with probability `recall` of the loss, shifted by its seed and by its
 * sentence: runs differ by seed, and sentences are hard or easy for all of them alike.
 */
export function simulateRuns(
  rng: Rng,
  recalls: Readonly<Record<string, number>>,
  seedSpread: number,
  seeds = SEEDS,
  tags = ['B-A'],
): ScoredRun[] {
  const sentences = Array.from({ length: 80 }, () => ({ size: 1 + rng.int(3), ease: 0.15 * rng.normal() }));
  const gold = sentences.map(({ size }, s) => Array.from({ length: size }, (_, t) => tags[(s + t) % tags.length]));
  return Object.entries(recalls).flatMap(([label, recall]) =>
    seeds.map((seed) => {
      const shift = seedSpread * rng.normal();
      const predicted = sentences.map(({ ease }, s) =>
        gold[s].map((tag) => (rng.float() < recall + shift + ease ? tag : 'O')),
      );
      return { label, seed, counts: sentenceCounts(gold, predicted) };
    }),
  );
}

/**
 * Made-up runs of losses on one file of one class. Besides its seed, which shifts the recall of a whole run, each loss finds some sentences
 * hard and others easy, whatever the seed: that is the luck of the file, and the same however many seeds are scored on it.
 */
export function simulateFile(
  rng: Rng,
  recalls: Readonly<Record<string, number>>,
  spreads: { readonly seed: number; readonly sentence: number },
  { sentences, seeds }: { readonly sentences: number; readonly seeds: number },
): ScoredRun[] {
  const sizes = Array.from({ length: sentences }, () => 1 + rng.int(3));
  const offsets = Int32Array.from({ length: sentences + 1 }, (_, s) => s);
  const classOf = new Int32Array(sentences);
  return Object.entries(recalls).flatMap(([label, recall]) => {
    const ease = sizes.map(() => spreads.sentence * rng.normal());
    return Array.from({ length: seeds }, (_, i): ScoredRun => {
      const shift = spreads.seed * rng.normal();
      const hits = (size: number, s: number): number =>
        Array.from({ length: size }).filter(() => rng.float() < recall + shift + ease[s]).length;
      const tp = Int32Array.from(sizes, hits);
      const counts = { classes: ['A'], offsets, classOf, tp, predicted: tp, support: Int32Array.from(sizes) };
      return { label, seed: i + 1, counts };
    });
  });
}
