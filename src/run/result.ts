import type { Config } from '../config';
import type { Tagging } from '../data/tagging';
import type { Corpus, LineCounts } from '../data/types';
import type { DecodeSettings } from '../heads';
import type { LossSpec } from '../losses';
import { findLoss } from '../losses';
import type { BiasFit } from '../metrics/bias';
import type { Report } from '../metrics/scores';
import type { GradientShares } from '../train/events';
import type { Warning } from '../warnings';

/** What was read of one file: everything needed to tell whether two runs saw the same data. */
export interface CorpusSummary {
  /** As the config names it. */
  readonly path: string;
  readonly sha256: string;
  readonly format: string;
  readonly columns: Corpus['columns'];
  readonly scheme: string;
  /** How its tags are read and written: those of predictions too. */
  readonly tagging: Tagging;
  readonly sentences: number;
  readonly tokens: number;
  /** Every line of the file by kind. */
  readonly lines: LineCounts;
  /** Tokens of each label of the tagger, as the file would spell it; chunk labels are IOB2. */
  readonly labels: Readonly<Record<string, number>>;
  /** Entities of each type, or tokens of each plain tag. */
  readonly classes: Readonly<Record<string, number>>;
  /** Tags that break the scheme's rules, read as conlleval reads them. */
  readonly invalidTags: number;
  /** Labels that training never saw, with their tokens: no model can predict them, the score counts them. */
  readonly unknownLabels: Readonly<Record<string, number>>;
  /** Tokens whose word training never saw. */
  readonly unknownWords: number;
}

export interface EpochRecord {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly devScore: number;
  /** F1 of every class that is in the gold tags of dev; absent in results of before. */
  readonly classes?: Readonly<Record<string, number>>;
  readonly learningRate: number;
  /** Which tokens the gradient came from, with `analysis.gradientShare`. */
  readonly gradients?: GradientShares;
}

/** What a training took over from the tagger that it began from. */
export interface InitFrom {
  /** Base name of the run or checkpoint. */
  readonly run: string;
  /** Of its checkpoint. */
  readonly sha256: string;
  /** Of tables that both have, by name: words, shapes, ... */
  readonly tables: Readonly<Record<string, Overlap>>;
  readonly labels: Overlap & {
    /** As the training file spells them. */
    readonly new: readonly string[];
  };
  /** What did not fit at all, and why. */
  readonly notTaken: readonly string[];
}

/** What has a name in this tagger, in the earlier one, and in both. */
export interface Overlap {
  readonly taken: number;
  readonly of: number;
  /** Those of the earlier tagger that this one does not have. */
  readonly left: number;
}

/** A loss of a file, as it was trained with. */
export interface LossFile extends Pick<LossSpec, 'name' | 'title' | 'formula'> {
  readonly path: string;
  readonly sha256: string;
}

/** All of a run but its weights. Two runs of one config and seed on one engine differ in `timing` alone. */
export interface RunResult {
  readonly version: string;
  readonly config: Config;
  readonly engine: {
    readonly name: string;
    readonly why: string;
    readonly device: string;
    readonly threads: number;
    readonly versions: Readonly<Record<string, string>>;
  };
  readonly data: { readonly train: CorpusSummary; readonly dev: CorpusSummary; readonly test: CorpusSummary | null };
  readonly weights: number;
  /** What building the features found out, by feature; absent where nothing is to be told. */
  readonly features?: Readonly<Record<string, unknown>>;
  /** The file of the loss, where it is not one of ours. */
  readonly lossFile?: LossFile;
  /** What training took over from the tagger of `model.initFrom`. */
  readonly initFrom?: InitFrom;
  /** How tags were chosen, and what the bias of the outside label that scores best does on dev; null where none was looked for. */
  readonly decode: DecodeSettings & { readonly fit: BiasFit | null };
  /** The metric that chose the best epoch, on dev. */
  readonly metric: string;
  readonly history: readonly EpochRecord[];
  readonly best: { readonly epoch: number; readonly score: number };
  readonly stopped: 'epochs' | 'patience';
  /** False when the best dev score is 0: the run is then told from a good one by exit code 3. */
  readonly learned: boolean;
  readonly dev: Report;
  readonly test: Report | null;
  /** What to know before believing it: of the data, the machine, the training and the scores, in this order. */
  readonly warnings: readonly Warning[];
  readonly timing: {
    readonly started: string;
    /** From the first file read to the last score. */
    readonly seconds: number;
    readonly epochs: readonly { readonly seconds: number; readonly tokensPerSecond: number }[];
  };
}

/** What the loss of a run is, also where the file of a loss of one's own is not at hand. */
export const lossOfResult = ({ config, lossFile }: Pick<RunResult, 'config' | 'lossFile'>): Told =>
  lossFile ?? findLoss(config.loss.name) ?? { title: config.loss.name, formula: '' };

interface Told {
  readonly title: string;
  readonly formula: string;
}
