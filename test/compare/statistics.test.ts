import {
  familySize,
  type PairedTest,
  type ScoredRun,
  spreadOf,
  statistics,
  verdictOf,
} from '../../src/compare/statistics';
import { SEEDS, simulateRuns } from './simulated-runs';
import { verdictText } from '../../src/compare/verdict';
import { holm, pairedPermutation } from '../../src/metrics/significance';
import { createRng } from '../../src/rng';

const gold = (...names: string[]) => names.map((name) => ({ name, support: 9 }));

const compareOnce = (runs: ScoredRun[], resamples = 100) =>
  statistics(runs, 'a', ['micro-f1', 'macro-f1'], gold('A'), resamples);

/** Share of simulated comparisons in which b is called better or worse than a on micro-F1. */
function callRate(
  seed: number,
  trials: number,
  recalls: Record<string, number>,
  spread: number,
  seeds = SEEDS,
): number {
  let called = 0;
  for (let trial = 0; trial < trials; trial++) {
    const runs = simulateRuns(createRng(seed).split(String(trial)), recalls, spread, seeds);
    if (compareOnce(runs).tests.some(({ metric, verdict }) => metric === 'micro-f1' && verdict !== 'none')) called++;
  }
  return called / trials;
}

/** The same run, which also predicts one of another class in the first sentence, with the seed as its odds. */
function withFalse({ counts, ...run }: ScoredRun): ScoredRun {
  const add = (values: Int32Array, x: number) => Int32Array.of(x, ...values);
  const offsets = counts.offsets.map((at, s) => (s === 0 ? 0 : at + 1));
  const [classOf, tp] = [add(counts.classOf, 1), add(counts.tp, 0)];
  const [predicted, support] = [add(counts.predicted, 1 + (run.seed % 2)), add(counts.support, 0)];
  return { ...run, counts: { classes: [...counts.classes, 'B'], offsets, classOf, tp, predicted, support } };
}

describe('statistics', () => {
  it('has mean, standard deviation and every value', () => {
    const { mean, sd, values } = spreadOf([0.5, 0.7, 0.9]);
    expect(mean).toBeCloseTo(0.7, 12);
    expect(sd).toBeCloseTo(0.2, 12);
    expect(values).toEqual([0.5, 0.7, 0.9]);
    expect(spreadOf([0.4])).toEqual({ mean: 0.4, sd: 0, values: [0.4] });
  });

  it('tests by the parts it is made of', () => {
    const runs = simulateRuns(createRng(5), { a: 0.6, b: 0.75, c: 0.6 }, 0.03);
    const { summaries, tests } = compareOnce(runs);
    expect(Object.keys(summaries)).toEqual(['a', 'b', 'c']);
    expect(tests.map(({ label, metric }) => `${label} ${metric}`)).toEqual(
      ['b', 'c'].flatMap((label) => ['micro-f1', 'macro-f1', 'A.f1'].map((metric) => `${label} ${metric}`)),
    );
    for (const test of tests) {
      const [ours, theirs] = [summaries[test.label][test.metric], summaries.a[test.metric]];
      expect(test.difference).toBeCloseTo(ours.mean - theirs.mean, 12);
      expect(test.permutation.p).toBe(pairedPermutation(ours.values, theirs.values, createRng(0)).p);
      expect(test.permutation.smallest).toBe(1 / 16);
      expect(test.low).toBeLessThanOrEqual(test.difference);
      expect(test.high).toBeGreaterThanOrEqual(test.difference);
      expect(test.seeds).toEqual(SEEDS);
    }
    expect(compareOnce(runs)).toEqual({ summaries, tests });
  });

  it('corrects over the averages, and over the classes, of all losses', () => {
    const runs = simulateRuns(createRng(5), { a: 0.6, b: 0.7, c: 0.6 }, 0.03, SEEDS, ['B-A', 'B-B']);
    const { tests } = statistics(runs, 'a', ['micro-f1', 'macro-f1'], gold('A', 'B'), 100);
    for (const names of [
      ['micro-f1', 'macro-f1'],
      ['A.f1', 'B.f1'],
    ]) {
      const family = tests.filter(({ metric }) => names.includes(metric));
      expect(family).toHaveLength(4);
      expect(family.map(({ pHolm }) => pHolm)).toEqual(holm(family.map(({ p }) => p)));
    }
  });

  it('counts metrics that are one number once: with a single class, its F1 is micro-F1 and macro-F1', () => {
    const { tests } = compareOnce(simulateRuns(createRng(5), { a: 0.6, b: 0.75, c: 0.6 }, 0.03));
    const [b, c] = holm(tests.filter(({ metric }) => metric === 'A.f1').map(({ p }) => p));
    expect(tests.map(({ pHolm }) => pHolm)).toEqual([b, b, b, c, c, c]);
  });

  it('has as many questions in a family as Holm’s correction multiplies its smallest p-value by', () => {
    const asked = (...classes: { name: string; support: number }[]) => [
      ...['micro-f1', 'macro-f1'].map((name) => ({ name, kind: 'average' as const, support: null })),
      ...classes.map(({ name, support }) => ({ name, kind: 'class' as const, support })),
    ];
    const recalls = { a: 0.6, b: 0.66, c: 0.6 };
    // one class; two; and one of gold beside one that is only predicted, which counts as wrong in micro-F1 alone
    const odd = simulateRuns(createRng(5), recalls, 0.03).map((run) => withFalse(run));
    for (const [runs, classes] of [
      [simulateRuns(createRng(5), recalls, 0.03), gold('A')],
      [simulateRuns(createRng(5), recalls, 0.03, SEEDS, ['B-A', 'B-B']), gold('A', 'B')],
      [odd, [...gold('A'), { name: 'B', support: 0 }]],
    ] as const) {
      const { tests } = statistics(runs, 'a', ['micro-f1', 'macro-f1'], classes, 2000);
      for (const kind of ['average', 'class'] as const) {
        const own = tests.filter(({ metric }) => metric.includes('-') === (kind === 'average'));
        const [least] = own.toSorted((x, y) => x.p - y.p);
        expect(least.pHolm).toBeCloseTo(Math.min(1, least.p * familySize(kind, asked(...classes), 2)), 12);
        expect(least.p).toBeLessThan(0.2);
      }
    }
  });

  it('pairs by seed, and leaves seeds out that one side lacks', () => {
    const runs = simulateRuns(createRng(6), { a: 0.6, b: 0.75 }, 0.03);
    const some = runs.filter(({ label, seed }) => !(label === 'a' && seed === 2) && !(label === 'b' && seed === 4));
    const { tests, summaries } = compareOnce(some);
    expect(tests[0].seeds).toEqual([1, 3, 5]);
    expect(summaries.a['micro-f1'].values).toHaveLength(4);
    expect(tests[0].permutation.smallest).toBe(1 / 4);
    const noReference = runs.filter(({ label }) => label === 'b');
    expect(compareOnce(noReference).tests).toEqual([]);
  });

  it('calls a difference where there is none in at most 6.25 % of comparisons: seeds that vary, and seeds that do not', () => {
    // 6.25 % is the level of "all five seeds agree"; 200 trials: 3 standard deviations are 0.051
    expect(callRate(10, 200, { a: 0.6, b: 0.6 }, 0.05)).toBeLessThan(0.0625 + 0.051);
    expect(callRate(11, 200, { a: 0.6, b: 0.6 }, 0)).toBeLessThan(0.0625 + 0.051);
  });

  it.each([0.05, 0])('has a bootstrap that is close to its level of 5 %% where seeds vary by %f', (spread) => {
    const trials = 200;
    let rejected = 0;
    for (let trial = 0; trial < trials; trial++) {
      const runs = simulateRuns(createRng(15).split(String(trial)), { a: 0.6, b: 0.6 }, spread);
      if (compareOnce(runs).tests[0].p <= 0.05) rejected++;
    }
    // five seeds give a spread known to four degrees of freedom, so up to 8 % were accepted; 3 standard deviations are 0.058
    expect(rejected / trials).toBeLessThan(0.08 + 0.058);
    expect(rejected / trials).toBeGreaterThan(0.004);
  });

  it('keeps 5 % over a family of four losses and eight seeds', () => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    // the null holds for all: Holm keeps the share of comparisons with any false call at 5 %; 100 trials: 3 sd are 0.065
    expect(callRate(12, 100, { a: 0.6, b: 0.6, c: 0.6, d: 0.6 }, 0.03, seeds)).toBeLessThan(0.05 + 0.065);
  });

  it('sees a difference of 0.17 in recall nearly always, one of 0.1 mostly, and says which way', () => {
    expect(callRate(13, 60, { a: 0.55, b: 0.72 }, 0.02)).toBeGreaterThan(0.9);
    expect(callRate(16, 60, { a: 0.55, b: 0.65 }, 0.02)).toBeGreaterThan(0.5); // 0.69 of 150 trials
    const better = compareOnce(simulateRuns(createRng(14), { a: 0.55, b: 0.75 }, 0.02)).tests[0];
    const worse = compareOnce(simulateRuns(createRng(14), { a: 0.75, b: 0.55 }, 0.02)).tests[0];
    expect([better.verdict, worse.verdict]).toEqual(['better', 'worse']);
  });
});

const test: PairedTest = {
  label: 'dsc',
  reference: 'ce',
  metric: 'macro-f1',
  difference: 0.021,
  low: 0.008,
  high: 0.034,
  p: 0.001,
  pHolm: 0.004,
  permutation: { p: 1 / 64, smallest: 1 / 128 },
  seeds: [1, 2, 3, 4, 5, 6, 7, 8],
  variances: { between: 1e-4, within: 5e-5, shared: 1e-5 },
  sentences: null,
  highest: 0.7,
  verdict: 'better',
};

describe('verdictOf', () => {
  it.each([
    [{}, 'better'],
    [{ difference: -0.021 }, 'worse'],
    [{ difference: 0 }, 'none'],
    [{ pHolm: 0.0501 }, 'none'],
    [{ pHolm: 0.05 }, 'better'],
    [{ permutation: { p: 0.0625, smallest: 0.0625 } }, 'better'], // five seeds that all agree
    [{ permutation: { p: 0.125, smallest: 0.0625 } }, 'none'],
    [{ permutation: { p: 0.06, smallest: 0.01 } }, 'none'],
    [{ permutation: { p: 0.125, smallest: 0.125 }, seeds: [1, 2, 3, 4] }, 'unjudged'], // four seeds cannot show it
    [{ permutation: { p: 1, smallest: 1 }, seeds: [1] }, 'unjudged'],
    [{ difference: 0, highest: 0 }, 'nothing'],
    [{ difference: 0, highest: 0, seeds: [1] }, 'nothing'],
  ])('%j: %s', (changes, verdict) => {
    expect(verdictOf({ ...test, ...changes })).toBe(verdict);
  });
});

describe('the permutation test over seeds', () => {
  // where losses are alike, every pattern of signs of the differences is as likely: the level is the share of those that are called
  it.each([
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 0],
    [5, 2 / 32], // 1/16, above 5 %: all seeds agree
    [6, 2 / 64],
    [7, 6 / 128],
    [8, 12 / 256],
  ])('has with %i seeds the level %f', (n, level) => {
    const sizes = Array.from({ length: n }, (_, i) => 2 ** i + 0.5); // no two sums of signs are equal
    let called = 0;
    for (let pattern = 0; pattern < 2 ** n; pattern++) {
      const differences = sizes.map((size, i) => ((pattern >> i) & 1 ? -size : size));
      const none = differences.map(() => 0);
      const permutation = pairedPermutation(differences, none, createRng(0));
      const seeds = differences.map((_, i) => i);
      const verdict = verdictOf({ ...test, difference: permutation.difference, pHolm: 0, permutation, seeds });
      if (verdict === 'better' || verdict === 'worse') called++;
    }
    expect(called / 2 ** n).toBe(level);
  });
});

describe('verdictText', () => {
  it.each([
    [{}, 'dsc is better than ce on macro-F1 (+2.10, 95 % CI 0.80..3.40, p = 0.004)'],
    [
      { verdict: 'worse', difference: -0.021, low: -0.034, high: -0.008, pHolm: 0.0004 },
      'dsc is worse than ce on macro-F1 (-2.10, 95 % CI -3.40..-0.80, p < 0.001)',
    ],
    [
      { verdict: 'none', difference: -0.00001, low: -0.01, high: 0.02, pHolm: 0.7 },
      'no difference shown between dsc and ce on macro-F1 (+0.00, 95 % CI -1.00..2.00, p = 0.700)',
    ],
    [
      { permutation: { p: 0.0625, smallest: 0.0625 }, seeds: [1, 2, 3, 4, 5] },
      'dsc is better than ce on macro-F1 (+2.10, 95 % CI 0.80..3.40, p = 0.004; all 5 seeds agree)',
    ],
    [
      { verdict: 'none', permutation: { p: 0.3, smallest: 0.01 } },
      'no difference shown between dsc and ce on macro-F1 (+2.10, 95 % CI 0.80..3.40, p = 0.004; but the seeds disagree: permutation p = 0.300)',
    ],
    [
      { verdict: 'unjudged', permutation: { p: 1, smallest: 1 }, seeds: [1] },
      'dsc against ce on macro-F1: not judged: 1 seed, 5 are needed (+2.10, 95 % CI 0.80..3.40)',
    ],
    [
      { verdict: 'unjudged', permutation: { p: 0.25, smallest: 0.25 }, seeds: [1, 2, 3] },
      'dsc against ce on macro-F1: not judged: 3 seeds, 5 are needed (+2.10, 95 % CI 0.80..3.40)',
    ],
    [
      { verdict: 'nothing', difference: 0, highest: 0 },
      'nothing to compare between dsc and ce on macro-F1: neither gets any right (8 seeds)',
    ],
    [
      { verdict: 'none', difference: 0, low: 0, high: 0, pHolm: 1, variances: { between: 0, within: 0, shared: 0 } },
      'no difference shown between dsc and ce on macro-F1 (+0.00, 95 % CI 0.00..0.00, p = 1.000; the same throughout with every seed: one tagger twice, or two that learned nothing)',
    ],
    [
      { verdict: 'none', difference: 0.001, overLooks: { state: 'alike', seeds: 6, p: 0.4, level: 0.01, low: -0.005, high: 0.006 } }, // prettier-ignore
      'no difference shown between dsc and ce on macro-F1 (+0.10, 95 % over all looks -0.50..0.60, settled at 6 seeds: alike)',
    ],
  ] as const)('%j', (changes, text) => {
    expect(verdictText({ ...test, ...changes }, 'macro-F1')).toBe(text);
  });
});
