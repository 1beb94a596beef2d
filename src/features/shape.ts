import { SHAPES, shapeOf } from '../data/shapes';
import { defineFeature, type Feature, sizeOf } from './feature';
import { portable, type Recipe } from './recipe';

/** Capitalisation and the like: what case folding loses, in few classes that every token falls into. */
export const shape = defineFeature({
  title: 'capitalisation and kind of characters, in 17 classes',
  settings: { shapeDim: { type: 'whole', default: 8, least: 1, meaning: 'width of a capitalisation embedding' } },
  build: (_, __, { shapeDim }) => shapes(shapeDim),
  load: (json) => shapes(sizeOf(json, 'width')),
});

function shapes(width: number): Feature {
  const names = (): string[] => SHAPES.map(({ name }) => name);
  const recipe = (): Recipe => ({ kind: 'patterns', patterns: SHAPES.map(({ pattern }) => portable(pattern)) });
  return {
    columns: [
      { name: 'shapes', rows: SHAPES.length, width, wordDropout: false, rate: 1, encode: shapeOf, names, recipe },
    ],
    toJSON: () => ({ width }),
  };
}
