import { UserError } from '../errors';
import { littleEndian as isLittleEndian } from '../machine/bytes';
import type { Checkpoint, Dtype, Entry, Section, ValuesOf } from './sections';

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
export const MAGIC = 'DSCCKPT2';
const MAGIC_1 = 'DSCTRAIN';
export const PRELUDE = 12;
export const HASH_BYTES = 32;
const ALIGN = 8;

/** A longer header is none of ours: a vocabulary of ten million words takes less. */
export const MAX_HEADER = 1 << 28;

/** Written in pieces of so many bytes. */
export const PIECE = 1 << 23;

/** Bytes of one value, and room for n of them. */
export const DTYPES: { readonly [D in Dtype]: { readonly bytes: number; create(n: number): ValuesOf[D] } } = {
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

/** A hash of what it is given, piece by piece. */
export interface Hash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** A section that was passed over: where in the file it begins. */
export type Left = Entry & { readonly at: number };

export interface Decoded extends Omit<Checkpoint, 'left'> {
  readonly left: readonly Left[];
  /** SHA-256 of the file, in hex, as its end holds it; of version 1 that of the payload. */
  readonly digest: string;
}

/**
 * Reads a checkpoint from its bytes, on any platform.
 * @param createHash SHA-256 as the platform has it
 * @param isLeft     sections that are passed over
 * @throws UserError as `decodeCheckpoint`
 */
export async function decode(
  createHash: () => Hash,
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
  const hash = createHash();
  const reader = createReader(chunks);
  const fill = async (bytes: Uint8Array): Promise<Uint8Array> => {
    if (!(await reader.fill(bytes))) throw broken(`is cut short: it ends before its ${size} bytes`);
    return bytes;
  };
  try {
    if (size < PRELUDE) throw broken(`is not a dsc-train checkpoint: ${size} bytes`);
    const prelude = await fill(new Uint8Array(PRELUDE));
    const magic = String.fromCharCode(...prelude.subarray(0, MAGIC.length));
    if (magic !== MAGIC && magic !== MAGIC_1) throw broken('is not a dsc-train checkpoint');
    const version = magic === MAGIC ? 2 : 1;
    const trailer = version === 2 ? HASH_BYTES : 0;
    const length = new DataView(prelude.buffer).getUint32(MAGIC.length, true);
    if (PRELUDE + length + trailer > size) throw broken(`is cut short: ${size} bytes`);
    if (length > MAX_HEADER || (PRELUDE + length) % ALIGN !== 0) throw broken('has a damaged header');
    const json = await fill(new Uint8Array(length));
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

    if (version === 2) for (const bytes of [prelude, json]) hash.update(bytes);
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
    const digest = hexOf(hash.digest());
    const written = header.sha256 ?? hexOf(await fill(new Uint8Array(HASH_BYTES)));
    if (digest !== written) throw broken('was changed after it was written: its checksum does not match');
    if (await reader.fill(new Uint8Array(1))) throw broken('grew while it was read');
    return { version, sections, meta: header.meta, left, digest };
  } finally {
    await reader.close();
  }
}

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The header, where it is one of this version; nothing of it has been believed yet. */
function parseHeader(json: Uint8Array, version: 1 | 2): Header | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(json));
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

export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
export const bytesOf = ({ dtype, shape }: Entry): number => elements(shape) * DTYPES[dtype].bytes;
export const padded = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN;
export const distinct = (entries: readonly Entry[]): boolean =>
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
export function littleEndian(values: ArrayBufferView, width: number): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return isLittleEndian() ? bytes : turn(bytes.slice(), width);
}

export function fromLittleEndian(bytes: Uint8Array, width: number): void {
  if (!isLittleEndian()) turn(bytes, width);
}

/** Reverses the bytes of every value, in place. */
function turn(bytes: Uint8Array, width: number): Uint8Array {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
}
