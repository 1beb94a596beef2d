import { canStillBeShown, type SeedScores, soFar } from '../../src/compare/soFar';
import { seedLevel } from '../../src/compare/statistics';
import { pairedPermutation } from '../../src/metrics/significance';
import { createRng } from '../../src/rng';

const scores = (...of: (number | null)[]): SeedScores => new Map(of.map((score, i) => [i + 1, score]));

describe('what is known while runs are made', () => {
  it('is the mean of paired differences and its interval by hand', () => {
    const losses = new Map([
      ['ce', scores(0.5, 0.6, 0.7, null, null)],
      ['dsc', scores(0.51, 0.64, 0.71, 0.9, null)],
    ]);
    const [dsc] = soFar(losses, 'ce', { grows: false });
    // differences 1, 4, 1 points: mean 2, sd sqrt(3), t of 2 degrees 4.302653
    expect(dsc).toMatchObject({ label: 'dsc', seeds: 3, planned: 5, state: 'open' });
    expect(dsc.difference).toBeCloseTo(0.02, 12);
    expect(dsc.interval?.[0]).toBeCloseTo(0.02 - 0.04302653, 8);
    expect(dsc.interval?.[1]).toBeCloseTo(0.02 + 0.04302653, 8);
  });

  it('says nothing without a pair, no interval of one, and that few seeds give no verdict', () => {
    const ce = scores(0.5, null, null);
    expect(soFar(new Map([['ce', ce], ['dl', scores(null, 0.5, null)]]), 'ce', { grows: false })).toEqual([]); // prettier-ignore
    const one = new Map([['ce', ce], ['dl', scores(0.4, 0.5, null)]]); // prettier-ignore
    expect(soFar(one, 'ce', { grows: false })).toEqual([
      { label: 'dl', seeds: 1, planned: 3, difference: expect.closeTo(-0.1) as number, interval: null, state: 'few' },
    ]);
    expect(soFar(one, 'ce', { grows: true })[0].state).toBe('open');
  });

  it('closes a question of five seeds as soon as two disagree, unless seeds are added by a rule', () => {
    const losses = new Map([
      ['ce', scores(0.5, 0.6, null, null, null)],
      ['dsc', scores(0.6, 0.5, null, null, null)],
    ]);
    expect(soFar(losses, 'ce', { grows: false })[0].state).toBe('closed');
    expect(soFar(losses, 'ce', { grows: true })[0].state).toBe('open');
  });

  it('says of scores that are the same with each seed that they are, not that seeds disagree', () => {
    const losses = new Map([
      ['ce', scores(0, 0, null, null, null)],
      ['dsc', scores(0, 0, null, null, null)],
    ]);
    expect(soFar(losses, 'ce', { grows: false })[0].state).toBe('same');
    expect(soFar(losses, 'ce', { grows: true })[0].state).toBe('same');
  });

  it('takes a run that failed for no seed', () => {
    const failed = new Map([...scores(0.5, 0.5, 0.5, 0.5, 0.5)].slice(1));
    const losses = new Map([['ce', scores(0.4, 0.4, 0.4, 0.4, null)], ['dsc', failed]]); // prettier-ignore
    expect(soFar(losses, 'ce', { grows: false })[0]).toMatchObject({ seeds: 3, planned: 4, state: 'few' });
  });
});

describe('canStillBeShown', () => {
  const rng = createRng(5);
  const significant = (differences: readonly number[]): boolean => {
    const { p, smallest } = pairedPermutation(differences, differences.map(() => 0), createRng(1)); // prettier-ignore
    return p <= seedLevel(smallest);
  };

  it('is never refuted by what comes, and holds where all that comes is large', () => {
    const seen = { open: 0, closed: 0 };
    for (let i = 0; i < 400; i++) {
      const planned = 5 + rng.int(4);
      const known = Array.from({ length: 1 + rng.int(planned) }, () => rng.normal() + 0.5);
      const rest = planned - known.length;
      const can = canStillBeShown(known, planned);
      seen[can ? 'open' : 'closed']++;
      const best = [1e6, -1e6].some((d) => significant([...known, ...new Array<number>(rest).fill(d)]));
      expect([known, planned, best]).toEqual([known, planned, can]);
      if (can) continue;
      for (let k = 0; k < 20; k++)
        expect(significant([...known, ...Array.from({ length: rest }, () => 3 * rng.normal())])).toBe(false);
    }
    expect(Math.min(seen.open, seen.closed)).toBeGreaterThan(50);
  });
});
