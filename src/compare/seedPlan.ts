import { present, UserError } from '../errors';
import { quantile } from '../metrics/bootstrap';
import { byCodeUnit } from '../order';
import { VERSION } from '../package';
import { believe, type Evidence } from './believed';
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
import { labelOf } from './progress';
import { createResampler, differenceVariances, type Resampled, sentenceDegrees, type Variances } from './resample';
import { scoredRuns } from './scored';
import { spread } from './spread';
import { canBeShown, familySize, FEWEST_SEEDS, mean, type ScoredRun } from './statistics';

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
 * the mean over made-up comparisons in as many worlds. `usual`: seeds make of the spread what is usual, `half` and `twice` of that.
 * For one world it is in `powerInterval`: nobody can tell the spread between seeds from two of them.
 */
export interface Claim {
  readonly usual: number;
  readonly half: number;
  readonly twice: number;
}

/** Measured by test/bench/power.mjs, 1 000 comparisons each. */
const CLAIM: Claim = { usual: -0.02, half: -0.09, twice: 0.06 };

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
    claim: CLAIM,
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

/** What the runs tell of a question. */
interface Known extends Pick<Pilot, 'believed'> {
  /** Degrees of freedom of its own metric. */
  readonly df: number;
  /** No run found any. */
  readonly silent: boolean;
}

/**
 * What the runs tell of each question, by the place of its metric among the scores and its loss; null where fewer than two seeds are of
 * both. The spread between seeds is taken from all losses together: the residuals of losses and seeds, twice, for a difference has two.
 * Losses do not differ in it as far as can be seen: over ten comparisons the logarithms of the variances of five seeds differ
 * between losses by a variance of 0.67 on averages, and by 0.645 they would by chance. Classes tell of each other, and of the
 * averages, what is usual here.
 * @param classes as given to `resampleScores`
 */
export function pilotsOf(
  runs: readonly ScoredRun[],
  sampled: Resampled,
  classes: readonly string[],
  reference: string,
): (at: number, label: string) => Known | null {
  const valueOf = (run: number, at: number): number => {
    const value = present(sampled.whole[run]?.[at], 'score');
    return Number.isNaN(value) ? 0 : value;
  };
  const indexOf = (of: string, seed: number): number => runs.findIndex((run) => run.label === of && run.seed === seed);
  const labels = [...new Set(runs.map(({ label }) => label))];
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const whole = seeds.filter((seed) => labels.every((one) => indexOf(one, seed) >= 0));
  const pairsOf = (label: string): number[] =>
    seeds.filter((seed) => indexOf(label, seed) >= 0 && indexOf(reference, seed) >= 0);
  const sides = (label: string): readonly [number[], number[]] => {
    const pairs = pairsOf(label);
    return [pairs.map((seed) => indexOf(label, seed)), pairs.map((seed) => indexOf(reference, seed))];
  };
  const found = new Map<string, Variances>();
  const ownOf = (at: number, label: string): Variances => {
    const key = `${at} ${label}`;
    const own = found.get(key) ?? differenceVariances(sampled, at, ...sides(label));
    found.set(key, own);
    return own;
  };
  const evidenceOf = (at: number, label: string): Evidence => {
    const found = labels.filter((one) => whole.some((seed) => valueOf(indexOf(one, seed), at) > 0)); // those that never do tell nothing
    const others = found.filter((one) => one !== reference && pairsOf(one).length > 1);
    if (whole.length < 2 || found.length < 3 || !found.includes(label) || !found.includes(reference))
      return { ...ownOf(at, label), degrees: pairsOf(label).length - 1 };
    const table = found.map((one) => whole.map((seed) => valueOf(indexOf(one, seed), at)));
    const degrees = (found.length - 1) * (whole.length - 1);
    return {
      between: (2 * residualSquares(table)) / degrees,
      within: mean(others.map((one) => ownOf(at, one).within)),
      degrees,
    };
  };
  return (at, label) => {
    const [ours, theirs] = sides(label);
    if (ours.length < 2) return null;
    const evidence = evidenceOf(at, label);
    const others =
      classes.length < 2 ? [] : classes.flatMap((_, k) => (k + 2 === at ? [] : [evidenceOf(k + 2, label)]));
    const sentences = sentenceDegrees(runs.map(({ counts }) => counts), classes, at, ours, theirs, sampled.resamples); // prettier-ignore
    return {
      believed: believe({
        own: ownOf(at, label),
        evidence,
        others: others.filter(({ between, within }) => between > 0 && within > 0),
        isAverage: at < 2 && classes.length > 1,
        seeds: ours.length,
        sentences: Number.isFinite(sentences) ? sentences : null,
      }),
      df: evidence.degrees,
      silent: [...ours, ...theirs].every((run) => valueOf(run, at) === 0),
    };
  };
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
    minutes: more === null ? null : (more * secondsPerSeed) / 60 / spread(more * losses, size).size,
    seen: effectSeen(pilot, now, power, draws),
    sentences: scale === null ? null : Math.ceil(scale * sentences),
  };
}
