import { join } from 'node:path';
import { claimFolder } from './claim';
import { collect, type Compared, lookAt } from './collect';
import type { Job } from './job';
import { hashData } from './jobs';
import { fromDisk, type JobResult, type RunStage } from './launch';
import { type Entrant, folderOf, type Plan, type Until } from './plan';
import { holdsPlan, openFolder, type Planned, readPlan } from './planFile';
import { type CompareRehearsal, type CompareRehearsalHost, rehearseComparison } from './rehearsal';
import { createScorer, type Scorer } from './scored';
import { planSeeds, type SeedPlan, type SeedPlanOptions } from './seedPlan';
import { decide, type Look, lookText } from './sequential';
import { atOnce } from './cores';
import { FEWEST_SEEDS, mean } from './statistics';
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
    const planned = { plan, hashes };
    const scorer = createScorer(plan.resamples);
    if (plan.until === null) return await runAndCollect(planned, runStage, scorer);
    return await untilDecided(planned, plan.until, runStage, scorer, {
      say,
      grow: (seeds) => openFolder({ plan: { ...plan, seeds }, hashes }, false),
    });
  } finally {
    await giveBack();
  }
}

/** What a comparison would run, and about how long; nothing is left. @throws UserError as `compare`, and as a run would */
export const rehearse = (plan: Plan, host: CompareRehearsalHost): Promise<CompareRehearsal | null> =>
  rehearseComparison(plan, finalJobs(plan, plan.entrants), host);

/** The comparison in a folder from the runs that are on disk; nothing is run. @throws UserError where there is none, or it is damaged */
export async function collectFolder(folder: string): Promise<Compared | null> {
  const planned = await readPlan(folder);
  const { until } = planned.plan;
  const scorer = createScorer(planned.plan.resamples);
  return until ? untilDecided(planned, until, fromDisk, scorer, null) : runAndCollect(planned, fromDisk, scorer);
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

/** The plan of the comparison in a folder; null where there is none. @throws UserError where it is damaged */
export const planIn = async (folder: string): Promise<Plan | null> =>
  (await holdsPlan(folder)) ? (await readPlan(folder)).plan : null;

/**
 * Adds seeds, and looks at the verdicts after each, until every average of every loss is settled or no more are allowed. Looks that
 * were made before are made again, by the same runs: what they spent of the level is the same.
 * @param host null adds none: what is there is looked at
 */
async function untilDecided(
  { plan, hashes }: Planned,
  until: Until,
  runStage: RunStage,
  scorer: Scorer,
  host: { readonly say: (text: string) => void; readonly grow: (seeds: readonly number[]) => Promise<void> } | null,
): Promise<Compared | null> {
  const { entrants } = plan;
  const step = Math.max(1, Math.floor(until.size / entrants.length));
  const looks: Look[] = [];
  let most = until.most;
  for (let n = FEWEST_SEEDS; ; n += step) {
    const seeds = [...plan.seeds.slice(0, n)];
    while (seeds.length < n) seeds.push(Math.max(...seeds) + 1);
    if (n > plan.seeds.length) await host?.grow(seeds);
    const now = { ...plan, seeds };
    const results = await runStage(`runs of ${n} seeds`, finalJobs(now, entrants), hashes, scorer.ahead);
    if (!results) return null;
    if (looks.length === 0) most = mostSeeds(until, results);
    const rule = { most, step, effect: until.effect };
    const { tests, familyOf, averages } = await lookAt(now, entrants, results, scorer);
    looks.push({ seeds: n, tests });
    const decisions = decide(looks, rule, familyOf);
    const open = decisions.filter(({ metric, state }) => averages.includes(metric) && state === 'open');
    const goesOn = open.length > 0 && n + step <= most && (host !== null || n + step <= plan.seeds.length);
    const budget = most < until.most ? until.budget : null;
    if (!goesOn) return collect(now, entrants, null, results, { ...rule, budget, looks: looks.map((look) => look.seeds), decisions }, scorer); // prettier-ignore
    host?.say(`${lookText(n, decisions, averages, most)}
`);
  }
}

/** Seeds that the budget allows, by the times of the first: those say nothing of scores. */
function mostSeeds({ most, budget, size }: Until, first: readonly JobResult[]): number {
  if (budget === null) return most;
  const seconds = mean(first.flatMap(({ run }) => (run ? [run.result.timing.seconds] : []))); // a run that failed tells none
  const allowed = Math.floor((60 * budget * size) / (seconds * (first.length / FEWEST_SEEDS)));
  return Math.max(FEWEST_SEEDS, Math.min(most, allowed));
}

const runAndCollect = (planned: Planned, runStage: RunStage, scorer: Scorer): Promise<Compared | null> =>
  runStages(planned, runStage, (...all) => collect(...all, undefined, scorer), scorer.ahead);

async function runStages<T>(
  { plan, hashes }: Planned,
  runStage: RunStage,
  use: (
    plan: Plan,
    entrants: readonly Entrant[],
    tuned: readonly Tuned[] | null,
    results: readonly JobResult[],
  ) => Promise<T>,
  ahead?: Scorer['ahead'],
): Promise<T | null> {
  const tuned = plan.tune && (await tuneEntrants(plan, hashes, runStage));
  if (plan.tune && !tuned) return null;
  const entrants = tuned ? tuned.map(({ entrant }) => entrant) : plan.entrants;
  const results = await runStage('runs', finalJobs(plan, entrants), hashes, ahead);
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
