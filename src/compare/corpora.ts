import { dirname, join, resolve } from 'node:path';
import { BUNDLED, type Layer } from '../config';
import { UserError } from '../errors';
import { ensureDir, exists, nameOf, writeAtomic } from '../files';
import { readJson, readSealed, sealed } from '../files/json';
import { VERSION } from '../package';
import { didYouMean } from '../wording';

/** One corpus of a comparison over several: its files, and what else of the config is its own. */
export interface CorpusEntry {
  /** Folder of its comparison, and how reports call it. */
  readonly name: string;
  readonly layers: readonly Layer[];
}

const FILE_EXAMPLE =
  '{ "wnut17": { "train": "train.conll", "dev": "dev.conll", "test": "test.conll", "set": { "model": { "vectors": "glove.txt" } } } }';

/** `name=train,dev,test`, the test file may be left out. @throws UserError */
export function parseCorpus(text: string): CorpusEntry {
  const [, name = '', list = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  const files = list.split(',');
  if (name === '' || files.length < 2 || files.length > 3 || files.includes('')) {
    throw new UserError(
      `--corpus ${text}: expected name=train,dev,test`,
      'for example --corpus wnut=train.conll,dev.conll,test.conll; files with commas in their names go in --corpora FILE',
    );
  }
  const [train, dev, test = null] = files;
  return { name, layers: [{ source: `--corpus ${name}`, values: { data: { train, dev, test } } }] };
}

const KEYS = ['train', 'dev', 'test', 'set'];

/** A file that names corpora; its paths are relative to it. @throws UserError */
export async function readCorporaFile(path: string): Promise<CorpusEntry[]> {
  const expected = `a corpora file is an object by name: ${FILE_EXAMPLE}`;
  const value = await readJson(path, expected);
  const source = nameOf(path);
  if (!isObject(value)) throw new UserError(`${source}: no object`, expected);
  return Object.entries(value).map(([name, entry]) => {
    if (!isObject(entry)) throw new UserError(`${source}: ${name}: no object`, expected);
    const wrong = Object.keys(entry).find((key) => !KEYS.includes(key));
    if (wrong !== undefined)
      throw new UserError(`${source}: ${name}: no key '${wrong}'; ${didYouMean(wrong, KEYS)}`, expected);
    const { train, dev, test = null, set = {} } = entry;
    if (
      typeof train !== 'string' ||
      typeof dev !== 'string' ||
      (test !== null && typeof test !== 'string') ||
      !isObject(set)
    )
      throw new UserError(
        `${source}: ${name}: train and dev are file names, test may be one, set is an object`,
        expected,
      );
    const from = (file: string): string => (file.startsWith(BUNDLED) ? file : resolve(dirname(path), file));
    const data = { train: from(train), dev: from(dev), test: test === null ? null : from(test) };
    return {
      name,
      layers: [
        { source: `${source}: ${name}: set`, values: set },
        { source: `${source}: ${name}`, values: { data } },
      ],
    };
  });
}

/** @throws UserError where a name is no folder's, or stands twice */
export function checkCorpora(entries: readonly CorpusEntry[]): void {
  const names = entries.map(({ name }) => name);
  const odd = names.find((name) => !/^\w[\w.+-]*$/.test(name));
  if (odd !== undefined)
    throw new UserError(
      `corpus '${odd}': its name is that of a folder`,
      'use letters, digits, and . _ + - after the first',
    );
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new UserError(`corpus '${twice}' is named twice`, 'give each its own name');
}

const LIST = 'corpora.json';

/** Leaves the names in the folder that holds their comparisons, so that the report can be made again. */
export async function writeCorporaList(folder: string, entries: readonly CorpusEntry[]): Promise<void> {
  await ensureDir(folder);
  const file = { version: VERSION, names: entries.map(({ name }) => name) };
  await writeAtomic(join(folder, LIST), `${JSON.stringify(sealed(file), null, 2)}\n`);
}

/** The names in a folder of several comparisons; null where it holds none. @throws UserError where the list is damaged */
export async function readCorporaList(folder: string): Promise<CorpusEntry[] | null> {
  const path = join(folder, LIST);
  if (!(await exists(path))) return null;
  const { names } = (await readSealed(path, 'compare again into this folder: finished runs stay')) as {
    names: string[];
  };
  return names.map((name) => ({ name, layers: [] }));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
