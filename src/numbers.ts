/**
 * A fraction in per cent with two decimals, without the sign. A tie goes to the even digit, as C's and Perl's printf have it
 * (1/32 is 3.12, where toFixed alone says 3.13). Only eighths are exact ties in binary: .125 and .625 are those that go down.
 */
export function percent(fraction: number): string {
  const value = 100 * Math.abs(fraction);
  const text = ((value * 8) % 4 === 1 ? value - 0.005 : value).toFixed(2);
  return fraction < 0 && text !== '0.00' ? `-${text}` : text;
}

/** A difference of fractions in per cent, always with its sign. */
export function signedPercent(fraction: number): string {
  const text = percent(fraction);
  return text.startsWith('-') ? text : `+${text}`;
}

/** A whole number, thousands apart: 12,345. */
export const whole = (n: number): string => Math.round(n).toLocaleString('en-US');

/** A number and its noun: `1 run`, `2 runs`, `1,200 classes`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${whole(n)} ${n === 1 ? one : many}`;

/** The first of some names, and how many more there are. */
export const someOf = (names: readonly string[], shown: number): string =>
  names.slice(0, shown).join(', ') + (names.length > shown ? ` and ${whole(names.length - shown)} more` : '');

/** `= 0.012`, or `< 0.001`. */
export const pValue = (p: number): string => (p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`);

/** The smallest and the largest number above 0 that float32, in which everything is computed, holds in full precision. */
export const FLOAT32 = { min: 2 ** -126, max: 3.4028234663852886e38 } as const;

/** 0, or a number that stays what it is, up to rounding, in float32. */
export const isFloat32 = (value: number): boolean =>
  value === 0 || (Math.abs(value) >= FLOAT32.min && Math.abs(value) <= FLOAT32.max);
