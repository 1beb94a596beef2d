import { createHash } from 'node:crypto';
import { present, UserError } from '../errors';
import { openFile, readChunks, sizeOf } from '../files';
import {
  bytesOf,
  decode,
  distinct,
  DTYPES,
  elements,
  fromLittleEndian,
  HASH_BYTES,
  hexOf,
  type Left,
  littleEndian,
  MAGIC,
  MAX_HEADER,
  padded,
  PIECE,
  PRELUDE,
} from './decode';
import {
  type Archive,
  type Checkpoint,
  type Dtype,
  type Entry,
  type LongSection,
  PACKED,
  type Section,
} from './sections';

export { littleEndian } from './decode';
export type { Checkpoint, LongSection, Section } from './sections';

const sha256 = () => createHash('sha256');

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
  const hash = sha256();
  for (const piece of pieces) hash.update(piece);
  return [...pieces, hash.digest()];
}

/** The same with sections that are never held as a whole. */
export async function* streamCheckpoint(
  sections: readonly (Section | LongSection)[],
  meta: unknown,
): AsyncGenerator<Uint8Array, void> {
  const hash = sha256();
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
  const { digest, left, ...checkpoint } = await decode(sha256, readChunks(path), size, path, (name) =>
    name.startsWith(PACKED),
  );
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
  const { version, sections, meta } = await decode(sha256, chunks, size, source, () => false);
  return { version, sections, meta };
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
      if (file.size !== size || !file.read(end, size - HASH_BYTES) || hexOf(end) !== digest) throw changed();
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
