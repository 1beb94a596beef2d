/** One sentence as it stands in its file. `tags` are in the corpus's one internal scheme (IOB2 for chunks, as is for plain tags). */
export interface Sentence {
  readonly tokens: readonly string[];
  readonly tags: readonly string[];
  /** 1-based line of the first token. */
  readonly line: number;
}

/** What every line of a file was: the counts add up to the lines of the file, always. */
export interface LineCounts {
  lines: number;
  token: number;
  separator: number;
  comment: number;
  docstart: number;
  /** CoNLL-U multiword ranges (`3-4`). */
  range: number;
  /** CoNLL-U empty nodes (`8.1`). */
  emptyNode: number;
}

/**
 * A batch of B sentences packed by time step: no padding exists anywhere behind this type.
 * Sentences are sorted by length, longest first; step t holds the first `stepSizes[t]` of them, so token i of step t sits at
 * row `sum(stepSizes[0..t-1]) + i`. N = sum of the lengths, T = the longest length. (As PyTorch's PackedSequence.)
 */
export interface Batch {
  /** B: sentences. */
  readonly size: number;
  /** Sentences alive at each step, descending. (T) */
  readonly stepSizes: Int32Array;
  /** Word ids. (N) */
  readonly words: Int32Array;
  /** Capitalisation and shape feature ids. (N) */
  readonly shapes: Int32Array;
  /** Gold label ids; -1 where the label is unknown to the vocabulary and is left out of loss and gradient. (N) */
  readonly labels: Int32Array;
  /** Which sentence of the batch a row belongs to, 0..B-1. (N) */
  readonly sentenceOf: Int32Array;
  /** Index into the encoded corpus of each sentence of the batch. (B) */
  readonly order: Int32Array;
}
