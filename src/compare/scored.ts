import { join } from 'node:path';
import { countBuckets, type FacetName, facetsOf, type Trained } from '../analyse/facets';
import { tagReaderOf } from '../data/tagging';
import { present, UserError } from '../errors';
import { sentenceCounts, type SentenceCounts } from '../metrics/bootstrap';
import { analyseErrors, type SpanErrors } from '../metrics/error-analysis';
import { chunksOf } from '../schemes';
import { tagSpans } from '../metrics/intervals';
import type { Report } from '../metrics/scores';
import type { RunResult } from '../run/result';
import type { JobResult } from './launch';
import type { Entrant } from './plan';
import { readPredictions } from './predictions';
import { labelOf } from './progress';
import type { ScoredRun } from './statistics';

/** The report of the split that is compared. */
export const reportOf = ({ dev, test }: RunResult, split: 'test' | 'dev'): Report =>
  split === 'test' ? (test ?? dev) : dev;

/** What the predictions of one run say. */
export interface ReadRun extends ScoredRun {
  /** null for plain tags. */
  readonly errors: SpanErrors | null;
  /** Counts by the buckets of each facet that was asked for. */
  readonly facets: ReadonlyMap<FacetName, SentenceCounts>;
}

/**
 * The counts and errors of every finished run, by its own predictions.
 * @param trained what facets are counted with, those of training only where it is not null; none are where it is not given
 */
export async function scoredRuns(
  entrants: readonly Entrant[],
  results: readonly JobResult[],
  split: 'test' | 'dev',
  trained?: Trained | null,
): Promise<ReadRun[]> {
  const scored: ReadRun[] = [];
  for (const { label } of entrants) {
    for (const { job, run } of results) {
      if (!run || labelOf(job) !== label) continue;
      const path = join(job.config.out, `${split}.pred.conll`);
      const { toInner } = tagReaderOf((run.result.data[split] ?? run.result.data.dev).tagging);
      const pairs = await readPredictions(path);
      const [gold, predicted] = [pairs.gold.map(toInner), pairs.predicted.map(toInner)];
      const report = reportOf(run.result, split);
      const read = report.entities ? chunksOf : tagSpans;
      const counts = sentenceCounts(gold, predicted, read);
      checkCounts(counts, gold, report, path);
      const errors = report.entities ? spanErrors(gold, predicted) : null;
      const names = trained === undefined ? [] : facetsOf(report.entities ? 'chunks' : 'tags', trained);
      const facets = new Map(
        names.map((name) => [name, countBuckets(name, pairs.tokens, gold, predicted, read, trained ?? null)]),
      );
      scored.push({ label, seed: job.config.seed, counts, errors, facets });
    }
  }
  return scored;
}

function spanErrors(gold: readonly (readonly string[])[], predicted: readonly (readonly string[])[]): SpanErrors {
  const { kinds, confusion } = analyseErrors(gold, predicted);
  return { kinds, confusion };
}

/** Predictions and result are two files: they must be of one run, class by class. */
function checkCounts(
  { classes, classOf, tp, predicted, support }: SentenceCounts,
  gold: readonly (readonly string[])[],
  report: Report,
  path: string,
): void {
  const sums = new Map(classes.map((name) => [name, { tp: 0, predicted: 0, support: 0 }]));
  const byId = [...sums.values()];
  for (let e = 0; e < classOf.length; e++) {
    const sum = present(byId[classOf[e] as number], 'class');
    sum.tp += tp[e] as number;
    sum.predicted += predicted[e] as number;
    sum.support += support[e] as number;
  }
  const table = (report.entities ?? report.tags).classes;
  const same = table.every((one) => {
    const sum = sums.get(one.name);
    return sum?.tp === one.tp && sum.predicted === one.predicted && sum.support === one.support;
  });
  const tokens = gold.reduce((sum, tags) => sum + tags.length, 0);
  if (same && table.length === sums.size && gold.length === report.sentences && tokens === report.tokens) return;
  throw new UserError(
    `${path}: not the predictions of the result beside it`,
    'remove this run folder and compare again',
  );
}
