import { closeSync, constants, createReadStream, fstatSync, openSync, type Stats, writeSync } from 'node:fs';
import { access, type FileHandle, lstat, open, readlink, realpath, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { pid } from 'node:process';
import { explain, UserError } from '../errors';
import { ownName, sweep } from './owner';
import { codeOf, refusal, sleep, sync, syncFolder, unlessMissing } from './system';

/** Milliseconds that a named pipe is given to find its reader. */
const READER_WAIT = 3000;

type Data = string | Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>;

/**
 * Replaces a file whole or not at all: a temporary file in the same folder is filled, flushed to the disk and renamed. A link is
 * followed, mode and owner of the old file stay. Whatever goes wrong before the rename, the old file stays as it was and the
 * temporary one is removed. What is no regular file (a device, a pipe, an open file such as `/dev/stdout`) is written through.
 * @throws UserError when the file cannot be written
 */
export async function writeAtomic(path: string, data: Data): Promise<void> {
  await guardOutput(path, async () => {
    const target = await targetOf(path);
    if (target.through) await writeThrough(target, data);
    else await replace(target, data);
  });
}

/** Appends a text, below an empty line where the file holds something already. @throws UserError when it cannot be written */
export async function appendSection(path: string, text: string): Promise<void> {
  await guardOutput(path, async () => {
    const target = await targetOf(path);
    if (target.through) {
      await writeThrough(target, text);
      return;
    }
    const file = await open(target.path, 'a+');
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, Math.max(0, size - 2));
      const end = buffer.toString('latin1', 0, bytesRead);
      const gap = size === 0 || end === '\n\n' ? '' : end.endsWith('\n') ? '\n' : '\n\n';
      await writeThrough({ ...target, fd: file.fd }, gap + text);
      await sync(file);
    } finally {
      await file.close();
    }
  });
}

/**
 * Looks whether a file could be written, before the work begins whose outcome it is to hold.
 * @param appends whether it is to grow, not to be replaced
 * @throws UserError if not
 */
export async function checkOutput(path: string, appends = false): Promise<void> {
  await guardOutput(path, async () => {
    const { fd, stats, through, path: file } = await targetOf(path);
    if (fd !== null) fstatSync(fd);
    else if (stats) await access(file, constants.W_OK);
    if (!through && !(appends && stats)) await access(dirname(file), constants.W_OK);
  });
}

/** Where an output goes once every link is followed. */
interface Target {
  readonly path: string;
  /** Null where nothing is there yet. */
  readonly stats: Stats | null;
  /** An open file of this process, as `/dev/fd/3` names it. */
  readonly fd: number | null;
  /** Nothing that a rename may replace. */
  readonly through: boolean;
}

async function targetOf(path: string): Promise<Target> {
  if (path === '-') {
    throw new UserError('-: no file can be written here', 'standard output is /dev/stdout; a file of this name is ./-');
  }
  if (path.endsWith(sep)) throw refusal('EISDIR');
  let at = path;
  for (let links = 0; links < 40; links++) {
    const folder = await realpath(dirname(at));
    at = join(folder, basename(at));
    const descriptor = new RegExp(`^/proc/${pid}(?:/task/\\d+)?/fd/(\\d+)$`).exec(at)?.[1];
    if (descriptor !== undefined) return { path: at, stats: null, fd: Number(descriptor), through: true };
    const stats = await lstat(at).catch(unlessMissing);
    if (stats?.isDirectory()) throw refusal('EISDIR');
    const inProc = `${folder}/`.startsWith('/proc/');
    if (!stats || inProc || !stats.isSymbolicLink())
      return { path: at, stats, fd: null, through: inProc || (stats !== null && !stats.isFile()) };
    at = resolve(folder, await readlink(at));
  }
  throw refusal('ELOOP');
}

async function replace({ path, stats }: Target, data: Data): Promise<void> {
  if (stats) await access(path, constants.W_OK); // a rename would replace a file that may not be written, too
  const folder = dirname(path);
  await sweep(folder);
  const temporary = join(folder, ownName('.tmp'));
  try {
    const file = await open(temporary, 'wx', stats ? stats.mode & 0o777 : 0o666);
    try {
      for await (const part of partsOf(data)) await file.writeFile(part);
      if (stats) await keepOwnerAndMode(file, stats);
      await sync(file);
    } finally {
      await file.close();
    }
    await rename(temporary, path).catch(async (error: unknown) => {
      if (codeOf(error) !== 'EBUSY') throw error;
      const mounted = await open(path, 'w'); // a mount point, as containers have them: it cannot be replaced
      for await (const part of createReadStream(temporary)) await mounted.writeFile(part as Buffer);
      await mounted.close();
      await unlink(temporary);
    });
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

async function keepOwnerAndMode(file: FileHandle, old: Stats): Promise<void> {
  const { uid, gid } = await file.stat();
  if (uid !== old.uid || gid !== old.gid) {
    await file.chown(old.uid, old.gid).catch((error: unknown) => {
      if (codeOf(error) !== 'EPERM') throw error; // only root gives files away
    });
  }
  await file.chmod(old.mode & 0o7777);
}

/** Writes to what is no regular file. It is never created, and a pipe that nobody reads is given up. */
async function writeThrough({ path, fd, stats }: Target, data: Data): Promise<void> {
  const own = fd ?? (await openThrough(path, stats));
  try {
    for await (const part of partsOf(data)) {
      for (let rest = Buffer.from(part); rest.length > 0;) {
        const written = writeSome(own, rest);
        rest = rest.subarray(written);
        if (written === 0) await sleep(5);
      }
    }
  } finally {
    if (fd === null) closeSync(own);
  }
}

async function openThrough(path: string, stats: Stats | null): Promise<number> {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  const start = performance.now();
  for (;;) {
    try {
      return openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    } catch (error) {
      const waiting = codeOf(error) === 'ENXIO' && stats?.isFIFO() === true;
      if (!waiting || performance.now() - start > READER_WAIT) throw error;
      await sleep(50);
    }
  }
}

/** Writes all the bytes to an open file, however little it takes at a time, and waits where it is not ready. */
export function writeFully(fd: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0;) {
    const written = writeSome(fd, rest);
    rest = rest.subarray(written);
    if (written === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

/** @returns bytes written; 0 where the file is not ready */
function writeSome(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return 0;
    throw error;
  }
}

/** Whether `writeAtomic` would replace a file that is there: a device, a pipe and an open file such as `/dev/stdout` are written through. */
export async function isReplaced(path: string): Promise<boolean> {
  return targetOf(path).then(
    ({ stats, through }) => stats !== null && !through,
    () => false, // nothing can be written there, as `checkOutput` says
  );
}

const partsOf = (data: Data): readonly (string | Uint8Array)[] | AsyncIterable<Uint8Array> =>
  typeof data === 'string' || data instanceof Uint8Array ? [data] : data;

/** Where a file is written, it is the folder that is missing. */
async function guardOutput(path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw explain(error, path);
    throw new UserError(`${path}: there is no folder to write it to`, 'make the folder first, or choose another path');
  }
}
