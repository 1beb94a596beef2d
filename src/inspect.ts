import { configKeys } from './config';
import type { ReadOptions } from './data/corpus';
import { UserError } from './errors';
import { compareWithTrain, findOverlaps, type Against, type Overlap } from './inspect/against';
import { findAmbiguous, type Ambiguous } from './inspect/entities';
import { findAll, type Finding } from './inspect/findings';
import { readLeniently } from './inspect/read';
import { describeSplit, type SplitCard } from './inspect/split';
import { suggest, type Suggestions } from './inspect/suggest';

export { atLeast, FINDINGS, SEVERITIES, type Finding, type FindingKind, type Severity } from './inspect/findings';

export interface NamedFile {
  /** `train`, `dev`, `test`, or any other name. The first file is what the others are compared with. */
  readonly name: string;
  readonly path: string;
}

/** The imbalance card of a corpus: plain data, the same as `--json` prints. */
export interface Inspection {
  readonly splits: readonly SplitCard[];
  readonly against: readonly Against[];
  readonly overlaps: readonly Overlap[];
  readonly ambiguous: readonly Ambiguous[];
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

/** @throws UserError listing what is wrong with files whose rows cannot be read */
export async function inspect(files: readonly NamedFile[], options: ReadOptions = {}): Promise<Inspection> {
  const splits = [];
  for (const { name, path } of files) splits.push(describeSplit(await readLeniently(name, path, options)));
  const [train, ...others] = splits;
  const against = others.map((split) => compareWithTrain(train, split));
  const overlaps = findOverlaps(splits);
  const ambiguous = findAmbiguous(splits.map(({ card, entities }) => ({ name: card.name, entities })));
  return {
    splits: splits.map(({ card }) => card),
    against,
    overlaps,
    ambiguous,
    suggestions: suggest(train, batchTokens()),
    findings: findAll({ splits, against, overlaps, ambiguous }),
  };
}

const batchTokens = (): number => Number(configKeys().find(({ key }) => key === 'train.batchTokens')?.default);
