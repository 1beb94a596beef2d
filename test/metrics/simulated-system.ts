import type { Rng } from '../../src/rng';

/** A made-up system: finds each gold entity with probability `recall`, and adds a spurious one to a sentence with `spurious`. */
export interface System {
  readonly recall: number;
  readonly spurious: number;
}

/** Sentences of one to three entities, and the predictions of each system, independent of each other. */
export function simulate(
  rng: Rng,
  sentences: number,
  systems: readonly System[],
): { gold: string[][]; predicted: string[][][] } {
  const gold: string[][] = [];
  const predicted: string[][][] = systems.map(() => []);
  for (let s = 0; s < sentences; s++) {
    const entities = 1 + rng.int(3);
    gold.push([...Array.from({ length: entities }, () => 'B-A'), 'O']);
    systems.forEach(({ recall, spurious }, k) => {
      const found = Array.from({ length: entities }, () => (rng.float() < recall ? 'B-A' : 'O'));
      predicted[k].push([...found, rng.float() < spurious ? 'B-A' : 'O']);
    });
  }
  return { gold, predicted };
}

/** The F1 of a system on endless data: 2 entities a sentence on average. */
export function F1({ recall, spurious }: System): number {
  return (2 * 2 * recall) / (2 * recall + spurious + 2);
}
