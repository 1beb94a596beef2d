import { compareLabels } from './labels';
import { commonestFirst } from '../order';
import type { Corpus, LabelCount } from './types';

/** Id of every word that the vocabulary does not hold. */
export const UNKNOWN_WORD = 0;

/** Id of a label that training never saw: such tokens are left out of loss and gradient, never out of the score. */
export const UNKNOWN_LABEL = -1;

/** What a checkpoint keeps of a vocabulary: plain JSON. */
export interface VocabJson {
  readonly minCount: number;
  /** Case-folded words with their training counts, by id from 1 on. */
  readonly words: readonly (readonly [word: string, count: number])[];
  /** Training tokens that became the unknown word. */
  readonly unknown: number;
  readonly labels: readonly LabelCount[];
}

/** The words and labels of the training data, and of nothing else. */
export interface Vocab {
  /** Words and the unknown one: ids run from 0 to wordCount - 1. */
  readonly wordCount: number;
  /** Training tokens of each word id. (wordCount) */
  readonly wordCounts: Int32Array;
  /** Labels by id: O first where there is one, then by name. (C) */
  readonly labels: readonly string[];
  /** Training tokens of each label id. (C) */
  readonly labelCounts: Int32Array;
  /** Id of a token after case folding, 0 when unknown. */
  readonly wordId: (token: string) => number;
  /** Id of a label, -1 when training had none such. */
  readonly labelId: (label: string) => number;
  readonly toJSON: () => VocabJson;
}

/** A word without its case, as words are counted and looked up: locale-independent, so that one corpus gives one vocabulary everywhere. */
export const fold = (token: string): string => token.toLowerCase();

/** The same with characters composed, as words of a lexicon are compared, which come from elsewhere. */
export const foldComposed = (text: string): string => fold(text.normalize('NFC'));

/** The distinct tokens, in the order in which they come first, and how often each stands there. */
export function tokenCounts(sentences: Corpus['sentences']): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { tokens } of sentences) for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
}

/** @param minCount words seen less often in training become the unknown word; 1 keeps all */
export function buildVocab(train: Corpus, { minCount = 1 }: { readonly minCount?: number } = {}): Vocab {
  const counts = new Map<string, number>();
  for (const [token, count] of tokenCounts(train.sentences)) {
    const word = fold(token);
    counts.set(word, (counts.get(word) ?? 0) + count);
  }
  const words = [...counts].filter(([, count]) => count >= minCount);
  words.sort(commonestFirst);
  const kept = words.reduce((sum, [, count]) => sum + count, 0);
  return createVocab({ minCount, words, unknown: train.tokens - kept, labels: train.labels });
}

/** @throws what `refuse` makes of the reason when the value is no vocabulary, as from a damaged checkpoint */
export function vocabFromJson(value: unknown, refuse: (what: string) => Error): Vocab {
  if (!isVocabJson(value)) throw refuse('its vocabulary is damaged');
  return createVocab(value);
}

function createVocab(json: VocabJson): Vocab {
  const wordIds = new Map(json.words.map(([word], i) => [word, i + 1]));
  const sorted = [...json.labels].sort((a, b) => compareLabels(a.label, b.label));
  const labels = sorted.map(({ label }) => label);
  const labelIds = new Map(labels.map((label, id) => [label, id]));
  return {
    wordCount: json.words.length + 1,
    wordCounts: Int32Array.from([json.unknown, ...json.words.map(([, count]) => count)]),
    labels,
    labelCounts: Int32Array.from(sorted, ({ count }) => count),
    wordId: (token) => wordIds.get(fold(token)) ?? UNKNOWN_WORD,
    labelId: (label) => labelIds.get(label) ?? UNKNOWN_LABEL,
    toJSON: () => json,
  };
}

function isVocabJson(value: unknown): value is VocabJson {
  if (typeof value !== 'object' || value === null) return false;
  const { minCount, words, unknown, labels } = value as Record<string, unknown>;
  const isWord = (entry: unknown): boolean =>
    Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string' && isCount(entry[1]);
  const isLabel = (entry: unknown): boolean =>
    typeof entry === 'object' &&
    entry !== null &&
    'label' in entry &&
    typeof entry.label === 'string' &&
    'count' in entry &&
    isCount(entry.count);
  return (
    isCount(minCount) &&
    isCount(unknown) &&
    Array.isArray(words) &&
    words.every(isWord) &&
    Array.isArray(labels) &&
    labels.every(isLabel) &&
    distinct(words.map((entry: VocabJson['words'][number]) => entry[0])) &&
    distinct(labels.map((entry: LabelCount) => entry.label))
  );
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const distinct = (names: readonly string[]): boolean => new Set(names).size === names.length;
