import { percent, pValue, signedPercent, whole } from '../src/numbers';

describe('percent', () => {
  // printf '%.2f\n' of C and Perl, on the same doubles
  it.each([
    [1 / 32, '3.12'],
    [3 / 32, '9.38'],
    [-1 / 32, '-3.12'],
    [5 / 32, '15.62'],
    [7 / 32, '21.88'],
    [0.5, '50.00'],
    [1, '100.00'],
    [0, '0.00'],
    [2 / 3, '66.67'],
    [-0.00001, '0.00'],
    [NaN, 'NaN'],
  ])('prints %p as %s', (fraction, text) => {
    expect(percent(fraction)).toBe(text);
  });
});

it('gives a difference its sign, zero a plus', () => {
  expect([0.021, -0.021, 0, -0.00001].map(signedPercent)).toEqual(['+2.10', '-2.10', '+0.00', '+0.00']);
});

it('sets thousands of a whole number apart', () => {
  expect([0, 999, 1000, 1234567.6].map(whole)).toEqual(['0', '999', '1,000', '1,234,568']);
});

it('prints small p-values as a bound, never as 0', () => {
  expect([1, 0.05, 0.001, 0.0009999, 0].map(pValue)).toEqual(['= 1.000', '= 0.050', '= 0.001', '< 0.001', '< 0.001']);
});
