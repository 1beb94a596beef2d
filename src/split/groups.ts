import type { Corpus, Sentence } from '../data/types';
import { chunksOf } from '../schemes';
import type { Group } from './stratify';
import type { Unit } from './units';

/** Units that must not be parted, and what they hold. */
export interface Units extends Group {
  /** Indices, in the order of the file. */
  readonly units: readonly number[];
}

export interface Grouping {
  readonly groups: readonly Units[];
  /** What is stratified: entity types or, for plain tags, the tags; in the order of the corpus's labels. */
  readonly classes: readonly string[];
  /** Sentences whose tokens stand in an earlier sentence too. */
  readonly duplicates: number;
}

/** Groups units so that sentences of the same tokens, whatever their tags, end up on one side. */
export function groupUnits(units: readonly Unit[], corpus: Corpus): Grouping {
  const parent = Int32Array.from(units, (_, u) => u); // union-find
  const find = (u: number): number => {
    for (let up = parent[u] as number; up !== u; up = parent[u] as number) u = parent[u] = parent[up] as number;
    return u;
  };
  const seen = new Map<string, number>();
  let duplicates = 0;
  units.forEach(({ from, to }, u) => {
    for (const { tokens } of corpus.sentences.slice(from, to)) {
      const key = tokens.join('\0');
      const other = seen.get(key);
      if (other === undefined) seen.set(key, u);
      else {
        duplicates++;
        parent[find(u)] = find(other);
      }
    }
  });

  const ids = new Map<string, number>();
  const members = new Map<number, { units: number[]; size: number; counts: Map<number, number> }>();
  units.forEach(({ from, to }, u) => {
    const root = find(u);
    const group = members.get(root) ?? { units: [], size: 0, counts: new Map<number, number>() };
    members.set(root, group);
    group.units.push(u);
    group.size += to - from;
    for (const sentence of corpus.sentences.slice(from, to)) {
      for (const name of classesIn(corpus, sentence)) {
        const id = ids.get(name) ?? ids.size;
        ids.set(name, id);
        group.counts.set(id, (group.counts.get(id) ?? 0) + 1);
      }
    }
  });
  return { groups: [...members.values()], classes: [...ids.keys()], duplicates };
}

/** The class of every entity of a sentence, or of every token where tags are plain. */
export function classesIn({ task }: Corpus, { tags }: Sentence): readonly string[] {
  return task === 'chunks' ? chunksOf(tags).map(({ type }) => type) : tags;
}
