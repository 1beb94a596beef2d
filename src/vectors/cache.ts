import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { isUtf8 } from 'node:buffer';
import { present, UserError } from '../errors';
import { openFile, type OpenFile, readChunks, stateOf, unpack, writeAtomic } from '../files';
import { homeFolder } from '../files/home';
import { littleEndian, temporaryFolder } from '../machine';
import { formatOf } from './formats';
import type { RowReader, RowSink } from './rows';
import { createWords, type Words } from './words';

/**
 * What was read of a file of vectors, so that no run needs to read it again, and rows can be read one by one:
 *   rows      of each word in the file's order: float32 numbers, and the CRC-32 of them that begins with the row's number
 *   words     where each word ends (uint32), then the words, UTF-8
 *   about     JSON
 *   24 bytes  CRC-32 of words and of about, bytes of words and of about (uint32 each), `DSCVECT1`
 * Little-endian. Nothing of it is believed before its checksum was looked at.
 */
const MAGIC = 'DSCVECT1';
const VERSION = 1;
const TRAILER = 24;

/** Rows are written, and read, in pieces of about so many bytes. */
const PIECE = 1 << 20;

/** Bytes that are looked at to tell the format of a file. */
const HEAD = 1 << 16;

/** Rows that are read between two that are wanted, sooner than to ask the system once more. */
const GAP = 1 << 13;

/** A file has cased words where so many in a hundred have a capital: a marker such as `UNK` makes no cased words. */
const CASED_SHARE = 0.01;

/** What is known of a file of vectors. */
export interface About {
  readonly version: number;
  /** Of the file as it was read. */
  readonly source: { readonly size: number; readonly changed: number; readonly sha256: string };
  /** Title of the format. */
  readonly format: string;
  readonly count: number;
  readonly width: number;
  /** Do words with capitals stand beside those without? */
  readonly cased: boolean;
  /** Rows of words that had a row already: the first is taken. */
  readonly duplicates: number;
  /** Words that are no UTF-8: no token is one. */
  readonly unreadable: number;
}

/** An open cache. */
export interface Cache {
  readonly path: string;
  readonly about: About;
  readonly words: Words;
  /** Vectors by row number, one behind the other, (n, width); null where a row is damaged. */
  read(rows: readonly number[]): Float32Array | null;
  close(): void;
}

/** Where the cache of a file may lie: beside it, else in a folder of our own, else where nothing stays. */
export function cachePaths(source: string): string[] {
  const path = resolve(source);
  const name = `${createHash('sha256').update(path).digest('hex').slice(0, 16)}-${basename(path)}.dsc-vectors`;
  return [
    join(dirname(path), `${basename(path)}.dsc-vectors`),
    join(homeFolder(), 'vectors', name),
    join(temporaryFolder(), name),
  ];
}

/** The cache at a path; null where there is none, or it is damaged. */
export function openCache(path: string): Cache | null {
  let file: OpenFile;
  try {
    file = openFile(path);
  } catch {
    return null;
  }
  let cache: Cache | null = null;
  try {
    cache = contentOf(file, path);
  } catch {
    // A folder, or a disk that fails.
  }
  if (!cache) file.close();
  return cache;
}

function contentOf(file: OpenFile, path: string): Cache | null {
  const trailer = Buffer.alloc(TRAILER);
  if (file.size < TRAILER || !file.read(trailer, file.size - TRAILER)) return null;
  if (trailer.toString('latin1', 16) !== MAGIC) return null;
  const [wordsCrc, aboutCrc] = [trailer.readUInt32LE(0), trailer.readUInt32LE(4)];
  const [wordBytes, aboutBytes] = [trailer.readUInt32LE(8), trailer.readUInt32LE(12)];
  const rowsEnd = file.size - TRAILER - aboutBytes - wordBytes;
  if (rowsEnd < 0) return null;
  const json = Buffer.alloc(aboutBytes);
  const packed = Buffer.alloc(wordBytes);
  if (!file.read(packed, rowsEnd) || !file.read(json, rowsEnd + wordBytes)) return null;
  if (crc32(packed) !== wordsCrc || crc32(json) !== aboutCrc) return null;
  const about = JSON.parse(json.toString()) as About;
  const { count, width } = about;
  const rowBytes = 4 * width + 4;
  if (about.version !== VERSION || rowsEnd !== count * rowBytes) return null;
  const ends = Uint32Array.from({ length: count }, (_, i) => packed.readUInt32LE(4 * i));
  const words = createWords({ ends, bytes: packed.subarray(4 * count) });

  function read(rows: readonly number[]): Float32Array | null {
    const vectors = new Float32Array(rows.length * width);
    const into = Buffer.from(vectors.buffer);
    const order = rows.map((row, i) => ({ row, i, at: row * rowBytes })).sort((x, y) => x.row - y.row);
    for (const run of runsOf(order, rowBytes)) {
      const [begin, end] = [present(run[0], 'row').at, present(run.at(-1), 'row').at + rowBytes];
      const bytes = Buffer.alloc(end - begin);
      if (!file.read(bytes, begin)) return null;
      for (const { row, i, at } of run) {
        const numbers = bytes.subarray(at - begin, at - begin + 4 * width);
        if (crc32(numbers, row) !== bytes.readUInt32LE(at - begin + 4 * width)) return null;
        numbers.copy(into, 4 * i * width);
      }
    }
    if (!littleEndian()) into.swap32();
    return vectors;
  }
  return { path, about, words, read, close: () => file.close() };
}

/** Rows in order, cut where the next is far enough for a reading of its own. */
function runsOf<Row extends { readonly at: number }>(order: readonly Row[], rowBytes: number): Row[][] {
  const runs: Row[][] = [];
  let run: Row[] = [];
  for (const row of order) {
    const [first, last] = [run[0] ?? row, run.at(-1) ?? row];
    if (run.length === 0 || row.at - last.at - rowBytes > GAP || row.at - first.at > PIECE) runs.push((run = []));
    run.push(row);
  }
  return runs;
}

/**
 * Reads a file of vectors and writes its cache, row by row: memory holds the words alone.
 * @returns the cache, open
 * @throws UserError where the file is no vectors, or damaged, and where no cache can be written anywhere
 */
export async function writeCache(source: string): Promise<Cache> {
  let refusal: unknown;
  for (const path of cachePaths(source)) {
    const reading = { failed: false };
    try {
      await writeAtomic(path, cacheOf(source, reading));
    } catch (error) {
      if (reading.failed || !(error instanceof UserError)) throw error;
      refusal ??= error;
      continue;
    }
    const cache = openCache(path);
    if (cache) return cache;
  }
  throw refusal;
}

async function* cacheOf(source: string, state: { failed: boolean }): AsyncGenerator<Uint8Array, void> {
  try {
    yield* piecesOf(source);
  } catch (error) {
    state.failed = true;
    throw error;
  }
}

async function* piecesOf(source: string): AsyncGenerator<Uint8Array, void> {
  const before = await stateOf(source);
  const hash = createHash('sha256');
  const rows = createRows();
  let reader: RowReader | undefined;
  let format = '';
  for await (const chunk of headed(unpack(hashed(readChunks(source), hash), source))) {
    if (!reader) {
      const found = formatOf(chunk, source);
      format = found.title;
      reader = found.read(chunk, rows.sink, source);
    }
    reader.push(chunk);
    yield* rows.taken();
  }
  if (!reader) throw new UserError(`${source}: the file is empty`, 'name a file of word vectors');
  reader.end();
  yield* rows.taken();
  const { size, changed } = await stateOf(source);
  if (size !== before.size || changed !== before.changed)
    throw new UserError(`${source}: was changed while it was read`, 'wait until it is whole, then try again');

  const { words, width, capitals, duplicates, unreadable } = rows.found();
  const about: About = {
    version: VERSION,
    source: { size, changed, sha256: hash.digest('hex') },
    format,
    count: words.size,
    width,
    cased: capitals > CASED_SHARE * words.size,
    duplicates,
    unreadable,
  };
  const packed = Buffer.alloc(4 * words.size + words.bytes.length);
  words.ends.forEach((end, i) => packed.writeUInt32LE(end, 4 * i));
  packed.set(words.bytes, 4 * words.size);
  const json = Buffer.from(JSON.stringify(about));
  const trailer = Buffer.alloc(TRAILER);
  [crc32(packed), crc32(json), packed.length, json.length].forEach((n, i) => trailer.writeUInt32LE(n, 4 * i));
  trailer.write(MAGIC, 16, 'latin1');
  yield* [packed, json, trailer];
}

/** Rows as they are written, and what is known of them all. */
function createRows() {
  const words = createWords();
  let [width, capitals, duplicates, unreadable] = [0, 0, 0, 0];
  let piece = Buffer.alloc(0);
  let filled = 0;
  let full: Buffer[] = [];
  const sink: RowSink = {
    begin: (numbers) => void (width = numbers),
    row(word, start, end, vector) {
      if (!words.add(word, start, end)) {
        duplicates++;
        return;
      }
      if (isAscii(word, start, end)) {
        if (hasCapital(word, start, end)) capitals++;
      } else if (!isUtf8(word.subarray(start, end))) unreadable++;
      else {
        const text = Buffer.from(word.subarray(start, end)).toString();
        if (text !== text.toLowerCase()) capitals++;
      }
      const bytes = 4 * width + 4;
      if (filled + bytes > piece.length) {
        if (filled > 0) full.push(piece.subarray(0, filled));
        piece = Buffer.alloc(Math.max(PIECE, bytes));
        filled = 0;
      }
      const at = filled;
      for (let i = 0; i < width; i++) filled = piece.writeFloatLE(vector[i] as number, filled);
      filled = piece.writeUInt32LE(crc32(piece.subarray(at, filled), words.size - 1), filled);
    },
  };
  return {
    sink,
    /** What was not taken yet; `piece` stays until `found` where it is not full. */
    taken(): Buffer[] {
      const taken = filled > 0 ? [...full, piece.subarray(0, filled)] : full;
      full = [];
      piece = Buffer.alloc(0);
      filled = 0;
      return taken;
    },
    found: () => ({ words, width, capitals, duplicates, unreadable }),
  };
}

function isAscii(word: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((word[i] as number) > 0x7f) return false;
  return true;
}

function hasCapital(word: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((word[i] as number) >= 65 && (word[i] as number) <= 90) return true;
  return false;
}

async function* hashed(
  chunks: AsyncIterable<Buffer>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Buffer, void> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** The same bytes: first as many as tell the format, without a byte order mark. */
async function* headed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let head: Buffer | null = Buffer.alloc(0);
  const start = (all: Buffer): Buffer =>
    all[0] === 0xef && all[1] === 0xbb && all[2] === 0xbf ? all.subarray(3) : all;
  for await (const chunk of chunks) {
    if (head === null) yield chunk;
    else {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (head.length < HEAD) continue;
      yield start(head);
      head = null;
    }
  }
  if (head !== null && head.length > 0) yield start(head);
}
