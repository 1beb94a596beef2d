import { tokenCounts } from '../data/vocab';
import { type Column, defineFeature, type Feature, isListOf, sizeOf } from './feature';

/** Of a longer word its first and last characters count. */
const ENDS = 12;

/**
 * A convolution over the characters of a word, the largest of each filter over the word (dos Santos and Zadrozny 2014; Ma and Hovy
 * 2016, without an activation as in NCRF++): each character with one neighbour on either side, zeros outside. Characters are code
 * points as they are written; row 0 is no character, or one that training never saw, and stays zero.
 */
export const char = defineFeature({
  title: 'a convolution over the characters of the word',
  settings: {
    charDim: {
      type: 'whole',
      default: 0,
      least: 0,
      meaning: 'width of a character embedding; 0 leaves characters out',
    },
    charFilters: { type: 'whole', default: 30, least: 1, meaning: 'filters over three characters each' },
  },
  build({ train }, _, { charDim, charFilters }) {
    if (charDim === 0) return null;
    const seen = new Set<string>();
    for (const token of tokenCounts(train.sentences).keys()) for (const one of token) seen.add(one);
    return characters({ width: charDim, filters: charFilters, characters: [...seen] });
  },
  load(json) {
    const saved = { width: sizeOf(json, 'width'), filters: sizeOf(json, 'filters'), ...(json as object) } as Saved;
    const isOne = (value: unknown): boolean => typeof value === 'string' && Array.from(value).length === 1;
    if (!isListOf(saved.characters, isOne))
      throw new Error('characters is damaged, expected a list of different characters');
    return characters(saved);
  },
});

interface Saved {
  readonly width: number;
  readonly filters: number;
  readonly characters: readonly string[];
}

function characters({ width, filters, characters: all }: Saved): Feature {
  const ids = new Map(all.map((one, i) => [one, i + 1]));
  const column: Column = {
    name: 'chars',
    rows: all.length + 1,
    width,
    filters,
    wordDropout: false,
    rate: 1,
    spell(token) {
      const spelled = Array.from(token, (one) => ids.get(one) ?? 0);
      if (spelled.length > 2 * ENDS) spelled.splice(ENDS, spelled.length - 2 * ENDS);
      return spelled.length > 0 ? spelled : [0];
    },
    initial: (table) => table.fill(0, 0, width),
    names: () => [null, ...all],
    recipe: () => ({ kind: 'characters', values: all, ends: ENDS }),
  };
  return { columns: [column], toJSON: () => ({ width, filters, characters: all }) };
}
