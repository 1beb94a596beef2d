import { present } from '../errors';
import { commonestFirst } from '../order';

/** How a token is looked up, step by step, until a form of it has a vector. */
export const STEPS = ['exact', 'in other case', 'without # or @', 'letters and digits alone'] as const;

/** Where a token was found. */
export interface Hit {
  readonly row: number;
  /** Index of STEPS. */
  readonly step: number;
}

export type LookUp = (token: string) => Hit | null;

/** What a look-up asks of vectors. */
interface Source {
  readonly cased: boolean;
  readonly find: (word: string) => number;
}

/**
 * Looks tokens up: as they are written; in lower case (of cased vectors then Capitalised, then CAPITALS); without leading `#` and
 * `@`; without all that is no letter, mark, digit or `_`. The last two try the same cases again.
 */
export function createLookUp({ cased, find }: Source): LookUp {
  const inCases = (word: string): number => {
    for (const form of casesOf(word, cased)) {
      const row = form === word ? -1 : find(form);
      if (row >= 0) return row;
    }
    return -1;
  };
  return (token) => {
    let row = find(token);
    if (row >= 0) return { row, step: 0 };
    if ((row = inCases(token)) >= 0) return { row, step: 1 };
    let last = token;
    for (const [i, pattern] of [/^[#@]+/, /[^\p{L}\p{M}\p{N}_]+/gu].entries()) {
      const bare = token.replace(pattern, '');
      if (bare === '' || bare === last) continue;
      last = bare;
      row = find(bare);
      if (row < 0) row = inCases(bare);
      if (row >= 0) return { row, step: 2 + i };
    }
    return null;
  };
}

/** A word in the cases in which others may have written it. */
export function casesOf(word: string, cased: boolean): string[] {
  const lower = word.toLowerCase();
  if (!cased) return [lower];
  const [first = ''] = lower;
  return [lower, first.toUpperCase() + lower.slice(first.length), word.toUpperCase()];
}

/** How much of a corpus has vectors. */
export interface Coverage {
  readonly tokens: number;
  readonly types: number;
  /** By step of STEPS: tokens, and different tokens, that were found there. */
  readonly steps: readonly { readonly step: string; readonly tokens: number; readonly types: number }[];
  /** Without a vector. */
  readonly none: { readonly tokens: number; readonly types: number };
  /** The commonest of them with their tokens. */
  readonly missing: readonly (readonly [token: string, count: number])[];
}

/** Words without a vector that are listed. */
const LISTED = 20;

/** @param counts tokens of each different token */
export function coverageOf(counts: ReadonlyMap<string, number>, lookUp: LookUp): Coverage {
  const steps = STEPS.map((step) => ({ step, tokens: 0, types: 0 }));
  const none = { tokens: 0, types: 0 };
  const missing: (readonly [string, number])[] = [];
  let tokens = 0;
  for (const [token, count] of counts) {
    const hit = lookUp(token);
    const at = hit ? present(steps[hit.step], 'step') : none;
    at.tokens += count;
    at.types++;
    tokens += count;
    if (!hit) missing.push([token, count]);
  }
  missing.sort(commonestFirst);
  return { tokens, types: counts.size, steps, none, missing: missing.slice(0, LISTED) };
}
