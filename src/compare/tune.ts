import { join } from 'node:path';
import { present, UserError } from '../errors';
import { createRng } from '../rng';
import { mean } from './statistics';
import { type Candidate, candidatesOf } from './candidates';
import type { DataHashes, Job } from './job';
import type { JobResult, RunStage } from './launch';
import { type Entrant, folderOf, type Plan } from './plan';

/** How one loss was tuned, and the config that came out. */
export interface Tuned {
  readonly entrant: Entrant;
  /** What the chosen config changes. */
  readonly changes: Candidate['changes'];
  /** Training runs that the choice took, and their epochs at the most. */
  readonly runs: number;
  readonly epochs: number;
  /** Candidates of each round, the best first; a failed run has no score. */
  readonly rungs: readonly Rung[];
}

export interface Rung {
  readonly epochs: number;
  /** Each candidate was trained with each of these; its score is the mean. */
  readonly seeds: readonly number[];
  readonly candidates: readonly { readonly changes: Candidate['changes']; readonly score: number | null }[];
}

/** A loss in the race: who is left, and what was seen. */
interface Race {
  readonly entrant: Entrant;
  /** The config as given. */
  readonly given: Candidate;
  readonly left: readonly Candidate[];
  readonly rungs: readonly Rung[];
}

/** One round of a race. */
interface Heat {
  readonly race: Race;
  readonly epochs: number;
  readonly seeds: readonly number[];
  /** One with each seed. */
  readonly jobs: ReadonlyMap<Candidate, readonly Job[]>;
}

/** Seeds of the last round: one run's best dev score says too little of two configs that are close. */
const FINAL_SEEDS = 3;

/**
 * Successive halving on dev (Jamieson and Talwalkar 2016): every candidate is trained for a few epochs, the better half for twice
 * as many, and so on. In the last round the best of them meets the config as given, both with several seeds: a candidate that was
 * quick or lucky in a short run must also be better than doing nothing. All losses have the same number of candidates, epochs
 * and seeds; the seeds are none of those compared, and no run sees the test file. Null when the runs are not all there yet.
 */
export async function tuneEntrants(plan: Plan, hashes: DataHashes, runStage: RunStage): Promise<Tuned[] | null> {
  const budget = plan.tune?.candidates ?? 1;
  const seeds = tuningSeeds(plan);
  const rounds = Math.ceil(Math.log2(budget));
  let races = plan.entrants.map((entrant): Race => {
    const left = candidatesOf(entrant, budget, createRng(present(seeds[0], 'seed')).split(entrant.label));
    return { entrant, given: present(left[0], 'candidate'), left, rungs: [] };
  });
  for (let round = 1; round <= rounds; round++) {
    const isLast = round === rounds;
    if (isLast) races = races.map(finalists);
    const own = isLast ? seeds : seeds.slice(0, 1);
    const heats = races.map((race): Heat => {
      const epochs = rungEpochs(race.entrant.config.train.epochs, round, rounds);
      return { race, epochs, seeds: own, jobs: rungJobs(plan.out, race, round, epochs, own) };
    });
    const results = await runStage(
      `tuning ${round} of ${rounds}`,
      heats.flatMap(({ jobs }) => [...jobs.values()].flat()),
      hashes,
    );
    if (!results) return null;
    races = heats.map((heat) => advance(heat, results));
  }
  return races.map(finish);
}

/** Seeds that none of the final runs has: what tuning was lucky with is not what is reported. The first serves every round. */
export const tuningSeeds = ({ seeds }: Plan): number[] =>
  Array.from({ length: FINAL_SEEDS }, (_, i) => Math.max(...seeds) + 1 + i);

/** Epochs of a round: the last has half of a full run's, each one before it half of the next. */
export const rungEpochs = (epochs: number, round: number, rounds: number): number =>
  Math.max(1, Math.round(epochs / 2 ** (rounds - round + 1)));

/** The config as given, and the best of the others that are left. */
function finalists(race: Race): Race {
  const { given, left } = race;
  return { ...race, left: [given, ...left.filter((candidate) => candidate !== given).slice(0, 1)] };
}

/** Jobs of a round, candidate by candidate: one with each seed. */
function rungJobs(
  out: string,
  { entrant, left }: Race,
  round: number,
  epochs: number,
  seeds: readonly number[],
): Map<Candidate, Job[]> {
  const jobsOf = ({ config }: Candidate, i: number): Job[] =>
    seeds.map((seed, k) => {
      const name = k === 0 ? String(i + 1) : `${i + 1}-${k + 1}`;
      return {
        id: `tune/${entrant.label}/${round}/${name}`,
        config: {
          ...config,
          data: { ...config.data, test: null },
          train: { ...config.train, epochs },
          analysis: { ...config.analysis, gradientShare: false },
          seed,
          out: join(out, 'tune', folderOf(entrant.label), String(round), name),
        },
        analyse: false,
      };
    });
  return new Map(left.map((candidate, i) => [candidate, jobsOf(candidate, i)]));
}

/** Keeps the better half; the earlier candidate on a tie. */
function advance({ race, epochs, seeds, jobs }: Heat, results: readonly JobResult[]): Race {
  const scoreOf = (job: Job): number | null => results.find((one) => one.job === job)?.run?.result.best.score ?? null;
  const order = [...jobs]
    .map(([candidate, own]) => ({ candidate, score: meanOf(own.map(scoreOf)) }))
    .sort((a, b) => (b.score ?? -1) - (a.score ?? -1)); // stable
  const candidates = order.map(({ candidate: { changes }, score }) => ({ changes, score }));
  return {
    ...race,
    left: order.slice(0, Math.ceil(order.length / 2)).map(({ candidate }) => candidate),
    rungs: [...race.rungs, { epochs, seeds, candidates }],
  };
}

/** Null where a run failed: a config that fails with some seed is none to choose. */
function meanOf(scores: readonly (number | null)[]): number | null {
  const known = scores.filter((score) => score !== null);
  return known.length === scores.length ? mean(known) : null;
}

/** @throws UserError when not one candidate of a loss could be trained */
function finish({ entrant, left, rungs }: Race): Tuned {
  const { config, changes } = present(left[0], 'candidate');
  const [first] = rungs;
  if (first && rungs.every(({ candidates }) => candidates.every(({ score }) => score === null))) {
    throw new UserError(
      `tuning ${entrant.label}: none of its ${first.candidates.length} candidates could be trained`,
      'the messages above say why; the same command tries them again',
    );
  }
  return {
    entrant: { label: entrant.label, config },
    changes,
    runs: rungs.reduce((sum, { candidates, seeds }) => sum + candidates.length * seeds.length, 0),
    epochs: rungs.reduce((sum, { candidates, seeds, epochs }) => sum + epochs * candidates.length * seeds.length, 0),
    rungs,
  };
}
