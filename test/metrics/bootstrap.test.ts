import { bootstrap, quantile, sentenceCounts } from '../../src/metrics/bootstrap';
import { countEntities } from '../../src/metrics/entities';
import { scoreTable } from '../../src/metrics/prf';
import { createRng } from '../../src/rng';
import { randomPair } from './random-tags';
import { F1, simulate } from './simulated-system';

const corpus = (seed: number, size: number) => {
  const rng = createRng(seed);
  const pairs = Array.from({ length: size }, () => randomPair(rng, 'IOB2'));
  return { gold: pairs.map((p) => p.gold), predicted: pairs.map((p) => p.predicted) };
};

describe('quantile', () => {
  it.each([
    // numpy.quantile([3, 1, 2, 10], q)
    [0, 1],
    [0.025, 1.075],
    [0.5, 2.5],
    [0.9, 7.9],
    [1, 10],
  ])('q = %f is %f', (q, value) => {
    expect(quantile([3, 1, 2, 10], q)).toBeCloseTo(value, 12);
  });

  it('of nothing is null, of one value that value', () => {
    expect(quantile([], 0.5)).toBeNull();
    expect(quantile([7], 0.975)).toBe(7);
  });
});

describe('bootstrap', () => {
  it('keeps by sentence what the score counts in all', () => {
    const { gold, predicted } = corpus(70, 40);
    const counts = sentenceCounts(gold, predicted);
    const whole = countEntities(gold, predicted);
    expect([...counts.classes].sort()).toEqual([...whole.keys()].sort());
    counts.classes.forEach((name, k) => {
      const sum = (values: Int32Array) => values.filter((_, e) => counts.classOf[e] === k).reduce((a, b) => a + b, 0);
      expect({ tp: sum(counts.tp), predicted: sum(counts.predicted), support: sum(counts.support) }).toEqual(
        whole.get(name),
      );
    });
    expect(counts.offsets).toHaveLength(41);
  });

  it('is what scoring every resample from its tags gives, draw for draw', () => {
    const { gold, predicted } = corpus(71, 12);
    const result = bootstrap(sentenceCounts(gold, predicted), createRng(1), { resamples: 50, level: 0.8 });
    const rng = createRng(1);
    const tables = Array.from({ length: 50 }, () => {
      const drawn = Array.from({ length: 12 }, () => rng.int(12));
      return scoreTable(
        countEntities(
          drawn.map((s) => gold[s]),
          drawn.map((s) => predicted[s]),
        ),
      );
    });
    const whole = scoreTable(countEntities(gold, predicted));
    const close = (x: number | null, y: number | null) => {
      expect(x).toBeCloseTo(y ?? NaN, 12);
    };
    for (const average of ['micro', 'macro'] as const) {
      const f1 = tables.map((t) => t[average].f1);
      close(result[average].f1, whole[average].f1);
      close(result[average].low, quantile(f1, 0.1));
      close(result[average].high, quantile(f1, 0.9));
    }
    for (const { name, f1, low, high } of result.classes) {
      const values = tables.flatMap((t) => t.classes.filter((c) => c.name === name).map((c) => c.f1));
      close(f1, whole.classes.find((c) => c.name === name)?.f1 ?? null);
      close(low, quantile(values, 0.1));
      close(high, quantile(values, 0.9));
    }
  });

  it('has the quantiles of the binomial on two sentences, one right and one wrong', () => {
    // resamples: F1 1, 1/2, 1/2, 0 with probability 1/4 each
    const counts = sentenceCounts([['B-A'], ['B-A']], [['B-A'], ['B-B']]);
    const wide = bootstrap(counts, createRng(2), { resamples: 4000 }).micro;
    expect(wide).toEqual({ f1: 0.5, low: 0, high: 1 });
    expect(bootstrap(counts, createRng(2), { resamples: 4000, level: 0.4 }).micro).toEqual({
      f1: 0.5,
      low: 0.5,
      high: 0.5,
    });
  });

  it('has no interval where there is nothing, and repeats for a seed', () => {
    expect(bootstrap(sentenceCounts([], []), createRng(1)).micro).toEqual({ f1: 0, low: null, high: null });
    expect(bootstrap(sentenceCounts([['O']], [['O']]), createRng(1)).micro).toEqual({ f1: 0, low: 0, high: 0 });
    const { gold, predicted } = corpus(72, 30);
    const run = (seed: number) => bootstrap(sentenceCounts(gold, predicted), createRng(seed), { resamples: 100 });
    expect(run(3)).toEqual(run(3));
    expect(run(3)).not.toEqual(run(4));
  });

  it('covers the true F1 in 95 % of simulated test sets', () => {
    const rng = createRng(73);
    const trials = 200;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { gold, predicted } = simulate(rng, 80, [{ recall: 0.7, spurious: 0.2 }]);
      const { low, high } = bootstrap(sentenceCounts(gold, predicted[0]), rng.split(String(trial)), {
        resamples: 200,
      }).micro;
      const truth = F1({ recall: 0.7, spurious: 0.2 });
      if ((low ?? 1) <= truth && truth <= (high ?? 0)) covered++;
    }
    // 0.95 less or more 3.3 standard deviations of a share of 200, and 0.01 for the small-sample bias of percentiles
    expect(covered / trials).toBeGreaterThan(0.95 - 0.051 - 0.01);
    expect(covered / trials).toBeLessThan(1);
  });
});
