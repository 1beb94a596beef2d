import { present } from '../errors';
import { groupBy } from '../order';
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
  const classes = tally(groups, partOf, shares);
  const bySize = groupBy(groups.keys(), (g) => groupAt(g).size);

  function groupAt(g: number): Group {
    return present(groups[g], 'group');
  }

  function classAt(id: number): Tally {
    return present(classes[id], 'class');
  }

  function partAt(g: number): number {
    return present(partOf[g], 'part of a group');
  }

  /** How much worse it gets when group g goes to another part: negative is better. Infinite where a part would lose a class. */
  function cost(id: number, change: number, from: number, to: number, leaves: number, comes: number): number {
    const { has, wants, holders } = classAt(id);
    if ((holders[from] as number) + leaves < 1 || (holders[to] as number) + comes < 1) return Infinity;
    const grow = (part: number, by: number): number => {
      const wanted = wants[part] as number;
      return (by * (2 * ((has[part] as number) - wanted) + by)) / wanted;
    };
    return grow(from, -change) + grow(to, change);
  }

  function gain(a: number, b: number): number {
    let total = 0;
    const [countsA, countsB] = [groupAt(a).counts, groupAt(b).counts];
    for (const id of new Set([...countsA.keys(), ...countsB.keys()])) {
      const [ofA, ofB] = [countsA.get(id) ?? 0, countsB.get(id) ?? 0];
      const moves = Number(ofB > 0) - Number(ofA > 0);
      total += cost(id, ofA - ofB, partAt(a), partAt(b), moves, -moves);
    }
    return total;
  }

  function move(g: number, to: number): void {
    for (const [id, count] of groupAt(g).counts) {
      add(classAt(id), partAt(g), -count, -1);
      add(classAt(id), to, count, 1);
    }
    partOf[g] = to;
  }

  for (const members of bySize.values()) {
    for (let n = 0; n < TRIES * members.length; n++) {
      const [a, b] = [rng.pick(members), rng.pick(members)];
      const [partA, partB] = [partAt(a), partAt(b)];
      if (partA === partB || gain(a, b) >= -1e-12) continue;
      move(a, partB);
      move(b, partA);
    }
  }
}

/** What the parts hold of a class. (P) each */
interface Tally {
  /** Occurrences. */
  readonly has: Float64Array;
  /** Those wanted. */
  readonly wants: Float64Array;
  /** Groups that hold the class. */
  readonly holders: Float64Array;
}

/** By class. (C) */
function tally(groups: readonly Group[], partOf: Int32Array, shares: readonly number[]): Tally[] {
  const classes: Tally[] = [];
  const zeros = (): Float64Array => new Float64Array(shares.length);
  groups.forEach(({ counts }, g) => {
    for (const [id, count] of counts) {
      classes[id] ??= { has: zeros(), wants: zeros(), holders: zeros() };
      add(classes[id], present(partOf[g], 'part of a group'), count, 1);
    }
  });
  for (const { has, wants } of classes) {
    const total = has.reduce((a, b) => a + b, 0);
    wants.set(shares.map((share) => share * total));
  }
  return classes;
}

function add({ has, holders }: Tally, part: number, occurrences: number, groups: number): void {
  has[part] = (has[part] as number) + occurrences;
  holders[part] = (holders[part] as number) + groups;
}
