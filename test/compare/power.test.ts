import {
  createDraws,
  effectAtBest,
  effectSeen,
  leastShown,
  type Pilot,
  powerBetween,
  powerOf,
  scaleNeeded,
  seedsBetween,
  seedsNeeded,
  varianceInterval,
} from '../../src/compare/power';
import { differenceVariances, resampleScores, type Variances } from '../../src/compare/resample';
import { statistics } from '../../src/compare/statistics';
import { normalQuantile } from '../../src/metrics/distributions';
import { createRng } from '../../src/rng';
import { simulateRuns } from './simulated-runs';

const draws = createDraws(100);
const pilot = (changes: Partial<Variances & Omit<Pilot, 'believed'>>): Pilot => {
  const { between = 0, within = 0, shared = 0, family = 1, resamples = 2000 } = changes;
  return { believed: [{ between, within, shared }], family, resamples };
};

describe('powerOf', () => {
  // scipy 1.10: nct.sf(t.ppf(0.975, n - 1), n - 1, d * sqrt(n)); 2000 draws: 3 standard errors are 0.034
  it.each([
    [9, 1, 0.748],
    [20, 0.66, 0.7995],
    [34, 0.5, 0.8078],
    [60, 0.3, 0.6277],
  ])(
    'is that of Student’s test for %i seeds that alone differ, %f standard deviations apart: %f',
    (seeds, d, power) => {
      const found = powerOf(pilot({ between: 0.01 ** 2 }), { effect: d * 0.01, seeds, scale: 1 }, draws);
      expect(Math.abs(found - power)).toBeLessThan(0.034);
    },
  );

  it('is that of the normal test where the sentences alone differ, and a larger file makes it larger', () => {
    const sentences = pilot({ shared: 0.01 ** 2, between: 1e-12 });
    const at = (effect: number, scale: number, family = 1) =>
      powerOf({ ...sentences, family }, { effect, seeds: 20, scale }, draws);
    expect(at((1.96 + 0.8416) * 0.01, 1)).toBeCloseTo(0.8, 1);
    expect(at(1.96 * 0.01, 1)).toBeCloseTo(0.5, 1);
    expect(at(1.96 * 0.005, 4)).toBeCloseTo(0.5, 1); // half the standard deviation
    expect(at(2.7344 * 0.01, 1, 8)).toBeCloseTo(0.5, 1); // Holm's first step of eight: 1 - 0.05 / 16
  });

  it('is 0 where the verdict cannot be reached: too few seeds, or too few resamples for so many questions', () => {
    const design = { effect: 0.5, scale: 1 };
    expect(powerOf(pilot({ between: 1e-4 }), { ...design, seeds: 4 }, draws)).toBe(0);
    expect(powerOf(pilot({ between: 1e-4 }), { ...design, seeds: 5 }, draws)).toBe(1);
    expect(powerOf(pilot({ between: 1e-4, family: 101 }), { ...design, seeds: 20 }, draws)).toBe(0); // 101 / 2001 > 0.05
    expect(powerOf(pilot({ between: 1e-4, family: 100 }), { ...design, seeds: 20 }, draws)).toBe(1);
  });

  it('is the mean over what is believed, and lies between its ends', () => {
    const design = { effect: 0.012, seeds: 12, scale: 1 };
    const spreads = [1e-4, 2e-4, 4e-4, 8e-4];
    const of = (...between: number[]): Pilot => ({ ...pilot({}), believed: between.map((one) => ({ between: one, within: 0, shared: 0 })) }); // prettier-ignore
    const each = spreads.map((one) => powerOf(of(one), design, draws));
    expect(powerOf(of(...spreads), design, draws)).toBeCloseTo(each.reduce((a, b) => a + b, 0) / 4, 1);
    expect(powerBetween(of(...spreads), design, 0.9, draws)).toEqual([each[3], each[0]]);
    const seeds = seedsBetween(of(...spreads), 0.012, 0.8, 0.9, draws);
    expect(seeds).toEqual([seedsNeeded(of(1e-4), 0.012, 0.8, draws), seedsNeeded(of(8e-4), 0.012, 0.8, draws)]);
  });

  it('is the share of made-up comparisons that compare calls better', () => {
    // recall 0.6 and 0.68 with seeds 0.03 apart: two losses, one class, so that one question is asked
    const trials = 150;
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    let [called, effect] = [0, 0];
    const all = { between: 0, within: 0, shared: 0 };
    for (let trial = 0; trial < trials; trial++) {
      const runs = simulateRuns(createRng(21).split(String(trial)), { a: 0.6, b: 0.68 }, 0.03, seeds);
      const [test] = statistics(runs, 'a', ['micro-f1', 'macro-f1'], [{ name: 'A', support: 9 }], 100).tests;
      if (test.verdict === 'better') called++;
      effect += test.difference / trials;
      const sampled = resampleScores(runs.map(({ counts }) => counts), ['A'], 100, createRng(trial)); // prettier-ignore
      const found = differenceVariances(sampled, 0, [8, 9, 10, 11, 12, 13, 14, 15], [0, 1, 2, 3, 4, 5, 6, 7]);
      for (const key of ['between', 'within', 'shared'] as const) all[key] += found[key] / trials;
    }
    const claimed = powerOf(pilot({ ...all, resamples: 100 }), { effect, seeds: 8, scale: 1 }, draws);
    expect(claimed).toBeGreaterThan(0.3);
    expect(claimed).toBeLessThan(0.95);
    // 0.05, and 3 standard errors of 150 trials (0.12); the bench program makes 1000 of many kinds
    expect(Math.abs(claimed - called / trials)).toBeLessThan(0.05 + 0.12);
  });
});

describe('what is needed', () => {
  const both = pilot({ between: 0.01 ** 2, shared: 0.002 ** 2 });

  it('finds the fewest seeds, the smallest effect and the smallest file, each on the edge', () => {
    const seeds = seedsNeeded(both, 0.01, 0.8, draws) ?? NaN;
    const at = (n: number, effect = 0.01) => powerOf(both, { effect, seeds: n, scale: 1 }, draws);
    expect(at(seeds)).toBeGreaterThanOrEqual(0.8);
    expect(at(seeds - 1)).toBeLessThan(0.8);
    const seen = effectSeen(both, seeds, 0.8, draws) ?? NaN;
    expect(seen).toBeLessThanOrEqual(0.01 + 1e-4);
    expect(at(seeds, seen - 2e-4)).toBeLessThan(0.8);
    const sentences = pilot({ between: 0.01 ** 2, within: 0.009 ** 2, shared: 0.01 ** 2 });
    const scale = scaleNeeded(sentences, 0.01, 20, 0.8, draws) ?? NaN;
    expect(powerOf(sentences, { effect: 0.01, seeds: 20, scale }, draws)).toBeGreaterThanOrEqual(0.8);
    expect(powerOf(sentences, { effect: 0.01, seeds: 20, scale: scale / 1.1 }, draws)).toBeLessThan(0.8);
  });

  it.each([0.0056, 0.009])(
    'finds the first number of seeds of all that has the power, also where the next has not: %f',
    (sd) => {
      // five seeds may all agree at a level of 6.25 %, six at 3.13 %
      const seeds = pilot({ between: sd ** 2 });
      const powers = Array.from({ length: 10 }, (_, i) => powerOf(seeds, { effect: 0.01, seeds: 5 + i, scale: 1 }, draws)); // prettier-ignore
      expect(seedsNeeded(seeds, 0.01, 0.8, draws)).toBe(5 + powers.findIndex((power) => power >= 0.8));
      const later = powers.findIndex((power, i) => i >= 1 && power >= 0.8);
      expect(seedsNeeded(seeds, 0.01, 0.8, draws, { least: 6 })).toBe(5 + later);
    },
  );

  it('has the luck of the file in the effect where that is what the file shows', () => {
    // scipy: norm.sf(1.96 - 3) where the luck is drawn; without it 3 > 1.96 standard errors always
    const sentences = pilot({ shared: 0.01 ** 2, between: 1e-12 });
    const design = { effect: 0.03, seeds: 20, scale: 1 };
    expect(powerOf(sentences, design, draws)).toBeCloseTo(0.851, 1);
    expect(powerOf(sentences, { ...design, onThisFile: true }, draws)).toBe(1);
    expect(powerOf(sentences, { ...design, effect: 0.0195, onThisFile: true }, draws)).toBe(0);
    expect(leastShown(0.01 ** 2, 1)).toBeCloseTo(0.0196, 5);
    expect(leastShown(0.01 ** 2, 8)).toBeCloseTo(0.027344, 5);
  });

  it('says what no number of seeds shows, and no file', () => {
    const few = pilot({ between: 0.01 ** 2, shared: 0.01 ** 2, family: 8 });
    expect(effectAtBest(few, 0.8)).toBeCloseTo(0.01 * (2.7344 + 0.8416), 4);
    expect(seedsNeeded(few, 0.03, 0.8, draws)).toBeNull();
    expect(scaleNeeded(pilot({ between: 0.1 ** 2 }), 0.01, 20, 0.8, draws)).toBeNull();
  });

  it('has the quantiles of scipy', () => {
    expect(normalQuantile(0.05)).toBeCloseTo(1.959963984540054, 10);
    expect(varianceInterval(1, 0.95)[0]).toBeCloseTo(0.1990490952054129, 10);
    expect(varianceInterval(1, 0.95)[1]).toBeCloseTo(1018.2582697196705, 4);
    expect(varianceInterval(8, 0.95)).toEqual([expect.closeTo(0.45624220532206633, 10), expect.closeTo(3.6701780759312888, 10)]); // prettier-ignore
  });
});

describe('differenceVariances', () => {
  it('tells what seeds share from what is theirs', () => {
    // the scores of two runs and their references on four resamples: 0 for the references
    const drawn = [[0.1, 0.3, 0.1, 0.3], [0.3, 0.5, 0.5, 0.3], [0, 0, 0, 0], [0, 0, 0, 0]].map((row) => Float64Array.from(row)); // prettier-ignore
    const whole = [0.2, 0.4, 0, 0].map((x) => Float64Array.of(x));
    const found = differenceVariances({ whole, drawn, metrics: 1, resamples: 4 }, 0, [0, 1], [2, 3]);
    expect(found.between).toBeCloseTo(0.02, 12); // (0.1^2 + 0.1^2) / 1
    // means 0.2, 0.4, 0.3, 0.3: shifts -0.1, 0.1, 0, 0; what is left of each seed 0, 0, -+0.1, +-0.1: 4 * 0.01 / 8 * 2
    expect(found.within).toBeCloseTo(0.01, 12);
    expect(found.shared).toBeCloseTo(0.02 / 3 - 0.005, 12);
  });
});
