import * as tf from '@tensorflow/tfjs-core';
import { dropout, dropoutHash } from '../../src/kernels';
import { eachEngine } from '../engine/each';

const N = 100_000;
const kept = (rate: number, seed: number): boolean[] =>
  Array.from(dropout(tf.ones([N]), rate, seed).dataSync(), (value) => value !== 0);
const share = (mask: readonly boolean[]): number => mask.filter(Boolean).length / mask.length;

eachEngine('dropout', (test) => {
  for (const rate of [0.05, 0.4, 0.5, 0.9]) {
    test(`keeps 1 - ${rate} of the elements, within 4 standard deviations, for seeds great and small`, () => {
      for (const seed of [0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff]) {
        expect(Math.abs(share(kept(rate, seed)) - (1 - rate))).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / N));
      }
    });
  }

  test('scales what it keeps by 1 / (1 - rate), and no element otherwise', () => {
    const x = Float32Array.from({ length: 1000 }, (_, i) => i - 500.5);
    const y = dropout(tf.tensor1d(x.slice()), 0.4, 7).dataSync();
    const scale = Math.fround(1 / (1 - 0.4));
    y.forEach((value, i) => expect([0, Math.fround(x[i] * scale)]).toContain(value));
  });

  test('follows its published rule: kept when hash(seed, i) >= rate * 2^32', () => {
    for (const seed of [3, 0xdeadbeef]) {
      const mask = kept(0.3, seed);
      mask.slice(0, 2000).forEach((keep, i) => expect(keep).toBe(dropoutHash(seed, i) >= 0.3 * 2 ** 32));
    }
  });

  test('repeats a mask for the same seed; masks of neighbouring seeds agree as often as independent ones', () => {
    const mask = kept(0.5, 10);
    expect(kept(0.5, 10).join() === mask.join()).toBe(true);
    for (const other of [11, 12, 14, 10 + 2 ** 16, 10 + 2 ** 31]) {
      const agreement = share(kept(0.5, other).map((keep, i) => keep === mask[i]));
      expect(Math.abs(agreement - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / N));
    }
  });

  test('keeps neighbours and powers of two apart independently', () => {
    const mask = kept(0.5, 5);
    for (const lag of [1, 2, 3, 8, 64, 100, 1024]) {
      const agreement = share(mask.slice(lag).map((keep, i) => keep === mask[i]));
      expect(Math.abs(agreement - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / (N - lag)));
    }
  });

  test('passes the gradient through the same mask, and is the identity at rate 0', () => {
    const x = tf.ones([20, 7]);
    const { value, grad } = tf.valueAndGrad((t: tf.Tensor) => dropout(t, 0.4, 9))(x, tf.fill([20, 7], 2));
    expect([...grad.dataSync()]).toEqual(Array.from(value.dataSync(), (kept_) => 2 * kept_));
    expect(grad.shape).toEqual([20, 7]);
    expect(dropout(x, 0, 9)).toBe(x);
  });
});

describe('dropoutHash', () => {
  it('flips each of its 32 bits half of the time when one bit of seed or index flips', () => {
    const TRIALS = 2000;
    for (const [seedBit, indexBit] of [...Array(32).keys()].flatMap((bit) => [
      [2 ** bit, 0],
      [0, 2 ** bit],
    ])) {
      const flips = new Array<number>(32).fill(0);
      for (let i = 0; i < TRIALS; i++) {
        const [seed, index] = [Math.imul(i, 2654435761) >>> 0, i];
        const change = dropoutHash(seed, index) ^ dropoutHash((seed ^ seedBit) >>> 0, (index ^ indexBit) >>> 0);
        for (let bit = 0; bit < 32; bit++) flips[bit] += (change >>> bit) & 1;
      }
      for (const count of flips) expect(Math.abs(count / TRIALS - 0.5)).toBeLessThan(0.06); // 5.4 standard deviations
    }
  });

  it('is fixed: these values must come out of every implementation', () => {
    const hex = [
      [0, 0],
      [1, 0],
      [0, 1],
      [42, 1000],
      [0xffffffff, 0xffffffff],
    ].map(([seed, index]) => dropoutHash(seed, index).toString(16));
    // Computed by the formula in the file's comment with unbounded integers.
    expect(hex).toEqual(['144a87a9', '9113d1e3', 'fe935f2c', 'd1b984db', '1c06b9ed']);
  });
});
