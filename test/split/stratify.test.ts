import { createRng } from '../../src/rng';
import { stratify, type Group } from '../../src/split/stratify';

const group = (size: number, counts: Record<number, number> = {}): Group => ({
  size,
  counts: new Map(Object.entries(counts).map(([id, count]) => [Number(id), count])),
});

const holding = (groups: readonly Group[], partOf: Int32Array, part: number, id: number): number =>
  groups.reduce((sum, { counts }, g) => sum + (partOf[g] === part ? (counts.get(id) ?? 0) : 0), 0);

describe('stratify', () => {
  it('shares a class out by hand: ten groups of one, shares 0.8, 0.1 and 0.1', () => {
    const groups = Array.from({ length: 10 }, () => group(1, { 0: 1 }));
    const partOf = stratify(groups, [0.8, 0.1, 0.1], createRng(1));
    expect([0, 1, 2].map((part) => holding(groups, partOf, part, 0))).toEqual([8, 1, 1]);
  });

  it('fills up with groups that hold no class', () => {
    const groups = [
      ...Array.from({ length: 10 }, () => group(1, { 0: 1 })),
      ...Array.from({ length: 90 }, () => group(1)),
    ];
    const partOf = stratify(groups, [0.5, 0.3, 0.2], createRng(1));
    expect([0, 1, 2].map((part) => partOf.filter((p) => p === part).length)).toEqual([50, 30, 20]);
    expect([0, 1, 2].map((part) => holding(groups, partOf, part, 0))).toEqual([5, 3, 2]);
  });

  it('puts a class of as many groups as parts on every side, on random data with one class a group', () => {
    const rng = createRng(7);
    for (let round = 0; round < 200; round++) {
      const parts = 2 + rng.int(4);
      const classes = 1 + rng.int(5);
      const groups = Array.from({ length: classes * parts + rng.int(60) }, (_, g) =>
        group(1 + rng.int(3), { [g < classes * parts ? g % classes : rng.int(classes)]: 1 + rng.int(4) }),
      );
      const weights = Array.from({ length: parts }, () => 0.05 + rng.float());
      const total = weights.reduce((a, b) => a + b);
      const partOf = stratify(
        groups,
        weights.map((weight) => weight / total),
        rng,
      );
      for (let id = 0; id < classes; id++) {
        for (let part = 0; part < parts; part++) expect(holding(groups, partOf, part, id)).toBeGreaterThan(0);
      }
    }
  });

  it('is nearer to the shares than chance, with several classes a group', () => {
    const rng = createRng(8);
    const groups = Array.from({ length: 400 }, () =>
      group(
        1,
        Object.fromEntries([0, 1, 2, 3].filter((id) => rng.int(4 * (id + 1)) === 0).map((id) => [id, 1 + rng.int(2)])),
      ),
    );
    const shares = [0.7, 0.15, 0.15];
    const gap = (partOf: Int32Array): number => {
      let worst = 0;
      for (let id = 0; id < 4; id++) {
        const counts = shares.map((_, part) => holding(groups, partOf, part, id));
        const all = counts.reduce((a, b) => a + b);
        shares.forEach((share, part) => (worst = Math.max(worst, Math.abs(counts[part] / all - share))));
      }
      return worst;
    };
    const chance = Int32Array.from(groups, () => {
      const x = rng.float();
      return x < 0.7 ? 0 : x < 0.85 ? 1 : 2;
    });
    const partOf = stratify(groups, shares, rng);
    expect(gap(partOf)).toBeLessThan(0.02);
    expect(gap(chance)).toBeGreaterThan(gap(partOf));
  });

  it('gives every group a part and the same ones for the same generator', () => {
    const groups = Array.from({ length: 50 }, (_, g) => group(1 + (g % 4), { [g % 3]: 1 }));
    const partOf = stratify(groups, [0.5, 0.5], createRng(3));
    expect(partOf.every((part) => part === 0 || part === 1)).toBe(true);
    expect(stratify(groups, [0.5, 0.5], createRng(3))).toEqual(partOf);
    expect(stratify(groups, [0.5, 0.5], createRng(4))).not.toEqual(partOf);
  });
});
