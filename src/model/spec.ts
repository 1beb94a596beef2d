/** Everything that fixes the shapes of a tagger's weights; saved with a checkpoint. */
export interface TaggerSpec {
  /** V: words, the unknown word (id 0) included. */
  readonly words: number;
  /** S: capitalisation shapes. */
  readonly shapes: number;
  /** C: labels. */
  readonly labels: number;
  /** E: width of a word embedding. */
  readonly wordDim: number;
  /** F: width of a shape embedding. */
  readonly shapeDim: number;
  /** H: LSTM units per direction. */
  readonly hidden: number;
  /** BiLSTM layers, at least 1. */
  readonly layers: number;
  /** Dropout rate on the embeddings and on the output of every layer, while training. */
  readonly dropout: number;
}

/** A named float32 array with its shape. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Names and shapes of all weights, tables first, in the order of a checkpoint. */
export function weightShapes(spec: TaggerSpec): { name: string; shape: number[] }[] {
  const { wordDim, shapeDim, hidden } = spec;
  const layers = Array.from({ length: spec.layers }, (_, i) => {
    const inputs = i === 0 ? wordDim + shapeDim : 2 * hidden;
    return [
      { name: `lstm${i}.w`, shape: [2, inputs + hidden, 4 * hidden] },
      { name: `lstm${i}.b`, shape: [2, 4 * hidden] },
    ];
  });
  return [
    { name: 'words', shape: [spec.words, wordDim] },
    { name: 'shapes', shape: [spec.shapes, shapeDim] },
    ...layers.flat(),
    { name: 'output.w', shape: [2 * hidden, spec.labels] },
    { name: 'output.b', shape: [spec.labels] },
  ];
}
