import { present } from '../errors';
import { findShared, indexSentences, leaksOf, type Duplicate } from '../data/duplicates';
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
  /** `bytes`: the same file; `sentences`: the same tokens and labels in the same order; null: neither. */
  readonly same: 'bytes' | 'sentences' | null;
}

export function compareWithTrain(train: Described, split: Described): Against {
  const seen = new Set(train.entities.map(({ text }) => text));
  let [unseen, unseenWords] = [0, 0];
  for (const [word, count] of split.words) {
    if (train.words.has(word)) continue;
    unseen += count;
    unseenWords++;
  }
  const classes = (of: Described): string[] =>
    of.card.entities?.types.map(({ type }) => type) ?? of.card.labels.map(({ label }) => label);
  const [here, there] = [new Set(classes(split)), new Set(classes(train))];
  return {
    split: split.card.name,
    train: train.card.name,
    unseenTokens: rate(unseen, split.card.tokens),
    unseenWords: rate(unseenWords, split.words.size),
    unseenEntities:
      split.card.entities && rate(split.entities.filter(({ text }) => !seen.has(text)).length, split.entities.length),
    labelsNotInTrain: [...here].filter((label) => !there.has(label)),
    labelsOnlyInTrain: [...there].filter((label) => !here.has(label)),
  };
}

/** Every pair of splits, the earlier one first. */
export function findOverlaps(splits: readonly Described[]): Overlap[] {
  const indices = splits.map(({ reading }) => indexSentences(reading.corpus.sentences));
  return splits.flatMap((split, s) =>
    splits.slice(0, s).map((earlier, e): Overlap => {
      const shared = findShared(split.reading.corpus.sentences, present(indices[e], 'index'));
      return {
        split: split.card.name,
        earlier: earlier.card.name,
        sentences: split.card.sentences,
        shared: shared.length,
        leaks: leaksOf(shared),
        same: samenessOf(split, earlier),
      };
    }),
  );
}

function samenessOf(a: Described, b: Described): Overlap['same'] {
  if (a.card.sha256 === b.card.sha256) return 'bytes';
  const [left, right] = [a.reading.corpus.sentences, b.reading.corpus.sentences];
  if (left.length !== right.length || a.card.tokens !== b.card.tokens) return null;
  const isSame = (x: readonly string[], y: readonly string[]): boolean =>
    x.length === y.length && x.every((item, i) => item === y[i]);
  const same = left.every(({ tokens, tags }, s) => {
    const other = present(right[s], 'sentence');
    return isSame(tokens, other.tokens) && isSame(tags, other.tags);
  });
  return same ? 'sentences' : null;
}

const rate = (count: number, of: number): Rate => ({ count, of, share: of === 0 ? 0 : count / of });
