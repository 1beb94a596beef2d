import type { Report } from '../metrics/scores';
import { UserError } from '../errors';
import { byCodeUnit } from '../order';
import { VERSION } from '../package';
import { answerText } from './answer';
import { type Comparison, type Metric, RARE } from './comparison';
import { facetsOfTraining } from '../analyse/facets';
import { bucketResults, bucketVerdict } from './buckets';
import { decodingResults, withOwn } from './decodings';
import { ensembleResults } from './ensemble';
import type { JobResult } from './launch';
import { lossResult } from './lossResult';
import type { Entrant, Plan } from './plan';
import { pilotsOf } from './pilot';
import type { Pilot } from './power';
import { labelOf } from './progress';
import { createScorer, reportOf, type Scorer } from './scored';
import { type UntilSummary, untilText } from './sequential';
import { familySize, type PairedTest, statistics } from './statistics';
import { tuningSeeds, type Tuned } from './tune';
import { verdictText } from './verdict';
import { warningsOf } from './warnings';

/** A comparison, and the reports of each loss's finished runs, for those who hold them against floors. */
export interface Compared {
  readonly comparison: Comparison;
  readonly reports: readonly { readonly name: string; readonly reports: readonly Report[] }[];
}

/**
 * Puts together what the finished runs of a comparison say.
 * @param scorer what has read some of them already
 * @throws UserError when not one is finished
 */
export async function collect(
  plan: Plan,
  entrants: readonly Entrant[],
  tuned: readonly Tuned[] | null,
  results: readonly JobResult[],
  until?: UntilSummary,
  scorer = createScorer(plan.resamples),
): Promise<Compared> {
  const { finished, first, split, report, task, metrics, classes, averages } = subjectOf(plan, results);
  const trained = await scorer.trained(first);
  const scored = await scorer.runs(entrants, results, split);
  const single = statistics(scored, plan.reference, averages, classes, scorer.resampler);
  const found = { ...single, tests: single.tests.map((test) => overLooks(test, until)) };
  const losses = entrants.map((entrant) => lossResult(entrant, results, split, found, scored));
  const floor = floorScores(report, metrics);
  const facets = bucketResults(scored, plan.reference, task, scorer.resampler);
  const where = bucketVerdict(facets, plan.reference);
  const names = classes.map(({ name }) => name).sort(byCodeUnit);
  const counts = scored.map((run) => run.counts);
  const believed = (label: string): Pilot['believed'] => {
    const pilots = pilotsOf(scored, scorer.resampler.scores(counts, names), names, plan.reference);
    return pilots(0, label)?.believed ?? [];
  };
  const comparison: Comparison = {
    version: VERSION,
    reference: plan.reference,
    seeds: plan.seeds,
    split,
    task,
    metrics,
    losses,
    floor,
    tests: found.tests,
    decodings: decodingResults(results, scored, plan.reference, averages, classes, scorer.resampler).map((one) =>
      withOwn(one, found),
    ),
    facets,
    facetsLeftOut: trained === null ? facetsOfTraining(task) : [],
    ensembles: await ensembleResults(plan, entrants, results, split, averages),
    answer: answerText({ ...plan, losses, metrics, tests: found.tests, split }, believed),
    verdicts: [
      ...found.tests.flatMap((test) => {
        const metric = metrics.find(({ name, kind }) => name === test.metric && kind === 'average');
        return metric ? [verdictText(test, metric.title)] : [];
      }),
      ...(where === null ? [] : [where]),
      ...(until ? [untilText(until, averages)] : []),
    ],
    warnings: warningsOf({ losses, split, metrics, floor }, finished, plan, tuned),
    resamples: plan.resamples,
    data: first.data,
    signature: report.signature,
    engine: first.engine,
    tuning: tuned && {
      seeds: tuningSeeds(plan),
      candidates: plan.tune?.candidates ?? 0,
      losses: tuned.map(({ changes, runs, epochs, rungs, final }) => ({ changes, runs, epochs, rungs, final })),
    },
    ...(until && { until }),
    timing: { trainingSeconds: finished.reduce((sum, { timing }) => sum + timing.seconds, 0) },
  };
  const reports = entrants.map(({ label }) => ({
    name: label,
    reports: results.flatMap(({ job, run }) => (run && labelOf(job) === label ? [reportOf(run.result, split)] : [])),
  }));
  return { comparison, reports: reports.filter((one) => one.reports.length > 0) };
}

/** A test with what all looks of a growing comparison say of it. */
function overLooks(test: PairedTest, until: UntilSummary | undefined): PairedTest {
  const found = until?.decisions.find(({ label, metric }) => label === test.label && metric === test.metric);
  if (!found) return test;
  const { verdict, state, seeds, p, level, low, high } = found;
  return { ...test, verdict, overLooks: { state, seeds, p, level, low, high } };
}

/** The tests of one look, and what Holm's correction holds together. */
export async function lookAt(plan: Plan, entrants: readonly Entrant[], results: readonly JobResult[], scorer: Scorer) {
  const { split, classes, averages, metrics } = subjectOf(plan, results);
  const runs = await scorer.runs(entrants, results, split);
  const { tests } = statistics(runs, plan.reference, averages, classes, scorer.resampler);
  const others = new Set(tests.map(({ label }) => label)).size;
  const familyOf = (metric: string): { name: string; size: number } => {
    const kind = averages.includes(metric) ? 'average' : 'class';
    return { name: kind, size: familySize(kind, metrics, others) };
  };
  return { tests, familyOf, averages };
}

/** What the finished runs were scored on, and by. @throws UserError when not one is finished */
export function subjectOf(plan: Pick<Plan, 'out'>, results: readonly JobResult[]) {
  const finished = results.flatMap(({ run }) => (run ? [run.result] : []));
  const first = finished.at(0);
  if (!first) {
    const why = results.map(
      ({ job, outcome }) => `${job.id}: ${outcome.status === 'failed' ? outcome.message : 'not run'}`,
    );
    throw new UserError(`${plan.out}: no run is finished, so there is nothing to compare`, why.join('\n'));
  }
  const split = first.test ? ('test' as const) : ('dev' as const);
  const report = reportOf(first, split);
  const task = report.entities ? ('chunks' as const) : ('tags' as const);
  const metrics = metricsOf(
    finished.map((result) => reportOf(result, split)),
    first.data.train.classes,
  );
  const classes = metrics.flatMap(({ kind, title, support }) =>
    kind === 'class' ? [{ name: title, support: support ?? 0 }] : [],
  );
  const averages = metrics.filter(({ kind }) => kind === 'average').map(({ name }) => name) as [string, string];
  return { finished, first, split, report, task, metrics, classes, averages };
}

/** By metric; a class that the look-up never finds has 0. */
function floorScores({ floor }: Report, metrics: readonly Metric[]): Comparison['floor'] {
  if (!floor) return null;
  const { table, accuracy } = floor;
  const averages = new Map([
    ['accuracy', accuracy],
    ['micro-f1', table.micro.f1],
    ['macro-f1', table.macro.f1],
  ]);
  const classes = new Map(table.classes.map(({ name, f1 }) => [name, f1]));
  return Object.fromEntries(
    metrics.map(({ name, title, kind }) => [name, (kind === 'average' ? averages.get(name) : classes.get(title)) ?? 0]),
  );
}

/**
 * The averages, then every class that gold or the predictions of some run hold, the most frequent in training first. A class that
 * gold lacks counts: each of its predictions is wrong.
 */
export function metricsOf(reports: readonly Report[], trained: Readonly<Record<string, number>>): Metric[] {
  const supports = new Map<string, number>();
  for (const report of reports)
    for (const { name, support } of (report.entities ?? report.tags).classes)
      supports.set(name, Math.max(support, supports.get(name) ?? 0));
  const inTraining = (name: string): number => (Object.hasOwn(trained, name) ? (trained[name] ?? 0) : 0);
  const classes = [...supports].map(([name, support]) => ({
    name: `${name}.f1`,
    title: name,
    kind: 'class' as const,
    support,
    trainSupport: inTraining(name),
    rare: support < RARE,
  }));
  classes.sort((a, b) => b.trainSupport - a.trainSupport || b.support - a.support || byCodeUnit(a.title, b.title));
  const average = (name: string, title: string): Metric => ({
    name,
    title,
    kind: 'average',
    support: null,
    trainSupport: null,
    rare: false,
  });
  const entities = reports.some((report) => report.entities);
  const micro = entities ? average('micro-f1', 'micro-F1') : average('accuracy', 'accuracy');
  return [micro, average('macro-f1', 'macro-F1'), ...classes];
}
