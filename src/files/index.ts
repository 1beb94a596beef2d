import { createHash } from 'node:crypto';
import { createReadStream, fstatSync, openSync, readSync, closeSync } from 'node:fs';
import { access, cp, mkdir, readdir, readFile, rename, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { stdin } from 'node:process';
import { explain, UserError } from '../errors';
import { CHUNK_BYTES, codeOf, guard, guardSync, refusal, syncFolder, unlessMissing } from './system';

export { pack, unpack, unpackBytes } from './gzip';
export { type Log, openLines, openRecords } from './log';
export { appendSection, checkOutput, isReplaced, writeAtomic, writeFully } from './output';
export { type Left, leftIn, ownName } from './owner';

/** The path that stands for standard input wherever a file is read. */
export const STDIN = '-';

/** What a file that is read is called in messages. */
export const nameOf = (path: string): string => (path === STDIN ? 'standard input' : path);

/** @throws UserError when the file cannot be read */
export async function readBytes(path: string): Promise<Buffer> {
  if (path !== STDIN) return guard(path, () => readFile(path));
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(path)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** UTF-8 text, a byte order mark dropped. @throws UserError when the file cannot be read */
export async function readText(path: string): Promise<string> {
  const text = path === STDIN ? (await readBytes(path)).toString() : await guard(path, () => readFile(path, 'utf8'));
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** The bytes of a file in order, at most 256 KiB at a time. @throws UserError when the file cannot be read */
export async function* readChunks(path: string): AsyncGenerator<Buffer, void> {
  try {
    const stream = path === STDIN ? stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw explain(error, nameOf(path));
  }
}

/**
 * What tells a file that can be read only once, such as a pipe, from every other; null where it can be read again, or is missing.
 * Two paths of one stream have the same.
 */
export async function streamAt(path: string): Promise<string | null> {
  const stats = await (path === STDIN ? guard(path, () => Promise.resolve(fstatSync(0))) : stat(path)).catch(
    () => null,
  );
  const once = path === STDIN || stats?.isFIFO() === true || stats?.isSocket() === true;
  return once ? `${stats?.dev}:${stats?.ino}` : null;
}

/**
 * Makes a folder and its parents where they are missing, one by one: asked for all at once, Node never comes back from a file
 * system that takes none, such as /proc.
 * @throws UserError when it cannot be made
 */
export async function ensureDir(path: string): Promise<void> {
  if (await makeDir(path)) return;
  const stats = await guard(path, () => stat(path).catch(unlessMissing));
  if (!stats?.isDirectory()) throw explain(refusal('EEXIST'), path);
}

/** Makes one folder, and its parents where they are missing. @returns false where it is there. @throws UserError when it cannot be made */
export async function makeDir(path: string): Promise<boolean> {
  const make = (): Promise<boolean> =>
    mkdir(path).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      },
    );
  try {
    return await make();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw explain(error, path);
  }
  await ensureDir(dirname(path));
  return make().catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw explain(error, path);
    throw new UserError(`${path}: no folder can be made here`, 'choose another path');
  });
}

/** Removes a file, or a folder with all that is in it; no matter when it is not there. @throws UserError when it stays */
export async function remove(path: string): Promise<void> {
  await guard(path, () => rm(path, { recursive: true, force: true }));
}

/** Removes a folder unless something is in it. @returns whether it is gone */
export async function removeEmpty(path: string): Promise<boolean> {
  return rmdir(path).then(
    () => true,
    () => false,
  );
}

/** Makes a file or folder as new as now. @throws UserError where it is not there */
export async function touch(path: string): Promise<void> {
  await guard(path, () => utimes(path, new Date(), new Date()));
}

/** Renames a file or folder within one disk. @throws UserError when it cannot be renamed */
export async function move(from: string, to: string): Promise<void> {
  await guard(from, () => rename(from, to));
  await syncFolder(dirname(to));
}

/** Copies a file, or a folder with all that is in it; links stay links. @throws UserError when it cannot be copied */
export async function copy(from: string, to: string): Promise<void> {
  await guard(from, () => cp(from, to, { recursive: true, verbatimSymlinks: true }));
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Whether two paths lead to one file. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  const idOf = (path: string): Promise<string | null> =>
    stat(path).then(
      ({ dev, ino }) => `${dev}:${ino}`,
      () => null,
    );
  const id = await idOf(one);
  return id !== null && id === (await idOf(other));
}

/** Size in bytes. @throws UserError when there is no such file */
export async function sizeOf(path: string): Promise<number> {
  return (await guard(path, () => stat(path))).size;
}

/** Size in bytes, and when it was last changed, in milliseconds. @throws UserError when there is no such file, or it is none */
export async function stateOf(path: string): Promise<{ readonly size: number; readonly changed: number }> {
  const stats = await guard(path, () => stat(path));
  if (stats.isDirectory()) throw explain(refusal('EISDIR'), path);
  return { size: stats.size, changed: stats.mtimeMs };
}

/** A file that is read at any place. */
export interface OpenFile {
  readonly size: number;
  /** Fills `into` with the bytes from `at` on. @returns false where the file ends first. @throws UserError when it cannot be read */
  read(into: Uint8Array, at: number): boolean;
  close(): void;
}

/** @throws UserError when it cannot be opened */
export function openFile(path: string): OpenFile {
  const fd = guardSync(path, () => openSync(path, 'r'));
  return {
    size: guardSync(path, () => fstatSync(fd)).size,
    read(into, at) {
      for (let filled = 0; filled < into.length;) {
        const some = guardSync(path, () => readSync(fd, into, filled, into.length - filled, at + filled));
        if (some === 0) return false;
        filled += some;
      }
      return true;
    },
    close: () => closeSync(fd),
  };
}

/** Names in a folder, sorted. @throws UserError when it cannot be read */
export async function list(path: string): Promise<string[]> {
  return (await guard(path, () => readdir(path))).sort();
}

/**
 * Paths as they are given, and in place of a pattern such as `*.conll` or `**` the files that fit it, sorted and
 * those before left out. What is there by this very name is no pattern.
 * @throws UserError where nothing fits a pattern
 */
export async function expand(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    if (path === STDIN || (await exists(path))) {
      found.push(path);
      continue;
    }
    const { glob, isDynamicPattern } = await import('tinyglobby'); // not loaded where all are names of files
    if (!isDynamicPattern(path)) found.push(path);
    else {
      const fitting = (await glob(path, { expandDirectories: false, absolute: isAbsolute(path) })).sort();
      if (fitting.length === 0) throw new UserError(`${path}: no file fits this pattern`, 'check the spelling');
      found.push(...fitting.filter((one) => !found.includes(one)));
    }
  }
  return found;
}

/** SHA-256 of the bytes, in hex. @throws UserError when the file cannot be read */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of readChunks(path)) hash.update(chunk);
  return hash.digest('hex');
}
