import type { Batch } from '../../src/data/types';
import { type Decoding, decodingOf, EARLIER_DECODING } from '../../src/heads';
import type { TaggerSpec } from '../../src/model/spec';
import { rowsOf, stepSizesOf } from '../kernels/packed';

export interface ToySentence {
  readonly words: readonly number[];
  readonly shapes: readonly number[];
  readonly labels: readonly number[];
}

type Size = readonly [rows: number, width: number];

/** The two tables of these sentences. */
export const tables = ([words, wordDim]: Size, [shapes, shapeDim]: Size): TaggerSpec['tables'] => [
  { name: 'words', rows: words, width: wordDim, wordDropout: true, rate: 1 },
  { name: 'shapes', rows: shapes, width: shapeDim, wordDropout: false, rate: 1 },
];

/** Packs sentences, longest first, by the definition of Batch. */
export function pack(sentences: readonly ToySentence[]): Batch {
  const order = [...sentences.keys()].sort((a, b) => sentences[b].words.length - sentences[a].words.length);
  const stepSizes = stepSizesOf(sentences.map(({ words }) => words.length));
  const n = sentences.reduce((sum, { words }) => sum + words.length, 0);
  const [words, shapes, labels, sentenceOf] = [0, 1, 2, 3].map(() => new Int32Array(n));
  order.forEach((s, i) =>
    rowsOf(stepSizes, i).forEach((row, t) => {
      words[row] = sentences[s].words[t];
      shapes[row] = sentences[s].shapes[t];
      labels[row] = sentences[s].labels[t];
      sentenceOf[row] = i;
    }),
  );
  const inputs = new Map([
    ['words', words],
    ['shapes', shapes],
  ]);
  return { size: sentences.length, stepSizes, inputs, labels, sentenceOf, order: Int32Array.from(order) };
}

/** Word 5 is label 1 after word 3 and label 2 before word 4: only context in both directions tells. */
export const SENTENCES: readonly ToySentence[] = [
  { words: [3, 5, 1, 2], shapes: [0, 1, 0, 0], labels: [0, 1, 0, 0] },
  { words: [2, 1, 5, 4, 6], shapes: [1, 0, 1, 0, 0], labels: [0, 0, 2, 0, 0] },
  { words: [5], shapes: [1], labels: [0] },
  { words: [6, 3, 5, 2], shapes: [0, 0, 1, 0], labels: [0, 0, 1, 0] },
];

export const SPEC: TaggerSpec = {
  tables: tables([8, 5], [2, 2]),
  labels: 3,
  hidden: 6,
  layers: 1,
  dropout: 0,
  head: 'softmax',
};
export const COUNTS = [11, 2, 1];

/** Each label for itself. */
export const ARGMAX: Decoding = decodingOf(EARLIER_DECODING, ['O', 'B-X', 'B-Y'], 'iob2');
