import type { Vocab } from '../data/vocab';
import { defineFeature, type Feature, sizeOf } from './feature';

/** The case-folded word, of those that training holds; row 0 is every other. Its values are the vocabulary's. */
export const word = defineFeature({
  title: 'the word, case-folded',
  settings: { wordDim: { type: 'whole', default: 100, least: 1, meaning: 'width of a word embedding' } },
  build: (_, vocab, { wordDim }) => words(vocab, wordDim),
  load: (json, vocab) => words(vocab, sizeOf(json, 'width')),
});

function words({ wordCount, wordId, toJSON }: Vocab, width: number): Feature {
  const names = (): (string | null)[] => [null, ...toJSON().words.map(([text]) => text)];
  return {
    columns: [{ name: 'words', rows: wordCount, width, wordDropout: true, rate: 1, encode: wordId, names }],
    toJSON: () => ({ width }),
  };
}
