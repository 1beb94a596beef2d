import { metricValue } from '../metrics/metric';
import type { FinishedRun, Job } from './job';
import type { CompareEvent } from './launch';
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
  /** Of the split that is scored; empty in tuning. */
  readonly scores: readonly number[];
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
};

/** Loss of a job: its id without the seed, or in tuning without round and candidate. */
export const labelOf = ({ id }: Job): string =>
  id.startsWith('tune/') ? id.split('/').slice(1, -2).join('/') : id.slice(0, id.lastIndexOf('/'));

/** The state after one more event. @param now milliseconds */
export function advance(stage: StageProgress, event: CompareEvent, now: number): StageProgress {
  switch (event.kind) {
    case 'stage': {
      const labels = event.jobs.map(labelOf);
      const losses = new Map(
        labels.map((label) => [
          label,
          { label, total: labels.filter((other) => other === label).length, dev: [], scores: [] },
        ]),
      );
      return { ...NO_STAGE, title: event.title, total: event.jobs.length, size: event.size, losses };
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
      return { ...withRunning(stage, event.job, null), failed: stage.failed + 1 };
    case 'interrupted':
      return withRunning(stage, event.job, null);
  }
}

function finish(stage: StageProgress, job: Job, { result }: FinishedRun, now: number): StageProgress {
  const started = stage.running.get(job.id);
  const label = labelOf(job);
  const before = stage.losses.get(label) ?? { label, total: 0, dev: [], scores: [] };
  const loss = {
    ...before,
    dev: [...before.dev, result.best.score],
    scores: [...before.scores, metricValue(result.test ?? result.dev, 'micro-f1')],
  };
  return {
    ...withRunning(stage, job, null),
    done: stage.done + 1,
    finished: started ? [...stage.finished, (now - started.since) / 1000] : stage.finished,
    losses: new Map([...stage.losses, [label, loss]]),
  };
}

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
