import type { FacetName } from '../analyse/facets';
import type { Config } from '../config';
import type { Confusion } from '../metrics/confusion';
import type { SpanErrors } from '../metrics/error-analysis';
import type { Calibration } from '../metrics/calibration';
import type { Curve } from '../metrics/curves';
import type { CorpusSummary } from '../run/result';
import type { GradientShares } from '../train/events';
import type { UntilSummary } from './sequential';
import type { PairedTest, Statistics, Summary } from './statistics';
import type { Tuned } from './tune';
import type { Warning } from '../warnings';

/** Everything that a comparison found: what `compare.json` holds. Scores are fractions of 1. */
export interface Comparison {
  readonly version: string;
  readonly reference: string;
  readonly seeds: readonly number[];
  /** What was scored: `dev` where there is no test file. */
  readonly split: 'test' | 'dev';
  readonly task: 'chunks' | 'tags';
  /** Averages first, then classes, the most frequent first. */
  readonly metrics: readonly Metric[];
  readonly losses: readonly LossResult[];
  /** By metric: what a look-up of the training file scores on the split; null where the runs do not tell. */
  readonly floor: Readonly<Record<string, number>> | null;
  /** Every other loss against the reference. */
  readonly tests: readonly PairedTest[];
  /** The averages and their tests by other ways of decoding, the same taggers: is it the loss, or its operating point? */
  readonly decodings: readonly DecodingResult[];
  /** F1 by what entities, or tokens, are like, and every other loss against the reference there: where does a loss win? */
  readonly facets: readonly FacetResult[];
  /** Titles of the facets that ask the training file, where it is gone, or another than the runs were trained on. */
  readonly facetsLeftOut: readonly string[];
  /** What the taggers of all seeds of a loss score as one; empty for one seed. */
  readonly ensembles: readonly EnsembleResult[];
  /** One sentence: the loss with the highest mean of the first average, and whether it is shown to be better than the reference. */
  readonly answer: string;
  /** The tests of the averages in words, one a line. */
  readonly verdicts: readonly string[];
  /** What a reader must know before believing the numbers. */
  readonly warnings: readonly Warning[];
  readonly resamples: number;
  readonly data: { readonly train: CorpusSummary; readonly dev: CorpusSummary; readonly test: CorpusSummary | null };
  /** How every run was scored. */
  readonly signature: string;
  readonly engine: { readonly name: string; readonly device: string; readonly threads: number };
  readonly tuning: TuningSummary | null;
  /** How seeds were added until the verdicts were safe; left out where their number was told. */
  readonly until?: UntilSummary;
  readonly timing: {
    /** Sum of the final runs' own times. */
    readonly trainingSeconds: number;
  };
}

export interface DecodingResult {
  /** `argmax`, `valid`, `valid+bias`. */
  readonly name: string;
  /** The number added to the score of the outside label, run by run. */
  readonly biases: readonly { readonly label: string; readonly values: readonly number[] }[];
  /** Of the averages: by label, then by metric. */
  readonly scores: Statistics['summaries'];
  readonly tests: readonly PairedTest[];
}

/** One property of entities, or of tokens where tags are plain. */
export interface FacetResult {
  readonly name: FacetName;
  readonly title: string;
  /** Those with gold items in the split that is scored, and how scores and tests name their F1. */
  readonly buckets: readonly {
    readonly name: string;
    readonly metric: string;
    readonly support: number;
    /** Fewer gold items than RARE. */
    readonly rare: boolean;
  }[];
  /** By label, then by metric. */
  readonly scores: Statistics['summaries'];
  /** Holm-corrected over the buckets and all losses. */
  readonly tests: readonly PairedTest[];
}

export interface EnsembleResult {
  readonly label: string;
  readonly seeds: number;
  /** The averages, by metric, with their 95 % interval over sentences. */
  readonly scores: Readonly<Record<string, { readonly value: number; readonly low: number; readonly high: number }>>;
}

export interface Metric {
  readonly name: string;
  readonly title: string;
  readonly kind: 'average' | 'class';
  /** Gold entities or tokens of the class in the split that is scored, and in training; null for averages. */
  readonly support: number | null;
  readonly trainSupport: number | null;
  /** Fewer than RARE in the split that is scored. */
  readonly rare: boolean;
}

/** Gold items of a class below which its F1 says little. */
export const RARE = 50;

export interface LossResult {
  readonly label: string;
  readonly title: string;
  readonly formula: string;
  readonly config: Config;
  readonly runs: readonly RunSummary[];
  /** By metric; empty where no run was finished. */
  readonly scores: Readonly<Record<string, Summary>>;
  /** Mean precision and recall over seeds, by class. */
  readonly classes: readonly { readonly name: string; readonly precision: number; readonly recall: number }[];
  /** Classes in gold and in training that no finished run predicted on the scored split. */
  readonly unpredicted: readonly string[];
  readonly calibration: { readonly dev: SplitCalibration | null; readonly test: SplitCalibration | null };
  /** What a bias of O, chosen on dev run by run, changes; null for plain tags. */
  readonly bias: BiasResult | null;
  /** Precision against recall on the scored split, of the first finished seed. */
  readonly curves: readonly Curve[];
  /** Token confusion on the scored split, summed over seeds. */
  readonly confusion: Confusion | null;
  /** Entities by gold and predicted type, and errors by kind, on the scored split, summed over seeds; null for plain tags. */
  readonly errors: SpanErrors | null;
}

export interface RunSummary {
  readonly seed: number;
  readonly status: 'done' | 'failed' | 'missing';
  readonly folder: string;
  readonly message: string | null;
  readonly learned: boolean;
  readonly seconds: number;
  readonly threads: number;
  readonly bestEpoch: number;
  readonly bestDev: number;
  readonly history: readonly {
    readonly epoch: number;
    readonly trainLoss: number;
    readonly devScore: number;
    readonly gradients: GradientShares | null;
  }[];
}

export interface SplitCalibration {
  /** Mean over seeds of the expected calibration error. */
  readonly ece: number;
  /** Of tokens that were tagged as part of an entity. */
  readonly eceEntities: number | null;
  /** Of entities as a whole. */
  readonly eceSpans: number | null;
  /** Bins of all seeds together, by tokens and by entities as a whole. */
  readonly bins: Calibration['bins'];
  readonly spanBins: Calibration['bins'] | null;
}

export interface BiasResult {
  readonly metric: string;
  /** Chosen on dev, one a finished seed. */
  readonly biases: readonly number[];
  /** Means over seeds of the metric, without and with the bias. */
  readonly dev: { readonly plain: number; readonly biased: number };
  readonly test: { readonly plain: number; readonly biased: number } | null;
}

export interface TuningSummary {
  /** Of the last round; those of the others are in `rungs`. */
  readonly seeds: readonly number[];
  readonly candidates: number;
  readonly losses: readonly Pick<Tuned, 'changes' | 'runs' | 'epochs' | 'rungs' | 'final'>[];
}
