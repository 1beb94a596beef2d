import { join } from 'node:path';
import { UserError } from '../errors';
import { createRng } from '../rng';
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
  readonly candidates: readonly { readonly changes: Candidate['changes']; readonly score: number | null }[];
}

/** A loss in the race: who is left, and what was seen. */
interface Race {
  readonly entrant: Entrant;
  readonly left: readonly Candidate[];
  readonly rungs: readonly Rung[];
}

/**
 * Successive halving on dev (Jamieson and Talwalkar 2016): every candidate is trained for a few epochs, the better half for twice
 * as many, until one is left. All losses have the same candidates by number, epochs and seed; the seed is none of those compared,
 * and no run sees the test file. Null when the runs are not all there yet.
 */
export async function tuneEntrants(plan: Plan, hashes: DataHashes, runStage: RunStage): Promise<Tuned[] | null> {
  const budget = plan.tune?.candidates ?? 1;
  const seed = tuningSeed(plan);
  const rounds = Math.ceil(Math.log2(budget));
  let races = plan.entrants.map((entrant): Race => ({
    entrant,
    left: candidatesOf(entrant, budget, createRng(seed).split(entrant.label)),
    rungs: [],
  }));
  for (let round = 1; round <= rounds; round++) {
    const jobs = races.map((race) => rungJobs(plan.out, race, round, rounds, seed));
    const results = await runStage(`tuning ${round} of ${rounds}`, jobs.flat(), hashes);
    if (!results) return null;
    races = races.map((race, i) => advance(race, jobs[i], results));
  }
  return races.map(finish);
}

/** A seed that none of the final runs has: what tuning was lucky with is not what is reported. */
export const tuningSeed = ({ seeds }: Plan): number => Math.max(...seeds) + 1;

/** Epochs of a round: the last has half of a full run's, each one before it half of the next. */
export const rungEpochs = (epochs: number, round: number, rounds: number): number =>
  Math.max(1, Math.round(epochs / 2 ** (rounds - round + 1)));

function rungJobs(out: string, { entrant, left }: Race, round: number, rounds: number, seed: number): Job[] {
  return left.map(({ config }, i) => ({
    id: `tune/${entrant.label}/${round}/${i + 1}`,
    config: {
      ...config,
      data: { ...config.data, test: null },
      train: { ...config.train, epochs: rungEpochs(config.train.epochs, round, rounds) },
      analysis: { ...config.analysis, gradientShare: false },
      seed,
      out: join(out, 'tune', folderOf(entrant.label), String(round), String(i + 1)),
    },
    analyse: false,
  }));
}

/** Keeps the better half; the earlier candidate on a tie. */
function advance({ entrant, left, rungs }: Race, jobs: readonly Job[], results: readonly JobResult[]): Race {
  const scores = jobs.map((job) => results.find((result) => result.job === job)?.run?.result.best.score ?? null);
  const order = [...left.keys()].sort((a, b) => (scores[b] ?? -1) - (scores[a] ?? -1) || a - b);
  const candidates = order.map((i) => ({ changes: left[i].changes, score: scores[i] }));
  const keep = Math.ceil(left.length / 2);
  return {
    entrant,
    left: order.slice(0, keep).map((i) => left[i]),
    rungs: [...rungs, { epochs: jobs.at(0)?.config.train.epochs ?? 0, candidates }],
  };
}

/** @throws UserError when not one candidate of a loss could be trained */
function finish({ entrant, left, rungs }: Race): Tuned {
  const [{ config, changes }] = left;
  if (rungs.length > 0 && rungs.every(({ candidates }) => candidates.every(({ score }) => score === null))) {
    throw new UserError(
      `tuning ${entrant.label}: none of its ${rungs[0].candidates.length} candidates could be trained`,
      'the messages above say why; the same command tries them again',
    );
  }
  return {
    entrant: { label: entrant.label, config },
    changes,
    runs: rungs.reduce((sum, { candidates }) => sum + candidates.length, 0),
    epochs: rungs.reduce((sum, { candidates, epochs }) => sum + epochs * candidates.length, 0),
    rungs,
  };
}
