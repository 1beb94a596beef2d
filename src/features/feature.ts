import type { Archive, LongSection, Section } from '../checkpoint/sections';
import type { Encoder } from '../data/encode';
import type { Corpus } from '../data/types';
import type { Vocab } from '../data/vocab';
import type { Warning } from '../warnings';
import type { Recipe } from './recipe';

/** One embedding table: what fixes its weight's shape and how it is trained. Plain data, saved with a checkpoint. */
export interface Table {
  /** Of the weight in a checkpoint, and of its ids among the inputs of a batch. */
  readonly name: string;
  /** Ids run from 0 to rows - 1. */
  readonly rows: number;
  readonly width: number;
  /** Row 0 stands for what training never saw: ids are replaced by it at the rate of word dropout, so that it learns. */
  readonly wordDropout: boolean;
  /** Where rows stand for characters: outputs of the convolution that takes their place in the input of the network. */
  readonly filters?: number | undefined;
  /** Factor on the learning rate; a table of rate 0 keeps its values, and costs neither gradient nor moments. */
  readonly rate: number;
  /**
   * Rows from `from` on have another factor in place of `rate`; where it is 0, and `rate` is not, they keep their values, and cost
   * neither gradient nor moments.
   */
  readonly pretrained?: { readonly from: number; readonly rate: number } | undefined;
}

/** A table with what fills it. */
export type Column = Table & Encoder & Filling;

interface Filling {
  /** Overwrites what was drawn for the table, uniform in +-sqrt(3 / width). (rows, width) row-major */
  readonly initial?: (values: Float32Array) => void;
  /** What each row stands for, by which a tagger takes rows over from another; null for what training never saw. (rows) */
  readonly names: () => readonly (string | null)[];
  /** How a program without this one gets a token's rows; absent where that cannot be said in data. */
  readonly recipe?: () => Recipe;
}

/** What kind of value a key of the config takes, `model.<name>`; null stands for none given, where that is the default. */
type Kind =
  /** Whole numbers, or any numbers, from `least` up. */
  | { readonly type: 'whole' | 'number'; readonly default: number | null; readonly least: number }
  /** The path of a file, or of an npm package `npm:NAME`. Where a config is moved, relative paths move with it. */
  | { readonly type: 'file'; readonly default: null }
  | { readonly type: 'choice'; readonly default: null; readonly choices: readonly [string, ...string[]] }
  | { readonly type: 'flag'; readonly default: boolean };

export type Setting = Kind & { readonly meaning: string };
export type Settings = Readonly<Record<string, Setting>>;

/** The value of a setting in a checked config. */
type ValueOf<S extends Setting> = S['type'] extends 'file'
  ? string | null
  : S extends { readonly choices: readonly (infer Choice)[] }
    ? Choice | null
    : S['type'] extends 'flag'
      ? boolean
      : number | Extract<S['default'], null>;
export type ValuesOf<S extends Settings> = { readonly [Name in keyof S]: ValueOf<S[Name]> };

/** What a feature may see: the files of a run, as far as they were read. Values of its own come from `train` alone. */
export interface Parts {
  readonly train: Pick<Corpus, 'sentences'>;
  readonly dev?: Pick<Corpus, 'sentences'>;
  readonly test?: Pick<Corpus, 'sentences'>;
}

/** A file beside the corpus that a feature has values from. */
export interface FeatureFile {
  /** The config key that names it, and what it says. */
  readonly key: string;
  readonly path: string;
  readonly sha256: string;
}

/** A feature with its values: what it makes of a token depends on the token's string alone, or on its sentence. */
export interface Feature {
  /** Side by side in the input of the network, in this order. */
  readonly columns: readonly Column[];
  /** For a checkpoint: plain JSON, from which `load` makes the same feature again. */
  readonly toJSON: () => unknown;
  /** Files that its values come from: a run that is resumed must find the same. */
  readonly files?: readonly FeatureFile[];
  /** What of these files a checkpoint is to carry, where one is asked to. */
  readonly packed?: Packed;
  /** Opens these files again, or what a checkpoint carries of them, where words may come that the tagger has no row for. */
  readonly reopen?: () => Promise<Met>;
  /** What building it found out: in lines for a person, and as plain data for `result.json`. */
  readonly found?: { readonly lines: readonly string[]; readonly data: unknown };
}

/** What a checkpoint carries so that a tagger needs no file. */
export interface Packed {
  /** Plain JSON. */
  readonly about: unknown;
  /** By names of its own. */
  readonly sections: readonly (Section | LongSection)[];
}

/** The same as a checkpoint has it. */
export interface Carried {
  readonly about: unknown;
  readonly sections: Archive;
  /** The checkpoint, for messages. */
  readonly source: string;
}

/** Files of a tagger that know more words than it has rows. */
export interface Met {
  readonly warnings: readonly Warning[];
  /** Where it looks words up, for a person, a line each. */
  readonly sources: readonly string[];
  /**
   * Looks up what the next text holds: from now on the columns encode it with ids behind those of their tables.
   * @returns rows for these ids, by table, (n, width); null instead of it where there is nothing to look up in
   */
  readonly meet: ((tokens: Iterable<string>) => Promise<ReadonlyMap<string, Float32Array>>) | null;
  readonly close: () => void;
}

/** A row of FEATURES. */
export interface FeatureSpec<S extends Settings = Settings> {
  /** One line: what it sees of a token. */
  readonly title: string;
  readonly settings: S;
  /** Reads large files once, for all the runs to come. @throws UserError as `build` */
  prepare?(settings: ValuesOf<S>): Promise<void>;
  /**
   * From the training corpus, and from files that the settings name; null where the settings switch it off.
   * @throws UserError where a file cannot be read, or is damaged
   */
  build(parts: Parts, vocab: Vocab, settings: ValuesOf<S>): Feature | null | Promise<Feature | null>;
  /**
   * @param carried what the checkpoint carries of its files, where it does
   * @throws Error saying what is wrong with the value, as from a damaged checkpoint
   */
  load(json: unknown, vocab: Vocab, carried?: Carried | null): Feature;
}

/** Takes the names and kinds of the settings of a row from its declaration. */
export const defineFeature = <const S extends Settings>(spec: FeatureSpec<S>): FeatureSpec<S> => spec;

/** Whether a value from a checkpoint is a list of such items, none of them twice. */
export const isListOf = (value: unknown, isOne: (item: unknown) => boolean): value is readonly unknown[] =>
  Array.isArray(value) && value.every(isOne) && new Set(value).size === value.length;

/** A whole number from a checkpoint. @throws Error */
export function sizeOf(json: unknown, key: string): number {
  const value = typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[key] : undefined;
  if (Number.isSafeInteger(value) && Number(value) > 0) return value as number;
  throw new Error(`${key} is ${JSON.stringify(value)}, expected a positive whole number`);
}
