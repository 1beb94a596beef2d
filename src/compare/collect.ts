import type { Report } from '../metrics/scores';
import { UserError } from '../errors';
import type { RunResult } from '../run/result';
import { VERSION } from '../version';
import { type Comparison, type Metric, RARE } from './comparison';
import type { JobResult } from './launch';
import { lossResult } from './lossResult';
import type { Entrant, Plan } from './plan';
import { labelOf } from './progress';
import { reportOf, scoredRuns } from './scored';
import { statistics } from './statistics';
import { tuningSeeds, type Tuned } from './tune';
import { verdictText } from './verdict';
import { warningsOf } from './warnings';

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
    warnings: warningsOf(losses, finished, plan, tuned, split),
    resamples: plan.resamples,
    data: first.data,
    signature: report.signature,
    engine: first.engine,
    tuning: tuned && {
      seeds: tuningSeeds(plan),
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
