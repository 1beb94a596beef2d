import type { Warning } from '../warnings';
import type { Inner, SchemeName, Task } from '../schemes';
import type { Tagging } from './tagging';

export type { Task };

/** One sentence as it stands in its file. `tags` are labels inside the program (see `Inner`), whatever the file writes. */
export interface Sentence {
  readonly tokens: readonly string[];
  readonly tags: readonly string[];
  /** 1-based line of the first token. */
  readonly line: number;
  /**
   * Only where tokens do not stand on lines that follow one another (CoNLL-U ranges stand between): for each gap the index of the token
   * behind it, and how many lines were passed over up to there. See `lineOf`.
   */
  readonly gaps?: readonly number[];
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
  /** What the features make of each token, by the name of the input: a row of a table, (N) each; all rows of bags, (K). */
  readonly inputs: ReadonlyMap<string, Int32Array>;
  /** For inputs that are bags, which token each row of `inputs` is one of, ascending; every token has one. (K) each */
  readonly owners?: ReadonlyMap<string, Int32Array>;
  /** Characters, for inputs made of them. */
  readonly spelled?: ReadonlyMap<string, Spelled>;
  /** Gold label ids; -1 where the label is unknown to the vocabulary and is left out of loss and gradient. (N) */
  readonly labels: Int32Array;
  /** Which sentence of the batch a row belongs to, 0..B-1. (N) */
  readonly sentenceOf: Int32Array;
  /** Index into the encoded corpus of each sentence of the batch. (B) */
  readonly order: Int32Array;
}

/** The characters of the distinct token strings of a batch, one string behind the other: P in all. */
export interface Spelled {
  /** Rows of each character, of the one before it and of the one behind it, 0 where there is none: before, itself, behind. (3 P) */
  readonly rows: Int32Array;
  /** Characters of each string. (U) */
  readonly lengths: Int32Array;
  /** The string of each token. (N) */
  readonly words: Int32Array;
}

/** How the numbers of a column count. */
export interface Counting {
  /** What the first word of a sentence has; 1 in most formats, 0 in CoNLL-2012. */
  readonly from: 0 | 1;
  /** Starts again with every sentence; otherwise it goes on over the blank lines. */
  readonly restarts: boolean;
}

/** The column of word numbers, ranges (`3-4`) and empty nodes (`8.1`). */
export interface WordNumbers extends Counting {
  /** 1-based. */
  readonly column: number;
  /** Anything else in it is a problem; otherwise it is warned of. */
  readonly strict: boolean;
}

export interface LabelCount {
  readonly label: string;
  readonly count: number;
}

/** A tag as a file writes it, and the labels that it became: in IOB2 an `E-PER` of BIOES is an `I-PER`. */
export interface WrittenTag extends LabelCount {
  readonly labels: readonly LabelCount[];
}

/** Something in the data that a person should look at and that the reader left as it stands. */
export interface DataWarning extends Warning {
  /** 1-based. */
  readonly line: number;
}

/** What makes it certain that a file was not read as it was meant, though each of its rows can be read. */
export interface Doubt {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly note: string;
}

/** What was chosen, and the reason in words: every automatic choice says why. */
export interface Choice<Name extends string = string> {
  readonly name: Name;
  readonly why: string;
}

/** A whole file, read and checked. */
export interface Corpus {
  readonly path: string;
  readonly format: Choice;
  /** The 1-based columns that were read, and how many each row has. */
  readonly columns: {
    readonly token: number;
    readonly tag: number;
    readonly count: number;
    readonly key?: string;
    /** Where the file itself names them. */
    readonly names?: readonly string[];
  };
  /** The column of word numbers, where there is one. */
  readonly numbers: WordNumbers | undefined;
  /** Tab, or any run of blanks and tabs. */
  readonly separator: 'tab' | 'blank';
  readonly sentences: readonly Sentence[];
  /** Tokens in all sentences. */
  readonly tokens: number;
  /** Scheme of the tags in the file. */
  readonly scheme: Choice<SchemeName>;
  /** The same with all that is needed to read and write such tags. */
  readonly tagging: Tagging;
  /** What the tags in `sentences` are. */
  readonly inner: Inner;
  readonly task: Task;
  readonly lines: LineCounts;
  /** Of the file's bytes, in hex. */
  readonly sha256: string;
  /** Labels as in `sentences`: O first where there is one, then by name. */
  readonly labels: readonly LabelCount[];
  /** Tags as the file writes them, in the order of labels. */
  readonly written: readonly WrittenTag[];
  /** Tags that break the scheme's rules: conlleval's convention applies to them, nothing was repaired. */
  readonly invalid: number;
  readonly warnings: readonly DataWarning[];
  /** Empty wherever doubts are refused: everywhere but in `inspect`, and in `evaluate` of predictions, which reads tags. */
  readonly doubts: readonly Doubt[];
}
