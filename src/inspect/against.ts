import { findShared, indexSentences, leaksOf, type Duplicate } from './duplicates';
import type { Described } from './split';

/** A split seen from the training split. */
export interface Against {
  readonly split: string;
  readonly train: string;
  /** Tokens of the split, and distinct ones, that training does not hold. Case counts. */
  readonly unseenTokens: Rate;
  readonly unseenWords: Rate;
  /** Entities whose text is no training entity's, whatever the type; null for plain tags. */
  readonly unseenEntities: Rate | null;
  /** Labels here that training lacks (no model can predict them), and the other way round (no score tells of them). */
  readonly labelsNotInTrain: readonly string[];
  readonly labelsOnlyInTrain: readonly string[];
}

export interface Rate {
  readonly count: number;
  readonly of: number;
  /** 0 of 0 is 0. */
  readonly share: number;
}

/** Sentences of a later split that also stand in an earlier one. */
export interface Overlap {
  readonly split: string;
  readonly earlier: string;
  readonly sentences: number;
  /** Of any length. */
  readonly shared: number;
  /** Of at least LEAK_TOKENS tokens. */
  readonly leaks: readonly Duplicate[];
}

export function compareWithTrain(train: Described, split: Described): Against {
  const words = wordsOf(train);
  const seen = new Set(train.entities.map(({ text }) => text));
  const splitWords = wordsOf(split);
  let unseen = 0;
  for (const { tokens } of split.reading.corpus.sentences) for (const token of tokens) if (!words.has(token)) unseen++;
  const classes = (of: Described): string[] =>
    of.card.entities?.types.map(({ type }) => type) ?? of.card.labels.map(({ label }) => label);
  const [here, there] = [classes(split), classes(train)];
  return {
    split: split.card.name,
    train: train.card.name,
    unseenTokens: rate(unseen, split.card.tokens),
    unseenWords: rate([...splitWords].filter((word) => !words.has(word)).length, splitWords.size),
    unseenEntities:
      split.card.entities && rate(split.entities.filter(({ text }) => !seen.has(text)).length, split.entities.length),
    labelsNotInTrain: here.filter((label) => !there.includes(label)),
    labelsOnlyInTrain: there.filter((label) => !here.includes(label)),
  };
}

/** Every pair of splits, the earlier one first. */
export function findOverlaps(splits: readonly Described[]): Overlap[] {
  const indices = splits.map(({ reading }) => indexSentences(reading.corpus.sentences));
  return splits.flatMap((split, s) =>
    splits.slice(0, s).map((earlier, e): Overlap => {
      const shared = findShared(split.reading.corpus.sentences, indices[e]);
      return {
        split: split.card.name,
        earlier: earlier.card.name,
        sentences: split.card.sentences,
        shared: shared.length,
        leaks: leaksOf(shared),
      };
    }),
  );
}

function wordsOf({ reading }: Described): Set<string> {
  const words = new Set<string>();
  for (const { tokens } of reading.corpus.sentences) for (const token of tokens) words.add(token);
  return words;
}

const rate = (count: number, of: number): Rate => ({ count, of, share: of === 0 ? 0 : count / of });
