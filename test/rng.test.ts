import { createRng } from '../src/rng';

describe('createRng', () => {
  it('repeats the same numbers for the same seed and differs for another', () => {
    const draw = (seed: number): number[] =>
      Array.from(
        { length: 8 },
        (
          (rng) => () =>
            rng.uint32()
        )(createRng(seed)),
      );
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(new Set(draw(0)).size).toBe(8);
  });

  it('gives a named child that does not depend on what its parent drew', () => {
    const fresh = createRng(1).split('dropout').uint32();
    const parent = createRng(1);
    parent.uint32();
    expect(parent.split('dropout').uint32()).toBe(fresh);
    expect(parent.split('shuffle').uint32()).not.toBe(fresh);
  });

  it('is uniform: a chi-square over 16 cells of 160 000 draws stays below the 0.1 % point', () => {
    const rng = createRng(3);
    const cells = new Array<number>(16).fill(0);
    for (let i = 0; i < 160_000; i++) cells[rng.int(16)]++;
    const chi2 = cells.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
    expect(chi2).toBeLessThan(37.7); // 15 degrees of freedom
    expect(chi2).toBeGreaterThan(2.5); // nor suspiciously even
  });

  it('draws the remainder of the next word below the last whole multiple, for ranges up to the largest', () => {
    for (const n of [1, 2, 3, 612, 65_537, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 3 * 2 ** 30 + 1, 2 ** 32 - 1, 2 ** 32]) {
      const [rng, words] = [createRng(6), createRng(6)];
      for (let i = 0; i < 200; i++) {
        let word = words.uint32();
        while (word >= 2 ** 32 - (2 ** 32 % n)) word = words.uint32();
        expect(rng.int(n)).toBe(word % n);
      }
    }
  });

  it('draws normals with mean 0 and variance 1', () => {
    const rng = createRng(4);
    const x = Array.from({ length: 100_000 }, () => rng.normal());
    const mean = x.reduce((a, b) => a + b) / x.length;
    const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });

  it('shuffles to a permutation, and reaches every order of three items equally often', () => {
    const rng = createRng(5);
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const key = rng.shuffle(['a', 'b', 'c']).join('');
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const n of seen.values()) expect(Math.abs(n - 1000)).toBeLessThan(150);
  });
});
