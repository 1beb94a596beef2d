import { join } from 'node:path';
import { claimFolder } from './claim';
import { collect, type Compared } from './collect';
import type { Job } from './job';
import { hashData } from './jobs';
import { fromDisk, type RunStage } from './launch';
import { type Entrant, folderOf, type Plan } from './plan';
import { openFolder, type Planned, readPlan } from './planFile';
import { tuneEntrants } from './tune';

export interface CompareHost {
  /** Replaces another comparison in the folder. */
  readonly overwrite: boolean;
  /** Told what a reader of the terminal should know. */
  readonly say: (text: string) => void;
}

/**
 * One comparison: tuning on dev where asked for, every loss with every seed, the statistics.
 * @param runStage where runs are made: `locally`, `onSlurm`
 * @returns null when runs are still missing: it was stopped, or they are under way elsewhere
 */
export async function compare(
  plan: Plan,
  runStage: RunStage,
  { overwrite, say }: CompareHost,
): Promise<Compared | null> {
  const hashes = await hashData(plan.entrants.map(({ config }) => config));
  const giveBack = await claimFolder(plan.out, say);
  try {
    await openFolder({ plan, hashes }, overwrite);
    return await runStages({ plan, hashes }, runStage);
  } finally {
    await giveBack();
  }
}

/** The comparison in a folder from the runs that are on disk; nothing is run. @throws UserError where there is none, or it is damaged */
export async function collectFolder(folder: string): Promise<Compared | null> {
  return runStages(await readPlan(folder), fromDisk);
}

async function runStages({ plan, hashes }: Planned, runStage: RunStage): Promise<Compared | null> {
  const tuned = plan.tune && (await tuneEntrants(plan, hashes, runStage));
  if (plan.tune && !tuned) return null;
  const entrants = tuned ? tuned.map(({ entrant }) => entrant) : plan.entrants;
  const results = await runStage('runs', finalJobs(plan, entrants), hashes);
  return results && collect(plan, entrants, tuned, results);
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
