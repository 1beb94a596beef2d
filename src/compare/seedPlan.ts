import { present, UserError } from '../errors';
import { byCodeUnit } from '../order';
import { VERSION } from '../package';
import { createRng } from '../rng';
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
  scaleNeeded,
  seedsNeeded,
  varianceInterval,
} from './power';
import { labelOf } from './progress';
import { differenceVariances, type Resampled, resampleScores, type Variances } from './resample';
import { scoredRuns } from './scored';
import { spread } from './spread';
import { canBeShown, FEWEST_SEEDS, mean, type ScoredRun } from './statistics';

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
  /** Runs at a time, and seconds that one seed of every loss takes. */
  readonly size: number;
  readonly secondsPerSeed: number;
  /** Averages first, then classes; loss by loss. */
  readonly questions: readonly Question[];
}

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
  /** Standard deviation of the difference between seeds, the degrees of freedom behind it, and its interval. */
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
  /** The same were the spread between seeds at either end of its interval. */
  readonly seedsInterval: readonly [low: number | null, high: number | null];
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
const INTERVAL = 0.95;
/** Seeds of a pilot from which on a loss's own spread is used; below, that of all losses together. */
const OWN_SPREAD = 5;

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
  const rng = createRng(0).split('compare').split('sentences'); // as the comparison draws them
  const sampled = resampleScores(
    runs.map(({ counts }) => counts),
    ordered,
    plan.resamples,
    rng,
  );
  const others = entrants.map(({ label }) => label).filter((label) => label !== plan.reference);
  const asked = metrics.filter(({ support }) => support !== 0);
  const oneClass = asked.filter(({ kind }) => kind === 'class').length === 1;
  const familyOf = ({ kind }: Metric): number =>
    others.length * (oneClass ? 1 : asked.filter((metric) => metric.kind === kind).length);
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
    size: options.size,
    secondsPerSeed: per,
    questions: [],
  };
  const draws = createDraws(MOST);
  const questions = asked.flatMap((metric) =>
    others.flatMap((label): Question[] => {
      const at = metric.kind === 'average' ? averages.indexOf(metric.name) : 2 + ordered.indexOf(metric.title);
      const pilot = pilotOf(runs, sampled, at, label, plan.reference);
      if (!pilot) return [];
      const question = { ...pilot, family: familyOf(metric), resamples: plan.resamples };
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

/** What the runs tell of a question. */
interface Known extends Omit<Pilot, 'family' | 'resamples'> {
  readonly df: number;
  /** No run found any. */
  readonly silent: boolean;
  /** The variance between seeds at either end of the interval that holds it with this probability. */
  readonly ends: (share: number) => { readonly low: KnownSpread; readonly high: KnownSpread };
}

type KnownSpread = Pick<Pilot, 'between' | 'df'>;

/**
 * The variances of a question. With few seeds that between seeds is taken from all losses together: the residuals of losses and
 * seeds, which pairs share, twice, for a difference has two.
 */
export function pilotOf(
  runs: readonly ScoredRun[],
  sampled: Resampled,
  at: number,
  label: string,
  reference: string,
): Known | null {
  const valueOf = (run: number): number => {
    const value = present(sampled.whole[run]?.[at], 'score');
    return Number.isNaN(value) ? 0 : value;
  };
  const indexOf = (of: string, seed: number): number => runs.findIndex((run) => run.label === of && run.seed === seed);
  const labels = [...new Set(runs.map((run) => run.label))];
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const pairs = seeds.filter((seed) => indexOf(label, seed) >= 0 && indexOf(reference, seed) >= 0);
  if (pairs.length < 2) return null;
  const side = (of: string): number[] => pairs.map((seed) => indexOf(of, seed));
  const [ours, theirs] = [side(label), side(reference)];
  const own = differenceVariances(sampled, at, ours, theirs);
  const silent = [...ours, ...theirs].every((run) => valueOf(run) === 0);
  const whole = seeds.filter((seed) => labels.every((one) => indexOf(one, seed) >= 0));
  const pooled = pairs.length < OWN_SPREAD && labels.length > 2 && whole.length > 1;
  if (!pooled) return known(own, own.between, pairs.length - 1, silent);
  const table = labels.map((one) => whole.map((seed) => valueOf(indexOf(one, seed))));
  const df = (labels.length - 1) * (whole.length - 1);
  return known(own, (2 * residualSquares(table)) / df, df, silent);
}

/**
 * What is known of the spread between seeds before any pilot, as so many times what comes and goes with the sentences, and how many
 * degrees of freedom that is worth: over 104 questions of six corpora (five losses, five seeds) the quotient had a mean of 2.9, and
 * 80 % lay between 0.55 and 5.65, hardly more than four degrees of freedom scatter by themselves. Half of what that says is used.
 */
const PRIOR = { quotient: 3, df: 4 };

/** The variance between seeds, shrunk towards what is usual (Smyth 2004, "Linear models and empirical Bayes methods"). */
function known(own: Variances, found: number, degrees: number, silent: boolean): Known {
  const df = degrees + PRIOR.df;
  const between = (degrees * found + PRIOR.df * PRIOR.quotient * own.within) / df;
  const at = (factor: number): KnownSpread => ({ between: Math.max(own.within, factor * between), df: null });
  const ends = (share: number): ReturnType<Known['ends']> => {
    const [low, high] = varianceInterval(df, share);
    return { low: at(low), high: at(high) };
  };
  return { ...own, between: Math.max(own.within, between), df, silent, ends };
}

/** Squares of what rows and columns do not explain. */
function residualSquares(table: readonly (readonly number[])[]): number {
  const all = mean(table.map(mean));
  const columns = (table[0] ?? []).map((_, j) => mean(table.map((row) => row[j] ?? 0)));
  return table.reduce((sum, row) => {
    const centre = mean(row);
    return sum + row.reduce((own, x, j) => own + (x - centre - (columns[j] ?? 0) + all) ** 2, 0);
  }, 0);
}

function answer(
  { silent, ends, ...pilot }: Known & Pilot,
  { label, metric }: { readonly label: string; readonly metric: Metric },
  { effect, power, seeds: now, pilotSeeds, sentences, secondsPerSeed, size }: SeedPlan,
  losses: number,
  draws: Draws,
): Question {
  const { low, high } = ends(INTERVAL);
  const told = {
    label,
    metric: metric.name,
    title: metric.title,
    kind: metric.kind,
    support: metric.support,
    rare: metric.rare,
    family: pilot.family,
    seedSd: Math.sqrt(pilot.between),
    df: pilot.df,
    seedSdInterval: [Math.sqrt(low.between), Math.sqrt(high.between)] as const,
    sentenceSd: Math.sqrt(pilot.shared),
    seenAtBest: effectAtBest(pilot, power),
  };
  const unknown = { seeds: null, seedsInterval: [null, null] as const, minutes: null, seen: null, sentences: null };
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
    seedsInterval: [
      seedsNeeded({ ...pilot, ...low }, effect, power, draws),
      seedsNeeded({ ...pilot, ...high }, effect, power, draws),
    ],
    minutes: more === null ? null : (more * secondsPerSeed) / 60 / spread(more * losses, size).size,
    seen: effectSeen(pilot, now, power, draws),
    sentences: scale === null ? null : Math.ceil(scale * sentences),
  };
}
