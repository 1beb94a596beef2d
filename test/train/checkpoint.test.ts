import { UserError } from '../../src/errors';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint';

const weights = [
  { name: 'a', shape: [2, 3], values: Float32Array.of(1, -2, 3.5, 0, NaN, 1e-30) },
  { name: 'empty', shape: [0, 4], values: new Float32Array(0) },
  { name: 'scalar', shape: [], values: Float32Array.of(7) },
];
const bytes = encodeCheckpoint(weights, { labels: ['O', 'B-é'] });

describe('checkpoint', () => {
  it('gives back weights and meta to the bit', () => {
    expect(decodeCheckpoint(bytes, 'x')).toEqual({ weights, meta: { labels: ['O', 'B-é'] } });
  });

  it('stores plain little-endian float32 behind a header on an 8-byte boundary', () => {
    const start = 12 + bytes.readUInt32LE(8);
    expect(start % 8).toBe(0);
    expect(bytes.length - start).toBe(4 * 7);
    expect(bytes.subarray(start, start + 8).toString('hex')).toBe('0000803f000000c0'); // 1, -2 by IEEE 754
  });

  it('refuses every truncation, every flipped payload byte and other files, naming the file', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeCheckpoint(bytes.subarray(0, length), 'run/best.ckpt')).toThrow(/^run\/best\.ckpt: /);
    }
    const flipped = Buffer.from(bytes);
    flipped[flipped.length - 1] ^= 1;
    expect(() => decodeCheckpoint(flipped, 'f')).toThrow('checksum');
    const header = Buffer.from(bytes);
    header.write('?', 12);
    expect(() => decodeCheckpoint(header, 'f')).toThrow('f: has a damaged header');
    expect(() => decodeCheckpoint(Buffer.from('word\tO\n'.repeat(9)), 'f')).toThrow(UserError);
  });
});
