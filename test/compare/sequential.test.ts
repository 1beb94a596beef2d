import {
  decide,
  type Decision,
  levelsOf,
  type Look,
  lookText,
  looksOf,
  pOf,
  spent,
  spentLevels,
  type UntilRule,
  untilText,
} from '../../src/compare/sequential';
import { statistics } from '../../src/compare/statistics';
import type { PairedTest } from '../../src/compare/statistics';
import { createRng, type Rng } from '../../src/rng';
import { simulateRuns } from './simulated-runs';

describe('spentLevels', () => {
  // ld98 and gsDesign (sfLDPocock, two-sided 0.05): z of five looks at equal steps of information
  it('has the boundaries of Lan and DeMets of Pocock’s kind', () => {
    const levels = spentLevels([0.2, 0.4, 0.6, 0.8, 1], 0.05);
    const z = [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]; // prettier-ignore
    levels.forEach((level, k) => expect(zOf(level)).toBeCloseTo(z[k], 2));
  });

  it('spends all at once where there is but one look, and nothing where a look brings no news', () => {
    expect(spentLevels([1], 0.05)[0]).toBeCloseTo(0.05, 6);
    const [first, second, third] = spentLevels([0.5, 0.5001, 1], 0.05);
    expect(first).toBeCloseTo(spent(0.05, 0.5), 6);
    expect(second).toBe(0);
    expect(third).toBeGreaterThan(0);
  });

  it('is crossed by a Brownian motion as often as it says', () => {
    const information = [0.25, 0.3, 0.45, 0.7, 0.75, 1];
    const bounds = spentLevels(information, 0.1).map((level, k) => zOf(level) * Math.sqrt(information[k]));
    const rng = createRng(4);
    const trials = 20_000;
    let crossed = 0;
    for (let trial = 0; trial < trials; trial++) {
      let [x, last] = [0, 0];
      const hit = information.some((t, k) => {
        x += Math.sqrt(t - last) * rng.normal();
        last = t;
        return Math.abs(x) >= bounds[k];
      });
      if (hit) crossed++;
    }
    expect(Math.abs(crossed / trials - 0.1)).toBeLessThan(0.0064); // 3 standard errors
  });
});

/** The z of a two-sided level, by a second way: Newton on the series of erfc. */
function zOf(level: number): number {
  let [low, high] = [0, 10];
  for (let i = 0; i < 60; i++) {
    const z = (low + high) / 2;
    let [term, sum] = [z, z];
    for (let k = 1; k < 200; k++) sum += term *= (z * z) / (2 * k + 1);
    const tail = 1 - 2 * sum * (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI));
    if (tail > level) low = z;
    else high = z;
  }
  return low;
}

const RULE: UntilRule = { most: 12, step: 1, effect: 0 };
const family = () => ({ name: 'averages', size: 1 });

function test(changes: Partial<PairedTest>, n = 5): PairedTest {
  const seeds = Array.from({ length: n }, (_, i) => i);
  return {
    label: 'b', reference: 'a', metric: 'micro-f1', difference: 0, low: 0, high: 0, p: 1, pHolm: 1,
    permutation: { p: 1, smallest: 0 }, seeds, variances: { between: 0, within: 0, shared: 0 }, sentences: null, highest: 0.5, verdict: 'none', ...changes,
  }; // prettier-ignore
}

describe('pOf', () => {
  it('is Student’s test of the seeds where the sentences add nothing, and the normal one where they are all', () => {
    // scipy: ttest_1samp of [1, 2, 3, 4, 5]: mean 3, variance 2.5, p 0.0132356
    expect(pOf(test({ difference: 3, variances: { between: 2.5, within: 0, shared: 0 } }))).toBeCloseTo(0.0132356, 5); // prettier-ignore
    expect(pOf(test({ difference: 1.959964, variances: { between: 0, within: 0, shared: 1 } }))).toBeCloseTo(0.05, 5);
    // scipy: 2 * t.sf(2.178813, 12): the variance of the sentences is known as well as by twelve degrees of freedom
    expect(pOf(test({ difference: 2.178813, variances: { between: 0, within: 0, shared: 1 }, sentences: 12 }))).toBeCloseTo(0.05, 5); // prettier-ignore
    expect(pOf(test({ difference: 0 }))).toBe(1);
    expect(pOf(test({ difference: 1 }))).toBe(0);
  });
});

describe('decide', () => {
  const looks = (...of: PairedTest[][]): Look[] => of.map((tests) => ({ seeds: tests[0].seeds.length, tests }));
  const large = { difference: 0.1, variances: { between: 1e-4, within: 0, shared: 1e-6 }, verdict: 'better' } as const;

  it('keeps what was shown once, says at how many seeds, and what it takes', () => {
    const [one] = decide(looks([test(large)], [test({ difference: 0, variances: large.variances }, 6)]), RULE, family);
    expect(one).toMatchObject({ verdict: 'better', state: 'shown', seeds: 5 });
    const [not] = decide(looks([test({ ...large, verdict: 'none' })]), RULE, family); // a single look must say the same
    expect(not).toMatchObject({ verdict: 'none', state: 'open', seeds: null });
  });

  it('gives the level of what was shown to the rest of the family', () => {
    const border = levelsOf(RULE, Infinity, 0.04 / 2)[0];
    const between = 1e-4;
    // a difference whose p lies between the level of two questions and of one
    const at = (difference: number) => test({ difference, variances: { between, within: 0, shared: 0 }, verdict: 'better', metric: 'macro-f1' }); // prettier-ignore
    const second = [0.015, 0.0155, 0.016, 0.0165, 0.017, 0.0175, 0.018, 0.0185, 0.019].map(at).find((one) => pOf(one) > border && pOf(one) < levelsOf(RULE, Infinity, 0.04)[0]); // prettier-ignore
    if (!second) throw new Error('none of the differences lies between');
    const two = () => ({ name: 'averages', size: 2 });
    const alone = decide(looks([test({ variances: { between, within: 0, shared: 0 } }), second]), RULE, two);
    expect(alone.map(({ state }) => state === 'shown')).toEqual([false, false]);
    const both = decide(looks([test(large), second]), RULE, two);
    expect(both.map(({ state }) => state)).toEqual(['shown', 'shown']);
  });

  it('stops for losses that are alike, and for what no number of seeds would show', () => {
    const alike = test({ difference: 1e-4, variances: { between: 1e-6, within: 0, shared: 1e-7 } });
    expect(decide(looks([alike]), { ...RULE, effect: 0.01 }, family)[0]).toMatchObject({ state: 'alike', seeds: 5 });
    const lost = test({ difference: 0.002, variances: { between: 1e-6, within: 0, shared: 1e-4 } });
    expect(decide(looks([lost]), { ...RULE, effect: 0.001 }, family)[0]).toMatchObject({ state: 'hopeless' });
    // where no more seeds are allowed, as by a budget, it is open: it may not be for want of hope
    expect(decide(looks([lost]), { ...RULE, most: 5, effect: 0.001 }, family)[0]).toMatchObject({ state: 'open' });
    expect(decide(looks([test({ verdict: 'unjudged', difference: 0 }, 4)]), RULE, family)[0]).toMatchObject({
      state: 'open',
      verdict: 'unjudged',
    });
  });

  it('takes scores that are too low to differ, and taggers that answer the same, for no sign that losses are alike', () => {
    const rule = { ...RULE, effect: 0.01 };
    const none = { between: 0, within: 0, shared: 0 };
    const silent = test({ highest: 0, variances: none, verdict: 'nothing' });
    expect(decide(looks([silent]), rule, family)[0]).toMatchObject({ state: 'void', verdict: 'nothing', seeds: 5 });
    const low = test({ highest: 0.009, difference: 1e-4, variances: { between: 1e-6, within: 0, shared: 1e-7 } });
    expect(decide(looks([low]), rule, family)[0]).toMatchObject({ state: 'void', verdict: 'none' });
    expect(decide(looks([{ ...low, highest: 0.011 }]), rule, family)[0].state).toBe('alike');
    expect(decide(looks([test({ variances: none })]), rule, family)[0].state).toBe('void');
    expect(decide(looks([test({ variances: { ...none, shared: 1e-12 } })]), rule, family)[0].state).toBe('alike');
    // one that learned is shown to be better than one that did not
    expect(decide(looks([test(large)]), rule, family)[0].state).toBe('shown');
  });

  it('spends by the pairs that are there where a run failed', () => {
    const rule = { ...RULE, step: 2 };
    const unjudged = test({ ...large, verdict: 'unjudged' }, 4);
    const [one] = decide(looks([unjudged], [test(large, 6)]), rule, family);
    expect(one).toMatchObject({ verdict: 'better', state: 'shown', seeds: 6 });
    const [open] = decide(looks([unjudged], [test({ variances: large.variances }, 6)]), rule, family);
    expect(open.level).toBeGreaterThan(0);
    expect(open.high).toBeLessThan(0.1);
    // a look whose only new run failed is no look
    const twice = decide(looks([test({ variances: large.variances }, 6)], [test({ variances: large.variances }, 6)]), rule, family); // prettier-ignore
    expect(twice[0].level).toBe(0);
  });

  it('keeps through a look without news what was known before it', () => {
    // nearly all is of the sentences, so that the look at six seeds brings nothing that the first has not
    const known = { difference: 0.001, variances: { between: 1e-7, within: 0, shared: 4e-6 } };
    const rule = { most: 20, step: 1, effect: 0.01 };
    const all = [5, 6].map((n) => test(known, n));
    const [first] = decide(looks([all[0]]), rule, family);
    expect(first).toMatchObject({ state: 'alike', seeds: 5 });
    const [last] = decide(looks(...all.map((one) => [one])), rule, family);
    expect(last).toMatchObject({ state: 'alike', seeds: 5, level: 0 });
    expect([last.low, last.high]).toEqual([first.low, first.high]);
  });

  it('has of all intervals what they have in common, and the newest where that is nothing', () => {
    const variances = { between: 1e-4, within: 0, shared: 0 };
    const at = (difference: number, n: number) => test({ difference, variances }, n);
    const ends = (...of: PairedTest[]) => decide(looks(...of.map((one) => [one])), RULE, family).map(({ low, high }) => [low, high])[0]; // prettier-ignore
    const [low] = ends(at(0.002, 5));
    const [lower, higher] = ends(at(0, 5), at(-0.002, 6));
    const [, high] = ends(at(-0.002, 5), at(-0.002, 6));
    expect(ends(at(0.002, 5), at(-0.002, 6))).toEqual([Math.max(low, lower), Math.min(high, higher)]);
    const far = ends(at(0.2, 5), at(-0.2, 6));
    expect(far[0]).toBeLessThan(-0.2);
    expect(far[1]).toBeGreaterThan(-0.2);
    expect(far[1]).toBeLessThan(0);
  });

  it('looks from five seeds on, as often as told', () => {
    expect(looksOf({ most: 9, step: 2, effect: 0 })).toEqual([5, 7, 9]);
    expect(looksOf({ most: 5, step: 1, effect: 0 })).toEqual([5]);
  });

  it.each([
    ['seeds', 4e-4, 0, null],
    ['both', 4e-4, 5e-5, null], // the most that are false
    ['sentences', 1e-8, 4e-4, null],
    ['few sentences', 1e-8, 4e-4, 4], // were their variance taken for known, 13 % would be false
  ] as const)(
    'calls at most 5 %% of comparisons without a difference though it looks eight times: %s vary',
    (_, seed, shared, sentences) => {
      const trials = 150;
      let [wrong, missed] = [0, 0];
      for (let trial = 0; trial < trials; trial++) {
        const rng = createRng(5).split(String(trial));
        const decisions = decide(nullLooks(rng, seed, shared, sentences), RULE, family);
        if (decisions.some(({ state }) => state === 'shown')) wrong++;
        if (decisions.some(({ low, high }) => low > 0 || high < 0)) missed++; // the difference is 0
      }
      expect(missed / trials).toBeLessThan(0.05 + 0.053);
      expect(wrong / trials).toBeLessThan(0.05 + 0.053); // 3 standard errors; the bench program makes 10 000
      expect(wrong / trials).toBeGreaterThan(0);
    },
  );

  it('shows a difference of made-up runs with fewer seeds than it may make, by the statistics of compare', () => {
    const runs = simulateRuns(createRng(2), { a: 0.55, b: 0.8 }, 0.03, looksOf(RULE).map((_, i) => i + 1)); // prettier-ignore
    const found = looksOf({ ...RULE, most: 7 }).map((seeds): Look => {
      const some = runs.filter(({ seed }) => seed <= seeds);
      return {
        seeds,
        tests: statistics(some, 'a', ['micro-f1', 'macro-f1'], [{ name: 'A', support: 9 }], 100, []).tests,
      };
    });
    const decisions: Decision[] = decide(found, RULE, family);
    expect(decisions.map(({ verdict, seeds }) => [verdict, (seeds ?? 99) <= 7])).toEqual([['better', true], ['better', true]]); // prettier-ignore
  });
});

/** Looks at differences around 0; a single look says whatever is seen, so that the level alone stands between it and a false call. */
function nullLooks(rng: Rng, seed: number, shared: number, sentences: number | null): Look[] {
  const luck = Math.sqrt(shared) * rng.normal();
  const squares = Array.from({ length: sentences ?? 0 }, () => rng.normal() ** 2);
  const told = sentences === null ? shared : (shared * squares.reduce((a, b) => a + b, 0)) / sentences;
  const all = Array.from({ length: RULE.most }, () => luck + Math.sqrt(seed) * rng.normal());
  return looksOf(RULE).map((n) => {
    const values = all.slice(0, n);
    const difference = values.reduce((a, b) => a + b, 0) / n;
    const between = values.reduce((sum, x) => sum + (x - difference) ** 2, 0) / (n - 1);
    const verdict = difference > 0 ? 'better' : 'worse';
    return {
      seeds: n,
      tests: [test({ difference, variances: { between, within: 0, shared: told }, sentences, verdict }, n)],
    };
  });
}

it('tells in a line what a look settled and what it left', () => {
  const one = (label: string, metric: string, state: Decision['state'], verdict: Decision['verdict'] = 'none') =>
    ({ label, metric, state, verdict }) as Decision;
  const decisions = [
    one('dsc', 'micro-f1', 'shown', 'worse'),
    one('dsc', 'macro-f1', 'open'),
    one('fl', 'micro-f1', 'alike'),
    one('tl', 'micro-f1', 'hopeless'),
    one('la', 'micro-f1', 'void'),
    one('tl', 'PER.f1', 'open'),
  ];
  expect(lookText(6, decisions, ['micro-f1', 'macro-f1'], 20)).toBe(
    'look at 6 seeds: settled: dsc is worse on micro-f1, fl is alike on micro-f1, tl is not to be shown with the 20 seeds allowed on micro-f1, la has nothing that could differ on micro-f1; open: macro-f1 of dsc',
  );
  expect(lookText(5, [one('fl', 'micro-f1', 'open')], ['micro-f1'], 20)).toBe(
    'look at 5 seeds: settled: nothing; open: micro-f1 of fl',
  );
});

describe('untilText', () => {
  const decision = { label: 'dsc', metric: 'micro-f1', verdict: 'none', seeds: 11, p: 0.4, level: 0.004, low: -0.01, high: 0.03 } as const; // prettier-ignore
  const made = { most: 20, step: 1, effect: 0.01, budget: null, looks: [5, 6, 7, 8, 9, 10, 11] };
  const text = (state: Decision['state']) => untilText({ ...made, decisions: [{ ...decision, state }] }, ['micro-f1']);

  it('says of what is not shown that the seeds allowed would not show it, not that none would', () => {
    expect(text('hopeless')).toMatch(
      /^looked 7 times while seeds were added, and stopped at 11: every question is settled, or most likely not to be shown with the 20 seeds allowed; of 1 questions on averages 0 shown, 0 alike, 1 not to be shown with the 20 seeds allowed, 0 open;/,
    );
    expect(text('alike')).toContain('stopped at 11: every question is settled; of 1 questions');
  });

  it('says that in one comparison of twenty any verdict is false, not one verdict of twenty', () => {
    expect(text('alike')).toContain(
      'in at most 5 % of comparisons is any of them false, of averages and of classes each',
    );
  });
});
