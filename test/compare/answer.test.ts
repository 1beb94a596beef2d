import { answerText } from '../../src/compare/answer';
import { believe } from '../../src/compare/believed';
import type { Comparison, LossResult } from '../../src/compare/comparison';
import type { PairedTest } from '../../src/compare/statistics';
import { createDraws, powerOf } from '../../src/compare/power';
import { madeUpComparison } from '../report/comparison';

/** Standard deviations of 2 points between seeds and 0.5 points of the sentences that all share. */
const VARIANCES = { between: 4e-4, within: 1e-4, shared: 2.5e-5 };

describe('answerText', () => {
  const base = madeUpComparison();
  const seeds = [1, 2, 3, 4, 5];
  const withMeans = (means: Record<string, number>, verdicts: Record<string, PairedTest['verdict']>): Comparison => {
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

  it('says how many seeds would be needed, the fewest that show it four times of five, or that no number would do', () => {
    const text = answerText(withMeans({ ce: 0.5, dsc: 0.53 }, { dsc: 'none' }));
    expect(text).toMatch(
      /^dsc has the highest micro-F1 on test, 53.00; 5 seeds do not show that it is better than ce \(\+3.00, 95 % interval 1.00..5.00\); about \d+ would be needed\.$/,
    );
    const needed = Number(/about (\d+)/.exec(text)?.[1]);
    const evidence = { ...VARIANCES, degrees: 4 };
    const believed = believe({ own: VARIANCES, evidence, others: [], isAverage: true, seeds: 5, sentences: null });
    const pilot = { believed, family: 2, resamples: 2000 }; // micro-F1 and macro-F1 of one loss
    const power = (seeds: number): number => powerOf(pilot, { effect: 0.03, seeds, scale: 1 }, createDraws(100));
    expect(power(needed)).toBeGreaterThanOrEqual(0.8);
    expect(power(needed - 1)).toBeLessThan(0.8);
    expect(answerText(withMeans({ ce: 0.5, dsc: 0.505 }, { dsc: 'none' }))).toContain(
      '; no number of seeds would show so small a difference on so few sentences.', // the sentences' own error is 0.5 points
    );
    expect(answerText(withMeans({ ce: 0.5, dsc: 0.516 }, { dsc: 'none' }))).toContain(
      '; more than 100 would be needed.',
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
    const settled = (state: 'alike' | 'void'): string => {
      const overLooks = { state, seeds: 5, p: 0.5, level: 0.01, low: -0.004, high: 0.008 };
      return answerText({ ...made, tests: made.tests.map((test) => ({ ...test, overLooks })) });
    };
    expect(settled('alike')).toContain('; it is alike: at all looks together the difference lies within -0.40..0.80.');
    expect(settled('void')).toContain('; neither it nor ce learned enough to differ by the effect');
  });

  it('judges nothing by few seeds, or without the reference', () => {
    expect(answerText({ ...withMeans({ ce: 0.5, dsc: 0.6 }, { dsc: 'unjudged' }), seeds: [1] })).toBe(
      'dsc has the highest micro-F1 on test, 60.00; 1 seed shows nothing of a loss: 5 are needed.',
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
