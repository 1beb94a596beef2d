import { createHash } from 'node:crypto';
import { UserError } from '../errors';
import { readChunks, sizeOf } from '../files';
import { littleEndian as isLittleEndian } from '../machine';

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

/** What a section may hold: IEEE 754 numbers, two's complement, bytes. */
interface ValuesOf {
  f32: Float32Array;
  f64: Float64Array;
  i32: Int32Array;
  u8: Uint8Array;
}

type Dtype = keyof ValuesOf;

/** Bytes of one value, and room for n of them. */
const DTYPES: { readonly [D in Dtype]: { readonly bytes: number; create(n: number): ValuesOf[D] } } = {
  f32: { bytes: 4, create: (n) => new Float32Array(n) },
  f64: { bytes: 8, create: (n) => new Float64Array(n) },
  i32: { bytes: 4, create: (n) => new Int32Array(n) },
  u8: { bytes: 1, create: (n) => new Uint8Array(n) },
};

/** A named array. Names are paths, the first part says what the section belongs to: `weights/lstm0.w`. */
export type Section = {
  [D in Dtype]: {
    readonly name: string;
    readonly dtype: D;
    readonly shape: readonly number[];
    readonly values: ValuesOf[D];
  };
}[Dtype];

export interface Checkpoint {
  /** Format version of the file. Sections of version 1 are named as those of version 2 are. */
  readonly version: 1 | 2;
  readonly sections: readonly Section[];
  /** JSON: whoever reads it checks its type. */
  readonly meta: unknown;
}

type Entry = Pick<Section, 'name' | 'dtype' | 'shape'>;

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
  const entries = sections.map(({ name, dtype, shape, values }) => {
    if (elements(shape) !== values.length) throw new Error(`checkpoint: ${name} has ${values.length} values`);
    return { name, dtype, shape };
  });
  if (!distinct(entries)) throw new Error('checkpoint: two sections of one name');
  const json = Buffer.from(JSON.stringify({ version: 2, sections: entries, meta }));
  const head = Buffer.alloc(padded(PRELUDE + json.length), ' ');
  if (head.length - PRELUDE > MAX_HEADER) throw new Error(`checkpoint: a header of ${json.length} bytes`);
  head.write(MAGIC, 'latin1');
  head.writeUInt32LE(head.length - PRELUDE, MAGIC.length);
  json.copy(head, PRELUDE);

  const pieces: Uint8Array[] = [head];
  for (const { dtype, values } of sections) {
    const bytes = littleEndian(values, DTYPES[dtype].bytes);
    for (let at = 0; at < bytes.length; at += PIECE) pieces.push(bytes.subarray(at, at + PIECE));
    const gap = padded(bytes.length) - bytes.length;
    if (gap > 0) pieces.push(Buffer.alloc(gap));
  }
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return [...pieces, hash.digest()];
}

/** @throws UserError as `decodeCheckpoint`, and when the file cannot be read */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  return decodeCheckpoint(readChunks(path), await sizeOf(path), path);
}

/**
 * @param size bytes in all, which the header must account for before room is made for any of them
 * @param source the file's name, for messages
 * @throws UserError when the bytes are no checkpoint, are cut short or were changed
 */
export async function decodeCheckpoint(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
  source: string,
): Promise<Checkpoint> {
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

    const room = ({ dtype, shape }: Entry): number => {
      const bytes = elements(shape) * DTYPES[dtype].bytes;
      return version === 2 ? padded(bytes) : bytes;
    };
    const expected = header.entries.reduce((sum, entry) => sum + room(entry), 0);
    const found = size - PRELUDE - length - trailer;
    if (found !== expected) {
      throw broken(
        `${found < expected ? 'is cut short' : 'is too long'}: ${found} bytes of values, expected ${expected}`,
      );
    }

    if (version === 2) hash.update(prelude).update(json);
    const sections: Section[] = [];
    for (const entry of header.entries) {
      const values = DTYPES[entry.dtype].create(elements(entry.shape));
      const bytes = new Uint8Array(values.buffer);
      await fill(bytes);
      const gap = await fill(new Uint8Array(room(entry) - bytes.length));
      for (let at = 0; at < bytes.length; at += PIECE) hash.update(bytes.subarray(at, at + PIECE));
      hash.update(gap);
      fromLittleEndian(bytes, DTYPES[entry.dtype].bytes);
      sections.push({ ...entry, values } as Section);
    }
    const digest = hash.digest('hex');
    const written = header.sha256 ?? Buffer.from(await fill(new Uint8Array(HASH_BYTES))).toString('hex');
    if (digest !== written) throw broken('was changed after it was written: its checksum does not match');
    if (await reader.fill(new Uint8Array(1))) throw broken('grew while it was read');
    return { version, sections, meta: header.meta };
  } finally {
    await reader.close();
  }
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
