import { join } from 'node:path';
import { readCounts } from '../analyse/counts';
import { countBuckets, type FacetName, facetsOf, indexTraining, type Trained } from '../analyse/facets';
import type { Config } from '../config';
import { readCorpus } from '../data/corpus';
import { tagReaderOf } from '../data/tagging';
import { present, UserError } from '../errors';
import { sentenceCounts, type SentenceCounts } from '../metrics/bootstrap';
import type { ReadChunks } from '../metrics/entities';
import { analyseErrors, type SpanErrors } from '../metrics/error-analysis';
import { chunksOf } from '../schemes';
import { tagSpans } from '../metrics/intervals';
import type { Report } from '../metrics/scores';
import { corpusPath, readOptions } from '../run/corpora';
import type { CorpusSummary, RunResult } from '../run/result';
import type { FinishedRun, Job } from './job';
import type { JobResult } from './launch';
import type { Entrant } from './plan';
import { readPredictions } from './predictions';
import { labelOf } from './progress';
import { createResampler, type Resampler } from './resample';
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
  /** Counts by each of the ways of decoding that the run was asked with; none where it was not. */
  readonly decodings: readonly SentenceCounts[];
}

/**
 * The counts and errors of every finished run, by its own predictions.
 */
export async function scoredRuns(
  entrants: readonly Entrant[],
  results: readonly JobResult[],
  split: 'test' | 'dev',
): Promise<ReadRun[]> {
  return eachRun(entrants, results, (job, run) => readRun(job, run, split));
}

/** Loss by loss. */
async function eachRun(
  entrants: readonly Entrant[],
  results: readonly JobResult[],
  read: (job: Job, run: FinishedRun) => Promise<ReadRun>,
): Promise<ReadRun[]> {
  const scored: ReadRun[] = [];
  for (const { label } of entrants)
    for (const { job, run } of results) if (run && labelOf(job) === label) scored.push(await read(job, run));
  return scored;
}

/** @param trained what facets are counted with, those of training only where it is not null; none are where it is not given */
async function readRun(
  job: Job,
  { result, analysis }: FinishedRun,
  split: 'test' | 'dev',
  trained?: Trained | null,
): Promise<ReadRun> {
  const path = join(job.config.out, `${split}.pred.conll`);
  const { toInner } = tagReaderOf((result.data[split] ?? result.data.dev).tagging);
  const pairs = await readPredictions(path);
  const [gold, predicted] = [pairs.gold.map(toInner), pairs.predicted.map(toInner)];
  const report = reportOf(result, split);
  const read = remembered(report.entities ? chunksOf : tagSpans);
  const counts = sentenceCounts(gold, predicted, read);
  checkCounts(counts, gold, report, path);
  const errors = report.entities ? spanErrors(gold, predicted) : null;
  const names = trained === undefined ? [] : facetsOf(report.entities ? 'chunks' : 'tags', trained);
  const facets = new Map(
    names.map((name) => [name, countBuckets(name, pairs.tokens, gold, predicted, read, trained ?? null)]),
  );
  const plain = analysis?.[split]?.counts ?? [];
  return { label: labelOf(job), seed: job.config.seed, counts, errors, facets, decodings: plain.map(readCounts) };
}

/** Reads each sentence once, however many properties of its chunks are asked for. */
function remembered(read: ReadChunks): ReadChunks {
  const known = new Map<readonly string[], ReturnType<ReadChunks>>();
  return (tags) => {
    const found = known.get(tags) ?? read(tags);
    known.set(tags, found);
    return found;
  };
}

/**
 * Reads and resamples the runs of a comparison, each once. What needs no other run may be done as soon as it is finished, while others still train:
 * it comes to the same, whenever it is done.
 */
export interface Scorer {
  readonly resampler: Resampler;
  /** Does it for a run; nothing for one that is not finished, or whose files are damaged: whoever asks for its scores is told. */
  readonly ahead: (result: JobResult) => Promise<void>;
  runs(entrants: readonly Entrant[], results: readonly JobResult[], split: 'test' | 'dev'): Promise<ReadRun[]>;
  /** The training file of the runs by text; null where it is not that any more. */
  trained(of: RunResult): Promise<Trained | null>;
}

export function createScorer(resamples: number): Scorer {
  const resampler = createResampler(resamples);
  const known = new Map<string, ReadRun>(); // by folder, and when the run there began
  let training: Promise<Trained | null> | null = null;

  const trained = ({ config, data, dev }: RunResult): Promise<Trained | null> =>
    (training ??= readTrained(config.data, data.train, dev.entities ? 'chunks' : 'tags')); // all runs have the same

  async function read(job: Job, run: FinishedRun, split: 'test' | 'dev'): Promise<ReadRun> {
    const key = `${split} ${job.config.out} ${run.result.timing.started}`;
    const found = known.get(key) ?? (await readRun(job, run, split, await trained(run.result)));
    known.set(key, found);
    return found;
  }
  return {
    resampler,
    trained,
    async ahead({ job, run }) {
      if (!run) return;
      const split = run.result.test ? 'test' : 'dev';
      const { counts, facets, decodings } = await read(job, run, split);
      await resampler.add([counts, ...facets.values(), ...decodings]);
    },
    runs: (entrants, results, split) => eachRun(entrants, results, (job, run) => read(job, run, split)),
  };
}

/** The training file by text; null where it is gone or another than the runs were trained on: a report is made again without it, too. */
export async function readTrained(
  data: Config['data'],
  { sha256 }: CorpusSummary,
  task: 'chunks' | 'tags',
): Promise<Trained | null> {
  try {
    const corpus = await readCorpus(corpusPath(data.train), readOptions(data));
    return corpus.sha256 === sha256 ? indexTraining(corpus.sentences, task === 'chunks' ? chunksOf : tagSpans) : null;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
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
