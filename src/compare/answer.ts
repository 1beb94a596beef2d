import { present } from '../errors';
import { count, percent, signedPercent, someOf } from '../wording';
import { believe } from './believed';
import type { Comparison } from './comparison';
import { createDraws, effectAtBest, seedsNeeded } from './power';
import { familySize, FEWEST_SEEDS, isSame, type PairedTest } from './statistics';

/** Nobody trains more. */
const MOST_SEEDS = 100;
/** The chance to show what is there: the usual plan of an experiment. */
const POWER = 0.8;
const NAMED = 4;

type Answered = Pick<Comparison, 'losses' | 'metrics' | 'tests' | 'reference' | 'seeds' | 'split' | 'resamples'>;

/** The question that a comparison was made for, answered in one sentence: which loss has the highest mean, and is it shown to be better? */
export function answerText(comparison: Answered): string {
  const { losses, metrics, tests, reference, seeds, split } = comparison;
  const metric = present(metrics[0], 'metric');
  const meanOf = (scores: Comparison['losses'][number]['scores']): number =>
    present(scores[metric.name], metric.name).mean;
  const ranked = losses.filter(({ scores }) => Object.hasOwn(scores, metric.name));
  const [best] = ranked.toSorted((a, b) => meanOf(b.scores) - meanOf(a.scores));
  if (!best) return 'No run is finished, so there is nothing to say.';
  if (meanOf(best.scores) === 0)
    return `No loss gets anything right: ${metric.title} on ${split} is ${percent(0)} with every seed.`;
  const tied = ranked.filter(({ scores }) => meanOf(scores) === meanOf(best.scores)).map(({ label }) => label);
  const named = best.label === reference ? `${reference}, the reference, has` : `${best.label} has`;
  const who = tied.length > 1 ? `${someOf(tied, NAMED)} share` : named;
  const highest = `${who} the highest ${metric.title} on ${split}, ${percent(meanOf(best.scores))}`;
  const own = tests.filter((test) => test.metric === metric.name);
  const base = ranked.find(({ label }) => label === reference);
  if (!base) return `${highest}; the reference ${reference} has no finished run, so nothing is tested.`;
  if (own.length === 0) return `${highest}; no other loss has a finished run of the same seed.`;
  if (own.every(({ verdict }) => verdict === 'unjudged' || verdict === 'nothing'))
    return `${highest}; ${count(seeds.length, 'seed')} ${seeds.length === 1 ? 'shows' : 'show'} nothing of a loss: ${FEWEST_SEEDS} are needed.`;
  if (tied.includes(reference)) {
    const others = own.filter(({ label }) => !tied.includes(label));
    const same = own.filter((test) => tied.includes(test.label) && isSame(test)).map(({ label }) => label);
    const parts = [
      ...(same.length > 0 ? [`${someOf(same, NAMED)} ${same.length === 1 ? 'is' : 'are'} the same as ${reference} throughout, with every seed`] : []), // prettier-ignore
      ...(others.length > 0 ? [othersText(others, reference)] : []),
    ];
    return `${[highest, ...parts].join('; ')}.`;
  }
  const test = own.find(({ label }) => label === best.label);
  if (!test) return `${highest}; it has no seed in common with ${reference}, so they are not compared.`;
  const size = `${signedPercent(test.difference)}, 95 % interval ${percent(test.low)}..${percent(test.high)}`;
  const { length } = test.seeds;
  const than = meanOf(base.scores) === 0 ? `${reference}, which gets nothing right with any seed` : reference;
  if (test.verdict === 'better') return `${highest}, and is shown to be better than ${than} (${size}).`;
  if (test.verdict === 'unjudged')
    return `${highest}; with ${count(length, 'seed')} in common it is not judged against ${than} (${size}): ${FEWEST_SEEDS} are needed.`;
  const shown = `${count(length, 'seed')} do not show that it is better than ${than} (${size})`;
  return `${highest}; ${shown}; ${settledText(test) ?? neededText(test, comparison)}.`;
}

/** What the looks at a growing comparison say where they show no difference; null where more seeds might. */
function settledText({ overLooks, reference }: PairedTest): string | null {
  if (overLooks?.state === 'alike')
    return `it is alike: at all looks together the difference lies within ${percent(overLooks.low)}..${percent(overLooks.high)}`;
  if (overLooks?.state === 'void')
    return `neither it nor ${reference} learned enough to differ by the effect that was asked for`;
  return null;
}

/** Where the reference is best: what is shown to be worse, and of the rest how many seeds the closest would take. */
function othersText(tests: readonly PairedTest[], reference: string): string {
  const named = (verdicts: readonly PairedTest['verdict'][]): string[] =>
    tests.filter(({ verdict }) => verdicts.includes(verdict)).map(({ label }) => label);
  const [worse, open] = [named(['worse']), named(['none', 'better', 'nothing', 'unjudged'])];
  if (worse.length === tests.length) return `every other loss is shown to be worse`;
  const parts = [
    worse.length > 0 ? `shown to be worse: ${someOf(worse, NAMED)}` : 'no other loss is shown to be worse',
    ...(worse.length > 0 ? [`no difference from ${reference} is shown for ${someOf(open, NAMED)}`] : []),
  ];
  return parts.join('; ');
}

/** The seeds that would show a difference of the size that was found, by the rule of the verdict, among as many questions. */
function neededText(
  { variances, sentences, difference, seeds }: PairedTest,
  { tests, metrics, resamples }: Answered,
): string {
  if (difference <= 0) return 'over the seeds that both have it is not even higher';
  const family = familySize('average', metrics, new Set(tests.map(({ label }) => label)).size);
  const evidence = { ...variances, degrees: seeds.length - 1 };
  const believed = believe({
    own: variances,
    evidence,
    others: [],
    isAverage: metrics.filter(({ kind }) => kind === 'class').length > 1,
    seeds: seeds.length,
    sentences,
  });
  const pilot = { believed, family, resamples };
  if (effectAtBest(pilot, POWER) >= difference)
    return 'no number of seeds would show so small a difference on so few sentences';
  const needed = seedsNeeded(pilot, difference, POWER, createDraws(MOST_SEEDS));
  return needed === null
    ? `more than ${MOST_SEEDS} would be needed`
    : `about ${Math.max(needed, seeds.length + 1)} would be needed`;
}
