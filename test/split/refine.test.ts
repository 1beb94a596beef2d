import { createRng } from '../../src/rng';
import { refine } from '../../src/split/refine';
import type { Group } from '../../src/split/stratify';

const SHARES = [0.5, 0.3, 0.2];

function randomGroups(seed: number): { groups: Group[]; partOf: Int32Array } {
  const rng = createRng(seed);
  const groups = Array.from({ length: 300 }, () => ({
    size: 1 + rng.int(2),
    counts: new Map([0, 1, 2, 3].filter((id) => rng.int(2 + 8 * id) === 0).map((id) => [id, 1 + rng.int(3)])),
  }));
  const partOf = Int32Array.from(groups, () => rng.int(3));
  return { groups, partOf };
}

const sum = (groups: readonly Group[], partOf: Int32Array, part: number, value: (group: Group) => number): number =>
  groups.reduce((total, group, g) => total + (partOf[g] === part ? value(group) : 0), 0);

/** (has - wants)^2 / wants over classes and parts. */
function unevenness(groups: readonly Group[], partOf: Int32Array): number {
  let total = 0;
  for (const id of [0, 1, 2, 3]) {
    const has = SHARES.map((_, part) => sum(groups, partOf, part, ({ counts }) => counts.get(id) ?? 0));
    const all = has.reduce((a, b) => a + b);
    SHARES.forEach((share, part) => (total += (has[part] - share * all) ** 2 / (share * all)));
  }
  return total;
}

describe('refine', () => {
  it.each([1, 2, 3])('evens out the classes and leaves the sizes as they are (seed %d)', (seed) => {
    const { groups, partOf } = randomGroups(seed);
    const sizes = (): number[] => SHARES.map((_, part) => sum(groups, partOf, part, ({ size }) => size));
    const [before, sizesBefore] = [unevenness(groups, partOf), sizes()];
    refine(groups, partOf, SHARES, createRng(seed).split('refine'));
    expect(before).toBeGreaterThan(20);
    expect(unevenness(groups, partOf)).toBeLessThan(0.1 * before);
    expect(sizes()).toEqual(sizesBefore);
  });

  it('takes no class from a part that has it', () => {
    const groups = Array.from({ length: 40 }, (_, g): Group => ({
      size: 1,
      counts: new Map(g < 3 ? [[0, 1]] : [[1, 1]]),
    }));
    const partOf = Int32Array.from(groups, (_, g) => g % 3); // one group of class 0 in each part, though 0.5 wants 1.5 of 3
    refine(groups, partOf, SHARES, createRng(1));
    const parts = [0, 1, 2].map((part) => sum(groups, partOf, part, ({ counts }) => counts.get(0) ?? 0));
    expect(parts).toEqual([1, 1, 1]);
  });

  it('does the same for the same generator', () => {
    const [first, second] = [randomGroups(4), randomGroups(4)];
    refine(first.groups, first.partOf, SHARES, createRng(5));
    refine(second.groups, second.partOf, SHARES, createRng(5));
    expect(second.partOf).toEqual(first.partOf);
    expect(first.partOf).not.toEqual(randomGroups(4).partOf);
  });
});
