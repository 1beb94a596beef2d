import { present } from '../errors';
import type { Rng } from '../rng';

/** What goes to one side whole. */
export interface Group {
  /** Sentences in it. */
  readonly size: number;
  /** Occurrences of each class in it, by class id. */
  readonly counts: ReadonlyMap<number, number>;
}

/**
 * Shares groups out so that every part has its share of sentences and of each class. Returns the part of each group. (G)
 *
 * Source: iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011, On the stratification of multi-label data): the class with
 * the fewest groups left is shared out first, each group to the part that wants most of that class, ties to the part that wants
 * most sentences, then at random.
 *
 * Departures: wants are counted in occurrences, not in examples, and large groups go first; a class with no more groups left than
 * parts that lack it goes to one of those, so that 0.8 of three does not take all three; a part that has its sentences gets no more.
 */
export function stratify(groups: readonly Group[], shares: readonly number[], rng: Rng): Int32Array {
  const partOf = new Int32Array(groups.length).fill(-1);
  const order = rng.shuffle(groups.map((_, g) => g));
  const total = groups.reduce((sum, { size }) => sum + size, 0);
  const sizeOf = (g: number): number => present(groups[g], 'group').size;
  const wantsSize = shares.map((share) => share * total); // (P)
  const classes = classTable(groups, order, shares);

  function assign(g: number, wants: readonly number[]): void {
    const { size, counts } = present(groups[g], 'group');
    const scarce = [...counts.keys()].map(classAt).filter(({ left, lacking }) => left <= lacking.size);
    const rank = (p: number): number[] => [
      scarce.filter(({ lacking }) => lacking.has(p)).length,
      ofPart(wantsSize, p) > 0 ? 1 : 0,
      ofPart(wants, p),
      ofPart(wantsSize, p),
    ];
    const part = best(shares.length, rank, rng);
    partOf[g] = part;
    wantsSize[part] = ofPart(wantsSize, part) - size;
    for (const [id, count] of counts) {
      const held = classAt(id);
      held.left--;
      held.wants[part] = ofPart(held.wants, part) - count;
      held.lacking.delete(part);
    }
  }

  function classAt(id: number): Class {
    return present(classes[id], 'class');
  }

  function isOpen(g: number): boolean {
    return present(partOf[g], 'part of a group') < 0;
  }

  for (;;) {
    const open = classes.filter(({ left }) => left > 0);
    if (open.length === 0) break;
    const rarest = open.reduce((a, b) => (b.left < a.left ? b : a));
    for (const g of rarest.groups) if (isOpen(g)) assign(g, rarest.wants);
  }
  const rest = order.filter(isOpen).sort((a, b) => sizeOf(b) - sizeOf(a));
  for (const g of rest) assign(g, wantsSize);
  return partOf;
}

interface Class {
  /** Those that hold it, most occurrences first. */
  readonly groups: readonly number[];
  /** Of them, not yet shared out. */
  left: number;
  /** Occurrences that each part still wants. (P) */
  readonly wants: number[];
  /** Parts that have none. */
  readonly lacking: Set<number>;
}

function classTable(groups: readonly Group[], order: readonly number[], shares: readonly number[]): Class[] {
  const holders: number[][] = [];
  const countsOf = (g: number): Group['counts'] => present(groups[g], 'group').counts;
  for (const g of order) for (const id of countsOf(g).keys()) (holders[id] ??= []).push(g);
  return holders.map((members, id) => {
    const countIn = (g: number): number => countsOf(g).get(id) ?? 0;
    const total = members.reduce((sum, g) => sum + countIn(g), 0);
    return {
      groups: members.sort((a, b) => countIn(b) - countIn(a)),
      left: members.length,
      wants: shares.map((share) => share * total),
      lacking: new Set(shares.keys()),
    };
  });
}

/** The part of the highest rank, compared number by number; among equals one at random. */
function best(parts: number, rank: (part: number) => number[], rng: Rng): number {
  let winners: number[] = [];
  let highest: number[] = [];
  for (let p = 0; p < parts; p++) {
    const current = rank(p);
    const at = current.findIndex((value, i) => value !== highest[i]);
    if (winners.length > 0 && at < 0) winners.push(p);
    else if (winners.length === 0 || present(current[at], 'rank') > present(highest[at], 'rank')) {
      winners = [p];
      highest = current;
    }
  }
  return winners.length === 1 ? present(winners[0], 'part') : rng.pick(winners);
}

const ofPart = (values: readonly number[], part: number): number => present(values[part], 'part');
