import { present } from '../errors';
import { count, percent, signedPercent, someOf } from '../wording';
import type { Comparison } from './comparison';
import { FEWEST_SEEDS, type PairedTest, spreadOf } from './statistics';

/** Two-sided 5 %, and the chance of four in five to find what is there: the usual plan of an experiment. */
const [SURE, POWER] = [1.959964, 0.841621];
/** Nobody trains more. */
const MOST_SEEDS = 500;
const NAMED = 4;

/**
 * How many seeds would show a difference of the size that was found, with a chance of four in five. What the interval of the
 * difference holds beyond the spread over seeds is due to the sentences of the test file, which more seeds do not make more: the
 * standard error with m seeds is sqrt(V + s^2 / m), with s the standard deviation of the differences over seeds. Holm's correction
 * is left out, as the other losses may be.
 * @param differences seed by seed, at least two
 * @returns null where no number of seeds would do: it takes a larger test file
 */
export function seedsNeeded(
  { difference, low, high }: Pick<PairedTest, 'difference' | 'low' | 'high'>,
  differences: readonly number[],
): number | null {
  const n = differences.length;
  const { sd } = spreadOf(differences);
  const error = (high - low) / (2 * SURE);
  const ofSentences = Math.max(0, error ** 2 - sd ** 2 / n);
  const room = (difference / (SURE + POWER)) ** 2 - ofSentences;
  if (room <= 0) return null;
  const needed = Math.ceil(sd ** 2 / room + SURE ** 2 / 2); // the second term: t is wider than the normal (Guenther 1981)
  if (needed > MOST_SEEDS) return null;
  return Math.max(needed, FEWEST_SEEDS, n + 1);
}

type Answered = Pick<Comparison, 'losses' | 'metrics' | 'tests' | 'reference' | 'seeds' | 'split'>;

/** The question that a comparison was made for, answered in one sentence: which loss has the highest mean, and is it shown to be better? */
export function answerText({ losses, metrics, tests, reference, seeds, split }: Answered): string {
  const metric = present(metrics[0], 'metric');
  const meanOf = (scores: Comparison['losses'][number]['scores']): number =>
    present(scores[metric.name], metric.name).mean;
  const ranked = losses.filter(({ scores }) => Object.hasOwn(scores, metric.name));
  const [best] = ranked.toSorted((a, b) => meanOf(b.scores) - meanOf(a.scores));
  if (!best) return 'No run is finished, so there is nothing to say.';
  const highest = `has the highest ${metric.title} on ${split}, ${percent(meanOf(best.scores))}`;
  const own = tests.filter((test) => test.metric === metric.name);
  if (!ranked.some(({ label }) => label === reference))
    return `${best.label} ${highest}; the reference ${reference} has no finished run, so nothing is tested.`;
  if (own.length === 0) return `${best.label} ${highest}; no other loss has a finished run of the same seed.`;
  if (own.every(({ verdict }) => verdict === 'unjudged'))
    return `${best.label} ${highest}; ${count(seeds.length, 'seed')} ${seeds.length === 1 ? 'shows' : 'show'} nothing of a loss: ${FEWEST_SEEDS} are needed.`;
  if (best.label === reference) return `${reference}, the reference, ${highest}; ${othersText(own, reference)}.`;
  const test = own.find(({ label }) => label === best.label);
  if (!test) return `${best.label} ${highest}; it has no seed in common with ${reference}, so they are not compared.`;
  const size = `${signedPercent(test.difference)}, 95 % interval ${percent(test.low)}..${percent(test.high)}`;
  const { length } = test.seeds;
  if (test.verdict === 'better')
    return `${best.label} ${highest}, and is shown to be better than ${reference} (${size}).`;
  if (test.verdict === 'unjudged')
    return `${best.label} ${highest}; with ${count(length, 'seed')} in common it is not judged against ${reference} (${size}): ${FEWEST_SEEDS} are needed.`;
  const shown = `${count(length, 'seed')} do not show that it is better than ${reference} (${size})`;
  return `${best.label} ${highest}; ${shown}; ${neededText(test, differencesOf(losses, test))}.`;
}

/** Where the reference is best: what is shown to be worse, and of the rest how many seeds the closest would take. */
function othersText(tests: readonly PairedTest[], reference: string): string {
  const named = (verdicts: readonly PairedTest['verdict'][]): string[] =>
    tests.filter(({ verdict }) => verdicts.includes(verdict)).map(({ label }) => label);
  const [worse, open] = [named(['worse']), named(['none', 'better', 'unjudged'])];
  if (worse.length === tests.length) return `every other loss is shown to be worse`;
  const parts = [
    worse.length > 0 ? `shown to be worse: ${someOf(worse, NAMED)}` : 'no other loss is shown to be worse',
    ...(worse.length > 0 ? [`no difference from ${reference} is shown for ${someOf(open, NAMED)}`] : []),
  ];
  return parts.join('; ');
}

/** By the seeds that both have. */
export function differencesOf(losses: Comparison['losses'], { label, reference, metric, seeds }: PairedTest): number[] {
  const valuesOf = (name: string): Map<number, number> => {
    const loss = present(
      losses.find((one) => one.label === name),
      name,
    );
    const done = loss.runs.filter(({ status }) => status === 'done');
    const { values } = present(loss.scores[metric], metric);
    return new Map(done.map(({ seed }, i) => [seed, present(values[i], 'value')]));
  };
  const [ours, theirs] = [valuesOf(label), valuesOf(reference)];
  return seeds.map((seed) => present(ours.get(seed), 'value') - present(theirs.get(seed), 'value'));
}

function neededText(test: PairedTest, differences: readonly number[]): string {
  if (test.difference <= 0) return 'over the seeds that both have it is not even higher';
  const needed = seedsNeeded(test, differences);
  return needed === null
    ? 'no number of seeds would show so small a difference on so few sentences'
    : `about ${needed} would be needed`;
}
