import type { Archive, LongSection, Section } from '../checkpoint/sections';
import { UserError } from '../errors';
import { percent, whole } from '../wording';
import { createWords, type Words } from './words';

/** A smaller way to write numbers down. To add one: its row in PACKINGS. */
interface Packing {
  readonly title: string;
  readonly dtype: 'f16' | 'i8';
  readonly create: (length: number) => Uint16Array | Int8Array;
  /** Does each row have a factor of its own? */
  readonly scaled: boolean;
  /** No number above can be packed. */
  readonly largest: number;
  /** Packs a row of float32 numbers. @returns its factor, 1 where rows have none */
  readonly pack: (row: Float32Array, into: Uint16Array | Int8Array) => number;
  readonly unpack: (packed: Uint16Array | Int8Array, scale: number, into: Float32Array) => void;
}

/** The largest whole number of a byte that is used: as many below zero as above. */
const LEVELS = 127;

export const PACKINGS = {
  float16: {
    title: 'float16',
    dtype: 'f16',
    create: (length) => new Uint16Array(length),
    scaled: false,
    largest: 65504,
    pack(row, into) {
      for (let i = 0; i < row.length; i++) into[i] = halfOf(row[i] as number);
      return 1;
    },
    unpack(packed, _, into) {
      for (let i = 0; i < packed.length; i++) into[i] = fromHalf(packed[i] as number);
    },
  },
  int8: {
    title: 'int8, a factor for each word',
    dtype: 'i8',
    create: (length) => new Int8Array(length),
    scaled: true,
    largest: Infinity,
    pack(row, into) {
      let most = 0;
      for (let i = 0; i < row.length; i++) most = Math.max(most, Math.abs(row[i] as number));
      const scale = Math.fround(most / LEVELS);
      for (let i = 0; i < row.length; i++) {
        const level = scale === 0 ? 0 : roundEven((row[i] as number) / scale);
        into[i] = Math.max(-LEVELS, Math.min(LEVELS, level)); // a factor that was rounded down gives 127.00001
      }
      return scale;
    },
    unpack(packed, scale, into) {
      for (let i = 0; i < packed.length; i++) into[i] = (packed[i] as number) * scale;
    },
  },
} as const satisfies Record<string, Packing>;

export type PackingName = keyof typeof PACKINGS;
export const PACKING_NAMES = Object.keys(PACKINGS) as [PackingName, ...PackingName[]];

/** The nearest whole number, of two the even one. */
function roundEven(x: number): number {
  const below = Math.floor(x);
  const over = x - below;
  return over > 0.5 || (over === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

const [FLOATS, BITS] = (() => {
  const floats = new Float32Array(1);
  return [floats, new Uint32Array(floats.buffer)] as const;
})();

/** The bits of the nearest number of IEEE 754 binary16, of two the one whose last bit is 0. Above 65,504 they are those of infinity. */
export function halfOf(x: number): number {
  FLOATS[0] = x;
  const bits = BITS[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size >= 0x47800000) return sign | (size > 0x7f800000 ? 0x7e00 : 0x7c00);
  // Below 2^-14 halves are whole multiples of 2^-24; above, 13 bits of the fraction go, and may carry into the exponent.
  if (size < 0x38800000) return sign | roundEven(Math.abs(FLOATS[0]) * 2 ** 24);
  return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
}

/** The number that the bits of an IEEE 754 binary16 stand for. */
export function fromHalf(bits: number): number {
  const [exponent, fraction] = [bits & 0x7c00, bits & 0x3ff];
  if (exponent === 0) return (bits & 0x8000 ? -fraction : fraction) * 2 ** -24;
  BITS[0] =
    ((bits & 0x8000) << 16) | (exponent === 0x7c00 ? 0x7f800000 : (exponent << 13) + 0x38000000) | (fraction << 13);
  return FLOATS[0] as number;
}

/** How far components are from what they were: as a number, and as a share of it where it is not 0. */
export interface PackingError {
  readonly absolute: { readonly largest: number; readonly mean: number };
  readonly relative: { readonly largest: number; readonly mean: number };
}

/** What a checkpoint says of the vectors that it carries. */
export interface PackedAbout {
  readonly packing: PackingName;
  readonly count: number;
  readonly width: number;
  readonly bytes: number;
  readonly error: PackingError;
}

/** All vectors of a file, as sections of a checkpoint. */
export interface PackedVectors {
  readonly about: PackedAbout;
  readonly sections: readonly (Section | LongSection)[];
}

/** Vectors as they are packed from: an open file. */
interface Source {
  readonly path: string;
  readonly count: number;
  readonly width: number;
  readonly words: Pick<Words, 'bytes' | 'ends'>;
  read(rows: readonly number[]): Promise<Float32Array>;
  close(): void;
}

/** Rows that are read at a time. */
const BLOCK = 2048;

/**
 * Packs every row of a file of vectors: also of words that a tagger has a row for, whose vectors training has changed and other
 * spellings lead to. Memory holds the words, and a block of rows.
 * @param reopen the same vectors, when the rows are written
 * @throws UserError where a number is too large
 */
export async function packVectors(
  vectors: Source,
  name: PackingName,
  reopen: () => Promise<Source>,
): Promise<PackedVectors> {
  const { count, width, words } = vectors;
  const packing: Packing = PACKINGS[name];
  const { dtype, scaled, largest } = packing;
  const scales = new Float32Array(scaled ? count : 0);
  const [packed, back] = [packing.create(width), new Float32Array(width)];
  let [sum, most] = [0, 0];
  let [shares, mostShare, others] = [0, 0, 0]; // of those that are not 0
  for await (const { from, rows } of blocksOf(vectors)) {
    for (let r = 0; r * width < rows.length; r++) {
      const row = rows.subarray(r * width, (r + 1) * width);
      const scale = packing.pack(row, packed);
      packing.unpack(packed, scale, back);
      if (scaled) scales[from + r] = scale;
      for (let i = 0; i < width; i++) {
        const value = row[i] as number;
        const error = Math.abs(value - (back[i] as number));
        if (error === Infinity) throw tooLarge(vectors, from + r, value, name, largest);
        sum += error;
        if (error > most) most = error;
        if (value === 0) continue;
        const share = error / Math.abs(value);
        others++;
        shares += share;
        if (share > mostShare) mostShare = share;
      }
    }
  }
  async function* stream(): AsyncGenerator<Uint16Array | Int8Array, void> {
    const opened = await reopen();
    try {
      for await (const { rows } of blocksOf(opened)) {
        const block = packing.create(rows.length);
        for (let at = 0; at < rows.length; at += width)
          packing.pack(rows.subarray(at, at + width), block.subarray(at, at + width));
        yield block;
      }
    } finally {
      opened.close();
    }
  }
  const { bytes, ends } = words;
  const sections: (Section | LongSection)[] = [
    { name: 'words', dtype: 'u8', shape: [bytes.length], values: bytes.slice() },
    { name: 'ends', dtype: 'i32', shape: [count], values: Int32Array.from(ends) },
    ...(scaled ? [{ name: 'scales', dtype: 'f32', shape: [count], values: scales } as const] : []),
    { name: 'rows', dtype, shape: [count, width], stream } as LongSection,
  ];
  const size = count * width * packed.BYTES_PER_ELEMENT + scales.byteLength + bytes.length + 4 * count;
  const error = {
    absolute: { largest: most, mean: sum / Math.max(1, count * width) },
    relative: { largest: mostShare, mean: shares / Math.max(1, others) },
  };
  return { about: { packing: name, count, width, bytes: size, error }, sections };
}

const tooLarge = (
  { path, words }: Source,
  row: number,
  value: number,
  name: PackingName,
  largest: number,
): UserError => {
  const word = new TextDecoder().decode(words.bytes.subarray(row === 0 ? 0 : words.ends[row - 1], words.ends[row]));
  const others = PACKING_NAMES.filter((other) => PACKINGS[other].largest > largest).join(' or ');
  return new UserError(
    `${path}: '${word}' has ${value}, and ${name} holds no number above ${whole(largest)}`,
    `pack them as ${others}`,
  );
};

/** All rows in order, (n, width) each. */
async function* blocksOf(
  vectors: Source,
): AsyncGenerator<{ readonly from: number; readonly rows: Float32Array }, void> {
  for (let from = 0; from < vectors.count; from += BLOCK) {
    const length = Math.min(BLOCK, vectors.count - from);
    yield { from, rows: await vectors.read(Array.from({ length }, (_, i) => from + i)) };
  }
}

/** Vectors that a checkpoint carries, open: rows are read as they are needed. */
export interface OpenPacked {
  readonly find: (word: string) => number;
  /** Vectors of rows, one behind the other: (n, width) */
  read(rows: readonly number[]): Float32Array;
  close(): void;
}

/**
 * What a checkpoint says of its vectors, where its sections are those that this takes.
 * @throws Error saying what is wrong with it
 */
export function packedOf(json: unknown, { entries }: Archive): PackedAbout {
  const { packing, count, width, bytes, error } = (json ?? {}) as Partial<Record<keyof PackedAbout, unknown>>;
  const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
  if (typeof packing !== 'string' || !Object.hasOwn(PACKINGS, packing))
    throw new Error(`packing is ${JSON.stringify(packing)}, expected one of ${PACKING_NAMES.join(', ')}`);
  const { dtype, scaled }: Packing = PACKINGS[packing as PackingName];
  const isMean = (value: unknown): boolean => {
    const { largest, mean } = (value ?? {}) as Record<string, unknown>;
    return typeof largest === 'number' && typeof mean === 'number';
  };
  const { absolute, relative } = (error ?? {}) as Record<string, unknown>;
  if (!isSize(count) || !isSize(width) || !isSize(bytes) || !isMean(absolute) || !isMean(relative))
    throw new Error('packed vectors are damaged, expected their sizes and their error');
  const due = [
    `rows ${dtype} ${count},${width}`,
    `ends i32 ${count}`,
    ...(scaled ? [`scales f32 ${count}`] : []),
    `words u8 ${entries.find(({ name }) => name === 'words')?.shape.join() ?? ''}`,
  ];
  const there = entries.map(({ name, dtype: of, shape }) => `${name} ${of} ${shape.join()}`);
  if ([...due].sort().join() !== [...there].sort().join())
    throw new Error(`sections ${there.join(' and ')}, expected ${due.join(' and ')}`);
  return json as PackedAbout;
}

/** @throws UserError where the checkpoint cannot be read any more, or its words are none */
export function openPacked(
  { packing: name, count, width }: PackedAbout,
  sections: Archive,
  source: string,
): OpenPacked {
  const { dtype, scaled, create, unpack }: Packing = PACKINGS[name];
  const archive = sections.open();
  try {
    const size = sections.entries.find((entry) => entry.name === 'words')?.shape[0] ?? 0;
    const ends = Uint32Array.from(archive.read('ends', 'i32', 0, count));
    const rises = ends.every((end, i) => i === 0 || end >= (ends[i - 1] as number));
    if (!rises || (ends.at(-1) ?? 0) !== size)
      throw new UserError(`${source}: the words of its vectors are damaged`, 'train again, or take another copy');
    const words = createWords({ ends, bytes: archive.read('words', 'u8', 0, size) });
    const scales = scaled ? archive.read('scales', 'f32', 0, count) : null;
    return {
      find: (word) => words.find(word),
      read(rows) {
        const vectors = new Float32Array(rows.length * width);
        const packed = create(width);
        rows.forEach((row, i) => {
          packed.set(archive.read('rows', dtype, row * width, (row + 1) * width));
          unpack(packed, scales?.[row] ?? 1, vectors.subarray(i * width, (i + 1) * width));
        });
        return vectors;
      },
      close: () => archive.close(),
    };
  } catch (error) {
    archive.close();
    throw error;
  }
}

/** What packing does to vectors, for a person. */
export function packedText({ packing, count, width, bytes, error }: PackedAbout): string {
  const { absolute, relative } = error;
  const number = (value: number): string => value.toPrecision(2);
  return (
    `${PACKINGS[packing].title}: ${whole(count)} words x ${whole(width)}, ${(bytes / 1e6).toFixed(1)} MB; a component is off by ` +
    `${number(absolute.mean)} on average and ${number(absolute.largest)} at most ` +
    `(of its size ${percent(relative.mean)} % on average, ${percent(relative.largest)} % at most)`
  );
}
