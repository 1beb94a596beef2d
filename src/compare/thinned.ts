import { join } from 'node:path';
import type { Config } from '../config';
import { readCorpus } from '../data/corpus';
import type { Corpus } from '../data/types';
import { UserError } from '../errors';
import { exists, writeAtomic } from '../files';
import { refuseStreams } from '../files/inputs';
import { readSealed, sealed } from '../files/json';
import { VERSION } from '../package';
import { corpusPath, readOptions, resolved } from '../run/corpora';
import { typeTitle } from '../schemes';
import { classesIn } from '../split/groups';
import { type ThinStep, thinFile, type Thinning } from '../split/thin';
import type { CorpusEntry } from './corpora';
import type { Metric } from './comparison';
import type { NamedComparison } from './joint';
import type { PairedTest, Summary } from './statistics';

/** A class that was thinned step by step, and each loss trained at each. Scores are fractions of 1. */
export interface Thinned {
  readonly version: string;
  readonly reference: string;
  /** Compared at every step. */
  readonly labels: readonly string[];
  readonly name: string;
  readonly split: 'test' | 'dev';
  readonly seeds: number;
  /** The fullest first. */
  readonly steps: readonly ThinStep[];
  /** F1 of the class, then the averages. */
  readonly curves: readonly ThinnedCurve[];
}

export interface ThinnedCurve {
  readonly metric: Metric;
  /** By step, then by label. */
  readonly points: readonly Readonly<Record<string, ThinnedPoint>>[];
  /** Where each loss breaks; of the class alone. */
  readonly breaks: Readonly<Record<string, Break>> | null;
}

export interface ThinnedPoint extends Summary {
  /** Against the reference; null at the reference itself. */
  readonly test: PairedTest | null;
}

/**
 * Where a loss has half the score that it has with the fullest file: its mentions, between steps on a straight line over their
 * logarithm. null where the score never falls so far. `low` and `high` are where the ends of the score's intervals fall so far: null
 * where they do not.
 */
export interface Break {
  readonly half: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Mentions of the step from which on no seed finds any of the class; null where there is none. */
  readonly silent: number | null;
}

/** The thinned training files as the corpora of a comparison each. */
export interface ThinnedCorpora {
  readonly name: string;
  readonly steps: readonly ThinStep[];
  readonly entries: readonly CorpusEntry[];
}

const LIST = 'thinned.json';

/**
 * Writes the thinned training files of a config, and what is left in each, into a folder, so that the report can be made again.
 * They are read as the whole file is: few sentences may look like another scheme.
 * @throws UserError where nothing would come of it: an unknown class, or one that the file to score on lacks
 */
export async function thinCorpora({ data, seed }: Config, thinning: Thinning, out: string): Promise<ThinnedCorpora> {
  const { name } = thinning;
  await refuseStreams([['--train', data.train]], 'any', 'thinning reads it, and every run');
  const path = corpusPath(data.train);
  const train = await readCorpus(path, readOptions(data));
  const scored = data.test ?? data.dev;
  const tagsLike = { path: data.train, tagging: train.tagging };
  const target = await readCorpus(corpusPath(scored), { ...readOptions(data), like: train, tagsLike });
  if (holds(train, name) && !holds(target, name)) {
    throw new UserError(
      `--thin ${name}: ${scored} holds no ${typeTitle(name)}, so that nothing could be said of it`,
      'thin a class that the file to score on holds',
    );
  }
  const reading = resolved(data, train);
  const folder = join(out, 'thinned');
  const steps = await thinFile(path, thinning, { ...readOptions(reading), folder, seed, named: data.train });
  const written = steps.map((step) => (step.path === path ? { ...step, path: data.train } : step));
  await writeAtomic(
    join(out, LIST),
    `${JSON.stringify(sealed({ version: VERSION, name, steps: written }), null, 2)}\n`,
  );
  const entries = written.map((step) => ({
    name: step.name,
    layers: [
      { source: `--thin ${name}`, values: { data: { ...reading, train: step.path, dev: data.dev, test: data.test } } },
    ],
  }));
  return { name, steps: written, entries };
}

const holds = (corpus: Corpus, name: string): boolean =>
  corpus.sentences.some((sentence) => classesIn(corpus, sentence).includes(name));

/** What was thinned in a folder; null where nothing was. @throws UserError where the list is damaged */
export async function readThinList(folder: string): Promise<ThinnedCorpora | null> {
  const path = join(folder, LIST);
  if (!(await exists(path))) return null;
  const note = 'compare with --thin again into this folder: finished runs stay';
  const { name, steps } = (await readSealed(path, note)) as Pick<ThinnedCorpora, 'name' | 'steps'>;
  return { name, steps, entries: steps.map((step) => ({ name: step.name, layers: [] })) };
}

/** The curves of comparisons that were made of thinned files. @param named in the order of the steps */
export function joinThinned(
  { name, steps }: Pick<ThinnedCorpora, 'name' | 'steps'>,
  named: readonly NamedComparison[],
): Thinned {
  const comparisons = named.map(({ comparison }) => comparison);
  const [first] = comparisons;
  const metric = first?.metrics.find(({ kind, title }) => kind === 'class' && title === name);
  if (!first || !metric || metric.support === 0) {
    throw new UserError(
      `--thin ${name}: ${first?.split ?? 'test'} holds no ${typeTitle(name)}, so that nothing can be said of it`,
      'thin a class that the file to score on holds',
    );
  }
  const labels = first.losses
    .map(({ label }) => label)
    .filter((label) => comparisons.every(({ losses }) => losses.some((one) => one.label === label && Object.keys(one.scores).length > 0))); // prettier-ignore
  const averages = first.metrics.filter(({ kind }) => kind === 'average');
  const curves = [metric, ...averages].map((one): ThinnedCurve => {
    const points = comparisons.map(({ losses, tests }) =>
      Object.fromEntries(
        labels.map((label) => {
          const scores = new Map(Object.entries(losses.find((loss) => loss.label === label)?.scores ?? {}));
          const summary = scores.get(one.name) ?? NOTHING; // a class that no run of this step has found
          const test = tests.find((each) => each.label === label && each.metric === one.name) ?? null;
          return [label, { ...summary, test }];
        }),
      ),
    );
    const breaks = one === metric ? Object.fromEntries(labels.map((label) => [label, breakOf(steps, points.map((point) => point[label] ?? NOTHING))])) : null; // prettier-ignore
    return { metric: one, points, breaks };
  });
  const { reference, split, seeds } = first;
  return { version: VERSION, reference, labels, name, split, seeds: seeds.length, steps, curves };
}

const NOTHING: Summary = { mean: 0, sd: 0, values: [], low: 0, high: 0 };

/** @param scores step by step, the fullest first */
export function breakOf(
  steps: readonly Pick<ThinStep, 'mentions'>[],
  scores: readonly Pick<Summary, 'mean' | 'low' | 'high'>[],
): Break {
  const half = (scores[0]?.mean ?? 0) / 2;
  const at = (of: (score: Pick<Summary, 'mean' | 'low' | 'high'>) => number): number | null => {
    for (let i = 1; i < scores.length; i++) {
      const [above, below] = [scores[i - 1], scores[i]].map((score) => (score ? of(score) : 0)) as [number, number];
      const [more, fewer] = [steps[i - 1], steps[i]].map((step) => Math.log(step?.mentions ?? 1)) as [number, number];
      if (below > half || half === 0) continue;
      if (above <= half) return Math.exp(more); // already under it at the fullest
      return Math.exp(fewer + ((more - fewer) * (half - below)) / (above - below));
    }
    return null;
  };
  const silent = scores.findIndex((_, i) => scores.slice(i).every(({ mean }) => mean === 0));
  return {
    half: at(({ mean }) => mean),
    low: at(({ high }) => high),
    high: at(({ low }) => low),
    silent: steps[silent]?.mentions ?? null,
  };
}
