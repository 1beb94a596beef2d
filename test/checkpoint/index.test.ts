import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as pathJoin } from 'node:path';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  type LongSection,
  readCheckpoint,
  type Section,
  streamCheckpoint,
} from '../../src/checkpoint';
import { packedSections } from '../../src/checkpoint/sections';
import { UserError } from '../../src/errors';

const sections: Section[] = [
  { name: 'weights/a', dtype: 'f32', shape: [2, 3], values: Float32Array.of(1, -2, 3.5, 0, NaN, 1e-30) },
  { name: 'weights/empty', dtype: 'f32', shape: [0, 4], values: new Float32Array(0) },
  { name: 'sum', dtype: 'f64', shape: [], values: Float64Array.of(Math.PI) },
  { name: 'order', dtype: 'i32', shape: [3], values: Int32Array.of(1, -1, 2147483647) },
  { name: 'text', dtype: 'u8', shape: [2], values: Uint8Array.of(104, 105) },
  { name: 'halves', dtype: 'f16', shape: [2, 1], values: Uint16Array.of(0x3c00, 0xffff) },
  { name: 'levels', dtype: 'i8', shape: [3], values: Int8Array.of(-127, 0, 127) },
];
const META = { labels: ['O', 'B-é'] };

const join = (pieces: readonly Uint8Array[]): Buffer => Buffer.concat(pieces);
const all = async (pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> => {
  const read: Uint8Array[] = [];
  for await (const piece of pieces) read.push(piece);
  return read;
};
const decode = (bytes: Buffer, source = 'x'): Promise<Checkpoint> => decodeCheckpoint([bytes], bytes.length, source);

/** A file as it is described, written here a second time: header text, then the values, then the hash where it has one. */
function handMade(magic: string, header: string, values: Buffer, hash: boolean): Buffer {
  const json = Buffer.from(header);
  const length = Math.ceil((12 + json.length) / 8) * 8 - 12;
  const head = Buffer.concat([Buffer.from(magic), Buffer.alloc(4), json, Buffer.alloc(length - json.length, ' ')]);
  head.writeUInt32LE(length, 8);
  const body = Buffer.concat([head, values]);
  return hash ? Buffer.concat([body, createHash('sha256').update(body).digest()]) : body;
}

describe('checkpoint', () => {
  it('gives back sections and meta to the bit', async () => {
    expect(await decode(join(encodeCheckpoint(sections, META)))).toEqual({ version: 2, sections, meta: META });
  });

  it('is the file that its description says', () => {
    const values = Buffer.from('0000803f000000c0182d4454fb210940', 'hex'); // 1 and -2, then pi, by IEEE 754
    const header = `{"version":2,"sections":[{"name":"w","dtype":"f32","shape":[2]},{"name":"s","dtype":"f64","shape":[]}],"meta":null}`;
    const written = encodeCheckpoint(
      [
        { name: 'w', dtype: 'f32', shape: [2], values: Float32Array.of(1, -2) },
        { name: 's', dtype: 'f64', shape: [], values: Float64Array.of(Math.PI) },
      ],
      null,
    );
    expect(join(written).toString('hex')).toBe(handMade('DSCCKPT2', header, values, true).toString('hex'));
  });

  it('comes back whatever it holds, in chunks of any size', async () => {
    const shape = fc.array(fc.nat(5), { maxLength: 3 });
    const section = fc.oneof(
      ...(
        [
          ['f32', (n: number) => fc.float32Array({ minLength: n, maxLength: n })],
          ['f64', (n: number) => fc.float64Array({ minLength: n, maxLength: n })],
          ['i32', (n: number) => fc.int32Array({ minLength: n, maxLength: n })],
          ['u8', (n: number) => fc.uint8Array({ minLength: n, maxLength: n })],
          ['f16', (n: number) => fc.uint16Array({ minLength: n, maxLength: n })],
          ['i8', (n: number) => fc.int8Array({ minLength: n, maxLength: n })],
        ] as const
      ).map(([dtype, values]) =>
        fc
          .record({ name: fc.string({ minLength: 1 }), shape })
          .chain(({ name, shape: s }) =>
            values(s.reduce((a, b) => a * b, 1)).map((v) => ({ name, dtype, shape: s, values: v }) as Section),
          ),
      ),
    );
    const some = fc.uniqueArray(section, { selector: ({ name }) => name, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(some, fc.jsonValue(), fc.integer({ min: 1, max: 99 }), async (held, meta, step) => {
        const bytes = join(encodeCheckpoint(held, meta));
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += step) chunks.push(bytes.subarray(at, at + step));
        const back = await decodeCheckpoint(chunks, bytes.length, 'x');
        expect(back.meta).toEqual(JSON.parse(JSON.stringify(meta)));
        expect(back.sections.map(({ name, dtype, shape: s }) => [name, dtype, s])).toEqual(
          held.map(({ name, dtype, shape: s }) => [name, dtype, s]),
        );
        const raw = ({ values: v }: Section) => Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('hex');
        expect(back.sections.map(raw)).toEqual(held.map(raw));
      }),
      { numRuns: 100 },
    );
  });

  it('is the same to the byte where a section comes piece by piece, and refuses one of another length', async () => {
    const rows = Float32Array.from({ length: 12 }, (_, i) => i / 3);
    const long = (cuts: readonly number[]): LongSection => ({
      name: 'weights/rows',
      dtype: 'f32',
      shape: [4, 3],
      async *stream() {
        for (const [i, from] of cuts.entries()) yield await Promise.resolve(rows.subarray(from, cuts[i + 1]));
      },
    });
    const held = { name: 'weights/rows', dtype: 'f32', shape: [4, 3], values: rows } as const;
    const whole = join(encodeCheckpoint([...sections, held], META));
    for (const cuts of [[0], [0, 1, 5, 5, 11], Array.from(rows.keys())])
      expect(join(await all(streamCheckpoint([...sections, long(cuts)], META))).equals(whole)).toBe(true);
    await expect(all(streamCheckpoint([long([0, 3, 11, 12]), held], META))).rejects.toThrow('two sections of one name');
    await expect(all(streamCheckpoint([long([1])], META))).rejects.toThrow('weights/rows has 11 values');
  });

  it('leaves packed sections in the file, and reads of them what is asked for', async () => {
    const path = pathJoin(mkdtempSync(pathJoin(tmpdir(), 'checkpoint-')), 'x.ckpt');
    const rows = Int8Array.from({ length: 30_000 }, (_, i) => i);
    const ends = Int32Array.of(7, 70_000, -1);
    const packed: Section[] = [
      { name: 'packed/word/rows', dtype: 'i8', shape: [10_000, 3], values: rows },
      { name: 'packed/word/ends', dtype: 'i32', shape: [3], values: ends },
    ];
    const bytes = join(encodeCheckpoint([packed[0], ...sections, packed[1]] as Section[], META));
    writeFileSync(path, bytes);
    const inFile = await readCheckpoint(path);
    expect({ sections: inFile.sections, meta: inFile.meta }).toEqual({ sections, meta: META });
    for (const checkpoint of [inFile, await decode(bytes)]) {
      expect(packedSections(checkpoint, 'char')).toBeNull();
      const archive = packedSections(checkpoint, 'word');
      expect(archive?.entries.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
        ['rows', 'i8', [10_000, 3]],
        ['ends', 'i32', [3]],
      ]);
      const open = archive?.open();
      expect(open?.read('rows', 'i8', 29_990, 30_000)).toEqual(rows.slice(29_990));
      expect(open?.read('rows', 'i8', 3, 6)).toEqual(rows.slice(3, 6));
      expect(open?.read('ends', 'i32', 1, 3)).toEqual(ends.slice(1));
      open?.close();
    }
    const flipped = Buffer.from(bytes);
    flipped[flipped.length - 100] ^= 1;
    writeFileSync(path, flipped);
    await expect(readCheckpoint(path)).rejects.toThrow('was changed after it was written');
    writeFileSync(path, join(encodeCheckpoint([...packed, ...sections], META))); // as long, and another
    expect(() => inFile.left?.open()).toThrow(`${path}: was changed while it was read`);
  });

  it('refuses every truncation, every flipped bit and every longer file, naming the file', async () => {
    const bytes = join(encodeCheckpoint(sections, META));
    for (let length = 0; length < bytes.length; length++) {
      await expect(decode(bytes.subarray(0, length), 'run/best.ckpt')).rejects.toThrow(/^run\/best\.ckpt: /);
    }
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      await expect(decode(flipped)).rejects.toThrow(UserError);
    }
    await expect(decode(Buffer.concat([bytes, Buffer.alloc(8)]))).rejects.toThrow('x: is too long');
    await expect(decode(Buffer.from('word\tO\n'.repeat(9)))).rejects.toThrow('is not a dsc-train checkpoint');
  });

  it('refuses a file that ends before, or goes on after, the size it had', async () => {
    const bytes = join(encodeCheckpoint(sections, META));
    await expect(decodeCheckpoint([bytes.subarray(0, 200)], bytes.length, 'x')).rejects.toThrow('is cut short');
    await expect(decodeCheckpoint([bytes, Buffer.alloc(1)], bytes.length, 'x')).rejects.toThrow('grew while');
  });

  it.each([
    ['version', { version: 1, sections: [], meta: 1 }],
    ['no sections', { version: 2, meta: 1 }],
    ['no meta', { version: 2, sections: [] }],
    ['an unknown dtype', { version: 2, sections: [{ name: 'a', dtype: 'f8', shape: [] }], meta: 1 }],
    ['a dtype of every object', { version: 2, sections: [{ name: 'a', dtype: 'toString', shape: [] }], meta: 1 }],
    ['a negative size', { version: 2, sections: [{ name: 'a', dtype: 'f32', shape: [-1, -2] }], meta: 1 }],
    ['half a value', { version: 2, sections: [{ name: 'a', dtype: 'f32', shape: [0.5, 4] }], meta: 1 }],
    ['a shape that is none', { version: 2, sections: [{ name: 'a', dtype: 'f32', shape: '2' }], meta: 1 }],
    [
      'sizes beyond counting',
      { version: 2, sections: [{ name: 'a', dtype: 'f32', shape: [2 ** 40, 2 ** 40] }], meta: 1 },
    ],
    ['one name twice', { version: 2, sections: Array(2).fill({ name: 'a', dtype: 'f32', shape: [1] }), meta: 1 }],
    ['a list', []],
    ['null', null],
  ])('refuses a header that lies under a right checksum: %s', async (_, header) => {
    const file = handMade('DSCCKPT2', JSON.stringify(header), Buffer.alloc(8), true);
    await expect(decode(file)).rejects.toThrow('x: has a damaged header');
  });

  it('makes room for nothing that the file does not hold', async () => {
    const header = { version: 2, sections: [{ name: 'a', dtype: 'f64', shape: [2 ** 31] }], meta: 1 };
    const file = handMade('DSCCKPT2', JSON.stringify(header), Buffer.alloc(8), true);
    await expect(decode(file)).rejects.toThrow(`x: is cut short: 8 bytes of values, expected ${2 ** 34}`);
  });

  it('reads version 1: float32 alone, the checksum in the header', async () => {
    const values = Buffer.from('0000803f000000c0', 'hex');
    const sha256 = createHash('sha256').update(values).digest('hex');
    const header = (weights: unknown) => JSON.stringify({ version: 1, sha256, weights, meta: META });
    const good = handMade('DSCTRAIN', header([{ name: 'w', shape: [2, 1], offset: 0 }]), values, false);
    expect(await decode(good)).toEqual({
      version: 1,
      sections: [{ name: 'weights/w', dtype: 'f32', shape: [2, 1], values: Float32Array.of(1, -2) }],
      meta: META,
    });
    const flipped = Buffer.from(good);
    flipped[flipped.length - 1] ^= 1;
    await expect(decode(flipped)).rejects.toThrow('checksum');
    for (const weights of [[{ name: 'w', shape: [2, 1], offset: 4 }], [{ name: 'w', shape: [2, 1] }], {}, undefined]) {
      await expect(decode(handMade('DSCTRAIN', header(weights), values, false))).rejects.toThrow('damaged header');
    }
  });
});
