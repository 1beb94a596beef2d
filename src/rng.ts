/**
 * The one source of randomness. A generator is named, and `split(name)` derives an independent child from the seed and
 * the path of names alone, so drawing more numbers in one place never shifts the numbers of another.
 *
 * Core: xoshiro128** 1.1 (Blackman and Vigna, 2018, public domain), state filled by SplitMix32 from a 32-bit FNV-1a
 * hash of seed and path. Every draw is 32-bit integer arithmetic: the same on every machine.
 */
export interface Rng {
  /** An independent generator for a named purpose. */
  split(name: string): Rng;
  /** Uniform unsigned 32-bit integer. */
  uint32(): number;
  /** Uniform in [0, 1), 24 random bits: exact in float32. */
  float(): number;
  /** Uniform integer in [0, n), unbiased (rejection). */
  int(n: number): number;
  /** One of the items, each as likely. They may not be none. */
  pick<T>(items: readonly T[]): T;
  /** Standard normal (Box-Muller, one draw of a pair). */
  normal(): number;
  /** Fisher-Yates in place; returns its argument. */
  shuffle<T>(items: T[]): T[];
}

export function createRng(seed: number, path = 'root'): Rng {
  let [a, b, c, d] = fillState(fnv1a(`${seed}/${path}`));

  function uint32(): number {
    const result = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11);
    return result;
  }

  const float = (): number => (uint32() >>> 8) / 0x1000000;

  function int(n: number): number {
    const limit = 0x100000000 - modulo(0x100000000, n);
    let x = uint32();
    while (x >= limit) x = uint32();
    return modulo(x, n);
  }

  const pick = <T>(items: readonly T[]): T => items[int(items.length)] as T;

  function normal(): number {
    return Math.sqrt(-2 * Math.log(1 - float())) * Math.cos(2 * Math.PI * float());
  }

  function shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = int(i + 1);
      [items[i], items[j]] = [items[j] as T, items[i] as T];
    }
    return items;
  }

  return { split: (name) => createRng(seed, `${path}/${name}`), uint32, float, int, pick, normal, shuffle };
}

/**
 * x % n of whole numbers from 0 to 2^32, in half the time: of numbers that are no int32 V8 has no instruction for `%`. The quotient is
 * exact to 2^-21 / n, and where it is no whole number it is at least 1 / n from the next.
 */
const modulo = (x: number, n: number): number => x - Math.floor(x / n) * n;

function rotl(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function fillState(seed: number): [number, number, number, number] {
  let x = seed;
  const next = (): number => {
    x = (x + 0x9e3779b9) | 0;
    let z = x;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  return [next(), next(), next(), next()];
}
