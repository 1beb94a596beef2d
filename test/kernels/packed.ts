import type { Rng } from '../../src/rng';

/** Step sizes of sentences of these lengths (any order), as a Batch has them. */
export function stepSizesOf(lengths: readonly number[]): Int32Array {
  const longest = Math.max(0, ...lengths);
  return Int32Array.from({ length: longest }, (_, t) => lengths.filter((length) => length > t).length);
}

/** Packed rows of sentence i (0 is the longest), in token order. */
export function rowsOf(stepSizes: Int32Array, i: number): number[] {
  const rows: number[] = [];
  let first = 0;
  for (const size of stepSizes) {
    if (i < size) rows.push(first + i);
    first += size;
  }
  return rows;
}

export function normals(rng: Rng, length: number, scale = 1): Float32Array {
  return Float32Array.from({ length }, () => scale * rng.normal());
}

/** Largest difference, relative to the largest magnitude in `expected` (at least `floor`). */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, floor = 1e-3): number {
  expect(actual.length).toBe(expected.length);
  let scale = floor;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]));
    const difference = Math.abs(actual[i] - expected[i]);
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
  }
  return worst / scale;
}
