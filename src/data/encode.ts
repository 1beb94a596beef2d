import { SHAPES, shapeOf } from './shapes';
import type { Corpus, LabelCount } from './types';
import { UNKNOWN_LABEL, type Vocab } from './vocab';

/** A corpus as flat arrays, encoded once: token i of sentence s stands at `offsets[s] + i`. */
export interface Encoded {
  /** S: sentences. */
  readonly size: number;
  /** Where each sentence starts, and the end of the last. (S + 1) */
  readonly offsets: Int32Array;
  /** Tokens of the longest sentence. */
  readonly longest: number;
  /** Word ids. (N) */
  readonly words: Int32Array;
  /** Indices into SHAPES. (N) */
  readonly shapes: Int32Array;
  /** Label ids, -1 where training had no such label. (N) */
  readonly labels: Int32Array;
  /** Labels that training never saw, with their tokens here. No model can predict them; a scorer still counts them. */
  readonly unknownLabels: readonly LabelCount[];
  /** Tokens whose word is unknown. */
  readonly unknownWords: number;
}

/** Number of shape ids: rows of the shape embedding. */
export const SHAPE_COUNT = SHAPES.length;

export function encode(corpus: Pick<Corpus, 'sentences'>, vocab: Vocab): Encoded {
  const { sentences } = corpus;
  const offsets = new Int32Array(sentences.length + 1);
  let longest = 0;
  for (let s = 0; s < sentences.length; s++) {
    const { length } = sentences[s].tokens;
    offsets[s + 1] = offsets[s] + length;
    if (length > longest) longest = length;
  }

  const n = offsets[sentences.length];
  const words = new Int32Array(n);
  const shapes = new Int32Array(n);
  const labels = new Int32Array(n);
  const slots = new Map<string, number>(); // distinct token to its place in the two lists
  const wordIds: number[] = [];
  const shapeIds: number[] = [];
  const labelIds = new Map<string, number>();
  const unknown = new Map<string, number>();
  let unknownWords = 0;

  for (let s = 0, row = 0; s < sentences.length; s++) {
    const { tokens, tags } = sentences[s];
    for (let i = 0; i < tokens.length; i++, row++) {
      let slot = slots.get(tokens[i]);
      if (slot === undefined) {
        slots.set(tokens[i], (slot = wordIds.length));
        wordIds.push(vocab.wordId(tokens[i]));
        shapeIds.push(shapeOf(tokens[i]));
      }
      let label = labelIds.get(tags[i]);
      if (label === undefined) labelIds.set(tags[i], (label = vocab.labelId(tags[i])));
      if (label === UNKNOWN_LABEL) unknown.set(tags[i], (unknown.get(tags[i]) ?? 0) + 1);
      if (wordIds[slot] === 0) unknownWords++;
      words[row] = wordIds[slot];
      shapes[row] = shapeIds[slot];
      labels[row] = label;
    }
  }
  const unknownLabels = [...unknown].map(([label, count]) => ({ label, count }));
  return { size: sentences.length, offsets, longest, words, shapes, labels, unknownLabels, unknownWords };
}
