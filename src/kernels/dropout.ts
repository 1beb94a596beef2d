import type { Tensor } from '@tensorflow/tfjs-core';
import { op } from './op';
import { SHARE, UINT32 } from './signature';

/**
 * Inverted dropout (Srivastava et al. 2014) with a mask that is a function of seed and element index alone. Every engine repeats
 * it bit for bit; all of the following is arithmetic on unsigned 32-bit integers:
 *   mix(z):  z ^= z >> 16;  z *= 0x21f0aaad;  z ^= z >> 15;  z *= 0x735a2d97;  z ^= z >> 15     (lowbias32, Wellons 2018)
 *   hash(seed, i) = mix(mix(i ^ seed) + mix(seed + 0x9e3779b9))
 * Element i is kept when hash(seed, i) >= rate * 2^32, compared as real numbers; a kept element is multiplied, in float32, by
 * 1 / (1 - rate) rounded to float32. A second round, keyed anew, is there so that two seeds do not give one mask permuted.
 * The gradient is the same on dy.
 */
export const DROPOUT = op({
  name: 'DscDropout',
  inputs: { x: '...' },
  attributes: { rate: SHARE, seed: UINT32 },
  outputs: { y: '...' },
  body: ({ x }, _, { rate, seed }) => ({ y: masked(x, rate, seed) }),
  tolerance: 0,
  gradient: {
    needs: [],
    of: ['x'],
    body: ({ dy }, _, { rate, seed }) => ({ dx: masked(dy, rate, seed) }),
    tolerance: 0,
  },
  example: { any: [[20, 50]], numbers: { rate: 0.3, seed: 0xdeadbeef } },
});

/** Dropout of x; `seed` must be drawn anew each call, since equal seeds give equal masks. The identity at rate 0. */
export function dropout<T extends Tensor>(x: T, rate: number, seed: number): T {
  return rate === 0 ? x : (DROPOUT({ x }, { rate, seed }) as T);
}

/** The values of x that the mask keeps, scaled. */
export function masked(x: Float32Array, rate: number, seed: number): Float32Array {
  const y = new Float32Array(x.length);
  const threshold = rate * 0x100000000;
  const scale = Math.fround(1 / (1 - rate));
  const key = mix((seed + 0x9e3779b9) | 0);
  for (let i = 0; i < x.length; i++)
    if (mix((mix(i ^ seed) + key) | 0) >>> 0 >= threshold) y[i] = (x[i] as number) * scale;
  return y;
}

/** The hash that decides element `index`, as an unsigned 32-bit integer. */
export function dropoutHash(seed: number, index: number): number {
  return mix((mix(index ^ seed) + mix((seed + 0x9e3779b9) | 0)) | 0) >>> 0;
}

function mix(z: number): number {
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}
