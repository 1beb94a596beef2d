import { present } from '../errors';
import { count, percent, signedPercent, someOf } from '../wording';
import type { Comparison } from './comparison';
import { createDraws, leastShown, type Pilot, seedsNeeded } from './power';
import {
  canBeShown,
  familySize,
  FEWEST_SEEDS,
  intervalOf,
  isSame,
  LEVEL,
  type PairedTest,
  resamplesFor,
} from './statistics';

/** Nobody trains more. */
const MOST_SEEDS = 100;
/** The chance to show what is there: the usual plan of an experiment. */
const POWER = 0.8;
const NAMED = 4;

type Answered = Pick<Comparison, 'losses' | 'metrics' | 'tests' | 'reference' | 'seeds' | 'split' | 'resamples'>;

/** Means that differ by less are the same: what sums in another order may leave. */
const ROUNDING = 1e-12;

/**
 * The question that a comparison was made for, answered in one sentence: which loss has the highest mean, and is it shown to be better?
 * @param believed what all runs let one believe of the variances of the first average of a loss, as `pilotsOf` has it for --plan too
 */
export function answerText(comparison: Answered, believed: (label: string) => Pilot['believed']): string {
  const { losses, metrics, tests, reference, seeds, split } = comparison;
  const metric = present(metrics[0], 'metric');
  const meanOf = (scores: Comparison['losses'][number]['scores']): number =>
    present(scores[metric.name], metric.name).mean;
  const ranked = losses.filter(({ scores }) => Object.hasOwn(scores, metric.name));
  if (ranked.length === 0) return 'No run is finished, so there is nothing to say.';
  const most = Math.max(...ranked.map(({ scores }) => meanOf(scores)));
  if (most === 0) return `No loss gets anything right: ${metric.title} on ${split} is ${percent(0)} with every seed.`;
  const tied = ranked.filter(({ scores }) => meanOf(scores) >= most - ROUNDING).map(({ label }) => label);
  const own = tests.filter((test) => test.metric === metric.name);
  const isBetter = (label: string): boolean => own.some((test) => test.label === label && test.verdict === 'better');
  const best = present(tied.find(isBetter) ?? tied[0], 'loss');
  const named = best === reference ? `${reference}, the reference, has` : `${best} has`;
  const who = tied.length > 1 ? `${someOf(tied, NAMED)} share` : named;
  const highest = `${who} the highest ${metric.title} on ${split}, ${percent(most)}`;
  const base = ranked.find(({ label }) => label === reference);
  if (!base) return `${highest}; the reference ${reference} has no finished run, so nothing is tested.`;
  if (own.length === 0) return `${highest}; no other loss has a finished run of the same seed.`;
  if (own.every((test) => test.seeds.length < FEWEST_SEEDS)) return `${highest}; ${fewText(own, seeds.length)}.`;
  if (tied.includes(reference)) {
    const others = own.filter(({ label, verdict }) => !tied.includes(label) || verdict === 'better');
    const same = own.filter((test) => tied.includes(test.label) && isSame(test)).map(({ label }) => label);
    const parts = [
      ...(same.length > 0 ? [`${someOf(same, NAMED)} ${same.length === 1 ? 'is' : 'are'} the same as ${reference} throughout, with every seed`] : []), // prettier-ignore
      ...(others.length > 0 ? [othersText(others, reference)] : []),
    ];
    return `${[highest, ...parts].join('; ')}.`;
  }
  const test = own.find(({ label }) => label === best);
  if (!test) return `${highest}; it has no seed in common with ${reference}, so they are not compared.`;
  const { low, high } = intervalOf(test);
  const size = `${signedPercent(test.difference)}, 95 % ${test.overLooks ? 'over all looks' : 'interval'} ${percent(low)}..${percent(high)}`; // prettier-ignore
  const { length } = test.seeds;
  const than = meanOf(base.scores) === 0 ? `${reference}, which gets nothing right with any seed` : reference;
  const also = tied.length > 1 ? `${best} is` : 'and is';
  if (test.verdict === 'better')
    return `${highest}${tied.length > 1 ? ';' : ','} ${also} shown to be better than ${than} (${size}).`;
  if (test.verdict === 'unjudged')
    return `${highest}; with ${count(length, 'seed')} in common it is not judged against ${than} (${size}): ${FEWEST_SEEDS} are needed.`;
  const shown = `${count(length, 'seed')} do not show that ${tied.length > 1 ? best : 'it'} is better than ${than} (${size})`;
  return `${highest}; ${shown}; ${settledText(test) ?? neededText(test, comparison, believed)}.`;
}

/** Why nothing is judged: too few seeds were asked for, or runs failed, so that too few are in common. */
function fewText(tests: readonly PairedTest[], asked: number): string {
  const most = Math.max(...tests.map(({ seeds }) => seeds.length));
  const few =
    most === asked
      ? `${count(most, 'seed')} ${most === 1 ? 'shows' : 'show'} nothing of a loss`
      : `no loss has more than ${count(most, 'finished seed')} in common with the reference`;
  return `${few}: ${FEWEST_SEEDS} are needed`;
}

/** What the looks at a growing comparison say where they show no difference; null where nobody looked before. */
function settledText(test: PairedTest): string | null {
  const { overLooks, reference } = test;
  switch (overLooks?.state) {
    case undefined:
      return null;
    case 'alike':
      return `it is alike: at all looks together the difference lies within ${percent(overLooks.low)}..${percent(overLooks.high)}`;
    case 'void':
      return isSame(test)
        ? `over the seeds that both have it is the same as ${reference} throughout`
        : `neither it nor ${reference} learned enough to differ by the effect that was asked for`;
    case 'hopeless':
      return 'most likely the seeds allowed would not show it';
    default:
      return 'more seeds may tell';
  }
}

/**
 * Where the reference has the highest mean: what is shown of the others. One may be better all the same: with the seeds that both have, or
 * by what earlier looks showed.
 */
function othersText(tests: readonly PairedTest[], reference: string): string {
  const named = (verdicts: readonly PairedTest['verdict'][]): string[] =>
    tests.filter(({ verdict }) => verdicts.includes(verdict)).map(({ label }) => label);
  const [worse, better, open] = [named(['worse']), named(['better']), named(['none', 'nothing', 'unjudged'])];
  if (worse.length === tests.length) return `every other loss is shown to be worse`;
  const parts = [
    worse.length > 0 ? `shown to be worse: ${someOf(worse, NAMED)}` : 'no other loss is shown to be worse',
    ...(better.length > 0 ? [`shown to be better all the same: ${someOf(better, NAMED)}`] : []),
    ...(worse.length + better.length > 0 && open.length > 0
      ? [`no difference from ${reference} is shown for ${someOf(open, NAMED)}`]
      : []),
  ];
  return parts.join('; ');
}

/**
 * The seeds that would show a difference of the size that was found, on this file, by the rule of the verdict, among as many questions.
 * The file is the same however many seeds are scored on it: its luck is in the difference, and so is no part of what seeds may bring.
 */
function neededText(
  test: PairedTest,
  { tests, metrics, resamples }: Answered,
  believedOf: (label: string) => Pilot['believed'],
): string {
  const { label, variances, difference, seeds } = test;
  if (difference <= 0) return 'over the seeds that both have it is not even higher';
  const questions = openQuestions(test, tests, metrics);
  if (!canBeShown(questions, resamples))
    return `none of ${questions} questions can be shown with ${resamples} resamples: --resamples ${resamplesFor(questions)} or more`;
  if (difference <= leastShown(variances.shared, 1))
    return 'no number of seeds would show so small a difference on so few sentences';
  if (difference <= leastShown(variances.shared, questions))
    return `no number of seeds would show so small a difference on so few sentences among ${questions} questions`;
  // the bootstrap goes on with these sentences, whatever others would say
  const believed = believedOf(label).map((one) => ({ ...one, shared: variances.shared }));
  const pilot = { believed, family: questions, resamples };
  const asked = { onThisFile: true, least: seeds.length + 1 };
  const needed = seedsNeeded(pilot, difference, POWER, createDraws(MOST_SEEDS), asked);
  return `${needed === null ? `more than ${MOST_SEEDS}` : `about ${needed}`} would be needed if it stays as large`;
}

/** Questions that Holm's correction still holds together with this one: those that are shown ask nothing of the others. */
function openQuestions(test: PairedTest, tests: readonly PairedTest[], metrics: Answered['metrics']): number {
  const family = familySize('average', metrics, new Set(tests.map(({ label }) => label)).size);
  const averages = metrics.filter(({ kind }) => kind === 'average').map(({ name }) => name);
  const shown = tests.filter((one) => one !== test && averages.includes(one.metric) && one.pHolm <= LEVEL);
  const isOne = metrics.filter(({ kind }) => kind === 'class').length === 1; // both averages are its F1
  const answered = isOne ? shown.filter(({ metric }) => metric === test.metric) : shown;
  return Math.max(1, family - answered.length);
}
