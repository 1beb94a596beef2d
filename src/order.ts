/** Order of class names everywhere in reports: by code unit, so the same in every locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Order of counts by name: the commonest first, of equals by name. */
export const commonestFirst = ([a, m]: readonly [string, number], [b, n]: readonly [string, number]): number =>
  n - m || byCodeUnit(a, b);

/** Items by key, in their order; keys in the order of their first items. What Node 21 has as Map.groupBy. */
export function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
