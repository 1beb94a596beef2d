import { join } from 'node:path';
import { present, UserError } from '../errors';
import { createRng } from '../rng';
import { mean, spreadOf } from './statistics';
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
  /** The best candidate against the config as given, seed by seed in the last round; null where one of their runs failed. */
  readonly final: Final | null;
}

/** What the last round of a race says. */
export interface Final {
  /** Of the dev scores, candidate minus as given, with each seed of the round. */
  readonly differences: readonly number[];
  readonly mean: number;
  /** Standard deviation of the differences. */
  readonly sd: number;
  /** It is better with each seed, and by more than they spread. */
  readonly isTaken: boolean;
}

export interface Rung {
  readonly epochs: number;
  /** Each candidate was trained with each of these; its score is the mean. */
  readonly seeds: readonly number[];
  /** `score` is the mean over the seeds of `smoothedScore`. */
  readonly candidates: readonly { readonly changes: Candidate['changes']; readonly score: number | null }[];
}

/** A loss in the race: who is left, and what was seen. */
interface Race {
  readonly entrant: Entrant;
  /** The config as given. */
  readonly given: Candidate;
  readonly left: readonly Candidate[];
  readonly rungs: readonly Rung[];
  readonly final: Final | null;
}

/** One round of a race. */
interface Heat {
  readonly race: Race;
  readonly epochs: number;
  readonly seeds: readonly number[];
  /** One with each seed. */
  readonly jobs: ReadonlyMap<Candidate, readonly Job[]>;
}

/** Seeds of the last round: one run's dev score says too little of two configs that are close. */
const FINAL_SEEDS = 3;
/** Seeds of the rounds before; the first round has one, and as many candidates as there are. */
const EARLIER_SEEDS = 2;

/** A score is the median of so large a part of the epochs, the last ones, and of as many at least. */
const [PART, EPOCHS] = [1 / 3, 3];

/**
 * The dev score of a run that no single epoch makes: the median of the last third of its epochs, of three at least. The best of many
 * epochs is the luckiest of them as well, and a config with scores that jump has the best luck.
 */
export function smoothedScore(devScores: readonly number[]): number {
  const last = devScores.slice(-Math.max(EPOCHS, Math.ceil(PART * devScores.length))).sort((a, b) => a - b);
  const middle = last.length >> 1;
  const at = (i: number): number => present(last[i], 'epoch');
  return last.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
}

/**
 * Successive halving on dev (Jamieson and Talwalkar 2016): every candidate is trained for a few epochs, the better half for twice
 * as many, and so on, all with the same seeds. In the last round the best of them meets the config as given, with seeds that chose
 * nothing yet: it is taken only where it is better with each of them, and on the mean by more than the standard deviation of the
 * differences. Scores are those of `smoothedScore`. All losses have the same number of candidates, epochs and seeds; the seeds are
 * none of those compared, and no run sees the test file. Null when the runs are not all there yet.
 */
export async function tuneEntrants(plan: Plan, hashes: DataHashes, runStage: RunStage): Promise<Tuned[] | null> {
  const budget = plan.tune?.candidates ?? 1;
  const seeds = tuningSeeds(plan);
  const rounds = Math.ceil(Math.log2(budget));
  let races = plan.entrants.map((entrant): Race => {
    const left = candidatesOf(entrant, budget, createRng(present(seeds[0], 'seed')).split(entrant.label));
    return { entrant, given: present(left[0], 'candidate'), left, rungs: [], final: null };
  });
  for (let round = 1; round <= rounds; round++) {
    const isLast = round === rounds;
    if (isLast) races = races.map(finalists);
    const own = isLast ? seeds : earlierSeeds(plan).slice(0, round);
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
    races = heats.map((heat) => (isLast ? decide(heat, results) : advance(heat, results)));
  }
  return races.map(finish);
}

/** Seeds of the last round, which none of the final runs has: what tuning was lucky with is not what is reported. */
export const tuningSeeds = ({ seeds }: Plan): number[] =>
  Array.from({ length: FINAL_SEEDS }, (_, i) => Math.max(...seeds) + 1 + i);

/** Seeds of the rounds before, which the last does not have: who was lucky with them meets others there. */
export const earlierSeeds = ({ seeds }: Plan): number[] =>
  Array.from({ length: EARLIER_SEEDS }, (_, i) => Math.max(...seeds) + 1 + FINAL_SEEDS + i);

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

/** The candidates of a round by their scores, the earlier one first on a tie. */
function rank(
  { jobs }: Heat,
  results: readonly JobResult[],
): readonly {
  readonly candidate: Candidate;
  readonly scores: readonly (number | null)[];
  readonly score: number | null;
}[] {
  const scoreOf = (job: Job): number | null => {
    const history = results.find((one) => one.job === job)?.run?.result.history;
    return history ? smoothedScore(history.map(({ devScore }) => devScore)) : null;
  };
  return [...jobs]
    .map(([candidate, own]) => ({ candidate, scores: own.map(scoreOf) }))
    .map((one) => ({ ...one, score: meanOf(one.scores) }))
    .sort((a, b) => (b.score ?? -1) - (a.score ?? -1)); // stable
}

const withRung = ({ race, epochs, seeds }: Heat, order: ReturnType<typeof rank>): readonly Rung[] => [
  ...race.rungs,
  { epochs, seeds, candidates: order.map(({ candidate: { changes }, score }) => ({ changes, score })) },
];

/** Keeps the better half. */
function advance(heat: Heat, results: readonly JobResult[]): Race {
  const order = rank(heat, results);
  const left = order.slice(0, Math.ceil(order.length / 2)).map(({ candidate }) => candidate);
  return { ...heat.race, left, rungs: withRung(heat, order) };
}

/**
 * Keeps the config as given, unless the other one is better with each seed and by more than they spread, which one of ten that are no better
 * is by chance; or the one that came through where the given one did not.
 */
function decide(heat: Heat, results: readonly JobResult[]): Race {
  const order = rank(heat, results);
  const { given } = heat.race;
  const mine = order.find(({ candidate }) => candidate === given);
  const other = order.find(({ candidate }) => candidate !== given);
  const final = mine && other ? finalOf(mine.scores, other.scores) : null;
  const isTaken = final ? final.isTaken : (mine?.score ?? null) === null && (other?.score ?? null) !== null;
  const left = other && isTaken ? [other.candidate] : [given];
  return { ...heat.race, left, rungs: withRung(heat, order), final };
}

function finalOf(given: readonly (number | null)[], other: readonly (number | null)[]): Final | null {
  const differences = other.flatMap((score, k) => {
    const base = given[k] ?? null;
    return score === null || base === null ? [] : [score - base];
  });
  if (differences.length < given.length) return null;
  const { mean: middle, sd } = spreadOf(differences);
  return { differences, mean: middle, sd, isTaken: differences.every((d) => d > 0) && middle > sd };
}

/** Null where a run failed: a config that fails with some seed is none to choose. */
function meanOf(scores: readonly (number | null)[]): number | null {
  const known = scores.filter((score) => score !== null);
  return known.length === scores.length ? mean(known) : null;
}

/** @throws UserError when not one candidate of a loss could be trained */
function finish({ entrant, left, rungs, final }: Race): Tuned {
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
    final,
  };
}
