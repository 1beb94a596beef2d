import { createHash } from 'node:crypto';
import { present, UserError } from '../errors';
import { openFile, readChunks, sizeOf } from '../files';
import { littleEndian as isLittleEndian } from '../machine';
import {
  type Archive,
  type Checkpoint,
  type Dtype,
  type Entry,
  type LongSection,
  PACKED,
  type Section,
  type ValuesOf,
} from './sections';

export type { Checkpoint, LongSection, Section } from './sections';

/**
 * A checkpoint is one file of named arrays, as version 2 lays it out:
 *   8 bytes    `DSCCKPT2`
 *   4 bytes    length of the header, little-endian uint32
 *   header     JSON `{ version, sections: [{ name, dtype, shape }], meta }`, padded with blanks to a multiple of 8 bytes of the file
 *   sections   little-endian values in the header's order, each padded with zeros to a multiple of 8 bytes
 *   32 bytes   SHA-256 of everything before
 * Header and file size must agree to the byte before anything is allocated; no byte escapes the checksum. Both directions go
 * piece by piece, so that no limit on the size of one read or one buffer applies.
 *
 * Version 1 (`DSCTRAIN`, the header holds the checksum of the float32 payload behind it) is still read.
 */
const MAGIC = 'DSCCKPT2';
const MAGIC_1 = 'DSCTRAIN';
const PRELUDE = 12;
const HASH_BYTES = 32;
const ALIGN = 8;

/** A longer header is none of ours: a vocabulary of ten million words takes less. */
const MAX_HEADER = 1 << 28;

/** Written in pieces of so many bytes. */
const PIECE = 1 << 23;

/** Bytes of one value, and room for n of them. */
const DTYPES: { readonly [D in Dtype]: { readonly bytes: number; create(n: number): ValuesOf[D] } } = {
  f16: { bytes: 2, create: (n) => new Uint16Array(n) },
  f32: { bytes: 4, create: (n) => new Float32Array(n) },
  f64: { bytes: 8, create: (n) => new Float64Array(n) },
  i8: { bytes: 1, create: (n) => new Int8Array(n) },
  i32: { bytes: 4, create: (n) => new Int32Array(n) },
  u8: { bytes: 1, create: (n) => new Uint8Array(n) },
};

interface Header {
  readonly version: 1 | 2;
  readonly entries: readonly Entry[];
  readonly meta: unknown;
  /** Version 1: of the payload, in hex. */
  readonly sha256?: string;
}

/** Where version 1 kept its only kind of section. */
const WEIGHTS = 'weights/';

/**
 * The pieces of a checkpoint file in order. The arrays are not copied: they must stay as they are until everything is written.
 * @param meta JSON
 */
export function encodeCheckpoint(sections: readonly Section[], meta: unknown): Uint8Array[] {
  const pieces: Uint8Array[] = [headOf(sections, meta)];
  for (const section of sections) {
    checkLength(section, section.values.length);
    pieces.push(...piecesOf(section.dtype, section.values));
    pieces.push(...gapOf(section));
  }
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return [...pieces, hash.digest()];
}

/** The same with sections that are never held as a whole. */
export async function* streamCheckpoint(
  sections: readonly (Section | LongSection)[],
  meta: unknown,
): AsyncGenerator<Uint8Array, void> {
  const hash = createHash('sha256');
  const hashed = (piece: Uint8Array): Uint8Array => {
    hash.update(piece);
    return piece;
  };
  yield hashed(headOf(sections, meta));
  for (const section of sections) {
    let length = 0;
    for await (const values of 'stream' in section ? section.stream() : [section.values]) {
      length += values.length;
      for (const piece of piecesOf(section.dtype, values)) yield hashed(piece);
    }
    checkLength(section, length);
    for (const gap of gapOf(section)) yield hashed(gap);
  }
  yield hash.digest();
}

/** Everything before the sections. */
function headOf(sections: readonly Entry[], meta: unknown): Buffer {
  const entries = sections.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  if (!distinct(entries)) throw new Error('checkpoint: two sections of one name');
  const json = Buffer.from(JSON.stringify({ version: 2, sections: entries, meta }));
  const head = Buffer.alloc(padded(PRELUDE + json.length), ' ');
  if (head.length - PRELUDE > MAX_HEADER) throw new Error(`checkpoint: a header of ${json.length} bytes`);
  head.write(MAGIC, 'latin1');
  head.writeUInt32LE(head.length - PRELUDE, MAGIC.length);
  json.copy(head, PRELUDE);
  return head;
}

function piecesOf(dtype: Dtype, values: Section['values']): Uint8Array[] {
  const bytes = littleEndian(values, DTYPES[dtype].bytes);
  return Array.from({ length: Math.ceil(bytes.length / PIECE) }, (_, i) => bytes.subarray(i * PIECE, (i + 1) * PIECE));
}

/** What pads a section. */
function gapOf(entry: Entry): Uint8Array[] {
  const gap = padded(bytesOf(entry)) - bytesOf(entry);
  return gap > 0 ? [Buffer.alloc(gap)] : [];
}

function checkLength({ name, shape }: Entry, length: number): void {
  if (elements(shape) !== length) throw new Error(`checkpoint: ${name} has ${length} values`);
}

/** Leaves the sections of PACKED in the file. @throws UserError as `decodeCheckpoint`, and when the file cannot be read */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const size = await sizeOf(path);
  const { digest, left, ...checkpoint } = await decode(readChunks(path), size, path, (name) => name.startsWith(PACKED));
  return left.length === 0 ? checkpoint : { ...checkpoint, left: archiveOf(path, size, digest, left) };
}

/**
 * Holds every section.
 * @param size bytes in all, which the header must account for before room is made for any of them
 * @param source the file's name, for messages
 * @throws UserError when the bytes are no checkpoint, are cut short or were changed
 */
export async function decodeCheckpoint(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
  source: string,
): Promise<Checkpoint> {
  const { version, sections, meta } = await decode(chunks, size, source, () => false);
  return { version, sections, meta };
}

/** A section that was passed over: where in the file it begins. */
type Left = Entry & { readonly at: number };

interface Decoded extends Omit<Checkpoint, 'left'> {
  readonly left: readonly Left[];
  /** SHA-256 of the file, in hex, as its end holds it; of version 1 that of the payload. */
  readonly digest: string;
}

async function decode(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
  source: string,
  isLeft: (name: string) => boolean,
): Promise<Decoded> {
  const broken = (what: string): UserError =>
    new UserError(
      `${source}: ${what}`,
      'a checkpoint is the file best.ckpt or last.ckpt of a run folder, as dsc-train wrote it: train again, or take another copy',
    );
  const hash = createHash('sha256');
  const reader = createReader(chunks);
  const fill = async (bytes: Uint8Array): Promise<Uint8Array> => {
    if (!(await reader.fill(bytes))) throw broken(`is cut short: it ends before its ${size} bytes`);
    return bytes;
  };
  try {
    if (size < PRELUDE) throw broken(`is not a dsc-train checkpoint: ${size} bytes`);
    const prelude = Buffer.from(await fill(new Uint8Array(PRELUDE)));
    const magic = prelude.toString('latin1', 0, MAGIC.length);
    if (magic !== MAGIC && magic !== MAGIC_1) throw broken('is not a dsc-train checkpoint');
    const version = magic === MAGIC ? 2 : 1;
    const trailer = version === 2 ? HASH_BYTES : 0;
    const length = prelude.readUInt32LE(MAGIC.length);
    if (PRELUDE + length + trailer > size) throw broken(`is cut short: ${size} bytes`);
    if (length > MAX_HEADER || (PRELUDE + length) % ALIGN !== 0) throw broken('has a damaged header');
    const json = Buffer.from(await fill(new Uint8Array(length)));
    const header = parseHeader(json, version);
    if (!header) throw broken('has a damaged header');

    const room = (entry: Entry): number => (version === 2 ? padded(bytesOf(entry)) : bytesOf(entry));
    const expected = header.entries.reduce((sum, entry) => sum + room(entry), 0);
    const found = size - PRELUDE - length - trailer;
    if (found !== expected) {
      throw broken(
        `${found < expected ? 'is cut short' : 'is too long'}: ${found} bytes of values, expected ${expected}`,
      );
    }

    if (version === 2) hash.update(prelude).update(json);
    const sections: Section[] = [];
    const left: Left[] = [];
    let at = PRELUDE + length;
    for (const entry of header.entries) {
      if (isLeft(entry.name)) {
        left.push({ ...entry, at });
        at += room(entry);
        const piece = new Uint8Array(Math.min(room(entry), PIECE));
        for (let rest = room(entry); rest > 0; rest -= piece.length)
          hash.update(await fill(piece.subarray(0, Math.min(rest, piece.length))));
        continue;
      }
      at += room(entry);
      const values = DTYPES[entry.dtype].create(elements(entry.shape));
      const bytes = new Uint8Array(values.buffer);
      await fill(bytes);
      const gap = await fill(new Uint8Array(room(entry) - bytes.length));
      for (let i = 0; i < bytes.length; i += PIECE) hash.update(bytes.subarray(i, i + PIECE));
      hash.update(gap);
      fromLittleEndian(bytes, DTYPES[entry.dtype].bytes);
      sections.push({ ...entry, values } as Section);
    }
    const digest = hash.digest('hex');
    const written = header.sha256 ?? Buffer.from(await fill(new Uint8Array(HASH_BYTES))).toString('hex');
    if (digest !== written) throw broken('was changed after it was written: its checksum does not match');
    if (await reader.fill(new Uint8Array(1))) throw broken('grew while it was read');
    return { version, sections, meta: header.meta, left, digest };
  } finally {
    await reader.close();
  }
}

/** @param digest that the end of the file must still have: then it holds what was checked */
function archiveOf(path: string, size: number, digest: string, left: readonly Left[]): Archive {
  const places = new Map(left.map((entry) => [entry.name, entry]));
  return {
    entries: left.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    open() {
      const file = openFile(path);
      const changed = (): UserError => {
        file.close();
        return new UserError(`${path}: was changed while it was read`, 'wait until it is whole, then try again');
      };
      const end = new Uint8Array(HASH_BYTES);
      if (file.size !== size || !file.read(end, size - HASH_BYTES) || Buffer.from(end).toString('hex') !== digest)
        throw changed();
      return {
        read<D extends Dtype>(name: string, dtype: D, from: number, to: number) {
          const { at } = present(places.get(name), name);
          const width = DTYPES[dtype].bytes;
          const values = DTYPES[dtype].create(to - from);
          const bytes = new Uint8Array(values.buffer);
          if (!file.read(bytes, at + from * width)) throw changed();
          fromLittleEndian(bytes, width);
          return values;
        },
        close: () => file.close(),
      };
    },
  };
}

/** The header, where it is one of this version; nothing of it has been believed yet. */
function parseHeader(json: Buffer, version: 1 | 2): Header | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json.toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isRecord(value) || value.version !== version) return undefined;
  const { meta, sha256 } = value;
  const listed = version === 2 ? value.sections : value.weights;
  if (meta === undefined || !Array.isArray(listed)) return undefined;
  const entries: Entry[] = [];
  let offset = 0;
  for (const item of listed as unknown[]) {
    if (!isRecord(item)) return undefined;
    const { name, shape } = item;
    const dtype = version === 2 ? item.dtype : 'f32';
    if (typeof name !== 'string' || name === '' || !isDtype(dtype) || !isShape(shape)) return undefined;
    if (version === 1 && item.offset !== offset) return undefined;
    offset += 4 * elements(shape);
    entries.push({ name: version === 2 ? name : WEIGHTS + name, dtype, shape });
  }
  if (!distinct(entries)) return undefined;
  if (version === 2) return { version, entries, meta };
  return typeof sha256 === 'string' ? { version, entries, meta, sha256 } : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isDtype = (value: unknown): value is Dtype => typeof value === 'string' && Object.hasOwn(DTYPES, value);

/** Whole numbers whose product is one too, and can be counted exactly. */
const isShape = (value: unknown): value is number[] =>
  Array.isArray(value) &&
  value.every((n) => Number.isSafeInteger(n) && Number(n) >= 0) &&
  Number.isSafeInteger(8 * elements(value as number[]));

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const bytesOf = ({ dtype, shape }: Entry): number => elements(shape) * DTYPES[dtype].bytes;
const padded = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN;
const distinct = (entries: readonly Entry[]): boolean =>
  new Set(entries.map(({ name }) => name)).size === entries.length;

/** Fills buffers from a stream of chunks, one after the other. */
function createReader(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  let held: Uint8Array = new Uint8Array(0);
  return {
    /** false where the stream ends first */
    async fill(into: Uint8Array): Promise<boolean> {
      for (let at = 0; at < into.length;) {
        if (held.length === 0) {
          const next = await iterator.next();
          if (next.done) return false;
          held = next.value;
          continue;
        }
        const n = Math.min(held.length, into.length - at);
        into.set(held.subarray(0, n), at);
        held = held.subarray(n);
        at += n;
      }
      return true;
    },
    async close(): Promise<void> {
      await iterator.return?.();
    },
  };
}

/** The values as bytes: on most machines those that are there, elsewhere a turned copy. */
export function littleEndian(values: Section['values'], width: number): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return isLittleEndian() ? bytes : turn(bytes.slice(), width);
}

function fromLittleEndian(bytes: Uint8Array, width: number): void {
  if (!isLittleEndian()) turn(bytes, width);
}

/** Reverses the bytes of every value, in place. */
function turn(bytes: Uint8Array, width: number): Uint8Array {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
}
