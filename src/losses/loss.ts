import type * as tf from '@tensorflow/tfjs-core';

/** The tensor API, handed to a loss by its caller: the table of losses can be read (for help, config) without loading it. */
export type Tf = typeof tf;

/** What a loss may know of the training data. All counts are of labelled training tokens. */
export interface LossContext {
  /** Label names, in id order. (C) */
  readonly labels: readonly string[];
  /** Training tokens of each label. (C) */
  readonly counts: readonly number[];
  /** Id of the outside label `O`, or -1 where there is none (part-of-speech tags). */
  readonly outside: number;
  /** Tags as the training file writes them, and the tokens of each label that they became; the labels themselves where left out. */
  readonly written?: readonly {
    readonly label: string;
    readonly labels: readonly { readonly label: string; readonly count: number }[];
  }[];
}

/** What a batch of N tokens in B sentences and T steps should become, and how its rows hang together (see `Batch`). */
export interface Target {
  /** Label ids; -1 marks a row to ignore (unknown labels): it changes neither value nor gradient nor denominator. (N) int32 */
  readonly gold: tf.Tensor1D;
  /** No row is to be ignored, so that what only guards against such rows may be left out. */
  readonly allKnown?: boolean;
  /** Each row's sentence, 0..B-1; read by set forms with sentence scope. (N) int32 */
  readonly sentenceOf: tf.Tensor1D;
  /** Sentences alive at each step: row i of step t + 1 follows row i of step t. (T) int32 */
  readonly stepSizes: tf.Tensor1D;
  /** Which sentence of the corpus each one is. (B) */
  readonly order: Int32Array;
  /** Epoch of the training, from 1: a loss may change with it. Outside of training it is left out, and a loss is what it ends as. */
  readonly epoch?: number;
  /** From a head of whole sentences: the negative log-likelihood of their known labels, divided by how many are known. */
  readonly nll?: () => tf.Scalar;
}

/**
 * A loss of logits (N, C) float32, whose softmax is what the head predicts of each token, as a scalar: the mean. Differentiable
 * in logits; finite with a finite gradient for all logits in [-40, 40].
 */
export interface LossFn {
  (logits: tf.Tensor2D, target: Target): tf.Scalar;
  /** It does not look at the logits where `target.nll` is there: a head need not work out what tokens are by themselves. */
  readonly readsNllAlone?: true;
}

/** Named scheme of class weights, or the weights themselves by label (labels left out weigh 1). */
export type ClassWeights = 'none' | 'power' | 'lg' | 'inverse' | 'class-balanced' | Readonly<Record<string, number>>;

export type ParamValue = number | boolean | string | Readonly<Record<string, number>>;

interface ParamBase {
  /** One line: what it does. */
  readonly meaning: string;
  /** The parameter acts only where another one has one of these values; set elsewhere, it is an error. */
  readonly when?: Readonly<Record<string, readonly string[]>>;
}

/** One declared parameter: help, validation and tuning derive from it. */
export type Param = ParamBase &
  (
    | {
        readonly type: 'number';
        readonly default: number;
        /** Smallest and largest valid value, both allowed. */
        readonly range: readonly [number, number];
        /** Values worth trying. */
        readonly tune?: readonly number[];
      }
    | { readonly type: 'boolean'; readonly default: boolean; readonly tune?: readonly boolean[] }
    | {
        readonly type: 'choice';
        readonly default: string;
        readonly choices: readonly string[];
        readonly tune?: readonly string[];
      }
    | {
        readonly type: 'weights';
        readonly default: ClassWeights;
        readonly choices: readonly string[];
        readonly tune?: readonly string[];
      }
  );

export type ParamTable = Readonly<Record<string, Param>>;

type ValueOf<P> = P extends { type: 'number' }
  ? number
  : P extends { type: 'boolean' }
    ? boolean
    : P extends { type: 'choice'; choices: readonly (infer V)[] }
      ? V
      : P extends { type: 'weights' }
        ? ClassWeights
        : never;

/** A valid value for every declared parameter. */
export type ParamValues<P extends ParamTable = ParamTable> = { readonly [K in keyof P]: ValueOf<P[K]> };

/** A row of the table of losses. */
export interface LossSpec<P extends ParamTable = ParamTable> {
  readonly name: string;
  readonly title: string;
  /** The loss of one token or set, in the symbols of its file. */
  readonly formula: string;
  /** Where it comes from. */
  readonly source: string;
  readonly params: P;
  /** Its gradient on the gold logit fades with the probability of the gold label: it hardly pulls on a class that is never predicted. */
  readonly fades?: true;
  /** It is one of whole sentences: the head must give these a probability. */
  readonly ofSentences?: true;
  /** With these parameters a part of it is held constant for the gradient, which is then not that of its value. */
  readonly stopsGradient?: (params: ParamValues) => boolean;
  /** @throws UserError when the parameters do not fit the labels (no outside label, no such label) */
  create(tf: Tf, params: ParamValues<P>, context: LossContext): LossFn;
}

/**
 * Types `create` from the declared parameters, and hands the row back as it is. The ops of a loss are differentiated by the table of
 * kernels/gradients.ts.
 */
export const defineLoss = <const P extends ParamTable>(spec: LossSpec<P>): LossSpec<P> => spec;
