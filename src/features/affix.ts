import { fold, tokenCounts } from '../data/vocab';
import { type Column, defineFeature, type Feature, isListOf, sizeOf } from './feature';
import { type Key, portable } from './recipe';

const RUN = 4;
const LONGEST = 12;

/** Kinds of characters: the first that fits counts. */
const KINDS: readonly (readonly [pattern: RegExp, letter: string])[] = [
  [/^[\p{Lu}\p{Lt}]$/u, 'X'],
  [/^\p{Ll}$/u, 'x'],
  [/^\p{L}$/u, 'c'],
  [/^\p{Nd}$/u, 'd'],
];

/** What a table sees of a token. */
interface Part {
  readonly of: (token: string) => string;
  /** The same as data. */
  readonly key: () => Key;
}

/**
 * What a word begins and ends with, and what its characters look like: four tables side by side. Everything is counted in code
 * points, never in halves of one.
 *   prefix1, prefix3, suffix3   of the case-folded token, the whole token where it is shorter
 *   form                        each character as X, x (upper, lower case), c (letters without case), d (digits) or itself; runs cut
 *                               at 4, at most 12 characters
 */
const PARTS = {
  prefix1: prefix(1),
  prefix3: prefix(3),
  suffix3: suffix(3),
  form: { of: formOf, key: () => ({ case: 'as is', form: { kinds: writtenKinds(), run: RUN, longest: LONGEST } }) },
} as const satisfies Record<string, Part>;

type PartName = keyof typeof PARTS;
type Values = Readonly<Record<PartName, readonly string[]>>;

const NAMES = Object.keys(PARTS) as PartName[];

export const affix = defineFeature({
  title: 'prefixes of 1 and 3 characters, suffix of 3, and the form of its characters',
  settings: {
    affixDim: {
      type: 'whole',
      default: 16,
      least: 0,
      meaning: 'width of each of the four affix embeddings; 0 leaves them out',
    },
  },
  build({ train }, _, { affixDim }) {
    if (affixDim === 0) return null;
    const tokens = [...tokenCounts(train.sentences).keys()];
    const seen = NAMES.map((name) => [name, [...new Set(tokens.map(PARTS[name].of))]]);
    return affixes(affixDim, Object.fromEntries(seen) as Values);
  },
  load: (json) => affixes(sizeOf(json, 'width'), valuesOf(json)),
});

/** Row 0 of each table stands for what training never saw. It starts at zero, and learns by word dropout. */
function affixes(width: number, values: Values): Feature {
  return {
    columns: NAMES.map((name): Column => {
      const ids = new Map(values[name].map((value, i) => [value, i + 1]));
      return {
        name: `affix.${name}`,
        rows: values[name].length + 1,
        width,
        wordDropout: true,
        rate: 1,
        encode: (token) => ids.get(PARTS[name].of(token)) ?? 0,
        initial: (table) => table.fill(0, 0, width),
        names: () => [null, ...values[name]],
        recipe: () => ({ kind: 'lookup', keys: [PARTS[name].key()], values: values[name] }),
      };
    }),
    toJSON: () => ({ width, ...values }),
  };
}

function valuesOf(json: unknown): Values {
  const lists = json as Record<PartName, unknown>; // `sizeOf` has seen an object
  for (const name of NAMES)
    if (!isListOf(lists[name], (value) => typeof value === 'string'))
      throw new Error(`${name} is damaged, expected a list of different texts`);
  return lists as Values;
}

function prefix(first: number): Part {
  return { of: (token) => head(fold(token), first), key: () => ({ case: 'lower', first }) };
}

function suffix(last: number): Part {
  return { of: (token) => tail(fold(token), last), key: () => ({ case: 'lower', last }) };
}

function head(token: string, count: number): string {
  let end = 0;
  for (let i = 0; i < count && end < token.length; i++) end += widthAt(token, end);
  return token.slice(0, end);
}

function tail(token: string, count: number): string {
  return Array.from(token.slice(-2 * count))
    .slice(-count)
    .join('');
}

/** Units of the code point that begins here. */
const widthAt = (token: string, at: number): number => ((token.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);

function formOf(token: string): string {
  let form = '';
  let [length, run] = [0, 0];
  let last = '';
  for (const character of token) {
    const kind = kindOf(character);
    run = kind === last ? run + 1 : 1;
    last = kind;
    if (run > RUN) continue;
    form += kind;
    if (++length === LONGEST) break;
  }
  return form;
}

function kindOf(character: string): string {
  return KINDS.find(([pattern]) => pattern.test(character))?.[1] ?? character;
}

const writtenKinds = (): [string, string][] => KINDS.map(([pattern, letter]) => [portable(pattern), letter]);
