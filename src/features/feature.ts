import type { Encoder } from '../data/encode';
import type { Corpus } from '../data/types';
import type { Vocab } from '../data/vocab';

/** One embedding table: what fixes its weight's shape and how it is trained. Plain data, saved with a checkpoint. */
export interface Table {
  /** Of the weight in a checkpoint, and of its ids among the inputs of a batch. */
  readonly name: string;
  /** Ids run from 0 to rows - 1. */
  readonly rows: number;
  readonly width: number;
  /** Row 0 stands for what training never saw: ids are replaced by it at the rate of word dropout, so that it learns. */
  readonly wordDropout: boolean;
  /** Factor on the learning rate; a table of rate 0 keeps its values, and costs neither gradient nor moments. */
  readonly rate: number;
}

/** A table with what fills it. */
export interface Column extends Table, Encoder {
  /** Overwrites what was drawn for the table, uniform in +-sqrt(3 / width). (rows, width) row-major */
  readonly initial?: (values: Float32Array) => void;
  /** What each row stands for, by which a tagger takes rows over from another; null for what training never saw. (rows) */
  readonly names: () => readonly (string | null)[];
}

/** A whole number of the config, `model.<name>`. */
export interface Setting {
  readonly default: number;
  /** Smallest valid value. */
  readonly least: number;
  readonly meaning: string;
}

/** A feature with its values: what it makes of a token depends on the token's string alone. */
export interface Feature {
  /** Side by side in the input of the network, in this order. */
  readonly columns: readonly Column[];
  /** For a checkpoint: plain JSON, from which `load` makes the same feature again. */
  readonly toJSON: () => unknown;
}

/** A row of FEATURES. `S` names its settings. */
export interface FeatureSpec<S extends string = string> {
  /** One line: what it sees of a token. */
  readonly title: string;
  readonly settings: Readonly<Record<S, Setting>>;
  /** From the training corpus, and from nothing else; null where the settings switch it off. */
  build(train: Pick<Corpus, 'sentences'>, vocab: Vocab, settings: Readonly<Record<S, number>>): Feature | null;
  /** @throws Error saying what is wrong with the value, as from a damaged checkpoint */
  load(json: unknown, vocab: Vocab): Feature;
}

/** Names the settings of a row from its declaration. */
export const defineFeature = <S extends string>(spec: FeatureSpec<S>): FeatureSpec<S> => spec;

/** A whole number from a checkpoint. @throws Error */
export function sizeOf(json: unknown, key: string): number {
  const value = typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[key] : undefined;
  if (Number.isSafeInteger(value) && Number(value) > 0) return value as number;
  throw new Error(`${key} is ${JSON.stringify(value)}, expected a positive whole number`);
}
