import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config';
import { exists, readText } from '../files';
import type { RunResult } from '../run/result';
import { VERSION } from '../version';
import type { Analysis } from './analyse';

/** One training run of a comparison: one child process. */
export interface Job {
  /** `dsc/3`: loss and seed; in tuning `tune/dsc/1/4`. */
  readonly id: string;
  /** `out` names its folder. */
  readonly config: Config & { readonly out: string };
  /** Calibration, O bias and precision-recall are computed after the training. */
  readonly analyse: boolean;
}

/** The job with so many threads, unless its config says how many. */
export const withThreads = (job: Job, threads: number): Job => ({
  ...job,
  config: { ...job.config, engine: { ...job.config.engine, threads: job.config.engine.threads ?? threads } },
});

/** SHA-256 of the corpora as they are now, by the path that a config names. */
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

/**
 * The finished run of a job, or null where there is none, it is damaged, or it was of another config, version or data. The number
 * of threads and the folder's own name may differ: they are no part of what is compared.
 */
export async function finishedRun(job: Job, hashes: DataHashes): Promise<FinishedRun | null> {
  const result = (await readJson(resultPath(job.config.out))) as RunResult | null;
  if (!result || !sameRun(result, job.config, hashes)) return null;
  if (!job.analyse) return { result, analysis: null };
  const file = (await readJson(analysisPath(job.config.out))) as AnalysisFile | null;
  return file?.started === result.timing.started ? { result, analysis: file.analysis } : null;
}

function sameRun(result: Partial<RunResult>, config: Config, hashes: DataHashes): boolean {
  const { version, config: ran, data } = result;
  if (version !== VERSION || !ran || !data) return false;
  const splits = [data.train, data.dev, ...(data.test ? [data.test] : [])];
  return isDeepStrictEqual(identity(ran), identity(config)) && splits.every((s) => hashes.get(s.path) === s.sha256);
}

/** What makes two configs one run. JSON drops what only JavaScript tells apart. */
function identity(config: Config): unknown {
  return JSON.parse(JSON.stringify({ ...config, out: null, engine: { ...config.engine, threads: null } }));
}

/** What a JSON file holds; null where it is missing or no JSON. */
async function readJson(path: string): Promise<unknown> {
  if (!(await exists(path))) return null;
  try {
    return JSON.parse(await readText(path));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
