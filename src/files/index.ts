import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  type Stats,
  writeSync,
} from 'node:fs';
import {
  access,
  cp,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
  utimes,
} from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { kill, pid, stdin } from 'node:process';
import { Readable, pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gunzipSync } from 'node:zlib';
import { explain, present, UserError } from '../errors';
import { hostName } from '../machine';

/** 256 KiB: large enough that a read costs nothing beside parsing, small enough to keep memory flat. */
const CHUNK_BYTES = 1 << 18;

/** Milliseconds that a named pipe is given to find its reader. */
const READER_WAIT = 3000;

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

/** A gzip file by its first bytes, whatever it is called. */
const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The same bytes, unpacked where they are gzip (one member or several), at the pace of whoever takes them.
 * @param path names them in messages
 * @throws UserError when the gzip data is damaged, cut off, or followed by something else
 */
export async function* unpack(chunks: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer, void> {
  const source = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let done = false;
  while (head.length < 2 && !done) {
    const next = await source.next();
    if (next.done) done = true;
    else head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  let packed = 0;
  let filled = 0; // packed bytes up to the last that is not zero
  async function* rest(): AsyncGenerator<Buffer, void> {
    try {
      for (let chunk = head; ;) {
        let end = chunk.length;
        while (end > 0 && chunk[end - 1] === 0) end--;
        if (end > 0) filled = packed + end;
        packed += chunk.length;
        if (chunk.length > 0) yield chunk;
        const next = await source.next();
        if (next.done) return;
        chunk = next.value;
      }
    } finally {
      await source.return?.();
    }
  }
  if (!isGzip(head)) return yield* rest();
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  let fault: unknown; // of the source: it says more than what zlib makes of it
  pipeline(Readable.from(rest()), gunzip, (error) => (fault = error));
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    throw explainGzip(fault ?? error, path);
  }
  // zlib stops at a zero byte after a member: padding may follow, nothing else
  if (gunzip.bytesWritten < filled) throw damagedGzip(path, 'the data is followed by something else');
}

/** `unpack` for bytes at hand. @throws UserError as `unpack` */
export function unpackBytes(bytes: Buffer, path: string): Buffer {
  if (!isGzip(bytes)) return bytes;
  try {
    // with `info` the type is of what `Buffer` alone would be
    const { buffer, engine } = gunzipSync(bytes, { info: true }) as unknown as Unpacked;
    if (bytes.subarray(engine.bytesWritten).some((byte) => byte !== 0)) {
      throw damagedGzip(path, 'the data is followed by something else');
    }
    return buffer;
  } catch (error) {
    throw explainGzip(error, path);
  }
}

interface Unpacked {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

const damagedGzip = (path: string, what: string): UserError =>
  new UserError(`${path}: damaged gzip file: ${what}`, 'gzip -t checks a file; fetch or pack it again');

function explainGzip(error: unknown, path: string): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') return damagedGzip(path, 'it ends too early');
  if (code.startsWith('Z_')) return damagedGzip(path, (error as Error).message);
  if (code === 'ERR_BUFFER_TOO_LARGE') return new UserError(`${path}: too large to unpack at once`, 'unpack it first');
  return error;
}

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

/** A file that grows by whole lines, or by whole records. */
export interface Log<Entry> {
  /** Kept in memory for a second at the most. @throws UserError where earlier entries could not be written */
  add(entry: Entry): void;
  /** @throws UserError when the entries cannot be written */
  flush(): void;
  /** Flushes and closes. @throws UserError when the entries cannot be written */
  close(): void;
  /** Bytes of the file, everything added written. @throws UserError as `add` */
  size(): number;
  /** Waits until everything added is on the disk. @throws UserError as `add` */
  sync(): Promise<void>;
}

/** Bytes in memory before they are written, and milliseconds until they are. */
const LOG_BYTES = 1 << 16;
const LOG_WAIT = 1000;

/**
 * Opens a file to append lines to. Half a line at its end, as a killed process or a full disk leaves it, is cut off first; and what
 * is written is whole lines, in one piece.
 * @param keep bytes of what is there already that stay
 * @throws UserError when the file cannot be written
 */
export function openLines(path: string, keep = Infinity): Log<string> {
  const log = openLog(path, (fd) => {
    if (keep < fstatSync(fd).size) ftruncateSync(fd, keep);
    return cutHalfLine(fd);
  });
  return { ...log, add: (line) => log.add(Buffer.from(`${line}\n`)) };
}

/**
 * The same for records of bytes.
 * @param keptOf how many bytes stay of what is there already
 */
export function openRecords(path: string, keptOf: (there: Uint8Array) => number): Log<Uint8Array> {
  return openLog(path, (fd) => {
    const kept = keptOf(readFileSync(path));
    ftruncateSync(fd, kept);
    return kept;
  });
}

/** @param cut readies a file that is there, and says its size then */
function openLog(path: string, cut: (fd: number) => number): Log<Uint8Array> {
  const fd = guardSync(path, () => openSync(path, 'a+'));
  let waiting: Uint8Array[] = [];
  let [waits, timer]: [number, NodeJS.Timeout | undefined] = [0, undefined];
  let failure: { readonly error: unknown } | undefined;
  let size = guardSync(path, () => cut(fd));

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const bytes = Buffer.concat(waiting);
    [waiting, waits] = [[], 0];
    if (failure) throw failure.error;
    try {
      writeFully(fd, bytes);
      size += bytes.length;
    } catch (error) {
      dropHalfLine(fd, size);
      throw explain(error, path);
    }
  }
  const later = (): void => {
    try {
      flush();
    } catch (error) {
      failure = { error }; // nobody to tell: the next line tells it
    }
  };
  return {
    add(entry) {
      if (failure) throw failure.error;
      waiting.push(entry);
      waits += entry.length;
      if (waits > LOG_BYTES) flush();
      else timer ??= setTimeout(later, LOG_WAIT).unref();
    },
    flush,
    size() {
      flush();
      return size;
    },
    async sync() {
      flush();
      await sync({ sync: promisify(fdatasync).bind(null, fd) });
    },
    close() {
      try {
        flush();
      } finally {
        closeSync(fd);
      }
    },
  };
}

function dropHalfLine(fd: number, size: number): void {
  try {
    ftruncateSync(fd, size);
  } catch {
    // Left to whoever opens the file next.
  }
}

/** @returns the size of the file, which now ends with a line feed or is empty */
function cutHalfLine(fd: number): number {
  const { size } = fstatSync(fd);
  const chunk = Buffer.alloc(1 << 16);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - chunk.length);
    const lineFeed = chunk.subarray(0, readSync(fd, chunk, 0, end - start, start)).lastIndexOf(0x0a);
    end = lineFeed < 0 ? start : start + lineFeed + 1;
    if (lineFeed < 0 && start > 0) continue;
    if (end < size) ftruncateSync(fd, end);
    return end;
  }
  return 0;
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

/** Whether `writeAtomic` would replace a file that is there: a device, a pipe and an open file such as `/dev/stdout` are written through. */
export async function isReplaced(path: string): Promise<boolean> {
  return targetOf(path).then(
    ({ stats, through }) => stats !== null && !through,
    () => false, // nothing can be written there, as `checkOutput` says
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

/** A name for what a process keeps in a folder while it lives: it tells everybody who made it. */
export function ownName(suffix: string): string {
  return `.dsc-train-${self().join('-')}-${randomBytes(4).toString('hex')}${suffix}`;
}

/** What a process left in a folder under a name of `ownName`. */
export interface Left {
  readonly name: string;
  readonly pid: number;
  /** Its process runs no longer: on this machine that is known; of another, anything untouched for 15 minutes. */
  readonly dead: boolean;
  /** Its process is this one. */
  readonly own: boolean;
}

const FOREIGN_WAIT = 15 * 60_000;

const NAME = /^\.dsc-train-([0-9a-f]{8})-([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{8}\.[a-z]+$/;

/** What processes keep in a folder under names of `ownName` with this suffix. Nothing where there is no such folder. */
export async function leftIn(folder: string, suffix: string): Promise<Left[]> {
  const found: Left[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const parts = NAME.exec(name);
    if (!parts || !name.endsWith(suffix)) continue;
    const [, machine, boot, id, start = ''] = parts;
    const [ourMachine, ourBoot, ourId, ourStart] = self();
    const here = machine === ourMachine;
    const touched = here
      ? 0
      : await stat(join(folder, name)).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        );
    const dead = here ? boot !== ourBoot || !isAlive(Number(id), start) : Date.now() - touched > FOREIGN_WAIT;
    found.push({ name, pid: Number(id), dead, own: here && boot === ourBoot && id === ourId && start === ourStart });
  }
  return found;
}

const swept = new Set<string>();

/** Removes the temporary files of processes that were killed; done once for each folder that this process writes to. */
async function sweep(folder: string): Promise<void> {
  if (swept.has(folder)) return;
  swept.add(folder);
  for (const { name, dead } of await leftIn(folder, '.tmp')) {
    if (dead) await unlink(join(folder, name)).catch(() => undefined);
  }
}

type Self = readonly [machine: string, boot: string, pid: string, start: string];
let whoami: Self | undefined;

/** Process numbers come again: in another container, after the next boot, and when they wrap. So a name holds all of these. */
function self(): Self {
  const id = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
  const or = (read: () => string): string => {
    try {
      return read();
    } catch {
      return ''; // a system without /proc
    }
  };
  whoami ??= [
    id(`${hostName()} ${or(() => readlinkSync('/proc/self/ns/pid'))}`),
    id(or(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'))),
    String(pid),
    startOf(pid),
  ];
  return whoami;
}

/** When a process began, in ticks since the boot; 0 where that cannot be told, empty when it has ended and waits to be collected. */
function startOf(id: number): string {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // behind the name, which may hold anything
    return ['Z', 'X'].includes(present(fields[0], 'state')) ? '' : present(fields[19], 'start');
  } catch {
    return '0';
  }
}

function isAlive(id: number, start: string): boolean {
  try {
    kill(id, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false; // EPERM: it lives, and is somebody else's
  }
  return ['0', start].includes(startOf(id));
}

const partsOf = (data: Data): readonly (string | Uint8Array)[] | AsyncIterable<Uint8Array> =>
  typeof data === 'string' || data instanceof Uint8Array ? [data] : data;

const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException | undefined)?.code;

/** What the system would say. */
const refusal = (code: string): Error => Object.assign(new Error(code), { code });

function unlessMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

/** Some file systems cannot flush one file; there the rename must do. */
async function sync(file: Pick<FileHandle, 'sync'>): Promise<void> {
  await file.sync().catch((error: unknown) => {
    if (!['EINVAL', 'ENOTSUP'].includes(String(codeOf(error)))) throw error;
  });
}

/** A rename is on the disk only once its folder is; some systems cannot open a folder, and there the rename must do. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // The file itself is complete either way.
  }
}

async function guard<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw explain(error, path);
  }
}

function guardSync<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw explain(error, path);
  }
}

/** Where a file is written, it is the folder that is missing. */
async function guardOutput(path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw explain(error, path);
    throw new UserError(`${path}: there is no folder to write it to`, 'make the folder first, or choose another path');
  }
}
