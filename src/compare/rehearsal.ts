import { present } from '../errors';
import type { Config } from '../config';
import { rehearse } from '../run/rehearsal';
import { type Job, withThreads } from './job';
import { hashData } from './jobs';
import { onDisk } from './launch';
import type { Plan } from './plan';
import { checkFolder } from './planFile';
import { atOnce, shareCores } from './cores';

/** What a comparison would run, and about how long. */
export interface CompareRehearsal {
  readonly folder: string;
  readonly seeds: readonly number[];
  readonly losses: readonly RehearsedLoss[];
  /** Runs that are there already, of all. */
  readonly done: number;
  readonly runs: number;
  /** Runs at a time, and threads of each. */
  readonly size: number;
  readonly threads: number;
  /** Of the runs that are left, as many at a time as there are to be, each as fast as it is alone. */
  readonly seconds: number;
  /** Runs of tuning come before these, and are not counted. */
  readonly tunes: boolean;
}

export interface RehearsedLoss {
  readonly label: string;
  /** Runs of it that are left. */
  readonly left: number;
  /** Of one run with all its epochs; null where none is left, so that none was tried. */
  readonly seconds: number | null;
}

export interface CompareRehearsalHost {
  readonly overwrite: boolean;
  /** Runs at a time; null takes one a core. */
  readonly jobs: number | null;
  readonly signal: AbortSignal;
}

/**
 * Reads and checks what a comparison would, tries each loss for two seconds, and leaves nothing.
 * @param jobs every run of it
 * @returns null where the signal was raised before
 * @throws UserError as `compare`, and as a run would
 */
export async function rehearseComparison(
  plan: Plan,
  jobs: readonly Job[],
  { overwrite, jobs: most, signal }: CompareRehearsalHost,
): Promise<CompareRehearsal | null> {
  const hashes = await hashData(plan.entrants.map(({ config }) => config));
  await checkFolder({ plan, hashes }, overwrite);
  const there = overwrite ? [] : await onDisk(jobs, hashes, () => undefined);
  const done = new Set(there.flatMap(({ job, run }) => (run ? [job.id] : [])));
  const left = jobs.filter(({ id }) => !done.has(id));
  const { size, threads } = shareCores(left.length, most ?? (await atOnce(jobs)));
  const losses: RehearsedLoss[] = [];
  for (const { label } of plan.entrants) {
    const own = left.filter(({ id }) => id.startsWith(`${label}/`));
    const seconds =
      own.length === 0 ? null : await secondsOf(withThreads(present(own[0], 'job'), threads).config, signal);
    if (signal.aborted) return null;
    losses.push({ label, left: own.length, seconds });
  }
  const work = losses.reduce((sum, loss) => sum + loss.left * (loss.seconds ?? 0), 0);
  const { out: folder, seeds } = plan;
  const runs = { done: done.size, runs: jobs.length, size, threads };
  return { folder, seeds, losses, ...runs, seconds: work / size, tunes: plan.tune !== null };
}

async function secondsOf(config: Config, signal: AbortSignal): Promise<number | null> {
  const found = await rehearse(config, { signal, overwrite: true, begin: () => undefined, listen: () => undefined });
  return found?.seconds ?? null;
}
