import type { DecodeSettings } from '../heads/decoding';
import type { SpanError } from '../metrics/error-analysis';
import type { Counts } from '../metrics/prf';

/** What a run says of one class on one split. */
export interface Scored extends Counts {
  readonly f1: number;
}

/** A way to choose tags, and what it would do. F1 of the class and micro-average on dev. */
export interface Way extends DecodeSettings {
  readonly f1: number;
  readonly tp: number;
  readonly micro: number;
}

/** An epoch of the run. */
export interface Epoch {
  readonly trainLoss: number;
  /** Of the metric that chooses the epoch. */
  readonly devScore: number;
  /** Of its last update. */
  readonly learningRate: number;
  /** F1 of the class on dev; absent where the run did not keep it. */
  readonly f1?: number | undefined;
}

/** Mentions of a class by what the training file does with their text elsewhere; mean shares of the places where it stands. */
export interface Conflicts {
  /** Labelled with another class. */
  readonly other: number;
  /** The class that this is most often. */
  readonly most: string | null;
  /** Not labelled at all. */
  readonly unlabelled: number;
  /** A text and its places, the one with the most contradictions. */
  readonly example: {
    readonly text: string;
    readonly own: number;
    readonly other: number;
    readonly unlabelled: number;
  } | null;
}

/**
 * What was measured about one class of a finished run: plain data, and all that a diagnosis is made of. A mention is an entity, or a
 * token of a plain tag. What could not be measured, as where a file is gone, is null.
 */
export interface Evidence {
  /** As the files write it. */
  readonly name: string;
  readonly entities: boolean;
  /** Where it is explained: test where the class stands there, else dev. */
  readonly split: 'dev' | 'test';
  readonly dev: Scored;
  readonly test: Scored | null;
  /** Micro-averages. */
  readonly micro: { readonly dev: number; readonly test: number | null };
  readonly training: {
    readonly mentions: number;
    /** Of all classes. */
    readonly all: number;
    readonly tokens: number;
    /** The tags break the scheme's rules so often. */
    readonly invalid: number;
  };
  /** Another class of training whose name is nearly the same. */
  readonly near: { readonly name: string; readonly mentions: number; readonly by: string } | null;
  /** Share of the mentions in the split that hold a label of a token that training lacks, and such a label. */
  readonly unknownLabel: { readonly share: number; readonly label: string } | null;
  readonly setting: {
    /** Folder of the run. */
    readonly run: string;
    readonly loss: string;
    readonly head: string;
    readonly learningRate: number;
    /** How sentences are drawn. */
    readonly sampling: string;
    readonly epochs: number;
    /** Updates in an epoch, about. */
    readonly updates: number;
    readonly metric: string;
    readonly decode: DecodeSettings;
    readonly vectors: boolean;
    readonly files: { readonly train: string; readonly dev: string; readonly test: string | null };
  };
  readonly history: readonly Epoch[];
  /** 1-based epoch that was kept. */
  readonly best: { readonly epoch: number; readonly score: number };
  readonly stopped: 'epochs' | 'patience';
  /** The forecast of the loss for the label of the class that fares best; null where it does not hold for this training. */
  readonly forecast: {
    readonly pull: number;
    readonly lowered: number;
    readonly starved: boolean;
    /** Nothing is drawn up on balance. */
    readonly sinks: boolean;
    /** The loss of a tagger that knows the class priors alone. */
    readonly start: number;
  } | null;
  /** Shares of tokens and of the gradient in the last epoch, where that was measured. */
  readonly gradient: { readonly tokens: number; readonly gradient: number; readonly outside: number } | null;
  /** Recall on training sentences that hold it. */
  readonly learned: { readonly recall: number; readonly mentions: number } | null;
  /** Probability of the gold label on the tokens of the class in the split. */
  readonly p: {
    readonly low: number;
    readonly median: number;
    readonly high: number;
    /** Share of the tokens where a label of the class is the likeliest but for `O`. */
    readonly second: number;
  } | null;
  /** Other ways to choose tags, on dev; empty where there are none. */
  readonly ways: readonly Way[] | null;
  readonly conflicts: Conflicts | null;
  /** Of the class's training sentences, those whose words also stand with other labels; where one is. */
  readonly repeats: { readonly share: number; readonly sentences: number; readonly line: number } | null;
  /** Mentions in the split whose text training mostly labels otherwise, or not. */
  readonly otherwise: { readonly share: number; readonly example: string; readonly as: string } | null;
  /** Of the sentences with the class, those that also stand in the training file. */
  readonly leaks: { readonly dev: number; readonly test: number | null } | null;
  /** Mentions in the split whose text no training mention has, and recall of both kinds. */
  readonly unseen: {
    readonly share: number;
    readonly recallSeen: number | null;
    readonly recallUnseen: number | null;
    /** Share of the tokens of its mentions whose word is unknown. */
    readonly words: number;
  } | null;
  /** What became of the mentions in the split. */
  readonly errors:
    | (Readonly<Record<SpanError | 'right', number>> & {
        /** The type that it is taken for most often with the right boundaries. */
        readonly mostType: { readonly name: string; readonly mentions: number } | null;
        /** Of the boundary errors, those whose prediction is longer, and shorter. */
        readonly longer: number;
        readonly shorter: number;
      })
    | null;
}
