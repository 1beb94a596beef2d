import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, appendFile, cp, mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable, pipeline } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { UserError } from './errors';

/** 256 KiB: large enough that a read costs nothing beside parsing, small enough to keep memory flat. */
const CHUNK_BYTES = 1 << 18;

/** What the system's refusals mean to a person, and what to do about them. */
const REFUSALS: Readonly<Record<string, readonly [what: string, note: string]>> = {
  ENOENT: ['no such file or folder', 'check the spelling; a relative path starts at the folder the command runs in'],
  EACCES: ['permission denied', 'check the owner and mode of the file and of its folder'],
  EPERM: ['operation not permitted', 'check the owner and mode of the file and of its folder'],
  EISDIR: ['is a folder, not a file', 'name a file inside it'],
  ENOTDIR: ['a part of this path is a file, not a folder', 'choose another path, or move that file away'],
  EEXIST: ['a file of this name is in the way of a folder', 'choose another path, or move that file away'],
  ENOSPC: ['no space left on the disk', 'free some space or choose another disk; what was there before is untouched'],
  EDQUOT: ['disk quota exceeded', 'free some space or choose another disk; what was there before is untouched'],
  EROFS: ['the disk is read-only', 'choose a folder that can be written'],
  EMFILE: ['too many open files', 'raise the limit (ulimit -n) or close other programs'],
  ENAMETOOLONG: ['the name is too long', 'choose a shorter path'],
  ELOOP: ['too many symbolic links', 'check the links on this path'],
  ERR_FS_FILE_TOO_LARGE: ['the file is too large to read at once', 'files of 2 GiB and more must be split'],
  ERR_STRING_TOO_LONG: ['the file is too large to read as one text', 'split the file'],
};

/** @throws UserError when the file cannot be read */
export async function readBytes(path: string): Promise<Buffer> {
  return guard(path, () => readFile(path));
}

/** UTF-8 text, a byte order mark dropped. @throws UserError when the file cannot be read */
export async function readText(path: string): Promise<string> {
  const text = await guard(path, () => readFile(path, 'utf8'));
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** The bytes of a file in order, at most 256 KiB at a time. @throws UserError when the file cannot be read */
export async function* readChunks(path: string): AsyncGenerator<Buffer, void> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) yield chunk as Buffer;
  } catch (error) {
    throw explain(error, path);
  }
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

/**
 * Replaces a file whole or not at all: a temporary file in the same folder is filled, flushed to the disk and renamed.
 * Whatever goes wrong before the rename, the old file stays as it was and the temporary one is removed.
 * @throws UserError when the file cannot be written
 */
export async function writeAtomic(path: string, data: string | Uint8Array | readonly Uint8Array[]): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      for (const part of isParts(data) ? data : [data]) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw explain(error, path);
  }
  await syncFolder(dirname(path));
}

/** Appends one line and its line feed in a single write. @throws UserError when the file cannot be written */
export async function appendLine(path: string, line: string): Promise<void> {
  await guard(path, () => appendFile(path, `${line}\n`));
}

/** Makes a folder and its parents where they are missing. @throws UserError when it cannot be made */
export async function ensureDir(path: string): Promise<void> {
  await guard(path, () => mkdir(path, { recursive: true }));
}

/** Removes a file, or a folder with all that is in it; no matter when it is not there. @throws UserError when it stays */
export async function remove(path: string): Promise<void> {
  await guard(path, () => rm(path, { recursive: true, force: true }));
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

/** Size in bytes. @throws UserError when there is no such file */
export async function sizeOf(path: string): Promise<number> {
  return (await guard(path, () => stat(path))).size;
}

/** Names in a folder, sorted. @throws UserError when it cannot be read */
export async function list(path: string): Promise<string[]> {
  return (await guard(path, () => readdir(path))).sort();
}

/** SHA-256 of the bytes, in hex. @throws UserError when the file cannot be read */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of readChunks(path)) hash.update(chunk);
  return hash.digest('hex');
}

const isParts = (data: string | Uint8Array | readonly Uint8Array[]): data is readonly Uint8Array[] =>
  Array.isArray(data);

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

/** A refusal of the system as an error for people; anything else is a bug and passes as it is. */
function explain(error: unknown, path: string): unknown {
  // Not `instanceof Error`: the system's errors may come from another realm, as they do under a test runner.
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (!Object.hasOwn(REFUSALS, code)) return error;
  const [what, note] = REFUSALS[code];
  return new UserError(`${path}: ${what}`, note);
}
