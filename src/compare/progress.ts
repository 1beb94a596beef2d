import { metricValue } from '../metrics/metric';
import { groupBy } from '../order';
import { type FinishedRun, isTuning, type Job } from './job';
import type { CompareEvent } from './launch';
import { type SeedScores, type SoFar, soFar } from './soFar';
import { secondsLeft } from './timeLeft';

/** A run under way. */
export interface Running {
  readonly job: Job;
  /** Milliseconds, on the clock that the events were told by. */
  readonly since: number;
  /** Of all its epochs. */
  readonly share: number;
}

/** A loss's finished seeds. */
export interface LossProgress {
  readonly label: string;
  readonly total: number;
  readonly dev: readonly number[];
  /** Of the split that is scored. */
  readonly scores: readonly number[];
  /** The same by seed. */
  readonly seeds: SeedScores;
}

/** What the events of a comparison add up to. */
export interface StageProgress {
  readonly title: string;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly size: number;
  readonly running: ReadonlyMap<string, Running>;
  /** Seconds of the runs finished here. */
  readonly finished: readonly number[];
  readonly losses: ReadonlyMap<string, LossProgress>;
  /** The score that stands above: micro-F1, or of plain tags the accuracy. */
  readonly metric: string;
  readonly reference: string | null;
  readonly grows: boolean;
  /** Seconds of processors, by the folders of the runs: those of earlier stages too, and of runs that were there already. */
  readonly costs: ReadonlyMap<string, number>;
}

export const NO_STAGE: StageProgress = {
  title: '',
  total: 0,
  done: 0,
  failed: 0,
  size: 1,
  running: new Map(),
  finished: [],
  losses: new Map(),
  metric: 'micro-F1',
  reference: null,
  grows: false,
  costs: new Map(),
};

/** Loss of a job: its id without the seed, or in tuning without round and candidate. */
export const labelOf = ({ id }: Job): string =>
  isTuning(id) ? id.split('/').slice(1, -2).join('/') : id.slice(0, id.lastIndexOf('/'));

/** The state after one more event. @param now milliseconds */
export function advance(stage: StageProgress, event: CompareEvent, now: number): StageProgress {
  switch (event.kind) {
    case 'stage': {
      const { title, jobs, size, reference, grows } = event;
      const losses = new Map(
        [...groupBy(jobs, labelOf)].map(([label, own]) => [
          label,
          { ...NOTHING, label, total: own.length, seeds: new Map(own.map(({ config }) => [config.seed, null])) },
        ]),
      );
      return { ...NO_STAGE, title, total: jobs.length, size, losses, reference, grows, costs: stage.costs };
    }
    case 'start':
      return withRunning(stage, event.job, { job: event.job, since: now, share: 0 });
    case 'progress': {
      const before = stage.running.get(event.job.id);
      const { epoch, epochs, share } = event.event;
      return before ? withRunning(stage, event.job, { ...before, share: (epoch - 1 + share) / epochs }) : stage;
    }
    case 'done':
      return finish(stage, event.job, event.run, now);
    case 'failed':
      return { ...withoutSeed(withRunning(stage, event.job, null), event.job), failed: stage.failed + 1 };
    case 'interrupted':
      return withRunning(stage, event.job, null);
  }
}

function finish(stage: StageProgress, job: Job, { result }: FinishedRun, now: number): StageProgress {
  const started = stage.running.get(job.id);
  const label = labelOf(job);
  const before = stage.losses.get(label) ?? { ...NOTHING, label };
  const report = result.test ?? result.dev;
  const score = metricValue(report, 'micro-f1');
  const loss = {
    ...before,
    dev: [...before.dev, result.best.score],
    scores: [...before.scores, score],
    seeds: new Map([...before.seeds, [job.config.seed, score]]),
  };
  return {
    ...withRunning(stage, job, null),
    done: stage.done + 1,
    finished: started ? [...stage.finished, (now - started.since) / 1000] : stage.finished,
    losses: new Map([...stage.losses, [label, loss]]),
    metric: report.entities ? 'micro-F1' : 'accuracy',
    costs: new Map([...stage.costs, [job.config.out, result.timing.seconds * result.engine.threads]]),
  };
}

const NOTHING: Omit<LossProgress, 'label'> = { total: 0, dev: [], scores: [], seeds: new Map() };

/** A run that failed has no part in what is compared. */
function withoutSeed(stage: StageProgress, job: Job): StageProgress {
  const loss = stage.losses.get(labelOf(job));
  if (!loss) return stage;
  const seeds = new Map([...loss.seeds].filter(([seed]) => seed !== job.config.seed));
  return { ...stage, losses: new Map([...stage.losses, [loss.label, { ...loss, seeds }]]) };
}

/** What the finished runs of the stage say; nothing while losses are tuned. */
export function stageSoFar({ losses, reference, grows }: StageProgress): SoFar[] {
  if (reference === null) return [];
  return soFar(new Map([...losses].map(([label, { seeds }]) => [label, seeds])), reference, { grows });
}

/** Has every loss this seed behind it, be it done or failed? */
export const isSeedDone = ({ losses }: StageProgress, seed: number): boolean =>
  [...losses.values()].every(({ seeds }) => seeds.get(seed) !== null);

/** Seconds of processors that its runs took. */
export const processorSeconds = ({ costs }: StageProgress): number => [...costs.values()].reduce((a, b) => a + b, 0);

function withRunning(stage: StageProgress, { id }: Job, running: Running | null): StageProgress {
  const all = new Map(stage.running);
  if (running) all.set(id, running);
  else all.delete(id);
  return { ...stage, running: all };
}

/** Seconds until the stage ends; null while nothing is known. */
export function stageSecondsLeft(
  { finished, running, total, done, failed, size }: StageProgress,
  now: number,
): number | null {
  return secondsLeft({
    finished,
    running: [...running.values()].map(({ since, share }) => ({ seconds: (now - since) / 1000, share })),
    waiting: total - done - failed - running.size,
    size,
  });
}
