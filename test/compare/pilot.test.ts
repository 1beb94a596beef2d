import { believe } from '../../src/compare/believed';
import { pilotsOf } from '../../src/compare/pilot';
import { differenceVariances, resampleScores, sentenceDegrees } from '../../src/compare/resample';
import { createRng } from '../../src/rng';
import { SEEDS, simulateRuns } from './simulated-runs';

describe('pilotsOf', () => {
  const runs = simulateRuns(createRng(3), { a: 0.6, b: 0.6, c: 0.6 }, 0.05);
  const known = (seeds: readonly number[], labels = ['a', 'b', 'c']) => {
    const some = runs.filter(({ seed, label }) => seeds.includes(seed) && labels.includes(label));
    const sampled = resampleScores(some.map(({ counts }) => counts), ['A'], 50, createRng(1)); // prettier-ignore
    return { sampled, found: pilotsOf(some, sampled, ['A'], 'a')(0, 'b') };
  };

  it('takes the spread between seeds from all losses', () => {
    const { sampled, found } = known([1, 2]);
    const x = sampled.whole.map((scores) => scores[0]); // a1 a2 b1 b2 c1 c2
    const halves = [x[0] - x[1], x[2] - x[3], x[4] - x[5]].map((d) => d / 2);
    const centre = (halves[0] + halves[1] + halves[2]) / 3;
    const residuals = halves.reduce((sum, h) => sum + 2 * (h - centre) ** 2, 0); // each loss's two seeds lie +- h around its mean
    const [own, other] = [
      [2, 3],
      [4, 5],
    ].map((ours) => differenceVariances(sampled, 0, ours, [0, 1]));
    const evidence = { between: (2 * residuals) / 2, within: (own.within + other.within) / 2, degrees: 2 };
    const sentences = sentenceDegrees(runs.filter(({ seed }) => seed <= 2).map(({ counts }) => counts), ['A'], 0, [2, 3], [0, 1], 50); // prettier-ignore
    expect(found).toEqual({
      believed: believe({ own, evidence, others: [], isAverage: false, seeds: 2, sentences }),
      df: 2,
      silent: false,
    });
    expect(known(SEEDS).found?.df).toBe(8);
  });

  it('goes by the pair alone where there is no other loss, and knows nothing of one seed', () => {
    expect(known([1, 2], ['a', 'b']).found?.df).toBe(1);
    expect(known([1]).found).toBeNull();
  });
});
