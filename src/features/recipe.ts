/**
 * How the rows of a table come of a token's string, as plain data: from it a program in any language makes the same ids. Length
 * and place are counted in code points. Patterns are regular expressions (see `portable`) that must fit the whole text.
 */
export type Recipe =
  | LookUpRecipe
  /** The first pattern that fits the token gives the row, its index. One always does. */
  | { readonly kind: 'patterns'; readonly patterns: readonly string[] }
  /**
   * A row for each character: 1 + its index among `values`, 0 where it is not there; of more than twice `ends` the first and the last
   * `ends`. A token without characters has one row, 0.
   */
  | { readonly kind: 'characters'; readonly values: readonly string[]; readonly ends: number }
  | LexiconRecipe;

/** The first of `keys` that is among `values` gives the row, 1 + its index; 0 where none is. */
export interface LookUpRecipe {
  readonly kind: 'lookup';
  readonly keys: readonly Key[];
  readonly values: readonly string[];
}

/** What of a token is looked up. */
export interface Key {
  /**
   * By Unicode's default rules, special casing and the final sigma included, whatever the locale; `capitalised` is the lower case with
   * the upper case of its first character.
   */
  readonly case: 'as is' | 'lower' | 'capitalised' | 'upper';
  /** Characters at the begin of that; all of it where it has fewer. */
  readonly first?: number;
  /** Characters at its end. */
  readonly last?: number;
  /**
   * Each character of it as the letter of the first pattern that fits it, or as itself; of a run of one kind `run` stay, and of what is
   * left the first `longest`.
   */
  readonly form?: {
    readonly kinds: readonly (readonly [pattern: string, letter: string])[];
    readonly run: number;
    readonly longest: number;
  };
}

/**
 * Words of a lexicon over neighbouring tokens of a sentence, at most `longest` of them. A token counts in NFC, then in lower case;
 * where they are `numbered`, one of a character and an ASCII digit without the digit. Where `blanks`, one stands between two tokens,
 * unless the character before and the one behind both fit `unspaced`. Each token of a word has the row 1 + 4 c + p for each class c of
 * the word: p is 0 at its begin, 1 in the middle, 2 at its end, 3 where it is one token. Each row counts once; a token without any
 * has row 0.
 */
interface LexiconRecipe {
  readonly kind: 'lexicon';
  readonly words: readonly (readonly [classes: readonly number[], words: readonly string[]])[];
  readonly longest: number;
  readonly numbered: boolean;
  readonly blanks: boolean;
  readonly unspaced: string;
}

/** Kinds of characters, each written out once. */
const written = new Map<string, string>();

/**
 * The pattern of a whole text that an expression fits, for engines that know no classes of Unicode, or another version of it: `\p{Lu}`
 * becomes the list of its characters, a dot what it stands for, and letters of either case both. JavaScript (flag `u`), Python, Java
 * and PCRE understand it. Characters outside of any text, halves of pairs, are left out.
 * @throws Error for flags that it does not know
 */
export function portable({ source, flags }: RegExp): string {
  if (/[^isu]/.test(flags)) throw new Error(`${source}: flags ${flags}`);
  const dot = flags.includes('s') ? '[\\s\\S]' : '[^\\n\\r\\u2028\\u2029]';
  let inClass = false;
  let text = '';
  for (const [part, name] of source.matchAll(/\\p\{([^}]+)\}|\\.|[^]/gu)) {
    if (name !== undefined) text += inClass ? charactersOf(name) : `[${charactersOf(name)}]`;
    else if (part === '[' || part === ']') [inClass, text] = [part === '[', text + part];
    else if (part === '.' && !inClass) text += dot;
    else if (part === '\\/') text += '/';
    else if (flags.includes('i') && /^[a-z]$/.test(part))
      text += inClass ? part + part.toUpperCase() : `[${part}${part.toUpperCase()}]`; // prettier-ignore
    else text += part;
  }
  const open = text.replace(/^\^/, '');
  if (open.length === text.length) throw new Error(`${source}: does not begin at the begin`);
  return open.endsWith('$') ? open.slice(0, -1) : `${open}[\\s\\S]*`;
}

/** The characters of a class as ranges, as they stand inside of brackets. */
function charactersOf(name: string): string {
  const known = written.get(name);
  if (known !== undefined) return known;
  let text = '';
  for (const [run] of everyCharacter().matchAll(new RegExp(`\\p{${name}}+`, 'gu'))) {
    const from = run.codePointAt(0) ?? 0;
    const to = run.codePointAt(run.length - (/[\udc00-\udfff]$/.test(run) ? 2 : 1)) ?? 0;
    // the halves of pairs are left out between these two, which are neighbours here
    text += from < 0xd800 && to > 0xdfff ? rangeOf(from, 0xd7ff) + rangeOf(0xe000, to) : rangeOf(from, to);
  }
  written.set(name, text);
  return text;
}

const rangeOf = (from: number, to: number): string => (from === to ? escaped(from) : `${escaped(from)}-${escaped(to)}`);

let characters = '';

/** In order. */
function everyCharacter(): string {
  const some = (from: number, to: number): string => {
    let text = '';
    for (let code = from; code < to; code++) text += String.fromCodePoint(code);
    return text;
  };
  return (characters ||= some(0, 0xd800) + some(0xe000, 0x110000));
}

/** A character inside of brackets: of ASCII only letters and digits mean themselves everywhere. */
function escaped(code: number): string {
  if (code > 0xffff) return String.fromCodePoint(code);
  const text = String.fromCharCode(code);
  return /[0-9A-Za-z]/.test(text) ? text : `\\u${code.toString(16).padStart(4, '0')}`;
}
