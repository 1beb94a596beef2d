import type { Sentence } from './types';
import { present } from '../errors';
import { groupBy } from '../order';
import { chunksOf } from '../schemes';

/** Shorter sentences ("Thanks !") repeat by chance; only longer ones are called leaks. */
export const LEAK_TOKENS = 5;

/** A sentence that stood word for word earlier, and where. */
export interface Duplicate {
  readonly line: number;
  readonly earlierLine: number;
  readonly tokens: number;
  /** Its labels are those of no earlier sentence with the same words. */
  readonly otherLabels: boolean;
  readonly entities: number;
}

/** Sentences by their words; a line feed cannot be part of a token. */
export type SentenceIndex = ReadonlyMap<string, readonly Sentence[]>;

export function indexSentences(sentences: readonly Sentence[]): SentenceIndex {
  return groupBy(sentences, keyOf);
}

/** Sentences that repeat an earlier one of the same file. */
export function findRepeats(sentences: readonly Sentence[]): Duplicate[] {
  const index = new Map<string, Sentence[]>();
  const found: Duplicate[] = [];
  for (const sentence of sentences) {
    const key = keyOf(sentence);
    const earlier = index.get(key);
    if (earlier) {
      found.push(duplicate(sentence, earlier));
      earlier.push(sentence);
    } else index.set(key, [sentence]);
  }
  return found;
}

/** Sentences that also stand in another file. */
export function findShared(sentences: readonly Sentence[], other: SentenceIndex): Duplicate[] {
  return sentences.flatMap((sentence) => {
    const earlier = other.get(keyOf(sentence));
    return earlier ? [duplicate(sentence, earlier)] : [];
  });
}

function duplicate(sentence: Sentence, earlier: readonly Sentence[]): Duplicate {
  const same = earlier.find(({ tags }) => tags.every((tag, i) => tag === sentence.tags[i]));
  return {
    line: sentence.line,
    earlierLine: (same ?? present(earlier[0], 'earlier sentence')).line,
    tokens: sentence.tokens.length,
    otherLabels: same === undefined,
    entities: chunksOf(sentence.tags).length,
  };
}

const keyOf = ({ tokens }: Sentence): string => tokens.join('\n');

/** Those long enough to be called leaks. */
export const leaksOf = (shared: readonly Duplicate[]): Duplicate[] =>
  shared.filter(({ tokens }) => tokens >= LEAK_TOKENS);
