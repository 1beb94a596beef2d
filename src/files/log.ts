import { closeSync, fdatasync, fstatSync, ftruncateSync, openSync, readFileSync, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { explain } from '../errors';
import { writeFully } from './output';
import { guardSync, sync } from './system';

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
