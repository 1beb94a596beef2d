import { lineOf } from '../data/corpus';
import type { Sentence } from '../data/types';
import { groupBy } from '../groupBy';
import { chunksOf } from '../metrics/chunks';
import { surface } from '../metrics/seen';

/** One entity where it stands. */
export interface Entity {
  readonly type: string;
  readonly text: string;
  readonly length: number;
  /** 1-based line of its first token. */
  readonly line: number;
}

export interface TypeCount {
  readonly type: string;
  readonly count: number;
  /** Of all entities. */
  readonly share: number;
  readonly tokens: number;
  /** Entities of 1, 2, 3, 4 and 5 or more tokens. */
  readonly lengths: readonly number[];
  readonly meanLength: number;
  readonly longest: number;
}

export const LENGTHS = ['1', '2', '3', '4', '5+'] as const;

/** Entities by conlleval's convention, as they are scored. */
export function entitiesOf(sentences: readonly Sentence[]): Entity[] {
  return sentences.flatMap((sentence) =>
    chunksOf(sentence.tags).map((chunk) => ({
      type: chunk.type,
      text: surface(sentence.tokens, chunk),
      length: chunk.end - chunk.start,
      line: lineOf(sentence, chunk.start),
    })),
  );
}

/** Types by count, the most frequent first. */
export function countTypes(entities: readonly Entity[]): TypeCount[] {
  return [...groupBy(entities, ({ type }) => type)]
    .map(([type, ofType]): TypeCount => {
      const all = ofType.map(({ length }) => length);
      const tokens = all.reduce((a, b) => a + b, 0);
      const lengths = LENGTHS.map(() => 0);
      for (const length of all) lengths[Math.min(length, LENGTHS.length) - 1]++;
      return {
        type,
        count: all.length,
        share: all.length / entities.length,
        tokens,
        lengths,
        meanLength: tokens / all.length,
        longest: all.reduce((a, b) => Math.max(a, b), 0),
      };
    })
    .sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1));
}

/** The same text with more than one type. */
export interface Ambiguous {
  readonly text: string;
  readonly count: number;
  /** Most frequent first; the place of the first of each. */
  readonly types: readonly {
    readonly type: string;
    readonly count: number;
    readonly split: string;
    readonly line: number;
  }[];
}

/** Over all splits, the most frequent first. Case counts. */
export function findAmbiguous(splits: readonly { name: string; entities: readonly Entity[] }[]): Ambiguous[] {
  const byText = new Map<string, Map<string, { count: number; split: string; line: number }>>();
  for (const { name, entities } of splits) {
    for (const { text, type, line } of entities) {
      let types = byText.get(text);
      if (!types) byText.set(text, (types = new Map<string, { count: number; split: string; line: number }>()));
      const seen = types.get(type);
      if (seen) seen.count++;
      else types.set(type, { count: 1, split: name, line });
    }
  }
  return [...byText]
    .filter(([, types]) => types.size > 1)
    .map(([text, found]): Ambiguous => {
      const types = [...found].map(([type, use]) => ({ type, ...use })).sort((a, b) => b.count - a.count);
      return { text, count: types.reduce((sum, { count }) => sum + count, 0), types };
    })
    .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1));
}
