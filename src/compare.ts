import { join } from 'node:path';
import { collect, type Compared } from './compare/collect';
import type { Job } from './compare/job';
import { hashData } from './compare/jobs';
import { type Launch, launchJobs } from './compare/launch';
import { type Entrant, folderOf, type Plan } from './compare/plan';
import { readPlan, writePlan } from './compare/planFile';
import { tuneEntrants } from './compare/tune';

/** One comparison: tuning on dev where asked for, every loss with every seed, the statistics; null when it was stopped. */
export async function compare(plan: Plan, launch: Launch): Promise<Compared | null> {
  const hashes = await hashData(plan.entrants.map(({ config }) => config));
  await writePlan(plan);
  const stopped = (): boolean => launch.signal.aborted;
  const tuned = plan.tune ? await tuneEntrants(plan, hashes, launch) : null;
  if (stopped()) return null;
  const entrants = tuned ? tuned.map(({ entrant }) => entrant) : plan.entrants;
  const results = await launchJobs('runs', finalJobs(plan, entrants), hashes, launch);
  if (stopped()) return null;
  return collect(plan, entrants, tuned, results);
}

/** Every loss with every seed; a seed's runs side by side, so that pairs are complete early. */
export function finalJobs({ out, seeds }: Plan, entrants: readonly Entrant[]): Job[] {
  return seeds.flatMap((seed) =>
    entrants.map(({ label, config }) => ({
      id: `${label}/${seed}`,
      config: { ...config, seed, out: join(out, folderOf(label), String(seed)) },
      analyse: true,
    })),
  );
}

/** The comparison in a folder from the runs that are on disk; nothing is run. @throws UserError where there is none */
export async function collectFolder(folder: string): Promise<Compared> {
  const plan = await readPlan(folder);
  const hashes = await hashData(plan.entrants.map(({ config }) => config));
  const none: Launch = { command: [], jobs: null, signal: AbortSignal.abort(), listen: () => undefined };
  const tuned = plan.tune ? await tuneEntrants(plan, hashes, none) : null;
  const entrants = tuned ? tuned.map(({ entrant }) => entrant) : plan.entrants;
  return collect(plan, entrants, tuned, await launchJobs('runs', finalJobs(plan, entrants), hashes, none));
}
