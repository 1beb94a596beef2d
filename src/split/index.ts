import { basename, extname, join, resolve } from 'node:path';
import { parseCorpus, type ReadOptions, warningsAt } from '../data/corpus';
import type { Corpus } from '../data/types';
import { present, UserError } from '../errors';
import { typeTitle } from '../schemes';
import { ensureDir, exists, nameOf, readBytes, streamAt, unpackBytes, writeAtomic } from '../files';
import { count } from '../wording';
import { createRng } from '../rng';
import { classesIn, groupUnits, type Grouping } from './groups';
import { refine } from './refine';
import { stratify } from './stratify';
import { cutUnits, headerOf, type Unit } from './units';
import { type Warning, warning } from '../warnings';

export interface SplitOptions extends ReadOptions {
  /** Shares that add up to 1, or a number of folds. */
  readonly shares: readonly number[] | { readonly folds: number };
  readonly seed: number;
  /** Folder of the parts; null makes `<name>-split` where the program runs. */
  readonly out: string | null;
  readonly overwrite: boolean;
}

export interface PartSummary {
  readonly name: string;
  /** Files it was written to; a fold has two: itself, and the rest to train on. */
  readonly paths: readonly string[];
  readonly share: number;
  readonly sentences: number;
  readonly tokens: number;
  readonly lines: number;
  /** Occurrences of each class: entities, or tokens of plain tags. */
  readonly classes: Readonly<Record<string, number>>;
}

/** A class that is not in every part. */
export interface Absence {
  readonly name: string;
  /** Different sentences that hold it: with fewer than parts, it cannot be in all. */
  readonly sentences: number;
  readonly parts: readonly string[];
}

export interface SplitResult {
  readonly path: string;
  readonly sha256: string;
  readonly seed: number;
  readonly scheme: Corpus['scheme'];
  readonly task: Corpus['task'];
  /** Of the whole file. */
  readonly whole: Omit<PartSummary, 'name' | 'paths' | 'share'>;
  readonly parts: readonly PartSummary[];
  /** Sentences whose tokens stand in an earlier sentence too: kept beside it. */
  readonly duplicates: number;
  readonly absent: readonly Absence[];
  /** What the reader found odd, and the classes that are not in every part. */
  readonly warnings: readonly Warning[];
}

/**
 * Splits a file into stratified parts, or folds for cross-validation. Every line goes to exactly one part, byte for byte and in the
 * order of the file (the line that names the columns of CoNLL-U Plus to all); sentences of the same tokens stay together.
 * @throws UserError for a bad file, too few sentences, and files that are already there
 */
export async function splitFile(path: string, options: SplitOptions): Promise<SplitResult> {
  const { shares, seed, out, overwrite, ...read } = options;
  const name = nameOf(path);
  const isStream = (await streamAt(path)) !== null;
  if (isStream && out === null) {
    throw new UserError(`split: ${name} has no name that its parts could have`, 'name a folder for them with --out');
  }
  const bytes = await readBytes(path);
  const corpus = parseCorpus(bytes, name, read);
  const text = unpackBytes(bytes, name);
  const units = cutUnits(text, corpus);
  const header = headerOf(text, corpus);
  const grouping = groupUnits(units, corpus);
  const isFolds = 'folds' in shares;
  const wanted = isFolds ? new Array<number>(shares.folds).fill(1 / shares.folds) : shares;
  checkEnough(corpus, grouping, wanted.length);
  const rng = createRng(seed).split('split');
  const partOfGroup = stratify(grouping.groups, wanted, rng);
  refine(grouping.groups, partOfGroup, wanted, rng.split('refine'));
  const partOf = unitParts(grouping, partOfGroup, units.length);

  const plain = isStream ? '' : basename(path, '.gz'); // parts are written unpacked
  const folder = out ?? `${basename(plain, extname(plain))}-split`;
  const names = partNames(wanted.length, isFolds);
  const files = names.flatMap((name, p) => {
    const file = (suffix: string): string => join(folder, `${name}${suffix}${extension(plain)}`);
    const part = { part: p, path: file(isFolds ? '.test' : ''), units: units.filter((_, u) => partOf[u] === p) };
    const rest = { part: p, path: file('.train'), units: units.filter((_, u) => partOf[u] !== p) };
    return isFolds ? [rest, part] : [part];
  });
  await refuseExisting(
    path,
    files.map((file) => file.path),
    overwrite,
  );
  const parts = names.map((name, p) => ({
    name,
    paths: files.filter(({ part }) => part === p).map((file) => file.path),
    share: present(wanted[p], 'share of a part'),
    ...summarise(
      units.filter((_, u) => partOf[u] === p),
      corpus,
    ),
  }));
  const whole = summarise(units, corpus);
  const absent = absences(grouping, parts);
  checkAccount(whole, parts, corpus);
  await ensureDir(folder);
  for (const file of files) {
    const isFirst = file.units[0] === units[0];
    await writeAtomic(
      file.path,
      Buffer.concat([...(isFirst ? [] : [header]), ...file.units.map((unit) => unit.bytes)]),
    );
  }
  return {
    path: name,
    sha256: corpus.sha256,
    seed,
    scheme: corpus.scheme,
    task: corpus.task,
    whole,
    parts,
    duplicates: grouping.duplicates,
    absent,
    warnings: [...warningsAt(name, corpus.warnings), ...absent.map((absence) => absenceWarning(absence, parts.length))],
  };
}

/** `0.8,0.1,0.1`, or per cent. @throws UserError unless there are at least two and they add up to the whole */
export function parseShares(text: string): number[] {
  const shares = text.split(',').map(Number);
  const sum = shares.reduce((a, b) => a + b, 0);
  const whole = [1, 100].find((total) => Math.abs(sum - total) < 1e-6 * total);
  if (shares.length > 1 && shares.every((share) => share > 0) && whole !== undefined)
    return shares.map((share) => share / whole);
  throw new UserError(
    `--parts ${text}: expected two or more shares that add up to 1${Number.isFinite(sum) ? `, found ${Number(sum.toFixed(6))}` : ''}`,
    'for example --parts 0.8,0.1,0.1 for train, dev and test',
  );
}

/** That of the input, unless it names a split: `corpus.train` gives `dev.conll`. */
export function extension(path: string): string {
  const own = extname(path);
  return ['', '.train', '.dev', '.test'].includes(own) ? '.conll' : own;
}

function partNames(parts: number, isFolds: boolean): string[] {
  const usual = parts === 2 ? ['train', 'test'] : ['train', 'dev', 'test'];
  if (!isFolds && parts <= 3) return usual;
  return Array.from({ length: parts }, (_, p) => `${isFolds ? 'fold' : 'part'}-${p + 1}`);
}

function checkEnough({ path, sentences }: Corpus, { groups }: Grouping, parts: number): void {
  if (groups.length >= parts) return;
  throw new UserError(
    `${path}: ${count(groups.length, 'different sentence')} (${sentences.length} in all) cannot make ${parts} parts`,
    'ask for fewer parts, or split a larger file',
  );
}

/** The part of each unit from those of the groups. (U) */
function unitParts({ groups }: Grouping, partOfGroup: Int32Array, units: number): Int32Array {
  const partOf = new Int32Array(units);
  groups.forEach((group, g) => {
    for (const u of group.units) partOf[u] = present(partOfGroup[g], 'part of a group');
  });
  return partOf;
}

async function refuseExisting(input: string, paths: readonly string[], overwrite: boolean): Promise<void> {
  for (const path of paths) {
    if (resolve(path) === resolve(input)) {
      throw new UserError(
        `${path}: this part would replace the file that is split`,
        'choose another folder with --out',
      );
    }
    if (!overwrite && (await exists(path))) {
      throw new UserError(
        `${path}: there is such a file already`,
        'choose another --out, or replace it with --overwrite',
      );
    }
  }
}

function summarise(units: readonly Unit[], corpus: Corpus): SplitResult['whole'] {
  const classes = new Map<string, number>();
  let [sentences, tokens, lines] = [0, 0, 0];
  for (const unit of units) {
    lines += unit.lines;
    sentences += unit.to - unit.from;
    for (const sentence of corpus.sentences.slice(unit.from, unit.to)) {
      tokens += sentence.tokens.length;
      for (const name of classesIn(corpus, sentence)) classes.set(name, (classes.get(name) ?? 0) + 1);
    }
  }
  return { sentences, tokens, lines, classes: Object.fromEntries(classes) };
}

/** Nothing is written unless every line of the file has its place. */
function checkAccount(whole: SplitResult['whole'], parts: readonly PartSummary[], { path, lines }: Corpus): void {
  const sum = parts.reduce((total, part) => total + part.lines, 0);
  if (sum === lines.lines && whole.lines === lines.lines) return;
  throw new Error(`${path}: ${lines.lines} lines were read, ${sum} would be written`);
}

function absences({ groups, classes }: Grouping, parts: readonly PartSummary[]): Absence[] {
  return classes.flatMap((name, id) => {
    const without = parts.filter((part) => !Object.hasOwn(part.classes, name)).map((part) => part.name);
    const sentences = groups.filter(({ counts }) => counts.has(id)).length;
    return without.length > 0 ? [{ name, sentences, parts: without }] : [];
  });
}

const absenceWarning = ({ name, sentences, parts }: Absence, wanted: number): Warning =>
  warning('absent-class', { name: typeTitle(name), parts, sentences, wanted });
