import { present, UserError } from '../errors';
import { quantile } from '../metrics/bootstrap';
import { byCodeUnit } from '../order';
import { VERSION } from '../package';
import { subjectOf } from './collect';
import type { Metric } from './comparison';
import type { JobResult } from './launch';
import type { Entrant, Plan } from './plan';
import {
  createDraws,
  type Draws,
  effectAtBest,
  effectSeen,
  type Pilot,
  powerBetween,
  scaleNeeded,
  seedsBetween,
  seedsNeeded,
} from './power';
import { type Known, pilotsOf } from './pilot';
import { labelOf } from './progress';
import { createResampler } from './resample';
import { scoredRuns } from './scored';
import { shareCores } from './cores';
import { canBeShown, familySize, FEWEST_SEEDS, mean } from './statistics';

/** What a comparison would take to show a difference, by the runs that are there. Scores are fractions of 1. */
export interface SeedPlan {
  readonly version: string;
  readonly reference: string;
  readonly split: 'test' | 'dev';
  /** Sentences of the file that is scored. */
  readonly sentences: number;
  readonly classes: readonly string[];
  /** Seeds of the pilot, and those that the statements about `seen` are for. */
  readonly pilotSeeds: number;
  readonly seeds: number;
  /** The difference to be shown, and how often it shall be. */
  readonly effect: number;
  readonly power: number;
  /** No more seeds are thought of; also those that `sentences` of a question are for. */
  readonly most: number;
  readonly mostForSentences: number;
  /** Share of the intervals. */
  readonly level: number;
  readonly claim: Claim;
  /** Runs at a time, and seconds that one seed of every loss takes. */
  readonly size: number;
  readonly secondsPerSeed: number;
  /** Averages first, then classes; loss by loss. */
  readonly questions: readonly Question[];
}

/**
 * How far the power that a plan of two pilot seeds claims is off from what comparisons show, less than nothing where it claims too little:
 * the mean over made-up comparisons in as many worlds of which a power from `low` to `high` was claimed. `usual`: seeds make of the
 * spread what is usual, `half` and `twice` of that. For one world it is in `powerInterval`: nobody can tell the spread between seeds
 * from two of them.
 */
export interface Claim {
  readonly low: number;
  readonly high: number;
  readonly usual: number;
  readonly half: number;
  readonly twice: number;
}

/** Measured by test/bench/power.mjs, 1 000 comparisons each. */
const CLAIMS: readonly Claim[] = [
  { low: 0, high: 0.2, usual: 0.03, half: -0.04, twice: -0.02 },
  { low: 0.2, high: 0.4, usual: 0.02, half: -0.14, twice: 0.05 },
  { low: 0.4, high: 0.6, usual: -0.05, half: -0.11, twice: 0.12 },
  { low: 0.6, high: 0.8, usual: -0.08, half: -0.16, twice: 0.13 },
  { low: 0.8, high: 1, usual: -0.02, half: -0.04, twice: 0.04 },
];

/** Of the powers around one that is asked for. */
export const claimOf = (power: number): Claim =>
  present(CLAIMS.find(({ high }) => power < high) ?? CLAIMS.at(-1), 'claim');

/** One loss against the reference on one metric. */
export interface Question {
  readonly label: string;
  readonly metric: string;
  readonly title: string;
  readonly kind: Metric['kind'];
  readonly support: number | null;
  readonly rare: boolean;
  /** Others that Holm's correction holds together with it, and itself. */
  readonly family: number;
  /** Standard deviation of the difference between seeds, the median of what is believed; degrees of freedom of the runs; interval. */
  readonly seedSd: number;
  readonly df: number;
  readonly seedSdInterval: readonly [low: number, high: number];
  /** Standard deviation that the sentences give to the mean over any number of seeds. */
  readonly sentenceSd: number;
  /**
   * `seeds`: so many see the effect. `sentences`: no number of seeds does on a file of this size. `many`: more than `most`.
   * `silent`: no run found any of it, so nothing is known. `resamples`: so many questions at once need more of the bootstrap's.
   */
  readonly answer: 'seeds' | 'many' | 'sentences' | 'silent' | 'resamples';
  /** null where more than `most` would be needed. */
  readonly seeds: number | null;
  /** Ends of the interval that holds the seeds that are needed in truth, for what the pilot lets one believe of the variances. */
  readonly seedsInterval: readonly [low: number | null, high: number | null];
  /** Ends of the interval that holds the true power with so many seeds; its mean is the power asked for. null where `seeds` is. */
  readonly powerInterval: readonly [low: number, high: number] | null;
  /** Of the seeds that are not there yet, every loss with each. */
  readonly minutes: number | null;
  /** Smallest difference that `seeds` of the plan see; and any number of them. */
  readonly seen: number | null;
  readonly seenAtBest: number;
  /** Sentences with which `mostForSentences` seeds see the effect; null where no file is large enough. */
  readonly sentences: number | null;
}

export interface SeedPlanOptions {
  /** Fraction of 1. */
  readonly effect: number;
  readonly power: number;
  /** Runs at a time; null takes one a core. */
  readonly size: number;
}

const MOST = 100;
const MOST_FOR_SENTENCES = 20;
const INTERVAL = 0.9;

/** @throws UserError where fewer than two seeds of the reference and another loss are finished */
export async function planSeeds(
  plan: Plan,
  entrants: readonly Entrant[],
  results: readonly JobResult[],
  options: SeedPlanOptions,
): Promise<SeedPlan> {
  const { split, metrics, classes, averages, report } = subjectOf(plan, results);
  const runs = await scoredRuns(entrants, results, split);
  const ordered = classes.toSorted((a, b) => byCodeUnit(a.name, b.name)).map(({ name }) => name);
  const counts = runs.map((run) => run.counts);
  const sampled = createResampler(plan.resamples).scores(counts, ordered);
  const others = entrants.map(({ label }) => label).filter((label) => label !== plan.reference);
  const asked = metrics.filter(({ support }) => support !== 0);
  const seedsOf = (label: string): number[] => runs.filter((run) => run.label === label).map(({ seed }) => seed);
  const pilotSeeds = seedsOf(plan.reference).length;
  const seconds = entrants.map(({ label }) =>
    mean(results.flatMap(({ job, run }) => (run && labelOf(job) === label ? [run.result.timing.seconds] : []))),
  );
  const per = seconds.reduce((a, b) => a + b, 0);
  const found: SeedPlan = {
    version: VERSION,
    reference: plan.reference,
    split,
    sentences: report.sentences,
    classes: ordered,
    pilotSeeds,
    seeds: Math.max(FEWEST_SEEDS, pilotSeeds),
    effect: options.effect,
    power: options.power,
    most: MOST,
    mostForSentences: MOST_FOR_SENTENCES,
    level: INTERVAL,
    claim: claimOf(options.power),
    size: options.size,
    secondsPerSeed: per,
    questions: [],
  };
  const draws = createDraws(MOST);
  const pilots = pilotsOf(runs, sampled, ordered, plan.reference);
  const questions = asked.flatMap((metric) =>
    others.flatMap((label): Question[] => {
      const at = metric.kind === 'average' ? averages.indexOf(metric.name) : 2 + ordered.indexOf(metric.title);
      const pilot = pilots(at, label);
      if (!pilot) return [];
      const question = { ...pilot, family: familySize(metric.kind, metrics, others.length), resamples: plan.resamples };
      return [answer(question, { label, metric }, found, entrants.length, draws)];
    }),
  );
  if (questions.length === 0) {
    throw new UserError(
      `${plan.out}: a plan needs two seeds of ${plan.reference} and of another loss that came to an end; ${plan.reference} has ${pilotSeeds}`,
      'make them with dsc-train compare --plan and the flags of the comparison',
    );
  }
  return { ...found, questions };
}

function answer(
  { silent, df, ...pilot }: Known & Pilot,
  { label, metric }: { readonly label: string; readonly metric: Metric },
  { effect, power, seeds: now, pilotSeeds, sentences, secondsPerSeed, size }: SeedPlan,
  losses: number,
  draws: Draws,
): Question {
  const spreads = pilot.believed.map(({ between }) => Math.sqrt(between));
  const spreadAt = (share: number): number => quantile(spreads, share) ?? 0;
  const told = {
    label,
    metric: metric.name,
    title: metric.title,
    kind: metric.kind,
    support: metric.support,
    rare: metric.rare,
    family: pilot.family,
    seedSd: spreadAt(0.5),
    df,
    seedSdInterval: [spreadAt((1 - INTERVAL) / 2), spreadAt((1 + INTERVAL) / 2)] as const,
    sentenceSd: Math.sqrt(mean(pilot.believed.map(({ shared }) => shared))),
    seenAtBest: effectAtBest(pilot, power),
  };
  const nothing = { seeds: null, seedsInterval: [null, null] as const, powerInterval: null };
  const unknown = { ...nothing, minutes: null, seen: null, sentences: null };
  if (silent) return { ...told, ...unknown, answer: 'silent' };
  if (!canBeShown(pilot.family, pilot.resamples)) return { ...told, ...unknown, answer: 'resamples' };
  const seeds = seedsNeeded(pilot, effect, power, draws);
  const more = seeds === null ? null : Math.max(0, seeds - pilotSeeds);
  const enough = seeds !== null && seeds <= MOST_FOR_SENTENCES;
  const scale = enough ? 1 : scaleNeeded(pilot, effect, MOST_FOR_SENTENCES, power, draws);
  return {
    ...told,
    answer: seeds !== null ? 'seeds' : told.seenAtBest >= effect ? 'sentences' : 'many',
    seeds,
    seedsInterval: seedsBetween(pilot, effect, power, INTERVAL, draws),
    powerInterval: seeds === null ? null : powerBetween(pilot, { effect, seeds, scale: 1 }, INTERVAL, draws),
    minutes: more === null ? null : (more * secondsPerSeed) / 60 / shareCores(more * losses, size).size,
    seen: effectSeen(pilot, now, power, draws),
    sentences: scale === null ? null : Math.ceil(scale * sentences),
  };
}
