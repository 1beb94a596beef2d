import load from 'node-gyp-build';
import { join } from 'node:path';
import type { Addon } from '../../src/engine/addon';
import { createRng, type Rng } from '../../src/rng';

type Loaded = { addon: Addon; problem?: undefined } | { addon?: undefined; problem: string };

const loaded: Loaded = (() => {
  try {
    return { addon: load(join(__dirname, '../../src/native')) as Addon };
  } catch (error) {
    return { problem: error instanceof Error ? error.message.split('\n')[0] : String(error) };
  }
})();

/** A block of tests of the addon; where it is not built, one skipped test says so. */
export function describeAddon(title: string, block: (addon: Addon) => void): void {
  const { addon, problem } = loaded;
  describe(title, () => {
    if (addon) block(addon);
    else it.skip(`the native addon is not built here: ${problem}`, () => undefined);
  });
}

/** The same once for each instruction set of this machine. */
export function describeIsas(title: string, block: (addon: Addon, isa: string) => void): void {
  describeAddon(title, (addon) => {
    const before = addon.isa();
    describe.each(addon.isas())('%s', (isa) => {
      beforeAll(() => addon.setIsa(isa));
      afterAll(() => addon.setIsa(before));
      block(addon, isa);
    });
  });
}

export function normals(rng: Rng, length: number, scale = 1): Float32Array {
  return Float32Array.from({ length }, () => scale * rng.normal());
}

/** Sentence lengths as the numbers of sentences alive at each step. */
export function stepSizesOf(lengths: readonly number[]): Int32Array {
  const steps = Math.max(0, ...lengths);
  return Int32Array.from({ length: steps }, (_, t) => lengths.filter((length) => length > t).length);
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Largest difference, relative to the largest magnitude of `expected`. */
export function difference(actual: Float32Array, expected: Float32Array): number {
  expect(actual).toHaveLength(expected.length);
  let worst = 0;
  let scale = 1e-30;
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(actual[i] - expected[i]);
    worst = d <= worst ? worst : d; // NaN sticks
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return worst / scale;
}

export const rngFor = (name: string): Rng => createRng(7, name);
