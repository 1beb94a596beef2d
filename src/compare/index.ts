import { join } from 'node:path';
import { claimFolder } from './claim';
import { collect, type Compared } from './collect';
import type { Job } from './job';
import { hashData } from './jobs';
import { fromDisk, type JobResult, type RunStage } from './launch';
import { type Entrant, folderOf, type Plan } from './plan';
import { holdsPlan, openFolder, type Planned, readPlan } from './planFile';
import { type CompareRehearsal, type CompareRehearsalHost, rehearseComparison } from './rehearsal';
import { planSeeds, type SeedPlan, type SeedPlanOptions } from './seedPlan';
import { atOnce } from './spread';
import { type Tuned, tuneEntrants } from './tune';

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
    return await runStages({ plan, hashes }, runStage, collect);
  } finally {
    await giveBack();
  }
}

/** What a comparison would run, and about how long; nothing is left. @throws UserError as `compare`, and as a run would */
export const rehearse = (plan: Plan, host: CompareRehearsalHost): Promise<CompareRehearsal | null> =>
  rehearseComparison(plan, finalJobs(plan, plan.entrants), host);

/** The comparison in a folder from the runs that are on disk; nothing is run. @throws UserError where there is none, or it is damaged */
export async function collectFolder(folder: string): Promise<Compared | null> {
  return runStages(await readPlan(folder), fromDisk, collect);
}

/**
 * What the comparison in a folder would take to show a difference; nothing is run.
 * @param jobs runs at a time; null takes one a core
 * @throws UserError where there is no comparison, or fewer than two seeds of it
 */
export async function planFolder(
  folder: string,
  { jobs, ...options }: Omit<SeedPlanOptions, 'size'> & { readonly jobs: number | null },
): Promise<SeedPlan> {
  const planned = await readPlan(folder);
  const size = jobs ?? (await atOnce(finalJobs(planned.plan, planned.plan.entrants)));
  const seedPlan = await runStages(planned, fromDisk, (plan, entrants, _tuned, results) =>
    planSeeds(plan, entrants, results, { ...options, size }),
  );
  if (!seedPlan) throw new Error(`${folder}: what is on disk is always there`);
  return seedPlan;
}

/** The seeds of the comparison in a folder; null where there is none. @throws UserError where it is damaged */
export const seedsIn = async (folder: string): Promise<readonly number[] | null> =>
  (await holdsPlan(folder)) ? (await readPlan(folder)).plan.seeds : null;

async function runStages<T>(
  { plan, hashes }: Planned,
  runStage: RunStage,
  use: (
    plan: Plan,
    entrants: readonly Entrant[],
    tuned: readonly Tuned[] | null,
    results: readonly JobResult[],
  ) => Promise<T>,
): Promise<T | null> {
  const tuned = plan.tune && (await tuneEntrants(plan, hashes, runStage));
  if (plan.tune && !tuned) return null;
  const entrants = tuned ? tuned.map(({ entrant }) => entrant) : plan.entrants;
  const results = await runStage('runs', finalJobs(plan, entrants), hashes);
  return results && use(plan, entrants, tuned, results);
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
