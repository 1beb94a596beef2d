import { configKeys } from '../config';
import type { ReadOptions } from '../data/corpus';
import { mistaken, present, UserError } from '../errors';
import { compareWithTrain, findOverlaps } from './against';
import { findAmbiguous, findUnlabelled } from './entities';
import { type Evidence, findAll, type Finding } from './findings';
import { readMeasured } from './measured';
import { readLeniently } from './read';
import { findShifts } from './shares';
import { findJoined, findSimilarClasses } from '../data/alike';
import { describeSplit, type Described, type SplitCard } from './split';
import { suggest, type Suggestions } from './suggest';

export { atLeast, FINDINGS, SEVERITIES, type Finding, type FindingKind, type Severity } from './findings';

export interface NamedFile {
  /** `train`, `dev`, `test`, or any other name. The first file is what the others are compared with. */
  readonly name: string;
  readonly path: string;
}

function isNamedFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { name, path } = value as Readonly<Record<string, unknown>>;
  return typeof name === 'string' && typeof path === 'string';
}

/** The imbalance card of a corpus: plain data, the same as `--json` prints. */
export interface Inspection extends Omit<Evidence, 'splits'> {
  readonly splits: readonly SplitCard[];
  readonly suggestions: Suggestions;
  readonly findings: readonly Finding[];
}

/** The names that files without a name of their own get, in this order. */
const ORDER = ['train', 'dev', 'test'];

/**
 * Files by name, then the others by order: the first free one of train, dev, test; after those by their path.
 * @throws UserError when no file is named
 */
export function nameFiles(named: Readonly<Record<string, string | undefined>>, others: readonly string[]): NamedFile[] {
  const free = ORDER.filter((name) => named[name] === undefined);
  const files = [
    ...ORDER.flatMap((name) => (named[name] === undefined ? [] : [{ name, path: named[name] }])),
    ...others.map((path, i) => ({ name: free[i] ?? path, path })),
  ];
  if (files.length === 0)
    throw new UserError('no file to inspect', 'for example dsc-train inspect train.conll dev.conll test.conll');
  const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return files.sort((a, b) => rank(a.name) - rank(b.name));
}

/**
 * Looks at a corpus before training on it: imbalance, leaks between its files, label errors, contradictions, fitting weights.
 * @param files the first is what the others are compared with
 * @throws UserError listing what is wrong with files whose rows cannot be read
 * @example
 * ```ts
 * import { inspect } from 'dsc-train';
 *
 * const { splits, findings } = await inspect([
 *   { name: 'train', path: 'train.conll' },
 *   { name: 'dev', path: 'dev.conll' },
 * ]);
 * for (const { name, tokens } of splits) console.log(name, `${tokens} tokens`);
 * for (const { severity, kind } of findings) console.log(severity, kind);
 * ```
 */
export async function inspect(files: readonly NamedFile[], options: ReadOptions = {}): Promise<Inspection> {
  const given: unknown = files;
  if (!Array.isArray(given)) throw mistaken('inspect', given, 'a list of files, each { name, path }');
  if (files.length === 0) throw mistaken('inspect', files, 'one file at least: { name, path }');
  const odd = files.findIndex((file) => !isNamedFile(file));
  if (odd >= 0) throw mistaken('inspect', files[odd], '{ name, path }');
  const splits: Described[] = [];
  for (const { name, path } of files) {
    const train = splits.at(0);
    const like = train ? { like: train.reading.corpus, tagsLike: train.reading.corpus } : {};
    const reading = await readLeniently(name, path, { ...options, ...like, doubts: 'keep' });
    splits.push(describeSplit(reading, train ?? null));
  }
  const [first, ...others] = splits;
  const train = present(first, 'file to inspect');
  const against = others.map((split) => compareWithTrain(train, split));
  const overlaps = findOverlaps(splits);
  const ambiguous = findAmbiguous(splits.map(({ card, entities }) => ({ name: card.name, entities })));
  const ofEntities = splits.filter(({ card }) => card.entities);
  const unlabelled = findUnlabelled(
    ofEntities.map(({ card, reading }) => ({ name: card.name, sentences: reading.corpus.sentences })),
  );
  const classes = [...new Set(splits.flatMap(({ firstLines }) => [...firstLines.keys()]))];
  const plain = ofEntities.length === 0;
  const evidence = {
    splits: [train, ...others] as const,
    against,
    overlaps,
    ambiguous,
    unlabelled,
    shifts: findShifts(train, others),
    similarClasses: findSimilarClasses(classes, plain),
    joinedClasses: findJoined(classes, plain),
  };
  return {
    ...evidence,
    splits: splits.map(({ card }) => card),
    suggestions: suggest(train, batchTokens(), await readMeasured()),
    findings: findAll(evidence),
  };
}

const batchTokens = (): number => Number(configKeys().find(({ key }) => key === 'train.batchTokens')?.default);
