import { UserError } from '../../src/errors';
import { holm, pairedPermutation } from '../../src/metrics/significance';
import { createRng } from '../../src/rng';

const rng = createRng(90);

/** p by walking all sign patterns recursively: a second way to count. */
function exactP(differences: readonly number[]): number {
  const observed = Math.abs(differences.reduce((a, b) => a + b, 0));
  const walk = (i: number, sum: number): number =>
    i === differences.length
      ? Number(Math.abs(sum) >= observed - 1e-9)
      : walk(i + 1, sum + differences[i]) + walk(i + 1, sum - differences[i]);
  return walk(0, 0) / 2 ** differences.length;
}

describe('pairedPermutation', () => {
  it.each([
    // by hand: the patterns whose sum is as far from 0
    [[1, 2, 3], [0, 0, 0], 2 / 8],
    [[0.9, 0.8], [0.7, 0.7], 2 / 4],
    [[3, 1, 1], [0, 0, 3], 6 / 8], // differences 3, 1, -2: |sum| 2 is reached by 6, 4, 2 and their mirrors, not by 0
    [[5], [1], 1],
    [[1, 1], [1, 1], 1],
  ])('%j against %j: p = %f', (a, b, p) => {
    const result = pairedPermutation(a, b, rng);
    expect(result.p).toBe(p);
    expect(result).toMatchObject({ exact: true, permutations: 2 ** a.length });
  });

  it('says how small p could have become', () => {
    expect(pairedPermutation([1, 2, 3], [0, 0, 0], rng).smallest).toBe(0.25);
    expect(pairedPermutation([1], [0], rng).smallest).toBe(1);
  });

  it('treats sums that differ only by rounding as equal', () => {
    expect(pairedPermutation([0.1, 0.2, 0.3], [0.4, 0.5, 0.6], rng).p).toBe(0.25);
    expect(pairedPermutation([0.3, 0.1, 0.2], [0, 0, 0], rng).p).toBe(0.25);
  });

  it('agrees with a second count on random differences', () => {
    for (let n = 1; n <= 12; n++) {
      const d = Array.from({ length: n }, () => rng.normal() + 0.3);
      const result = pairedPermutation(d, d.map(() => 0), rng); // prettier-ignore
      expect(result.p).toBe(exactP(d));
      expect(result.difference).toBeCloseTo(d.reduce((a, b) => a + b, 0) / n, 12);
    }
  });

  it('draws patterns for many pairs, close to the exact share', () => {
    const d = Array.from({ length: 16 }, () => rng.normal() + 0.3);
    const result = pairedPermutation(d, d.map(() => 0), rng); // prettier-ignore
    const exact = exactP(d);
    expect(result.exact).toBe(false);
    expect(Math.abs(result.p - exact)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / 20_000) + 1e-4);
    const many = Array.from({ length: 40 }, () => 1); // more pairs than one draw of 32 bits holds
    expect(pairedPermutation(many, many.map(() => 0), rng).p).toBe(1 / 20_001); // prettier-ignore
  });

  it('rejects a true null at its level, and a shift of 1.5 standard deviations nearly always', () => {
    let rejectedNull = 0;
    let rejectedShift = 0;
    const zero = new Array<number>(8).fill(0);
    for (let trial = 0; trial < 1000; trial++) {
      const noise = zero.map(() => rng.normal());
      if (pairedPermutation(noise, zero, rng).p <= 0.05) rejectedNull++;
      if (pairedPermutation(noise.map((x) => x + 1.5), zero, rng).p <= 0.05) rejectedShift++; // prettier-ignore
    }
    expect(rejectedNull).toBeGreaterThan(46.9 - 3.3 * 6.7); // 12 of 256 patterns: 46.9 expected, standard deviation 6.7
    expect(rejectedNull).toBeLessThan(46.9 + 3.3 * 6.7);
    expect(rejectedShift).toBeGreaterThan(900);
  });

  it('refuses lists that are no pairs', () => {
    expect(() => pairedPermutation([1], [], rng)).toThrow(UserError);
    expect(() => pairedPermutation([], [], rng)).toThrow(UserError);
  });
});

describe('holm', () => {
  it.each([
    // R: p.adjust(p, 'holm')
    [
      [0.01, 0.04, 0.03, 0.005],
      [0.03, 0.06, 0.06, 0.02],
    ],
    [
      [0.5, 0.6],
      [1, 1],
    ],
    [[0.02], [0.02]],
    [[], []],
  ])('%j becomes %j', (p, adjusted) => {
    const result = holm(p);
    expect(result).toHaveLength(adjusted.length);
    result.forEach((x, i) => {
      expect(x).toBeCloseTo(adjusted[i], 12);
    });
  });

  it('keeps the family-wise error rate under the null', () => {
    let families = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const p = Array.from({ length: 5 }, () => rng.float());
      if (holm(p).some((x) => x <= 0.05)) families++;
    }
    expect(families / 2000).toBeGreaterThan(0.03); // 1 - 0.99^5 = 0.049 expected, standard deviation 0.005
    expect(families / 2000).toBeLessThan(0.066);
  });
});
