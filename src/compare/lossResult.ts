import { unpredicted } from '../metrics/unpredicted';
import { biasResult, meanCalibration, meanClasses, sumConfusions, sumErrors } from './average';
import type { LossResult, RunSummary } from './comparison';
import type { FinishedRun } from './job';
import type { JobResult } from './launch';
import type { Entrant } from './plan';
import { lossOfResult } from '../run/result';
import { labelOf } from './progress';
import { type ReadRun, reportOf } from './scored';
import type { Statistics } from './statistics';

/** What the runs of one loss say together. */
export function lossResult(
  { label, config }: Entrant,
  results: readonly JobResult[],
  split: 'test' | 'dev',
  { summaries }: Statistics,
  scored: readonly ReadRun[],
): LossResult {
  const own = results.filter(({ job }) => labelOf(job) === label);
  const runs = own.flatMap(({ run }) => (run ? [run] : []));
  const reports = runs.map(({ result }) => reportOf(result, split));
  const analyses = runs.flatMap(({ analysis }: FinishedRun) => (analysis ? [analysis] : []));
  // a report is made again without the file of a loss, too
  const lossFile = runs.at(0)?.result.lossFile;
  const { title, formula } = lossOfResult({ config, ...(lossFile && { lossFile }) });
  return {
    label,
    title,
    formula,
    config,
    runs: own.map(runSummary),
    scores: new Map(Object.entries(summaries)).get(label) ?? {},
    classes: meanClasses(reports),
    unpredicted: unpredicted(reports, runs.at(0)?.result.data.train.classes ?? {}),
    calibration: {
      dev: meanCalibration(analyses.map(({ dev }) => dev)),
      test: meanCalibration(analyses.flatMap(({ test }) => (test ? [test] : []))),
    },
    bias: biasResult(analyses),
    curves: analyses.at(0)?.[split]?.curves ?? [],
    confusion: sumConfusions(reports.map(({ confusion }) => confusion)),
    errors: sumErrors(scored.flatMap((one) => (one.label === label ? [one.errors] : []))),
  };
}

function runSummary({ job, run, outcome }: JobResult): RunSummary {
  const { seed, out } = job.config;
  const result = run?.result;
  return {
    seed,
    status: run ? 'done' : outcome.status === 'failed' ? 'failed' : 'missing',
    folder: out,
    message: outcome.status === 'failed' ? outcome.message : null,
    learned: result?.learned ?? false,
    seconds: result?.timing.seconds ?? 0,
    threads: result?.engine.threads ?? 0,
    bestEpoch: result?.best.epoch ?? 0,
    bestDev: result?.best.score ?? 0,
    history: (result?.history ?? []).map(({ epoch, trainLoss, devScore, gradients = null }) => ({
      epoch,
      trainLoss,
      devScore,
      gradients,
    })),
  };
}
