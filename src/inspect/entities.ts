import { lineOf } from '../data/corpus';
import type { Sentence } from '../data/types';
import { present } from '../errors';
import { groupBy } from '../order';
import { chunksOf } from '../schemes';
import { createPhrases, forUnlabelled } from '../metrics/phrases';
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
      for (const length of all) {
        const at = Math.min(length, LENGTHS.length) - 1;
        lengths[at] = present(lengths[at], 'length') + 1;
      }
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

/** The text of entities that also stands outside all of them. */
export interface Unlabelled {
  readonly text: string;
  /** Entities with this text, in all splits. */
  readonly labelled: number;
  /** Their types, the most frequent first. */
  readonly types: readonly string[];
  /** Places where all its tokens are O. */
  readonly unlabelled: number;
  /** Of the first such place. */
  readonly split: string;
  readonly line: number;
}

/** A text that is labelled less often than this may be a slip of the label rather than of its lack. */
const OFTEN = 3;

/**
 * Texts that are entities `OFTEN` times or more, and twice as often as not: elsewhere a label may have been forgotten. Over all
 * splits, those that lack the most labels first. Case counts.
 */
export function findUnlabelled(splits: readonly { name: string; sentences: readonly Sentence[] }[]): Unlabelled[] {
  interface Use {
    text: string;
    types: Map<string, number>;
    labelled: number;
    unlabelled: number;
    split: string;
    line: number;
  }
  const phrases = createPhrases<Use>();
  const uses = new Set<Use>();
  for (const { sentences } of splits)
    for (const { tokens, tags } of sentences)
      for (const chunk of chunksOf(tags)) {
        const text = surface(tokens, chunk);
        const make = (): Use => ({ text, types: new Map(), labelled: 0, unlabelled: 0, split: '', line: 0 });
        const use = phrases.of(tokens, chunk.start, chunk.end, make);
        use.labelled++;
        use.types.set(chunk.type, (use.types.get(chunk.type) ?? 0) + 1);
        uses.add(use);
      }
  for (const { name, sentences } of splits)
    for (const sentence of sentences)
      forUnlabelled(phrases, sentence.tokens, sentence.tags, (use, i) => {
        if (use.unlabelled++ === 0) [use.split, use.line] = [name, lineOf(sentence, i)];
      });
  return [...uses]
    .filter(({ labelled, unlabelled }) => unlabelled > 0 && labelled >= OFTEN && labelled >= 2 * unlabelled)
    .map(({ types, ...use }) => ({ ...use, types: [...types].sort((a, b) => b[1] - a[1]).map(([type]) => type) }))
    .sort((a, b) => b.unlabelled - a.unlabelled || b.labelled - a.labelled || (a.text < b.text ? -1 : 1));
}
