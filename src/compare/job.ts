import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config';
import type { Analysis } from '../analyse';
import { exists } from '../files';
import { isLossFile } from '../losses';
import { readSealed } from '../files/json';
import type { RunResult } from '../run/result';
import { VERSION } from '../package';

/** One training run of a comparison: one child process. */
export interface Job {
  /** `dsc/3`: loss and seed; in tuning `tune/dsc/1/4`. */
  readonly id: string;
  /** `out` names its folder. */
  readonly config: Config & { readonly out: string };
  /** Calibration, O bias and precision-recall are computed after the training. */
  readonly analyse: boolean;
}

/** Is it a run that chooses a setting, by its id? */
export const isTuning = (id: string): boolean => id.startsWith('tune/');

/** The job with so many threads, unless its config says how many. */
export const withThreads = (job: Job, threads: number): Job => ({
  ...job,
  config: { ...job.config, engine: { ...job.config.engine, threads: job.config.engine.threads ?? threads } },
});

/** SHA-256 of the corpora as they are now, and of the checkpoints that training begins from, by the path that a config names. */
export type DataHashes = ReadonlyMap<string, string>;

/** A run that is on disk, whole. `analysis` is null where the job asked for none. */
export interface FinishedRun {
  readonly result: RunResult;
  readonly analysis: Analysis | null;
}

/** What `analysis.json` holds: `started` ties it to the result beside it. */
export interface AnalysisFile {
  readonly started: string;
  readonly analysis: Analysis;
}

export const resultPath = (folder: string): string => join(folder, 'result.json');
export const analysisPath = (folder: string): string => join(folder, 'analysis.json');

const NOTE = 'remove this run folder and compare again';

/**
 * The finished run of a job, or null where there is none, or it was of another config, version or data. The number of threads, the
 * folder's own name and what is kept of the training may differ: they are no part of what is compared.
 * @throws UserError where there is one, but damaged
 */
export async function finishedRun(job: Job, hashes: DataHashes): Promise<FinishedRun | null> {
  const path = resultPath(job.config.out);
  if (!(await exists(path))) return null;
  const result = (await readSealed(path, NOTE)) as RunResult;
  if (!sameRun(result, job.config, hashes)) return null;
  if (!job.analyse) return { result, analysis: null };
  const beside = analysisPath(job.config.out);
  if (!(await exists(beside))) return null;
  const { started, analysis } = (await readSealed(beside, NOTE)) as AnalysisFile;
  return started === result.timing.started ? { result, analysis } : null;
}

function sameRun(result: Partial<RunResult>, config: Config, hashes: DataHashes): boolean {
  const { version, config: ran, data, warnings } = result;
  if (version !== VERSION || !ran || !data || !warnings) return false;
  const splits = [data.train, data.dev, ...(data.test ? [data.test] : [])];
  const began = config.model.initFrom === null ? undefined : hashes.get(config.model.initFrom);
  return (
    isDeepStrictEqual(identity(ran), identity(config)) &&
    splits.every((s) => hashes.get(s.path) === s.sha256) &&
    result.initFrom?.sha256 === began &&
    (!isLossFile(config.loss.name) || result.lossFile?.sha256 === hashes.get(config.loss.name)) &&
    (config.model.features === null || ownFeatureOf(result) === hashes.get(config.model.features))
  );
}

/** SHA-256 of the file of a feature that is not one of ours. */
const ownFeatureOf = ({ features = {} }: Partial<RunResult>): unknown =>
  (features.own as { readonly sha256?: unknown } | undefined)?.sha256;

/** What makes two configs one run: not where and how it is kept. JSON drops what only JavaScript tells apart. */
export function identity({ engine, train, ...config }: Config): unknown {
  const same = { engine: { ...engine, threads: null }, train: { ...train, keep: null, saveSeconds: null } };
  return JSON.parse(JSON.stringify({ ...config, ...same, out: null }));
}
