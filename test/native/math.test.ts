import { describeIsas } from './addon';

/** Where results are normal floats; below, exp and sigmoid may be 0 or off by at most the smallest normal. */
const TINY = 2 ** -126;

const FUNCTIONS: ['exp' | 'tanh' | 'sigmoid', (x: number) => number, number, number][] = [
  ['exp', Math.exp, -87.3, 88.72],
  ['tanh', Math.tanh, -1e30, 1e30],
  ['sigmoid', (x) => 1 / (1 + Math.exp(-x)), -87, 1e30],
];

describeIsas('vectorised functions against the C library', (addon) => {
  it.each(FUNCTIONS)('%s has a relative error below 1e-6', (name, exact, low, high) => {
    const x = Float32Array.from(samples().filter((value) => value >= low && value <= high));
    expect(x.length).toBeGreaterThan(100_000);
    const y = new Float32Array(x.length);
    addon[name](x, y);
    let worst = 0;
    let at = 0;
    for (let i = 0; i < x.length; i++) {
      const expected = exact(x[i]);
      const error = Math.abs(y[i] - expected) / Math.max(Math.abs(expected), TINY);
      if (!(error <= worst)) [worst, at] = [error, x[i]];
    }
    expect({ at, worst: worst < 1e-6 ? 'below 1e-6' : worst }).toEqual({ at, worst: 'below 1e-6' });
  });

  it('holds at the ends and passes NaN on', () => {
    const x = Float32Array.of(-Infinity, -1000, -100, -0, 0, 100, 1000, Infinity, NaN);
    const of = (name: 'exp' | 'tanh' | 'sigmoid'): number[] => {
      const y = new Float32Array(x.length);
      addon[name](x, y);
      return [...y];
    };
    expect(of('exp')).toEqual([0, 0, 0, 1, 1, Infinity, Infinity, Infinity, NaN]);
    expect(of('tanh')).toEqual([-1, -1, -1, -0, 0, 1, 1, 1, NaN]);
    const sigmoid = of('sigmoid');
    for (const low of sigmoid.slice(0, 3)) expect(low).toBeLessThan(2 * TINY);
    expect(sigmoid.slice(3)).toEqual([0.5, 0.5, 1, 1, 1, NaN]);
  });
});

/** Floats over all exponents, and densely where the functions bend. */
function samples(): number[] {
  const found: number[] = [];
  for (let exponent = -140; exponent <= 99; exponent++) {
    for (let i = 0; i < 100; i++) found.push(2 ** exponent * (1 + i / 100), -(2 ** exponent) * (1 + i / 100));
  }
  for (let i = -100_000; i <= 100_000; i++) found.push(i / 1000);
  return found.map(Math.fround);
}
