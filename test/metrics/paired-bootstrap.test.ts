import { UserError } from '../../src/errors';
import { sentenceCounts } from '../../src/metrics/bootstrap';
import { pairedBootstrap } from './paired-bootstrap';
import { createRng } from '../../src/rng';
import { F1, simulate, type System } from './simulated-system';

/** Share of `trials` simulated test sets in which the two systems differ at the 5 % level. */
function rejections(seed: number, trials: number, sentences: number, systems: [System, System]): number {
  const rng = createRng(seed);
  let rejected = 0;
  for (let trial = 0; trial < trials; trial++) {
    const { gold, predicted } = simulate(rng, sentences, systems);
    const [a, b] = predicted.map((tags) => sentenceCounts(gold, tags));
    if (pairedBootstrap(a, b, rng.split(String(trial)), { resamples: 200 }).p <= 0.05) rejected++;
  }
  return rejected;
}

describe('pairedBootstrap', () => {
  it('is sure of nothing where both systems say the same', () => {
    const counts = sentenceCounts([['B-A'], ['B-A', 'O']], [['B-A'], ['O', 'O']]);
    expect(pairedBootstrap(counts, counts, createRng(1), { resamples: 99 })).toEqual({
      difference: 0,
      low: 0,
      high: 0,
      p: 1,
      resamples: 99,
      level: 0.95,
    });
  });

  it('gives the shares by hand on two sentences', () => {
    // A right on both; B right on the first. d = 1 - 1/2... F1 of B: tp 1, predicted 1, gold 2: 2/3; d = 1/3.
    // Resamples: both first: d* = 0; both second: d* = 1; else 1/3. |d* - 1/3| >= 1/3 for the first two: probability 1/2.
    const gold = [['B-A'], ['B-A']];
    const a = sentenceCounts(gold, gold);
    const b = sentenceCounts(gold, [['B-A'], ['O']]);
    const result = pairedBootstrap(a, b, createRng(2), { resamples: 9999 });
    expect(result.difference).toBeCloseTo(1 / 3, 12);
    expect(Math.abs(result.p - 0.5)).toBeLessThan(0.02); // 4 standard deviations
    expect(result).toMatchObject({ low: 0, high: 1 });
  });

  it('changes sign, not p, when the systems change places', () => {
    const { gold, predicted } = simulate(createRng(3), 50, [
      { recall: 0.8, spurious: 0.1 },
      { recall: 0.6, spurious: 0.1 },
    ]);
    const [a, b] = predicted.map((tags) => sentenceCounts(gold, tags));
    const there = pairedBootstrap(a, b, createRng(4));
    const back = pairedBootstrap(b, a, createRng(4));
    expect(back.difference).toBeCloseTo(-there.difference, 12);
    expect(back.p).toBe(there.p);
    expect(pairedBootstrap(a, b, createRng(4), { average: 'macro' }).difference).toBeCloseTo(there.difference, 12);
  });

  it('refuses systems of different sentences', () => {
    const one = sentenceCounts([['O']], [['O']]);
    expect(() => pairedBootstrap(one, sentenceCounts([], []), createRng(1))).toThrow(UserError);
  });

  it('rejects the null in about 5 % of cases where it holds', () => {
    const system = { recall: 0.7, spurious: 0.2 };
    const rejected = rejections(80, 300, 80, [system, system]);
    expect(rejected).toBeGreaterThanOrEqual(4); // 15 expected, standard deviation 3.8; 3 either way
    expect(rejected).toBeLessThanOrEqual(27);
  });

  it('sees a known difference of 0.14 in F1 on 150 sentences', () => {
    const systems: [System, System] = [
      { recall: 0.8, spurious: 0.2 },
      { recall: 0.6, spurious: 0.2 },
    ];
    expect(F1(systems[0]) - F1(systems[1])).toBeCloseTo(0.136, 3);
    // the difference is about 4 of its standard errors (0.033): power 0.98 at the 5 % level, 59 of 60 expected
    expect(rejections(81, 60, 150, systems)).toBeGreaterThan(54);
  });
});
