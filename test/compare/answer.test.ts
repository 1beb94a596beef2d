import { answerText, differencesOf, seedsNeeded } from '../../src/compare/answer';
import type { Comparison, LossResult } from '../../src/compare/comparison';
import type { PairedTest } from '../../src/compare/statistics';
import { createRng } from '../../src/rng';
import { madeUpComparison } from '../report/comparison';

describe('seedsNeeded', () => {
  const interval = (difference: number, error: number) => ({
    difference,
    low: difference - 1.959964 * error,
    high: difference + 1.959964 * error,
  });
  const differences = [0.01, 0.03, -0.01, 0.02, 0.0]; // mean 0.01, variance 0.00025

  it('is (z_0.975 + z_0.8)^2 s^2 / d^2 and a bit where all of the error is that of the seeds', () => {
    // 7.849 * 0.00025 / 0.0001 = 19.6, and 1.92 for Student's t
    expect(seedsNeeded(interval(0.01, Math.sqrt(0.00025 / 5)), differences)).toBe(22);
  });

  it('grows with what the sentences add, and is none where they alone hide the difference', () => {
    // of (0.01 / 2.8016)^2 = 1.274e-5 the sentences take 6e-6: 0.00025 / 6.74e-6 = 37.1, and 1.92
    expect(seedsNeeded(interval(0.01, Math.sqrt(0.00025 / 5 + 6e-6)), differences)).toBe(40);
    expect(seedsNeeded(interval(0.01, Math.sqrt(0.00025 / 5 + 1.3e-5)), differences)).toBeNull();
  });

  it('is more than there were, and five at least', () => {
    expect(seedsNeeded(interval(0.9, 0.001), differences)).toBe(6);
    expect(seedsNeeded(interval(0.9, 0.001), [0.89, 0.91])).toBe(5);
  });

  it('keeps its word: so many seeds show the difference in four experiments of five', () => {
    const rng = createRng(5);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - rng.float())) * Math.cos(2 * Math.PI * rng.float());
    const [d, s, n] = [0.01, 0.015, 5];
    const needed = seedsNeeded(interval(d, s / Math.sqrt(n)), Array.from({ length: n }, (_, i) => d + s * [-1.2649, -0.6325, 0, 0.6325, 1.2649][i])) as number; // prettier-ignore
    let shown = 0;
    for (let experiment = 0; experiment < 1000; experiment++) {
      const values = Array.from({ length: needed }, () => d + s * normal());
      const mean = values.reduce((a, b) => a + b) / needed;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (needed - 1);
      if (Math.abs(mean) / Math.sqrt(variance / needed) > STUDENT[needed]) shown++;
    }
    expect(needed).toBe(20);
    expect(shown / 1000).toBeGreaterThan(0.76);
    expect(shown / 1000).toBeLessThan(0.86);
  });
});

/** Two-sided 5 % points of Student's t by the number of values: a table of any textbook. */
const STUDENT: Readonly<Record<number, number>> = { 18: 2.1098, 19: 2.1009, 20: 2.093, 21: 2.086 };

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
      return { ...base.tests[0], label, metric: 'micro-f1', difference, ...range, seeds, verdict };
    });
    return { ...base, seeds, losses, tests };
  };

  it('names the best loss and says that it is shown to be better', () => {
    expect(answerText(withMeans({ ce: 0.5, dsc: 0.55, tl: 0.4 }, { dsc: 'better', tl: 'worse' }))).toBe(
      'dsc has the highest micro-F1 on test, 55.00, and is shown to be better than ce (+5.00, 95 % interval 3.00..7.00).',
    );
  });

  it('says how many seeds would be needed, or that no number would do', () => {
    expect(answerText(withMeans({ ce: 0.5, dsc: 0.53 }, { dsc: 'none' }))).toMatch(
      /^dsc has the highest micro-F1 on test, 53.00; 5 seeds do not show that it is better than ce \(\+3.00, 95 % interval 1.00..5.00\); about \d+ would be needed\.$/,
    );
    expect(answerText(withMeans({ ce: 0.5, dsc: 0.501 }, { dsc: 'none' }))).toContain(
      '; no number of seeds would show so small a difference on so few sentences.',
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

  it('takes differences from the seeds that both have', () => {
    const { losses, tests } = base; // the fifth seed of dsc failed
    const [ce, dsc] = losses.map(({ scores }) => scores['micro-f1'].values);
    expect(differencesOf(losses, tests[0])).toEqual(dsc.map((value, i) => value - ce[i]));
  });
});
