import { present } from '../errors';
import { packCounts, type SentenceCounts } from '../metrics/bootstrap';
import { countsFor, type Counts } from '../metrics/prf';
import { surface } from '../metrics/seen';
import type { ReadChunks } from '../metrics/entities';
import { type Chunk, sharedChunks } from '../schemes';

/** What the training file tells of texts. */
export interface Trained {
  /** How often a text is labelled in training, whatever its type. */
  readonly mentions: (text: string) => number;
  /** Share of the places of these tokens in training that are labelled with exactly this type; null where they stand nowhere. */
  readonly consistency: (tokens: readonly string[], type: string) => number | null;
}

/** A labelled stretch, gold or predicted, and where it stands. */
interface Item {
  readonly chunk: Chunk;
  readonly tokens: readonly string[];
  /** Share of the sentence's tokens that gold has in entities. */
  readonly density: number;
}

/** A property by which entities, or tokens of plain tags, are told apart. */
interface Facet {
  /** As a table names it; null for a task that has no such thing. */
  readonly titles: { readonly chunks: string; readonly tags: string | null };
  readonly buckets: readonly string[];
  /** Place of an item among the buckets; `trained` is null where the property is not one of training. */
  readonly bucketOf: (item: Item, trained: Trained) => number;
  /** It asks the training file. */
  readonly training: boolean;
}

/** The first bucket whose end a number does not pass. */
const upTo =
  (...ends: readonly number[]) =>
  (value: number): number => {
    const found = ends.findIndex((end) => value <= end);
    return found < 0 ? ends.length : found;
  };

const [length, often, sentence, dense, consistent] = [
  upTo(1, 2, 3),
  upTo(0, 1, 4, 19),
  upTo(10, 20, 40),
  upTo(0, 0.1, 0.25, 0.5),
  upTo(0, 0.5, 1 - 1e-9),
];

const mentionsOf = ({ chunk, tokens }: Item, { mentions }: Trained): number => mentions(surface(tokens, chunk));

/** Every facet. To add one: its row here. The properties of Fu, Liu and Neubig (2020, "Interpretable multi-dataset evaluation for NER"). */
export const FACETS = {
  length: {
    titles: { chunks: 'entity length', tags: null },
    buckets: ['1 token', '2 tokens', '3 tokens', '4 tokens or more'],
    bucketOf: ({ chunk }) => length(chunk.end - chunk.start),
    training: false,
  },
  seen: {
    titles: { chunks: 'presence in training', tags: 'presence in training' },
    buckets: ['unseen', 'seen'],
    bucketOf: (item, trained) => (mentionsOf(item, trained) > 0 ? 1 : 0),
    training: true,
  },
  frequency: {
    titles: { chunks: 'frequency in training', tags: 'frequency in training' },
    buckets: ['never', 'once', '2 to 4', '5 to 19', '20 or more'],
    bucketOf: (item, trained) => often(mentionsOf(item, trained)),
    training: true,
  },
  /** How much of its text in training has this label. */
  consistency: {
    titles: { chunks: 'consistency in training', tags: 'consistency in training' },
    buckets: ['not in training', 'never', 'half at most', 'more than half', 'always'],
    bucketOf: ({ chunk, tokens }, { consistency }) => {
      const share = consistency(tokens.slice(chunk.start, chunk.end), chunk.type);
      return share === null ? 0 : 1 + consistent(share);
    },
    training: true,
  },
  sentence: {
    titles: { chunks: 'sentence length', tags: 'sentence length' },
    buckets: ['1 to 10 tokens', '11 to 20 tokens', '21 to 40 tokens', '41 tokens or more'],
    bucketOf: ({ tokens }) => sentence(tokens.length),
    training: false,
  },
  /** Share of the sentence's tokens in entities. */
  density: {
    titles: { chunks: 'density of entities', tags: null },
    buckets: ['none', '10 % at most', '10 to 25 %', '25 to 50 %', 'over 50 %'],
    bucketOf: ({ density }) => dense(density),
    training: false,
  },
} as const satisfies Readonly<Record<string, Facet>>;

export type FacetName = keyof typeof FACETS;

/** Those of a task, in the order of the table. @param trained null where the training file cannot be asked */
export const facetsOf = (task: 'chunks' | 'tags', trained: Trained | null): FacetName[] =>
  (Object.keys(FACETS) as FacetName[]).filter(
    (name) => FACETS[name].titles[task] !== null && (trained !== null || !FACETS[name].training),
  );

/** Titles of those that ask the training file. */
export const facetsOfTraining = (task: 'chunks' | 'tags'): string[] =>
  (Object.keys(FACETS) as FacetName[]).flatMap((name) => {
    const title: string | null = FACETS[name].titles[task];
    return FACETS[name].training && title !== null ? [title] : [];
  });

/**
 * Right, predicted and gold items by the bucket that each is in, sentence by sentence. Gold and predictions are each sorted by their own
 * text, type and length, as in `seenUnseen`: a prediction counts in the bucket that it would be in if it were right.
 * @param tokens of each sentence, with its gold and predicted tags beside it
 * @param trained asked by facets of training alone
 * @returns counts whose classes are the buckets that occur
 */
export function countBuckets(
  name: FacetName,
  tokens: readonly (readonly string[])[],
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  read: ReadChunks,
  trained: Trained | null,
): SentenceCounts {
  const { buckets, bucketOf }: Facet = FACETS[name];
  const asked = trained ?? UNTRAINED;
  const sentences = tokens.map((words, s) => {
    const counts = new Map<string, Counts>();
    const right = read(present(gold[s], 'sentence'));
    const guessed = read(present(predicted[s], 'sentence'));
    const covered = right.reduce((sum, { start, end }) => sum + end - start, 0);
    const density = covered / Math.max(1, words.length);
    const of = (chunk: Chunk): Counts =>
      countsFor(counts, present(buckets[bucketOf({ chunk, tokens: words, density }, asked)], 'bucket'));
    for (const chunk of right) of(chunk).support++;
    for (const chunk of guessed) of(chunk).predicted++;
    for (const chunk of sharedChunks(right, guessed)) of(chunk).tp++;
    return counts;
  });
  return packCounts(sentences);
}

const UNTRAINED: Trained = { mentions: () => 0, consistency: () => null };

/** Indexes a training file by text. A place of some tokens is found by the first of them, and asked once. */
export function indexTraining(
  sentences: readonly { readonly tokens: readonly string[]; readonly tags: readonly string[] }[],
  read: ReadChunks,
): Trained {
  const mentions = new Map<string, number>(); // by text
  const labelled = new Map<string, number>(); // by type and text
  const places = new Map<string, (readonly [sentence: number, index: number])[]>(); // by first token
  const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  sentences.forEach(({ tokens, tags }, s) => {
    for (const chunk of read(tags)) {
      const text = surface(tokens, chunk);
      add(mentions, text);
      add(labelled, keyOf(chunk.type, text));
    }
    tokens.forEach((token, i) => {
      const found = places.get(token);
      if (found) found.push([s, i]);
      else places.set(token, [[s, i]]);
    });
  });
  const known = new Map<string, number>();
  const countPlaces = (words: readonly string[]): number => {
    const starts = places.get(words[0] ?? '') ?? [];
    return starts.filter(([s, i]) => words.every((word, k) => sentences[s]?.tokens[i + k] === word)).length;
  };
  return {
    mentions: (text) => mentions.get(text) ?? 0,
    consistency: (words, type) => {
      const text = words.join(' ');
      const all = known.get(text) ?? countPlaces(words);
      known.set(text, all);
      return all === 0 ? null : Math.min(1, (labelled.get(keyOf(type, text)) ?? 0) / all);
    },
  };
}

const keyOf = (type: string, text: string): string => `${type}\n${text}`;
