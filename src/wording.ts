import { distance } from 'fastest-levenshtein';

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
export const whole = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ','); // Intl takes 0.02 s to load

/** A number and its noun: `1 run`, `2 runs`, `1,200 classes`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${whole(n)} ${n === 1 ? one : many}`;

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The first of some names, and how many more there are. */
export const someOf = (names: readonly string[], shown: number): string =>
  names.slice(0, shown).join(', ') + (names.length > shown ? ` and ${whole(names.length - shown)} more` : '');

/** `= 0.012`, or `< 0.001`. */
export const pValue = (p: number): string => (p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`);

/** The candidate closest to a mistyped name, or undefined when none is close enough to be what was meant. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: edits(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked.at(0);
  return best && best.edits <= Math.max(1, Math.floor(name.length / 2)) ? best.candidate : undefined;
}

/** Levenshtein's distance, where letters in the wrong order count as one slip. */
function edits(typed: string, meant: string): number {
  const letters = (text: string): string => Array.from(text).sort().join('');
  return typed !== meant && letters(typed) === letters(meant) ? 1 : distance(typed, meant);
}

/** `; did you mean 'x'?` or the list of what is valid: the tail of every "unknown name" message. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const best = nearest(name, candidates);
  return best === undefined ? `valid: ${candidates.join(', ')}` : `did you mean '${best}'?`;
}

/**
 * What is not seen, or changes what is: control characters, format characters (bidi marks, zero-width joiners, tags), lone
 * surrogates, line and paragraph separators, characters that a font may leave out, and every blank but U+0020.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffe\uffff]|(?! )\p{Zs}/gu;

const SHORT = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
]);

/**
 * Text from data as a terminal or a page may show it: each invisible character as its escape (`\t`, `\u001b`, `\u202e`,
 * `\u{e0001}`). So no name of a file, word or label can move the cursor, turn the line round, or pass for another.
 */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (char) => {
    const short = SHORT.get(char);
    if (short !== undefined) return short;
    const code = (char.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
}

/** The same line by line: for text that is made of lines. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

/** The invisible characters of a text, each with its index in code units. */
export const invisibles = (text: string): { readonly char: string; readonly index: number }[] =>
  [...text.matchAll(INVISIBLE)].map(({ 0: char, index }) => ({ char, index }));

/** A word as a shell takes it, whatever stands in it. */
export const quotedForShell = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
