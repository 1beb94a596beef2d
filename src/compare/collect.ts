import { join } from 'node:path';
import { lossSpec } from '../losses';
import { sentenceCounts, type SentenceCounts } from '../metrics/bootstrap';
import type { Chunk } from '../metrics/chunks';
import { chunksOf } from '../metrics/chunks';
import type { Report } from '../metrics/scores';
import type { RunResult } from '../run/result';
import { VERSION } from '../version';
import { biasResult, meanCalibration, meanClasses, sumConfusions } from './average';
import type { Comparison, LossResult, Metric, RunSummary } from './comparison';
import { RARE } from './comparison';
import type { FinishedRun } from './job';
import { labelOf } from './progress';
import type { JobResult } from './launch';
import type { Entrant, Plan } from './plan';
import { readPredictions } from './predictions';
import { FEWEST_SEEDS, type ScoredRun, statistics, type Statistics } from './statistics';
import { tuningSeed, type Tuned } from './tune';
import { verdictText } from './verdict';
import { UserError } from '../errors';

/** A comparison, and the reports of each loss's finished runs, for those who hold them against floors. */
export interface Compared {
  readonly comparison: Comparison;
  readonly reports: readonly { readonly name: string; readonly reports: readonly Report[] }[];
}

/** Puts together what the finished runs of a comparison say. @throws UserError when not one is finished */
export async function collect(
  plan: Plan,
  entrants: readonly Entrant[],
  tuned: readonly Tuned[] | null,
  results: readonly JobResult[],
): Promise<Compared> {
  const finished = results.flatMap(({ run }) => (run ? [run.result] : []));
  const first = finished.at(0);
  if (!first) {
    const why = results.map(
      ({ job, outcome }) => `${job.id}: ${outcome.status === 'failed' ? outcome.message : 'not run'}`,
    );
    throw new UserError(`${plan.out}: no run is finished, so there is nothing to compare`, why.join('\n'));
  }
  const split = first.test ? 'test' : 'dev';
  const report = reportOf(first, split);
  const task = report.entities ? 'chunks' : 'tags';
  const metrics = metricsOf(first, report);
  const classes = metrics.filter(({ kind }) => kind === 'class').map(({ title }) => title);
  const averages = metrics.filter(({ kind }) => kind === 'average').map(({ name }) => name) as [string, string];
  const scored = await scoredRuns(entrants, results, split);
  const found = statistics(scored, plan.reference, averages, classes, plan.resamples);
  const losses = entrants.map((entrant) => lossResult(entrant, results, split, found));
  const comparison: Comparison = {
    version: VERSION,
    reference: plan.reference,
    seeds: plan.seeds,
    split,
    task,
    metrics,
    losses,
    tests: found.tests,
    verdicts: found.tests.flatMap((test) => {
      const metric = metrics.find(({ name, kind }) => name === test.metric && kind === 'average');
      return metric ? [verdictText(test, metric.title)] : [];
    }),
    warnings: warningsOf(losses, finished, plan, split),
    resamples: plan.resamples,
    data: first.data,
    signature: report.signature,
    engine: first.engine,
    tuning: tuned && {
      seed: tuningSeed(plan),
      candidates: plan.tune?.candidates ?? 0,
      losses: tuned.map(({ changes, runs, epochs, rungs }) => ({ changes, runs, epochs, rungs })),
    },
    timing: { trainingSeconds: finished.reduce((sum, { timing }) => sum + timing.seconds, 0) },
  };
  const reports = entrants.map(({ label }) => ({
    name: label,
    reports: results.flatMap(({ job, run }) => (run && labelOf(job) === label ? [reportOf(run.result, split)] : [])),
  }));
  return { comparison, reports: reports.filter((one) => one.reports.length > 0) };
}

const reportOf = ({ dev, test }: RunResult, split: 'test' | 'dev'): Report => (split === 'test' ? (test ?? dev) : dev);

/** The averages, then every class that gold or some prediction holds, the most frequent in training first. */
function metricsOf({ data }: RunResult, report: Report): Metric[] {
  const table = report.entities ?? report.tags;
  const inTraining = (name: string): number =>
    report.entities ? (data.train.labels[`B-${name}`] ?? 0) : (data.train.labels[name] ?? 0);
  const gold = table.classes.filter(({ support }) => support > 0);
  const classes = gold.map(({ name, support }): Metric => ({
    name: `${name}.f1`,
    title: name,
    kind: 'class',
    support,
    trainSupport: inTraining(name),
    rare: support < RARE,
  }));
  classes.sort((a, b) => (b.trainSupport ?? 0) - (a.trainSupport ?? 0) || (b.support ?? 0) - (a.support ?? 0));
  const average = (name: string, title: string): Metric => ({
    name,
    title,
    kind: 'average',
    support: null,
    trainSupport: null,
    rare: false,
  });
  const micro = report.entities ? average('micro-f1', 'micro-F1') : average('accuracy', 'accuracy');
  return [micro, average('macro-f1', 'macro-F1'), ...classes];
}

/** The counts of every finished run, by its own predictions. */
async function scoredRuns(
  entrants: readonly Entrant[],
  results: readonly JobResult[],
  split: 'test' | 'dev',
): Promise<ScoredRun[]> {
  const scored: ScoredRun[] = [];
  for (const { label } of entrants) {
    for (const { job, run } of results) {
      if (!run || labelOf(job) !== label) continue;
      const path = join(job.config.out, `${split}.pred.conll`);
      const { gold, predicted } = await readPredictions(path);
      const report = reportOf(run.result, split);
      const counts = sentenceCounts(gold, predicted, report.entities ? chunksOf : tokensAsChunks);
      checkCounts(counts, report, path);
      scored.push({ label, seed: job.config.seed, counts });
    }
  }
  return scored;
}

/** Every token is an item of its own, for plain tags. */
const tokensAsChunks = (tags: readonly string[]): Chunk[] => tags.map((type, i) => ({ type, start: i, end: i + 1 }));

/** Predictions and result are two files: they must be of one run. */
function checkCounts({ tp, predicted, support }: SentenceCounts, report: Report, path: string): void {
  const sum = (values: Int32Array): number => values.reduce((a, b) => a + b, 0);
  const { micro } = report.entities ?? report.tags;
  if (sum(tp) === micro.tp && sum(predicted) === micro.predicted && sum(support) === micro.support) return;
  throw new UserError(
    `${path}: not the predictions of the result beside it`,
    'remove this run folder and compare again',
  );
}

function lossResult(
  { label, config }: Entrant,
  results: readonly JobResult[],
  split: 'test' | 'dev',
  { summaries }: Statistics,
): LossResult {
  const own = results.filter(({ job }) => labelOf(job) === label);
  const runs = own.flatMap(({ run }) => (run ? [run] : []));
  const reports = runs.map(({ result }) => reportOf(result, split));
  const analyses = runs.flatMap(({ analysis }: FinishedRun) => (analysis ? [analysis] : []));
  const { title, formula } = lossSpec(config.loss.name);
  return {
    label,
    title,
    formula,
    config,
    runs: own.map(runSummary),
    scores: Object.hasOwn(summaries, label) ? summaries[label] : {},
    classes: meanClasses(reports),
    calibration: {
      dev: meanCalibration(analyses.map(({ dev }) => dev)),
      test: meanCalibration(analyses.flatMap(({ test }) => (test ? [test] : []))),
    },
    bias: biasResult(analyses),
    curves: analyses.at(0)?.[split]?.curves ?? [],
    confusion: sumConfusions(reports.map(({ confusion }) => confusion)),
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

function warningsOf(
  losses: readonly LossResult[],
  finished: readonly RunResult[],
  plan: Plan,
  split: 'test' | 'dev',
): string[] {
  const warnings: string[] = [];
  for (const { label, runs } of losses) {
    for (const { seed, status, message } of runs) {
      if (status === 'failed') warnings.push(`${label}, seed ${seed}: failed: ${message ?? ''}`);
      if (status === 'missing') warnings.push(`${label}, seed ${seed}: not finished`);
    }
    const unlearned = runs.filter(({ status, learned }) => status === 'done' && !learned).map(({ seed }) => seed);
    if (unlearned.length > 0)
      warnings.push(`${label}: learned nothing (dev score 0) with seed ${unlearned.join(', ')}`);
  }
  if (split === 'dev')
    warnings.push('the scores are of dev, which chose the best epoch too: they flatter every loss; give --test');
  if (plan.seeds.length < FEWEST_SEEDS)
    warnings.push(
      `${plan.seeds.length} seed${plan.seeds.length === 1 ? '' : 's'}: too few to tell losses from luck, so no verdict; ${FEWEST_SEEDS} or more can`,
    );
  const engines = [...new Set(finished.map(({ engine }) => `${engine.name} (${engine.device})`))];
  if (engines.length > 1) warnings.push(`the runs were made on different engines: ${engines.join('; ')}`);
  return warnings;
}
