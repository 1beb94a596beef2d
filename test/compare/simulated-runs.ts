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
