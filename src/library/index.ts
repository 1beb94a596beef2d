/** What `import ... from 'dsc-train'` gives: every function that the command line itself is made of. See README.md beside it. */
export { compare, type CompareOptions, rehearseCompare } from './compare';
export type { CompareRehearsal } from '../compare/rehearsal';
export { type BeginEvent, rehearse, type RunEvent, train, type Training, type TrainOptions } from './train';
export type { Rehearsal } from '../run/rehearsal';
export type { LoadedTagger, TaggedSentence, TaggedToken } from '../tag/handle';
export { loadTagger, type LoadOptions } from '../tag/tagger';
export { evaluate, type RunEvaluateOptions as EvaluateOptions, type RunEvaluation as Evaluation } from '../evaluate';
export {
  evaluateTags as scoreTags,
  type EvaluateOptions as ScoreOptions,
  type Evaluation as Scores,
  type Tagged,
} from '../evaluate/evaluation';
export { explain, type ExplainOptions, type Explanation } from '../evaluate/explain';
export { type Finding, inspect, type Inspection, type NamedFile } from '../inspect';
export { parseCorpus as parseConll, readCorpus as readConll, type ReadOptions } from '../data/corpus';
export type { Corpus, Sentence } from '../data/types';
export { type Config, type ConfigInput, type ConfigValues, type Layer, resolveConfig } from '../config';
export { LOSSES, type LossContext, type LossFn, type LossName, type LossSpec, type Target } from '../losses';
export { defineLoss, type Param, type ParamTable, type ParamValues } from '../losses/loss';
export { defineTokenFeature as defineFeature, FEATURES, type TokenFeature } from '../features';
export { ENGINES, type EngineName } from '../engine';
export type { CompareEvent } from '../compare/launch';
export type { Comparison } from '../compare/comparison';
export type { Compared } from '../compare/collect';
export type { RunOutcome, RunSetup } from '../run';
export type { RunResult } from '../run/result';
export type { EndEvent, EpochEvent, StepEvent, TrainEvent, WarningEvent } from '../train/events';
export type { Report } from '../metrics/scores';
export type { Warning } from '../warnings';
export { UserError } from '../errors';
export { VERSION } from '../package';
export type { Entity } from '../train/predict';
