import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { UserError } from '../errors';
import { ensureDir } from '../files';
import { isLossFile } from '../losses';
import { type Child, type ChildEvent, startChild } from './child';
import { finishedRun, type DataHashes, type FinishedRun, isTuning, type Job, withThreads } from './job';
import { writeJobs } from './jobs';
import type { Plan } from './plan';
import { type Outcome, runPool } from './pool';
import { atOnce, shareCores } from './cores';

/** What a comparison tells those who watch it. */
export type CompareEvent =
  | StageEvent
  | { readonly kind: 'start'; readonly job: Job }
  | { readonly kind: 'progress'; readonly job: Job; readonly event: ChildEvent }
  | { readonly kind: 'done'; readonly job: Job; readonly run: FinishedRun }
  | { readonly kind: 'failed'; readonly job: Job; readonly message: string }
  | { readonly kind: 'interrupted'; readonly job: Job };

/** A list of jobs is begun. */
export interface StageEvent {
  readonly kind: 'stage';
  readonly title: string;
  readonly jobs: readonly Job[];
  /** Ids of those that are on disk already. */
  readonly done: readonly string[];
  /** What is wrong with those that were, and are made again. */
  readonly damaged: readonly string[];
  /** Runs at a time. */
  readonly size: number;
  /** The loss that the others are held against; null while they are tuned. */
  readonly reference: string | null;
  /** Seeds are added until their verdicts are safe. */
  readonly grows: boolean;
}

export interface Launch {
  /** What the runs are compared by. */
  readonly plan: Pick<Plan, 'reference' | 'until'>;
  /** How this program is started: `node dsc-train.js`. */
  readonly command: readonly string[];
  /** Child processes at a time; null takes one a core, or one where a GPU computes. */
  readonly jobs: number | null;
  readonly signal: AbortSignal;
  readonly listen: (event: CompareEvent) => void;
}

/** What became of a job; `run` is there when it is done. */
export interface JobResult {
  readonly job: Job;
  readonly run: FinishedRun | null;
  readonly outcome: Outcome;
}

/**
 * Does a list of jobs. Results in the order of the jobs; null when they are not all there yet.
 * @param ahead does of a run that is finished what can be done while others are not; all of it is done at the end
 */
export type RunStage = (
  title: string,
  jobs: readonly Job[],
  hashes: DataHashes,
  ahead?: (result: JobResult) => Promise<void>,
) => Promise<JobResult[] | null>;

/** What is on disk, and nothing else. @throws UserError where a run is damaged */
export const fromDisk: RunStage = (_, jobs, hashes) =>
  onDisk(jobs, hashes, (error) => {
    throw error;
  });

/** What is on disk; a damaged run is one that is not there, once `damaged` was told of it. */
export async function onDisk(
  jobs: readonly Job[],
  hashes: DataHashes,
  damaged: (error: UserError) => void,
): Promise<JobResult[]> {
  const results: JobResult[] = [];
  for (const job of jobs) {
    const run = await finishedRun(job, hashes).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      damaged(error);
      return null;
    });
    results.push({ job, run, outcome: { status: run ? 'done' : 'interrupted' } });
  }
  return results;
}

/** Does the jobs that are not done yet, in as many processes as there are to be at a time on this machine; null when it was stopped. */
export function locally(launch: Launch): RunStage {
  const { signal, listen } = launch;
  return async (title, jobs, hashes, ahead) => {
    const results = new Map<Job, JobResult>();
    const damaged: string[] = [];
    for (const result of await onDisk(jobs, hashes, ({ message }) => damaged.push(message)))
      results.set(result.job, result);
    const found = [...results.values()].filter(({ run }) => run);
    const open = jobs.filter((job) => !results.get(job)?.run);
    const { size, threads } = shareCores(open.length, launch.jobs ?? (await atOnce(jobs)));
    const { reference, until } = launch.plan;
    const ofStage = { reference: jobs.every(({ id }) => isTuning(id)) ? null : reference, grows: until !== null };
    listen({ kind: 'stage', title, jobs, done: found.map(({ job }) => job.id), damaged, size, ...ofStage });
    for (const { job, run } of found) if (run) listen({ kind: 'done', job, run });
    const queue = createQueue(ahead, signal);
    for (const result of found) queue.add(result);
    const children = createChildren(launch);
    try {
      await runPool(open, size, signal, async (job, place) => {
        const work = (path: string, told: (event: ChildEvent) => void): Promise<Outcome> =>
          children.work(place, job, path, told);
        const outcome = await launchJob(job, threads, launch, work).catch(refused);
        const result = await finish(job, outcome, hashes);
        results.set(job, result);
        listen(eventOf(result));
        queue.add(result);
        return result.outcome;
      });
    } finally {
      await Promise.all([children.end(), queue.end()]);
    }
    return signal.aborted ? null : [...results.values()];
  };
}

/** Work that is done one piece after the other, whenever nothing else is to be done: a child that waits for a job gets it first. */
function createQueue<T>(work: (item: T) => Promise<void> = () => Promise.resolve(), signal: AbortSignal) {
  let all: Promise<void> = Promise.resolve();
  async function one(item: T): Promise<void> {
    await setImmediate();
    if (signal.aborted) return;
    await work(item).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error; // a damaged run is told of by whoever needs it
    });
  }
  return {
    add(item: T): void {
      all = all.then(() => one(item));
      all.catch(() => undefined); // told at the end
    },
    end: () => all,
  };
}

/** A folder that cannot be written is this run's failure, not the others'. */
function refused(error: unknown): Outcome {
  if (!(error instanceof UserError)) throw error;
  return { status: 'failed', message: error.message };
}

/** A process that ended well must have left a run. */
async function finish(job: Job, outcome: Outcome, hashes: DataHashes): Promise<JobResult> {
  if (outcome.status !== 'done') return { job, run: null, outcome };
  const run = (await onDisk([job], hashes, () => undefined)).at(0)?.run ?? null;
  const message = 'it ended without a result for this config and data: did a corpus change meanwhile?';
  return { job, run, outcome: run ? outcome : { status: 'failed', message } };
}

function eventOf({ job, run, outcome }: JobResult): CompareEvent {
  if (run) return { kind: 'done', job, run };
  return outcome.status === 'failed' ? { kind: 'failed', job, message: outcome.message } : { kind: 'interrupted', job };
}

/** Child processes by their places, each of which does the jobs of its place one after the other. */
function createChildren({ command, signal }: Pick<Launch, 'command' | 'signal'>) {
  const children = new Map<number, Child>();
  return {
    async work(place: number, job: Job, path: string, listen: (event: ChildEvent) => void): Promise<Outcome> {
      const isAlone = hasOwnCode(job);
      const before = isAlone ? undefined : children.get(place);
      const outcome = await before?.work(path, listen);
      if (outcome) return outcome;
      const child = startChild([...command, 'compare-run', '-'], signal);
      if (!isAlone) children.set(place, child);
      const own = await child.work(path, listen);
      if (isAlone) await child.end();
      return own ?? { status: 'interrupted' };
    },
    async end(): Promise<void> {
      await Promise.all([...children.values()].map((child) => child.end()));
    },
  };
}

/** What a person's own code remembers of one run is not for another to meet. */
const hasOwnCode = ({ config: { loss, model } }: Job): boolean => isLossFile(loss.name) || model.features !== null;

async function launchJob(
  job: Job,
  threads: number,
  { signal, listen }: Launch,
  work: (path: string, listen: (event: ChildEvent) => void) => Promise<Outcome>,
): Promise<Outcome> {
  const path = join(job.config.out, 'job.json');
  await ensureDir(job.config.out);
  await writeJobs(path, [withThreads(job, threads)]);
  if (signal.aborted) return { status: 'interrupted' };
  listen({ kind: 'start', job });
  return work(path, (event) => listen({ kind: 'progress', job, event }));
}
