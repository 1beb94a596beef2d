import { bisect, fTail, normalQuantile, studentQuantile } from '../metrics/distributions';
import { varianceInterval } from './power';
import type { Variances } from './resample';
import { FEWEST_SEEDS, isSame, LEVEL, type OverLooks, type PairedTest, type Verdict } from './statistics';

/** How a comparison that looks at its verdicts while seeds are added goes on, and how far. */
export interface UntilRule {
  /** No more seeds are made: part of the rule, for the spending of the level is spread up to there. */
  readonly most: number;
  /** Seeds between two looks. */
  readonly step: number;
  /** Losses that are shown to differ by less are as good as alike; a fraction of 1. */
  readonly effect: number;
}

/** What was seen at one look: the tests of all seeds up to there. */
export interface Look {
  readonly seeds: number;
  readonly tests: readonly PairedTest[];
}

/** What the looks so far say of one question. */
export interface Decision extends OverLooks {
  readonly label: string;
  readonly metric: string;
  /** `better` and `worse` stay so; `none` where nothing is shown (yet). */
  readonly verdict: Verdict;
}

/**
 * What is spent over all looks: a fifth of the level is kept, for variances are estimated, and at a few seeds the levels of a normal
 * motion hold for Student's t nearly, not quite.
 */
const SPENT = 0.8 * LEVEL;

/** A question at a look. */
interface Asked {
  readonly test: PairedTest;
  readonly key: string;
  readonly ratio: number;
  /** Pairs of runs that it had at each look that could judge it, up to this one: fewer than the look's seeds where runs failed. */
  readonly made: readonly number[];
  readonly family: { readonly name: string; readonly size: number };
}

/** Seeds at each look. */
export const looksOf = ({ most, step }: UntilRule): number[] =>
  Array.from({ length: Math.floor((most - FEWEST_SEEDS) / step) + 1 }, (_, i) => FEWEST_SEEDS + i * step);

/**
 * The verdicts after several looks: in at most 5 % of comparisons is any of them false in a family of questions.
 *
 * Alpha spending (Lan and DeMets 1983, "Discrete sequential boundaries for clinical trials", Biometrika 70): what may be spent of a
 * level up to a look is a function of the information that is there, so that neither number nor times of looks need be known before.
 * The mean difference of n seeds varies by `shared + between / n`, its information is one over that, and means of more and more seeds
 * have the covariances of a Brownian motion: those of n and m > n share all that those of m have. Sentences that all seeds
 * share are no news at a later look, and where they are all that varies, the first look has the whole level. The p-values at a
 * look are those of Student's t with Satterthwaite's degrees of freedom (Jennison and Turnbull 2000, "Group sequential methods",
 * chapter 11). Over questions the level is shared out by Holm's steps, which keeps its promise with boundaries that
 * fall with the level (Maurer and Bretz 2013, "Multiple testing in group sequential trials using graphical approaches"). Besides, a
 * question counts only where the verdict of a single look says the same: `verdictOf`.
 * @param looks so far, in their order
 * @param familyOf what Holm's correction holds together with a metric: its name, and how many questions it has
 */
export function decide(
  looks: readonly Look[],
  rule: UntilRule,
  familyOf: (metric: string) => { readonly name: string; readonly size: number },
): Decision[] {
  const decided = new Map<string, Decision>();
  const ratios = new Map<string, number>(); // of each question, by its first look
  const made = new Map<string, readonly number[]>();
  let all: Decision[] = [];
  for (const look of looks) {
    const found = look.tests.map((test): Asked => {
      const key = `${test.metric}/${test.label}`;
      const ratio = ratios.get(key) ?? ratioOf(test);
      ratios.set(key, ratio);
      const pairs = test.seeds.length;
      const own = [...(made.get(key) ?? []), ...(pairs < FEWEST_SEEDS ? [] : [pairs])];
      made.set(key, own);
      return { test, key, ratio, made: own, family: familyOf(test.metric) };
    });
    for (const name of new Set(found.map(({ family }) => family.name))) {
      const own = found.filter(({ family }) => family.name === name);
      const open = new Set(own.filter(({ key }) => decided.get(key)?.state !== 'shown'));
      for (let changed = true; changed;) {
        changed = false;
        for (const one of open) {
          const { test, key, family } = one;
          const level = levelAt(one, rule, SPENT / Math.max(1, Math.min(family.size, open.size)));
          const isShown = pOf(test) <= level && (test.verdict === 'better' || test.verdict === 'worse');
          if (!isShown) continue;
          decided.set(key, { ...stateOf(one, rule, decided.get(key)), level, verdict: test.verdict, state: 'shown', seeds: look.seeds }); // prettier-ignore
          open.delete(one);
          changed = true;
        }
      }
    }
    all = found.map((one) => {
      const { key } = one;
      const before = decided.get(key);
      const now = stateOf(one, rule, before);
      if (before?.state === 'shown') {
        const shown = { ...before, low: now.low, high: now.high };
        decided.set(key, shown);
        return shown;
      }
      const seeds = now.state === 'open' ? null : before?.state === now.state ? before.seeds : look.seeds;
      decided.set(key, { ...now, seeds });
      return { ...now, seeds };
    });
  }
  return all;
}

/**
 * What a look says of a question for which it shows no difference. The intervals of all looks hold together, so that what lies in each of
 * them is left: a look without news takes nothing away.
 * @param before what the look before it said
 */
function stateOf(asked: Asked, rule: UntilRule, before: Decision | undefined): Decision {
  const { test, family } = asked;
  const { label, metric, difference, variances, seeds } = test;
  const level = levelAt(asked, rule, SPENT / family.size);
  const n = seeds.length;
  const error = errorOf(variances, n);
  const width = level > 0 ? studentQuantile(level, degreesOf(test)) * error : Infinity;
  const [low, high] = within(difference - width, difference + width, before);
  const unjudged = n < FEWEST_SEEDS;
  const state = unjudged
    ? 'open'
    : isVoid(test, rule)
      ? 'void'
      : low > -rule.effect && high < rule.effect
        ? 'alike'
        : isHopeless(asked, rule)
          ? 'hopeless'
          : 'open';
  const verdict = unjudged ? 'unjudged' : test.verdict === 'nothing' ? 'nothing' : 'none';
  return { label, metric, verdict, state, seeds: null, p: pOf(test), level, low, high };
}

/** What an interval and that of the looks before have in common; the new one where that is nothing, as one comparison in twenty may have it. */
function within(
  from: number,
  to: number,
  before: Interval = { low: -1, high: 1 },
): readonly [low: number, high: number] {
  const [low, high] = [Math.max(from, before.low), Math.min(to, before.high)];
  return low <= high ? [low, high] : [Math.max(from, -1), Math.min(to, 1)];
}

type Interval = Pick<OverLooks, 'low' | 'high'>;

/** Scores that do not come up to the effect cannot differ by it, and those of one tagger twice never do: neither is a sign of anything. */
const isVoid = (test: PairedTest, { effect }: UntilRule): boolean => test.highest < effect || isSame(test);

/** Even a mean at the far end of what the seeds to come make likely would not be shown with all of them. */
function isHopeless({ test, ratio, made, family }: Asked, rule: UntilRule): boolean {
  const { difference, variances, seeds } = test;
  const n = seeds.length;
  if (n + rule.step > rule.most) return false; // no more are allowed: more might well show it
  const spread = Math.max(variances.between, variances.within);
  const likely = Math.abs(difference) + 1.96 * Math.sqrt(Math.max(0, spread / n - spread / rule.most));
  const level = levelsOf(rule, ratio, SPENT / family.size, toCome(rule, made));
  const best = Math.max(...level);
  return best > 0 && likely < normalQuantile(best) * Math.sqrt(variances.shared + spread / rule.most);
}

type Observed = Pick<PairedTest, 'difference' | 'variances' | 'sentences' | 'seeds'>;

/** Two-sided, of the null that there is no difference. */
export function pOf(test: Observed): number {
  const { difference, variances, seeds } = test;
  const error = errorOf(variances, seeds.length);
  if (seeds.length < 2) return 1;
  if (error === 0) return difference === 0 ? 1 : 0;
  return fTail((difference / error) ** 2, 1, degreesOf(test));
}

const errorOf = ({ between, within, shared }: Variances, n: number): number =>
  Math.sqrt(shared + Math.max(between, within) / n);

/**
 * Satterthwaite's, of a spread between seeds at the upper end of its interval, which is known by n - 1 seeds, and the share of the
 * sentences, which is known by those that differ. By the spread that was found, a small one would count as well known.
 */
function degreesOf({ variances: { between, within, shared }, sentences, seeds: { length: n } }: Observed): number {
  const part = (upperFactor(n) * Math.max(between, within)) / n;
  const doubt = part ** 2 / (n - 1) + (sentences === null ? 0 : shared ** 2 / sentences);
  return Math.min(1e6, (shared + part) ** 2 / doubt);
}

/** The variance at the upper end of its 95 % interval, as a multiple of the one found over n seeds. */
function upperFactor(n: number): number {
  const factor = factors.get(n) ?? varianceInterval(Math.max(1, n - 1), 0.95)[1];
  factors.set(n, factor);
  return factor;
}

const factors = new Map<number, number>();

/** The level at this look; 0 where it brings no news, or has too few pairs to judge. */
function levelAt({ test, ratio, made }: Asked, rule: UntilRule, alpha: number): number {
  if (test.seeds.length < FEWEST_SEEDS) return 0;
  return levelsOf(rule, ratio, alpha, toCome(rule, made))[made.length - 1] ?? 0;
}

/** Pairs of runs at the looks that a question had, and at those to come, if no more runs fail. */
function toCome(rule: UntilRule, made: readonly number[]): readonly number[] {
  const last = made.at(-1);
  if (last === undefined) return looksOf(rule);
  const length = Math.max(0, Math.floor((rule.most - last) / rule.step));
  return [...made, ...Array.from({ length }, (_, i) => last + (i + 1) * rule.step)];
}

/**
 * Of what varies between seeds to what they share, the upper end of its 95 % interval, by the first look alone. Were it taken anew at
 * every look, a small spread would make the p-value small and the level large at once. Where it is too large the looks are taken to
 * have less in common than they have, and less is spent. On a grid: boundaries change little with it, and take a while to compute.
 */
function ratioOf({ variances: { between, within, shared }, seeds }: PairedTest): number {
  const ratio = (upperFactor(seeds.length) * Math.max(between, within)) / shared;
  if (!(ratio < 1e4)) return Infinity; // nothing is shared, or nothing varies
  return Math.exp(Math.ceil(Math.log(Math.max(ratio, 1e-4)) * 2.5) / 2.5);
}

const known = new Map<string, readonly number[]>();

/** The level at each look. @param ratio as in `ratioOf` @param looks pairs of runs at each */
export function levelsOf(
  rule: UntilRule,
  ratio: number,
  alpha: number,
  looks: readonly number[] = looksOf(rule),
): readonly number[] {
  const key = `${rule.most} ${looks.join()} ${ratio} ${alpha}`;
  const found = known.get(key);
  if (found) return found;
  const information = looks.map((n) => (ratio === Infinity ? n / rule.most : (1 + ratio / rule.most) / (1 + ratio / n))); // prettier-ignore
  const levels = spentLevels(information, alpha);
  known.set(key, levels);
  return levels;
}

/** Information that a look adds to be one, as a share: less is no news, and could not be told from rounding. */
const NEWS = 0.02;

/** What may be spent of a level up to a share of the information: Lan and DeMets' function of Pocock's kind, which spends early. */
export const spent = (alpha: number, information: number): number =>
  alpha * Math.log(1 + (Math.E - 1) * Math.min(1, information));

/** Points of the grid over half of a density that is symmetric around 0. */
const POINTS = 100;

/**
 * Two-sided levels at looks at shares of the information such that a Brownian motion crosses none of their boundaries with the
 * probability 1 - alpha: the density of what has not crossed is carried from look to look by numerical integration (Armitage,
 * McPherson and Rowe 1969, "Repeated significance tests on accumulating data").
 * @param information rising, up to 1
 */
export function spentLevels(information: readonly number[], alpha: number): number[] {
  const levels: number[] = [];
  let last = 0; // information of the last look that was one
  let grid: number[] = []; // of the motion from 0 up to the last boundary
  let density: number[] = []; // of what has not crossed, with the weights of the integral
  for (const t of information) {
    if (last > 0 && t < last * (1 + NEWS)) {
      levels.push(0);
      continue;
    }
    const step = Math.sqrt(t - last);
    const share = spent(alpha, t) - (last > 0 ? spent(alpha, last) : 0);
    const crossing = (b: number): number =>
      last === 0
        ? 2 * below(-b / step)
        : grid.reduce((sum, x, i) => sum + 2 * (density[i] ?? 0) * (below((x - b) / step) + below((-x - b) / step)), 0); // prettier-ignore
    const bound = bisect((b) => crossing(b) <= share, 0, 9 * Math.sqrt(t), 1e-8);
    levels.push(2 * below(-bound / Math.sqrt(t)));
    const width = bound / POINTS;
    const points = Array.from({ length: POINTS + 1 }, (_, i) => i * width);
    const normal = (x: number): number => Math.exp(-(x * x) / 2) / (step * Math.sqrt(2 * Math.PI));
    const next = points.map((y) =>
      last === 0
        ? normal(y / step)
        : grid.reduce((sum, x, i) => sum + (density[i] ?? 0) * (normal((y - x) / step) + normal((y + x) / step)), 0),
    );
    density = next.map((f, i) => f * width * simpson(i));
    grid = points;
    last = t;
  }
  return levels;
}

/** P(Z <= z) to about 1e-7, in one exponential: integrals ask for it by the ten thousand (Numerical Recipes 6.2, erfcc). */
function below(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const series = COEFFICIENTS.reduceRight((sum, c) => c + t * sum, 0);
  const tail = (t * Math.exp(-x * x + series)) / 2;
  return z < 0 ? tail : 1 - tail;
}

const COEFFICIENTS: readonly number[] = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
];

/** Simpson's weights over POINTS intervals. */
const simpson = (i: number): number => (i === 0 || i === POINTS ? 1 : i % 2 === 1 ? 4 : 2) / 3;

/** What is settled of a loss for which no difference is shown. */
const SETTLED = {
  alike: 'is alike',
  void: 'has nothing that could differ',
} as const;

const notShown = (most: number): string => `not to be shown with the ${most} seeds allowed`;

/**
 * What a look settled and what it left, in a line.
 * @param averages metrics that are waited for
 * @param most seeds that are allowed
 */
export function lookText(
  seeds: number,
  decisions: readonly Decision[],
  averages: readonly string[],
  most: number,
): string {
  const waited = decisions.filter(({ metric }) => averages.includes(metric));
  const list = (of: readonly string[]): string => (of.length > 0 ? of.join(', ') : 'nothing');
  const settled = waited.flatMap(({ label, metric, state, verdict }) => {
    if (state === 'open') return [];
    const how = state === 'shown' ? `is ${verdict}` : state === 'hopeless' ? `is ${notShown(most)}` : SETTLED[state];
    return [`${label} ${how} on ${metric}`];
  });
  const open = waited.flatMap(({ label, metric, state }) => (state === 'open' ? [`${metric} of ${label}`] : []));
  return `look at ${seeds} seeds: settled: ${list(settled)}; open: ${list(open)}`;
}

/** How seeds were added until the verdicts were safe. */
export interface UntilSummary extends UntilRule {
  /** Minutes that allowed no more seeds than `most`; null where they did. */
  readonly budget: number | null;
  /** Seeds of each look. */
  readonly looks: readonly number[];
  readonly decisions: readonly Decision[];
}

/** The sentence of a report on how it came to its verdicts. @param averages metrics that are waited for */
export function untilText({ looks, decisions, most, step, budget }: UntilSummary, averages: readonly string[]): string {
  const waited = decisions.filter(({ metric }) => averages.includes(metric));
  const of = (state: Decision['state']): number => waited.filter((one) => one.state === state).length;
  const seeds = looks.at(-1) ?? 0;
  const why =
    of('open') === 0
      ? `every question is settled${of('hopeless') > 0 ? `, or most likely ${notShown(most)}` : ''}`
      : seeds + step <= most
        ? 'the rest is not made yet'
        : budget === null
          ? `no more were allowed than ${most}`
          : `no more fit into the budget of ${budget} ${budget === 1 ? 'minute' : 'minutes'}`;
  return (
    `looked ${looks.length === 1 ? 'once' : `${looks.length} times`} while seeds were added, and stopped at ${seeds}: ${why}; ` +
    `of ${waited.length} questions on averages ${of('shown')} shown, ${of('alike')} alike, ${of('hopeless')} ${notShown(most)}, ` +
    `${of('void') > 0 ? `${of('void')} with nothing that could differ, ` : ''}${of('open')} open; ` +
    'the verdicts hold over all looks together: in at most 5 % of comparisons is any of them false, of averages and of classes each (alpha spending, Lan and DeMets 1983); those by another decoding, and of kinds of entities or tokens, are of the last look alone'
  );
}
