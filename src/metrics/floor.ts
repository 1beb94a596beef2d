import { present } from '../errors';
import { chunksOf } from '../schemes';
import { createPhrases } from './phrases';
import type { ScoreTable } from './prf';

type Sequences = readonly (readonly string[])[];

/** What a dictionary of the training file does on the same text: a tagger that is not better has learned to look up, or less. */
export interface Floor {
  readonly method: FloorMethod;
  /** Entities where the report has entities, else tags; counted by the convention of the report. */
  readonly table: ScoreTable;
  /** Share of tokens whose tag is right. */
  readonly accuracy: number;
}

export const FLOORS = {
  'longest-match': 'the longest training entity at each place, from left to right, with its most frequent type',
  'most-frequent-tag': 'the most frequent training tag of each word, of unseen words the most frequent of all',
} as const;

export type FloorMethod = keyof typeof FLOORS;

/** Labels of one sentence by look-up alone. */
export type LookUp = (tokens: readonly string[]) => readonly string[];

/**
 * A dictionary of the training sentences: IOB2, or `io` or `plain` labels (see `Inner`). Case counts. Of types or tags that are equally frequent
 * the one that stands first in the training file counts.
 */
export function createLookUp(tokens: Sequences, tags: Sequences, scheme: string): LookUp {
  if (scheme === 'plain') return mostFrequentTags(tokens, tags);
  return longestMatches(tokens, tags, scheme === 'io' ? 'I' : 'B');
}

/** The part of a report that a floor is of, or is held against. */
interface Scored {
  readonly entities: ScoreTable | null;
  readonly tags: ScoreTable;
  readonly accuracy: number;
}

/** The report of what a look-up guesses, as a floor. */
export function floorOf({ entities, tags, accuracy }: Scored): Floor {
  return { method: entities ? 'longest-match' : 'most-frequent-tag', table: entities ?? tags, accuracy };
}

/** The one number in which a report and its floor are compared: micro F1 of entities, of plain tags accuracy. */
export function againstFloor({
  entities,
  accuracy,
  floor,
}: Scored & { readonly floor?: Floor }): { scored: number; floor: number } | null {
  if (!floor) return null;
  return entities
    ? { scored: entities.micro.f1, floor: floor.table.micro.f1 }
    : { scored: accuracy, floor: floor.accuracy };
}

function longestMatches(sentences: Sequences, tags: Sequences, begin: string): LookUp {
  const entities = createPhrases<Map<string, number>>();
  sentences.forEach((tokens, s) => {
    for (const { type, start, end } of chunksOf(present(tags[s], 'sentence'))) {
      const types = entities.of(tokens, start, end, () => new Map<string, number>());
      types.set(type, (types.get(type) ?? 0) + 1);
    }
  });
  return (tokens) => {
    const found = new Array<string>(tokens.length).fill('O');
    for (let start = 0; start < tokens.length;) {
      const match = entities.longestAt(tokens, start);
      if (!match) {
        start++;
        continue;
      }
      const type = mostFrequent(match.value);
      for (let i = start; i < match.end; i++) found[i] = (i === start ? begin : 'I') + (type === '' ? '' : `-${type}`);
      start = match.end;
    }
    return found;
  };
}

function mostFrequentTags(sentences: Sequences, tags: Sequences): LookUp {
  const byWord = new Map<string, Map<string, number>>();
  const all = new Map<string, number>();
  sentences.forEach((tokens, s) => {
    const ofSentence = present(tags[s], 'sentence');
    tokens.forEach((token, i) => {
      const tag = present(ofSentence[i], 'tag');
      let counts = byWord.get(token);
      if (!counts) byWord.set(token, (counts = new Map<string, number>()));
      for (const map of [counts, all]) map.set(tag, (map.get(tag) ?? 0) + 1);
    });
  });
  const commonest = mostFrequent(all);
  const tagOf = new Map([...byWord].map(([word, counts]) => [word, mostFrequent(counts)]));
  return (tokens) => tokens.map((token) => tagOf.get(token) ?? commonest);
}

/** The first of the most frequent, in the order of the map; '' of no counts. */
function mostFrequent(counts: ReadonlyMap<string, number>): string {
  let best = '';
  let most = 0;
  for (const [name, count] of counts) {
    if (count > most) [best, most] = [name, count];
  }
  return best;
}
