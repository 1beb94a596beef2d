import { present } from '../errors';
import { confusionOf } from './confusion';
import { countEntities } from './entities';
import type { Tables } from './metric';
import { namedClasses } from './scores';
import { type Counts, countsFor, countTags, scoreTable } from './prf';

/** Scores of predictions of which some sentences change: what stays is not counted again. */
export interface Tally {
  /** Puts other predicted tags in the place of those of sentence s. */
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

  function count(s: number, times: 1 | -1): void {
    const [right, guessed] = [[present(gold[s], 'sentence')], [present(now[s], 'sentence')]];
    if (chunks) add(entities, countEntities(right, guessed), times);
    add(tags, countTags(confusionOf(right, guessed)), times);
  }

  gold.forEach((_, s) => count(s, 1));
  return {
    set(s, predicted) {
      count(s, -1);
      now[s] = predicted;
      count(s, 1);
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

function add(to: Map<string, Counts>, counts: ReadonlyMap<string, Counts>, times: number): void {
  for (const [name, { tp, predicted, support }] of counts) {
    const sum = countsFor(to, name);
    sum.tp += times * tp;
    sum.predicted += times * predicted;
    sum.support += times * support;
  }
}
