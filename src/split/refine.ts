import { groupBy } from '../groupBy';
import type { Rng } from '../rng';
import type { Group } from './stratify';

/** Exchanges tried for each group. */
const TRIES = 20;

/**
 * Evens out what is left uneven: exchanges two groups of the same size between parts where that brings the classes nearer to their
 * shares, by the sum of (has - wants)^2 / wants over classes and parts. Sizes stay as they are, and no part loses its last group
 * of a class. Changes `partOf` (G) in place.
 */
export function refine(groups: readonly Group[], partOf: Int32Array, shares: readonly number[], rng: Rng): void {
  const { has, wants, holders } = tally(groups, partOf, shares);
  const bySize = groupBy(groups.keys(), (g) => groups[g].size);

  /** How much worse it gets when group g goes to another part: negative is better. Infinite where a part would lose a class. */
  function cost(id: number, change: number, from: number, to: number, leaves: number, comes: number): number {
    if (holders[id][from] + leaves < 1 || holders[id][to] + comes < 1) return Infinity;
    const grow = (part: number, by: number): number =>
      (by * (2 * (has[id][part] - wants[id][part]) + by)) / wants[id][part];
    return grow(from, -change) + grow(to, change);
  }

  function gain(a: number, b: number): number {
    let total = 0;
    for (const id of new Set([...groups[a].counts.keys(), ...groups[b].counts.keys()])) {
      const [ofA, ofB] = [groups[a].counts.get(id) ?? 0, groups[b].counts.get(id) ?? 0];
      const moves = Number(ofB > 0) - Number(ofA > 0);
      total += cost(id, ofA - ofB, partOf[a], partOf[b], moves, -moves);
    }
    return total;
  }

  function move(g: number, to: number): void {
    for (const [id, count] of groups[g].counts) {
      has[id][partOf[g]] -= count;
      has[id][to] += count;
      holders[id][partOf[g]]--;
      holders[id][to]++;
    }
    partOf[g] = to;
  }

  for (const members of bySize.values()) {
    for (let n = 0; n < TRIES * members.length; n++) {
      const [a, b] = [members[rng.int(members.length)], members[rng.int(members.length)]];
      const [partA, partB] = [partOf[a], partOf[b]];
      if (partA === partB || gain(a, b) >= -1e-12) continue;
      move(a, partB);
      move(b, partA);
    }
  }
}

/** Occurrences of each class in each part, those wanted, and groups that hold the class. (C, P) each */
function tally(groups: readonly Group[], partOf: Int32Array, shares: readonly number[]) {
  const has: number[][] = [];
  const holders: number[][] = [];
  groups.forEach(({ counts }, g) => {
    for (const [id, count] of counts) {
      (has[id] ??= shares.map(() => 0))[partOf[g]] += count;
      (holders[id] ??= shares.map(() => 0))[partOf[g]]++;
    }
  });
  const wants = has.map((row) => {
    const total = row.reduce((a, b) => a + b, 0);
    return shares.map((share) => share * total);
  });
  return { has, wants, holders };
}
