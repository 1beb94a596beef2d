import type { Addon } from '../../src/engine/addon';
import { describeAddon } from './addon';

const f = (n: number): Float32Array<ArrayBuffer> => new Float32Array(n);
const i = (...values: number[]): Int32Array => Int32Array.from(values);
const any = (value: unknown): never => value as never;

/** Correct arguments of every entry that takes memory, from which each test breaks one. */
const CALLS = {
  reserveLength: [2, 3, 2, i(2, 1)],
  lstm: [2, 3, 2, i(2, 1), f(6), f(120), f(24), f(18), f(0)],
  lstmGrad: [2, 3, 2, i(2, 1), f(6), f(120), f(0), f(18), f(6), f(120), f(24)],
  matmul: [1, 2, 3, 4, false, true, f(8), f(12), f(6)],
  dense: [2, 3, 4, f(6), f(12), f(4), f(8)],
  denseGrad: [2, 3, 4, f(6), f(12), f(8), f(6), f(12), f(4)],
  crfNll: [3, i(2, 1), f(9), f(9), f(3), f(3), i(0, -1, 2), f(24)],
  crfReserveLength: [3, i(2, 1)],
  crfMarginals: [3, i(2, 1), f(9), f(9), f(3), f(3), f(9), f(0)],
  crfMarginalsGrad: [3, i(2, 1), f(9), f(9), f(3), f(3), f(0), f(9), f(9), f(9), f(3), f(3)],
  decode: [3, i(2, 1), f(9), f(9), f(3), f(3), 0, 0.5, i(0, 0, 0)],
  embed: [2, [f(6)], [i(0, 2)], i(2), f(4)],
  distinct: [i(5, 5), i(0, 0), i(0, 0)],
  sumRows: [2, i(0, 1, 1), 3, 1, 2, f(9), f(4)],
  adam: [f(3), f(3), f(3), f(3), 0.1, 0.9, 0.999, 1e-8, 1, 1],
  adamRows: [2, f(6), f(6), f(6), i(2, 0), f(4), 0.1, 0.9, 0.999, 1e-8, 1, 1],
  globalNorm: [[f(3), f(0)]],
  dropout: [f(3), f(3), 0.5, 7],
  exp: [f(3), f(3)],
  add: [2, 3, 0, 2, f(6), f(3), f(6)],
  sum: [2, 3, f(6), f(2)],
  softmax: [2, 3, f(6), f(6)],
} satisfies Partial<Record<keyof Addon, unknown[]>>;

type Entry = keyof typeof CALLS;

/** Which argument to replace, by what, and the name that the error must give. */
const BROKEN: [Entry, number, unknown, RegExp][] = [
  ['reserveLength', 1, 0, /units/],
  ['reserveLength', 2, 3, /directions/],
  ['lstm', 0, 1.5, /inputs/],
  ['lstm', 0, -1, /inputs/],
  ['lstm', 1, NaN, /units/],
  ['lstm', 1, 2 ** 40, /units/],
  ['lstm', 3, i(1, 2), /stepSizes/],
  ['lstm', 3, i(2, 0), /stepSizes/],
  ['lstm', 3, i(2, -1), /stepSizes/],
  ['lstm', 3, f(2), /stepSizes/],
  ['lstm', 4, f(5), /x/],
  ['lstm', 4, new Float64Array(6), /x/],
  ['lstm', 5, f(119), /w/],
  ['lstm', 6, f(23), /b/],
  ['lstm', 7, f(19), /h/],
  ['lstm', 8, f(1), /reserve/],
  ['lstmGrad', 4, i(1, 2, 3, 4, 5, 6), /x/],
  ['lstmGrad', 6, f(1), /reserve/],
  ['lstmGrad', 7, f(17), /dh/],
  ['lstmGrad', 8, f(7), /dx/],
  ['lstmGrad', 9, f(12), /dw/],
  ['lstmGrad', 10, f(0), /db/],
  ['matmul', 1, 3, /a/],
  ['matmul', 2, 2 ** 31 - 1, /b/],
  ['matmul', 4, 0, /transposeA/],
  ['matmul', 8, f(7), /c/],
  ['dense', 3, f(7), /x/],
  ['dense', 5, f(5), /b/],
  ['dense', 6, undefined, /y/],
  ['denseGrad', 8, f(3), /db/],
  ['crfNll', 0, 0, /labels/],
  ['crfNll', 1, i(1, 2), /stepSizes/],
  ['crfNll', 2, f(8), /emissions/],
  ['crfNll', 3, f(8), /transitions/],
  ['crfNll', 4, f(4), /start/],
  ['crfNll', 5, f(2), /end/],
  ['crfNll', 6, i(0, 3, 0), /gold\[1\]/],
  ['crfNll', 6, i(0, 0, -2), /gold\[2\]/],
  ['crfNll', 6, i(0, 0), /gold/],
  ['crfNll', 7, f(23), /gradients/],
  ['decode', 2, f(8), /emissions/],
  ['decode', 3, f(8), /transitions/],
  ['decode', 6, 3, /outside/],
  ['decode', 6, -2, /outside/],
  ['decode', 7, any('x'), /bias/],
  ['decode', 8, i(0, 0), /ids/],
  ['decode', 8, f(3), /ids/],
  ['crfMarginals', 6, f(8), /logMarginals/],
  ['crfMarginals', 7, f(8), /reserve/],
  ['crfMarginalsGrad', 6, f(0), /reserve/],
  ['crfMarginalsGrad', 7, f(8), /dLogMarginals/],
  ['crfMarginalsGrad', 8, f(8), /dEmissions/],
  ['crfMarginalsGrad', 9, f(8), /dTransitions/],
  ['crfMarginalsGrad', 10, f(2), /dStart/],
  ['crfMarginalsGrad', 11, f(4), /dEnd/],
  ['embed', 0, 3, /ids\[0\]/],
  ['embed', 1, [i(1, 2, 3, 4, 5, 6)], /tables\[0\]/],
  ['embed', 1, [f(5)], /tables\[0\]/],
  ['embed', 1, f(6), /tables/],
  ['embed', 1, Array.from({ length: 17 }, () => f(2)), /widths/],
  ['embed', 2, [i(0, 3)], /ids\[0\]\[1\]/],
  ['embed', 2, [i(-1, 0)], /ids\[0\]\[0\]/],
  ['embed', 2, [], /ids/],
  ['embed', 3, i(0), /widths\[0\]/],
  ['embed', 4, f(5), /x/],
  ['distinct', 1, i(0), /rows/],
  ['distinct', 2, i(0, 0, 0), /slotOf/],
  ['sumRows', 1, i(0, 1, 2), /slotOf\[2\]/],
  ['sumRows', 3, 4, /from/],
  ['sumRows', 4, 3, /width/],
  ['sumRows', 5, f(8), /grad/],
  ['sumRows', 6, f(5), /sums/],
  ['adam', 1, f(2), /m/],
  ['adam', 2, f(4), /v/],
  ['adam', 3, f(0), /grad/],
  ['adam', 4, NaN, /rate/],
  ['adam', 5, 1, /beta1/],
  ['adam', 6, -0.1, /beta2/],
  ['adam', 8, 0, /step/],
  ['adam', 9, 'x', /scale/],
  ['adamRows', 0, 0, /width/],
  ['adamRows', 1, f(5), /m/],
  ['adamRows', 4, i(0, 3), /rows\[1\]/],
  ['adamRows', 4, i(-1, 0), /rows\[0\]/],
  ['adamRows', 4, i(1, 1), /rows\[1\] repeats/],
  ['adamRows', 5, f(5), /grad/],
  ['globalNorm', 0, [f(3), [1]], /tensors\[1\]/],
  ['globalNorm', 0, {}, /tensors/],
  ['dropout', 1, f(4), /y/],
  ['dropout', 2, 1, /rate/],
  ['dropout', 3, -1, /seed/],
  ['dropout', 3, 2 ** 32, /seed/],
  ['exp', 0, null, /x/],
  ['exp', 1, f(2), /y/],
  ['add', 2, 4, /aSpread/],
  ['add', 5, f(2), /b/],
  ['sum', 3, f(3), /y/],
  ['softmax', 1, 2, /x/],
];

describeAddon('arguments of the native addon', (addon) => {
  /** The calls above with a reserve of the right length. */
  const call = (entry: Entry, change?: [number, unknown]): unknown => {
    const args: unknown[] = [...CALLS[entry]];
    const at = { lstm: 8, lstmGrad: 6 }[entry as string];
    if (at !== undefined) args[at] = f(addon.reserveLength(2, 3, 2, i(2, 1)));
    if (entry === 'crfMarginalsGrad') args[6] = f(addon.crfReserveLength(3, i(2, 1)));
    if (change) args[change[0]] = change[1];
    return (addon[entry] as (...values: unknown[]) => unknown)(...args);
  };

  it.each(Object.keys(CALLS) as Entry[])('%s takes correct ones', (entry) => {
    expect(() => call(entry)).not.toThrow();
  });

  it.each(BROKEN)('%s refuses argument %d = %j, and names it', (entry, at, value, name) => {
    expect(() => call(entry, [at, value])).toThrow(name);
  });

  it.each(Object.keys(CALLS) as Entry[])('%s refuses one argument too few', (entry) => {
    const args = CALLS[entry].slice(1);
    expect(() => (addon[entry] as (...values: unknown[]) => unknown)(...args)).toThrow(/takes \d+ arguments/);
  });

  it('refuses memory shared between threads, and memory that was given away', () => {
    expect(() => addon.exp(any(new Float32Array(new SharedArrayBuffer(12))), f(3))).toThrow(/x must not lie in shared/);
    const gone = f(3);
    structuredClone(gone, { transfer: [gone.buffer] });
    expect(() => addon.exp(f(3), gone)).toThrow(/y must have 3 elements, has 0/);
  });

  it('refuses a reserve of doubles that does not begin at one', () => {
    const length = addon.crfReserveLength(3, i(2, 1));
    const odd = new Float32Array(new ArrayBuffer(4 * length + 4), 4);
    expect(() => call('crfMarginals', [7, odd])).toThrow(/reserve must begin at a multiple of 8 bytes/);
  });

  it('refuses thread counts and instruction sets that do not exist', () => {
    expect(() => addon.setThreads(0)).toThrow(/threads/);
    expect(() => addon.setThreads(1e9)).toThrow(/threads/);
    expect(() => addon.setIsa('mmx')).toThrow(/isa 'mmx' is not one of this machine/);
  });
});
