import fc from 'fast-check';
import { decodeCheckpoint, encodeCheckpoint, type LongSection, type Section } from '../../src/checkpoint';
import { PACKED, packedSections } from '../../src/checkpoint/sections';
import { openVectors } from '../../src/vectors';
import {
  fromHalf,
  halfOf,
  openPacked,
  packedOf,
  packedText,
  type PackingName,
  packVectors,
} from '../../src/vectors/packed';
import { fileOf, type Rows } from './files';

const glove = (rows: Rows): string => fileOf(rows.map(([text, numbers]) => `${text} ${numbers.join(' ')}\n`).join(''));

/** All values of sections, as a checkpoint holds them. */
async function heldOf(sections: readonly (Section | LongSection)[]): Promise<Section[]> {
  const held: Section[] = [];
  for (const section of sections) {
    if ('values' in section) held.push(section);
    else {
      const { name, dtype, shape } = section;
      const pieces: number[] = [];
      for await (const piece of section.stream()) pieces.push(...piece);
      const values = dtype === 'i8' ? Int8Array.from(pieces) : Uint16Array.from(pieces);
      held.push({ name, dtype, shape, values } as Section);
    }
  }
  return held;
}

async function packed(rows: Rows, packing: PackingName) {
  const path = glove(rows);
  const vectors = await openVectors(path);
  const { about, sections } = await packVectors(vectors, packing, () => openVectors(path));
  vectors.close();
  const held = await heldOf(sections);
  const named = held.map((section) => ({ ...section, name: `${PACKED}word/${section.name}` }));
  const bytes = Buffer.concat(encodeCheckpoint(named, null));
  const archive = packedSections(await decodeCheckpoint([bytes], bytes.length, 'x'), 'word');
  if (!archive) throw new Error('nothing is packed');
  return { about, held, archive, values: (name: string) => held.find((section) => section.name === name)?.values };
}

describe('half precision', () => {
  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [-0, 0x8000],
    [0.1, 0x2e66],
    [1 / 3, 0x3555],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00], // as far from 65,504 as from 65,536, whose last bit is 0
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000], // a tie goes to the even one
    [2 ** -25 + 2 ** -40, 0x0001],
    [3 * 2 ** -25, 0x0002],
    [1023.5 * 2 ** -24, 0x0400], // from the small ones into the others
    [1 + 2 ** -11, 0x3c00],
    [1 + 2 ** -11 + 2 ** -20, 0x3c01],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 - 2 ** -12, 0x4000], // carries into the exponent
    [Infinity, 0x7c00],
  ])('of %d has the bits that IEEE 754 gives it', (x, bits) => expect(halfOf(x)).toBe(bits));

  it('comes back from its own bits, whatever they are', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const isNaN_ = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
      const value = fromHalf(bits);
      if (isNaN_ ? !Number.isNaN(value) : halfOf(value) !== bits) throw new Error(`${bits.toString(16)}: ${value}`);
    }
    expect([fromHalf(0x3555), fromHalf(0x0001), fromHalf(0xfbff)]).toEqual([0.333251953125, 2 ** -24, -65504]);
  });

  it('is the nearest there is, of two the even one', () => {
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (x) => {
        const bits = halfOf(x);
        const error = Math.abs(fromHalf(bits) - x);
        for (const other of [bits - 1, bits + 1]) {
          if ((other & 0x7fff) >= 0x7c00 || other < 0) continue;
          const theirs = Math.abs(fromHalf(other) - x);
          expect(theirs > error || (theirs === error && bits % 2 === 0) || fromHalf(other) === fromHalf(bits)).toBe(
            true,
          );
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('packed vectors', () => {
  const ROWS: Rows = [
    ['alpha', [127, -63.5, 1]],
    ['öl', [0, 3, -1.5]],
    ['nil', [0, 0, 0]],
  ];

  it('are whole numbers of a byte by the largest of each row, and say how far off they are', async () => {
    const { about, values, archive } = await packed(ROWS, 'int8');
    // -63.5 and 1.5 / 3 * 127 = 63.5 are ties: the even one is 64
    expect(values('rows')).toEqual(Int8Array.of(127, -64, 1, 0, 127, -64, 0, 0, 0));
    const factor = Math.fround(3 / 127);
    expect(values('scales')).toEqual(Float32Array.of(1, factor, 0));
    const { absolute, relative } = about.error;
    const second = [3 - Math.fround(127 * factor), Math.fround(64 * factor) - 1.5].map(Math.abs);
    expect(absolute.largest).toBe(0.5);
    expect(absolute.mean).toBeCloseTo((0.5 + second[0] + second[1]) / 9, 12);
    expect(relative.largest).toBeCloseTo(0.5 / 63.5, 9);
    expect(relative.mean).toBeCloseTo((0.5 / 63.5 + second[0] / 3 + second[1] / 1.5) / 5, 12);
    expect(about).toMatchObject({ packing: 'int8', count: 3, width: 3, bytes: 9 + 12 + 11 + 12 });
    const open = openPacked(packedOf(about, archive), archive, 'x');
    expect(['nil', 'öl', 'oel', ''].map(open.find)).toEqual([2, 1, -1, -1]);
    expect([...open.read([1, 0, 2, 0])]).toEqual(
      [0, 127 * factor, -64 * factor, 127, -64, 1, 0, 0, 0, 127, -64, 1].map(Math.fround),
    );
    open.close();
  });

  it('are halves, and say how far off they are', async () => {
    const { about, values, archive } = await packed(
      [
        ['a', [0.1, 1 + 2 ** -11]],
        ['b', [0, -65504]],
      ],
      'float16',
    );
    expect(values('rows')).toEqual(Uint16Array.of(0x2e66, 0x3c00, 0, 0xfbff));
    expect(values('scales')).toBeUndefined();
    const tenth = Math.abs(Math.fround(0.1) - 1638 / 16384); // 0x2e66 is 1638 * 2^-14
    expect(about.error.absolute.largest).toBe(2 ** -11);
    expect(about.error.absolute.mean).toBeCloseTo((tenth + 2 ** -11) / 4, 12);
    expect(about.error.relative.largest).toBeCloseTo(2 ** -11 / (1 + 2 ** -11), 12);
    expect(about.error.relative.mean).toBeCloseTo((tenth / Math.fround(0.1) + 2 ** -11 / (1 + 2 ** -11)) / 3, 12);
    const open = openPacked(about, archive, 'x');
    expect([...open.read([1, 0])]).toEqual([0, -65504, Math.fround(1638 / 16384), 1]);
    expect(packedText(about)).toBe(
      'float16: 2 words x 2, 0.0 MB; a component is off by 0.00013 on average and 0.00049 at most (of its size 0.02 % on average, 0.05 % at most)',
    );
  });

  it('are not packed as halves where one is too large, and say which', async () => {
    const rows: Rows = [
      ['small', [1]],
      ['large', [65520]],
    ];
    await expect(packed(rows, 'float16')).rejects.toMatchObject({
      message: expect.stringContaining("'large' has 65520, and float16 holds no number above 65,504") as string,
      note: 'pack them as int8',
    });
    expect((await packed(rows, 'int8')).about.error.absolute.largest).toBeLessThan(0.01);
  });

  it('are all there, more than are read at a time, within the error that is stated', async () => {
    const rows: Rows = Array.from({ length: 5000 }, (_, i) => [`w${i}`, [Math.sin(i), Math.cos(7 * i), i / 100]]);
    for (const packing of ['float16', 'int8'] as const) {
      const { about, archive } = await packed(rows, packing);
      const open = openPacked(packedOf(JSON.parse(JSON.stringify(about)), archive), archive, 'x');
      let [largest, sum] = [0, 0];
      for (const [word, numbers] of rows) {
        const [...back] = open.read([open.find(word)]);
        for (const [i, value] of numbers.entries()) {
          const error = Math.abs(back[i] - Math.fround(value));
          largest = Math.max(largest, error);
          sum += error;
        }
      }
      expect(about.error.absolute.largest).toBeCloseTo(largest, 12);
      expect(about.error.absolute.mean).toBeCloseTo(sum / 15000, 12);
    }
  });

  it('are refused where the checkpoint says something else than it holds', async () => {
    const { about, archive } = await packed(ROWS, 'int8');
    for (const [change, message] of [
      [{ packing: 'int4' }, 'packing is "int4", expected one of float16, int8'],
      [{ packing: 'toString' }, 'packing is "toString"'],
      [
        { packing: 'float16' },
        'sections words u8 11 and ends i32 3 and scales f32 3 and rows i8 3,3, expected rows f16',
      ],
      [{ count: 4 }, 'expected rows i8 4,3'],
      [{ width: 2 }, 'expected rows i8 3,2'],
      [{ count: -1 }, 'packed vectors are damaged'],
      [{ error: null }, 'packed vectors are damaged'],
    ] as const)
      expect(() => packedOf({ ...about, ...change }, archive)).toThrow(message);
    expect(() => packedOf(null, archive)).toThrow('packing is undefined');
    const wrong = { ...archive, open: () => ({ ...archive.open(), read: () => Int32Array.of(5, 3, 11) as never }) };
    expect(() => openPacked(about, wrong, 'x')).toThrow('x: the words of its vectors are damaged');
  });
});
