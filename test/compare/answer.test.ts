import { answerText as answered } from '../../src/compare/answer';
import type { Comparison, LossResult } from '../../src/compare/comparison';
import { pilotsOf } from '../../src/compare/pilot';
import { createResampler } from '../../src/compare/resample';
import { type PairedTest, type ScoredRun, type State, statistics } from '../../src/compare/statistics';
import { createRng, type Rng } from '../../src/rng';
import { madeUpComparison } from '../report/comparison';
import { simulateFile } from './simulated-runs';

/** Standard deviations of 2 points between seeds and 0.5 points of the sentences that all share. */
const VARIANCES = { between: 4e-4, within: 1e-4, shared: 2.5e-5 };

const answerText = (comparison: Comparison): string => answered(comparison, () => [VARIANCES]);

describe('answerText', () => {
  const base = madeUpComparison();
  const withMeans = (
    means: Record<string, number>,
    verdicts: Record<string, PairedTest['verdict']>,
    seeds = [1, 2, 3, 4, 5],
  ): Comparison => {
    const losses = Object.entries(means).map(([label, mean]): LossResult => {
      const values = seeds.map((seed) => mean + 0.001 * (seed - 3));
      const summary = { mean, sd: 0.001, values, low: mean, high: mean };
      const runs = seeds.map((seed) => ({ ...base.losses[0].runs[0], seed }));
      return { ...base.losses[0], label, runs, scores: { 'micro-f1': summary, 'macro-f1': summary } };
    });
    const tests = Object.entries(verdicts).map(([label, verdict]): PairedTest => {
      const difference = means[label] - means.ce;
      const range = { low: difference - 0.02, high: difference + 0.02 };
      return {
        ...base.tests[0],
        label,
        metric: 'micro-f1',
        difference,
        ...range,
        seeds,
        pHolm: verdict === 'none' ? 0.2 : 0.01,
        variances: VARIANCES,
        sentences: null,
        highest: Math.max(means[label], means.ce),
        verdict,
      };
    });
    return { ...base, seeds, losses, tests, resamples: 2000 };
  };

  it('names the best loss and says that it is shown to be better', () => {
    expect(answerText(withMeans({ ce: 0.5, dsc: 0.55, tl: 0.4 }, { dsc: 'better', tl: 'worse' }))).toBe(
      'dsc has the highest micro-F1 on test, 55.00, and is shown to be better than ce (+5.00, 95 % interval 3.00..7.00).',
    );
  });

  it('says that no number of seeds would show it, however many questions, or beside so many, or by so few resamples', () => {
    // the sentences' own error is 0.5 points: alone 1.96 times that is shown, among two questions 2.24 times
    expect(answerText(withMeans({ ce: 0.5, dsc: 0.5097 }, { dsc: 'none' }))).toContain(
      '; no number of seeds would show so small a difference on so few sentences.',
    );
    const between = withMeans({ ce: 0.5, dsc: 0.511 }, { dsc: 'none' });
    expect(answerText(between)).toContain('on so few sentences among 2 questions.');
    const [micro] = between.tests;
    // once the other average is shown, Holm's correction asks no more than of one
    const other = { ...micro, metric: 'macro-f1', pHolm: 0.01, verdict: 'better' } as const;
    expect(answerText({ ...between, tests: [micro, other] })).toContain('; more than 100 would be needed');
    const four = withMeans({ ce: 0.5, a: 0.55, b: 0.5, c: 0.5, d: 0.5 }, { a: 'none', b: 'none', c: 'none', d: 'none' }); // prettier-ignore
    expect(answerText({ ...four, resamples: 100 })).toContain(
      '; none of 8 questions can be shown with 100 resamples: --resamples 160 or more.', // 8 / 101 > 0.05, 8 / 161 < 0.05
    );
  });

  it('tells which of those that share the highest mean is shown to be better, and of rounding as of a tie', () => {
    expect(answerText(withMeans({ ce: 0.5, dsc: 0.3, tl: 0.1 + 0.2 }, { dsc: 'none', tl: 'none' }))).toMatch(
      /^ce, the/,
    );
    expect(answerText(withMeans({ ce: 0.2, dsc: 0.3, tl: 0.1 + 0.2 }, { dsc: 'none', tl: 'better' }))).toMatch(
      /^dsc, tl share the highest micro-F1 on test, 30.00; tl is shown to be better than ce /,
    );
    expect(answerText(withMeans({ ce: 0.5, dsc: 0.6, tl: 0.6 }, { dsc: 'none', tl: 'none' }))).toMatch(
      /^dsc, tl share the highest micro-F1 on test, 60.00; 5 seeds do not show that dsc is better than ce /,
    );
  });

  it('says of a reference that is best which losses are worse, and which are open', () => {
    expect(answerText(withMeans({ ce: 0.5, dsc: 0.45, tl: 0.4 }, { dsc: 'none', tl: 'worse' }))).toBe(
      'ce, the reference, has the highest micro-F1 on test, 50.00; shown to be worse: tl; no difference from ce is shown for dsc.',
    );
    expect(answerText(withMeans({ ce: 0.5, tl: 0.4 }, { tl: 'worse' }))).toContain(
      'every other loss is shown to be worse',
    );
    expect(answerText(withMeans({ ce: 0.5, tl: 0.4 }, { tl: 'none' }))).toContain('no other loss is shown to be worse');
  });

  it('takes nothing learned, or the same learned twice, for no answer', () => {
    expect(answerText(withMeans({ ce: 0, dsc: 0 }, { dsc: 'nothing' }))).toBe(
      'No loss gets anything right: micro-F1 on test is 0.00 with every seed.',
    );
    expect(answerText(withMeans({ ce: 0, dsc: 0.4, tl: 0 }, { dsc: 'better', tl: 'nothing' }))).toContain(
      'and is shown to be better than ce, which gets nothing right with any seed (+40.00',
    );
    const tied = withMeans({ ce: 0.5, dsc: 0.5, tl: 0.4 }, { dsc: 'none', tl: 'worse' });
    const none = { between: 0, within: 0, shared: 0 };
    const same = tied.tests.map((test) => (test.label === 'dsc' ? { ...test, variances: none } : test));
    expect(answerText({ ...tied, tests: same })).toBe(
      'ce, dsc share the highest micro-F1 on test, 50.00; dsc is the same as ce throughout, with every seed; every other loss is shown to be worse.',
    );
    expect(answerText(tied)).toBe(
      'ce, dsc share the highest micro-F1 on test, 50.00; every other loss is shown to be worse.',
    );
  });

  it('says of a growing comparison that losses are alike, or that neither learned enough', () => {
    const made = withMeans({ ce: 0.5, dsc: 0.502 }, { dsc: 'none' });
    const settled = (state: State): string => {
      const overLooks = { state, seeds: 5, p: 0.5, level: 0.01, low: -0.004, high: 0.008 };
      return answerText({ ...made, tests: made.tests.map((test) => ({ ...test, overLooks })) });
    };
    expect(settled('alike')).toContain('; it is alike: at all looks together the difference lies within -0.40..0.80.');
    expect(settled('open')).toBe(
      'dsc has the highest micro-F1 on test, 50.20; 5 seeds do not show that it is better than ce (+0.20, 95 % over all looks -0.40..0.80); more seeds may tell.',
    );
    expect(settled('hopeless')).toMatch(/; most likely the seeds allowed would not show it\.$/);
    expect(settled('void')).toContain('; neither it nor ce learned enough to differ by the effect');
  });

  it('tells of a loss that is shown to be better though the reference has the highest mean', () => {
    expect(answerText(withMeans({ ce: 0.5, dsc: 0.49, tl: 0.4 }, { dsc: 'better', tl: 'none' }))).toBe(
      'ce, the reference, has the highest micro-F1 on test, 50.00; no other loss is shown to be worse; shown to be better all the same: dsc; no difference from ce is shown for tl.',
    );
  });

  it('judges nothing by few seeds, or without the reference', () => {
    expect(answerText({ ...withMeans({ ce: 0.5, dsc: 0.6 }, { dsc: 'unjudged' }, [1]), seeds: [1] })).toBe(
      'dsc has the highest micro-F1 on test, 60.00; 1 seed shows nothing of a loss: 5 are needed.',
    );
    const failed = withMeans({ ce: 0.5, dsc: 0.6 }, { dsc: 'unjudged' }); // five seeds were asked for, and one run failed
    const [pairs] = failed.tests;
    expect(answerText({ ...failed, tests: [{ ...pairs, seeds: [1, 2, 3, 4] }] })).toContain(
      '; no loss has more than 4 finished seeds in common with the reference: 5 are needed.',
    );
    const lone = withMeans({ ce: 0.5, dsc: 0.6 }, {});
    const [ce, dsc] = lone.losses;
    expect(answerText({ ...lone, losses: [{ ...ce, scores: {} }, dsc] })).toContain('ce has no finished run');
    expect(
      answerText({
        ...lone,
        losses: [
          { ...ce, scores: {} },
          { ...dsc, scores: {} },
        ],
      }),
    ).toMatch(/^No run is finished/);
  });
});

describe('the seeds that answerText says are needed', () => {
  const POOL = 100;
  const averages = ['micro-f1', 'macro-f1'] as const;
  const judged = (runs: readonly ScoredRun[]) =>
    statistics(runs, 'ce', [...averages], [{ name: 'A', support: 200 }], 100, []);
  const told = (runs: readonly ScoredRun[]): string => {
    const base = madeUpComparison();
    const { summaries, tests } = judged(runs);
    const metrics = [...base.metrics.slice(0, 2), { ...base.metrics[2], name: 'A.f1', title: 'A' }];
    const losses = Object.entries(summaries).map(([label, scores]) => ({ ...base.losses[0], label, scores }));
    const pilots = pilotsOf(runs, createResampler(100).scores(runs.map(({ counts }) => counts), ['A']), ['A'], 'ce'); // prettier-ignore
    return answered({ ...base, losses, metrics, tests, seeds: [1, 2, 3, 4, 5], resamples: 100 }, (label) => pilots(0, label)?.believed ?? []); // prettier-ignore
  };
  /** F1 of one class over the file, by hand. */
  function f1({ counts: { tp, support } }: ScoredRun): number {
    const sum = (values: Int32Array): number => values.reduce((all, x) => all + x, 0);
    return (2 * sum(tp)) / (sum(tp) + sum(support)); // as many predicted as right
  }
  /** So many different seeds of the pool. */
  function drawn(rng: Rng, n: number): Set<number> {
    const seeds = new Set<number>();
    while (seeds.size < n) seeds.add(1 + rng.int(POOL));
    return seeds;
  }
  const ofSeeds = (runs: readonly ScoredRun[], seeds: ReadonlySet<number>) => runs.filter(({ seed }) => seeds.has(seed)); // prettier-ignore
  /** Five seeds whose differences have the mean and the spread of all: what they show stays as large when seeds are added. */
  function typicalFive(rng: Rng, runs: readonly ScoredRun[]): ScoredRun[] {
    const scores = new Map(runs.map((run) => [`${run.label}/${run.seed}`, f1(run)]));
    const differences = (seeds: Iterable<number>): number[] =>
      Array.from(seeds, (seed) => (scores.get(`dsc/${seed}`) ?? NaN) - (scores.get(`ce/${seed}`) ?? NaN));
    const moments = (values: readonly number[]): [number, number] => {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      return [mean, Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1))];
    };
    const [mean, sd] = moments(differences(new Set(runs.map(({ seed }) => seed))));
    const off = (seeds: ReadonlySet<number>): number => {
      const [m, s] = moments(differences(seeds));
      return Math.abs(m - mean) + Math.abs(s - sd);
    };
    const tries = Array.from({ length: 2000 }, () => drawn(rng, 5)).map((seeds) => ({ seeds, far: off(seeds) }));
    return ofSeeds(runs, tries.reduce((a, b) => (b.far < a.far ? b : a)).seeds);
  }
  const file = (rng: Rng, dsc: number): ScoredRun[] =>
    simulateFile(rng, { ce: 0.7, dsc }, { seed: 0.035, sentence: 0.25 }, { sentences: 100, seeds: POOL });

  it('show it on the same file, by the statistics of compare, and half as many do not as often', () => {
    const rng = createRng(8);
    const runs = file(rng, 0.75);
    const text = told(typicalFive(rng, runs));
    expect(text).toMatch(/5 seeds do not show .*; about \d+ would be needed if it stays as large\.$/);
    const needed = Number(/about (\d+)/.exec(text)?.[1]);
    const trials = 24;
    const share = (seeds: number): number =>
      Array.from({ length: trials }, () => judged(ofSeeds(runs, drawn(rng, seeds))).tests[0]).filter(
        ({ verdict }) => verdict === 'better',
      ).length / trials;
    expect(share(needed)).toBeGreaterThan(0.8 - 0.245); // 3 standard errors
    expect(share(Math.round(needed / 2))).toBeLessThan(0.8);
  });

  it('are told by the spread of all losses, as --plan tells them: the pair alone has it from five seeds', () => {
    const five = (seed: number): ScoredRun[] => simulateFile(createRng(8), { fl: 0.2, tl: 0.2 }, { seed, sentence: 0 }, { sentences: 100, seeds: 5 }); // prettier-ignore
    const rng = createRng(8);
    const pair = typicalFive(rng, file(rng, 0.75)).map((run, i) => ({ ...run, seed: 1 + (i % 5) }));
    const needed = (others: readonly ScoredRun[]): number => Number(/(about|more than) (\d+) would/.exec(told([...pair, ...others]))?.[2]); // prettier-ignore
    expect(needed(five(0.001))).toBeLessThan(needed(five(0.1))); // of the same two losses, among as many questions
  });

  it('are none where all seeds that can be had do not show it either', () => {
    const rng = createRng(128);
    const runs = file(rng, 0.72);
    expect(told(typicalFive(rng, runs))).toContain('no number of seeds would show so small a difference');
    expect(judged(runs).tests[0].verdict).toBe('none');
  });
});
