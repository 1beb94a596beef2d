import { present } from '../errors';
import { scanChunks, splitTag, type Tag } from '../schemes';
import type { Tables } from './metric';
import { namedClasses } from './scores';
import { type Counts, countsFor, scoreTable } from './prf';

/** Scores of predictions of which some sentences change: what stays is not counted again. */
export interface Tally {
  /** Puts other predicted tags in the place of those of sentence s, as many. @throws RangeError where they are not */
  set(s: number, predicted: readonly string[]): void;
  /** Entities as conlleval reads them; null for plain tags. */
  tables(): Tables;
}

/**
 * @param gold   every sentence of it is predicted right until it is set
 * @param tagText names of the tags
 */
export function createTally(
  gold: readonly (readonly string[])[],
  chunks: boolean,
  tagText: (tag: string) => string = (tag) => tag,
): Tally {
  const now = [...gold];
  const entities = new Map<string, Counts>();
  const tags = new Map<string, Counts>();
  const read = new Map<string, Tag>();
  const known = (tag: string): Tag => {
    let of = read.get(tag);
    if (!of) read.set(tag, (of = splitTag(tag)));
    return of;
  };
  const longest = gold.reduce((most, { length }) => Math.max(most, length), 0);
  const types = Array.from({ length: longest }, () => ''); // of the gold chunk that starts at each token of a sentence
  const ends = new Int32Array(longest); // the token after its last; 0 where none starts

  function addGold(right: readonly string[]): void {
    for (const tag of right) countsFor(tags, tag).support++;
    if (chunks) scanChunks(right, known, (type) => countsFor(entities, type).support++);
  }

  function addGuess(right: readonly string[], guessed: readonly string[], times: 1 | -1): void {
    for (let i = 0; i < guessed.length; i++) {
      const counts = countsFor(tags, guessed[i] as string);
      counts.predicted += times;
      if (guessed[i] === right[i]) counts.tp += times;
    }
    if (!chunks) return;
    ends.fill(0, 0, right.length);
    scanChunks(right, known, (type, from, to) => {
      types[from] = type;
      ends[from] = to;
    });
    scanChunks(guessed, known, (type, from, to) => {
      const counts = countsFor(entities, type);
      counts.predicted += times;
      if (ends[from] === to && types[from] === type) counts.tp += times;
    });
  }

  for (const tagsOf of gold) {
    addGold(tagsOf);
    addGuess(tagsOf, tagsOf, 1);
  }
  return {
    set(s, predicted) {
      const right = present(gold[s], 'sentence');
      if (predicted.length !== right.length)
        throw new RangeError(`sentence ${s}: ${right.length} tags, the prediction has ${predicted.length}`);
      addGuess(right, present(now[s], 'sentence'), -1);
      now[s] = predicted;
      addGuess(right, predicted, 1);
    },
    tables() {
      let [right, tokens] = [0, 0];
      for (const { tp, support } of tags.values()) {
        right += tp;
        tokens += support;
      }
      const table = scoreTable(occurring(tags), chunks ? (tag) => tag !== 'O' : undefined);
      return {
        entities: chunks ? scoreTable(occurring(entities)) : null,
        tags: { ...table, classes: namedClasses(table.classes, tagText) },
        accuracy: tokens > 0 ? right / tokens : 0,
      };
    },
  };
}

/** Classes that occur neither in gold nor in predictions any more have no row. */
const occurring = (counts: ReadonlyMap<string, Counts>): Map<string, Counts> =>
  new Map([...counts].filter(([, { predicted, support }]) => predicted + support > 0));
