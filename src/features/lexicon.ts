import type { Sentence } from '../data/types';
import { foldComposed } from '../data/vocab';
import { percent, whole } from '../wording';
import { type Column, defineFeature, type Feature, isListOf, sizeOf } from './feature';
import { portable } from './recipe';

/** Where in a word of the lexicon a token stands: at its begin, in the middle, at its end, or alone. */
const PLACES = ['B', 'M', 'E', 'S'] as const;

/**
 * The words of a lexicon that cover a token, as the set of their classes with the place of the token in the word: an embedding each,
 * summed (as in Peng and Dredze 2016, and in SoftLexicon of Ma et al. 2020 without frequencies). Row 0 is a token that none covers.
 * Words are matched case-folded and in NFC, over neighbouring tokens of one sentence.
 */
export const lexicon = defineFeature({
  title: 'words of a lexicon that cover the token, by class and by place in the word',
  settings: {
    lexicon: {
      type: 'file',
      default: null,
      meaning: 'lexicon: a word, a tab and its classes (tabs between) a line, or `word frequency tag` as jieba has it',
    },
    lexiconDim: { type: 'whole', default: 16, least: 1, meaning: 'width of a lexicon embedding' },
    lexiconLongest: {
      type: 'whole',
      default: 6,
      least: 1,
      meaning: 'tokens of the longest lexicon words that are looked for',
    },
  },
  async build({ train }, _, { lexicon: path, lexiconDim, lexiconLongest }) {
    if (path === null) return null;
    const { readLexicon } = await import('./lexiconFile.js'); // a lexicon that is loaded needs no file
    const { entries, file, sha256 } = await readLexicon(path);
    const reading = readingOf(train.sentences);
    const kept = new Map([...entries].filter(([word]) => isFit(word, reading, lexiconLongest)));
    const saved = pack(kept, { width: lexiconDim, longest: lexiconLongest, ...reading });
    const { feature, rowsOf } = createLexicon(saved);
    const covered = coverage(train.sentences, rowsOf);
    return {
      ...feature,
      files: [{ key: 'model.lexicon', path, sha256 }],
      found: {
        lines: [
          `lexicon ${file}: ${whole(kept.size)} words in ${whole(saved.classes.length)} classes, looked for ${HOW[reading.unit]}${reading.numbered ? ' without the digit behind it' : ''}; ${whole(entries.size - kept.size)} are left out, ${reading.unit === 'character' ? 'of one character or ' : ''}longer than ${lexiconLongest}; ${percent(covered)} % of the training tokens are covered`,
        ],
        data: {
          file,
          sha256,
          words: kept.size,
          leftOut: entries.size - kept.size,
          classes: saved.classes,
          ...reading,
          covered,
        },
      },
    };
  },
  load: (json) => createLexicon(savedOf(json)).feature,
});

/** How tokens make up words: characters without anything between, else with a blank where a script has them. */
interface TokenReading {
  readonly unit: 'character' | 'token';
  /** Each token is a character and a digit, its place in the word it belongs to, as in the corpus of Weibo. */
  readonly numbered: boolean;
}

const HOW = { character: 'character by character', token: 'over tokens' };

/** Shares of the training tokens from which on a corpus is of one kind. */
const NUMBERED = 0.98;
const CHARACTERS = 0.9;

function readingOf(sentences: readonly Pick<Sentence, 'tokens'>[]): TokenReading {
  let [tokens, numbered, single] = [0, 0, 0];
  for (const sentence of sentences)
    for (const token of sentence.tokens) {
      tokens++;
      if (WITH_DIGIT.test(token)) numbered++;
      if (SINGLE.test(token)) single++;
    }
  if (numbered >= NUMBERED * tokens) return { unit: 'character', numbered: true };
  return { unit: single >= CHARACTERS * tokens ? 'character' : 'token', numbered: false };
}

const WITH_DIGIT = /^.[0-9]$/su;
const SINGLE = /^.$/su;

/** A single character is no news of a character; of tokens it is. */
function isFit(word: string, { unit }: TokenReading, longest: number): boolean {
  if (unit === 'token') return word.split(' ').length <= longest;
  const { length } = Array.from(word);
  return length >= 2 && length <= longest;
}

/** Scripts that set no blank between words. */
const UNSPACED =
  '[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}\\u30FC]';
const UNSPACED_ONE = new RegExp(`^${UNSPACED}$`, 'u');
const UNSPACED_END = new RegExp(`${UNSPACED}$`, 'u');
const UNSPACED_BEGIN = new RegExp(`^${UNSPACED}`, 'u');

/** A lexicon as a checkpoint keeps it: a tagger needs no file. */
interface Saved extends TokenReading {
  readonly width: number;
  readonly longest: number;
  readonly classes: readonly string[];
  /** By the classes that words have: their numbers, and the words with tabs between. */
  readonly words: readonly (readonly [classes: readonly number[], words: string])[];
}

function pack(entries: ReadonlyMap<string, ReadonlySet<string>>, rest: Omit<Saved, 'classes' | 'words'>): Saved {
  const classes = [...new Set([...entries.values()].flatMap((of) => [...of]))].sort();
  const numbers = new Map(classes.map((name, c) => [name, c]));
  const groups = new Map<string, string[]>();
  for (const [word, of] of entries) {
    const key = JSON.stringify(Array.from(of, (name) => numbers.get(name) ?? 0).sort((a, b) => a - b));
    const group = groups.get(key);
    if (group) group.push(word);
    else groups.set(key, [word]);
  }
  const words = [...groups].map(([key, group]) => [JSON.parse(key) as number[], group.join('\t')] as const);
  return { ...rest, classes, words };
}

function createLexicon(saved: Saved): { readonly feature: Feature; readonly rowsOf: RowsOf } {
  const { width, longest, classes, words, unit, numbered } = saved;
  const classesOf = new Map<string, readonly number[]>();
  for (const [of, group] of words) for (const word of group.split('\t')) classesOf.set(word, of);

  function rowsOf(tokens: readonly string[]): Set<number>[] {
    const texts = tokens.map((token) => foldComposed(numbered && WITH_DIGIT.test(token) ? token.slice(0, -1) : token));
    const rows = texts.map(() => new Set<number>());
    for (let from = 0; from < texts.length; from++) {
      let word = '';
      for (let to = from; to < texts.length && to - from < longest; to++) {
        const text = texts[to] as string;
        const apart = to > from && unit === 'token' && !(UNSPACED_END.test(word) && UNSPACED_BEGIN.test(text));
        word += apart ? ` ${text}` : text;
        for (const c of classesOf.get(word) ?? [])
          for (let i = from; i <= to; i++) rows[i]?.add(1 + PLACES.length * c + placeIn(i, from, to));
      }
    }
    for (const set of rows) if (set.size === 0) set.add(0);
    return rows;
  }

  const column: Column = {
    name: 'lexicon',
    rows: 1 + PLACES.length * classes.length,
    width,
    wordDropout: false,
    rate: 1,
    rowsOf,
    initial: (table) => table.fill(0, 0, width),
    recipe: () => ({
      kind: 'lexicon',
      words: words.map(([of, group]) => [of, group.split('\t')] as const),
      longest,
      numbered,
      blanks: unit === 'token',
      unspaced: portable(UNSPACED_ONE),
    }),
    names: () => ['none', ...classes.flatMap((name) => PLACES.map((place) => `${place} ${name}`))],
  };
  return { feature: { columns: [column], toJSON: () => saved }, rowsOf };
}

/** The rows of every token of a sentence. */
type RowsOf = (tokens: readonly string[]) => Set<number>[];

/** A number of PLACES. */
const placeIn = (i: number, from: number, to: number): number => (from === to ? 3 : i === from ? 0 : i === to ? 2 : 1);

/** Share of the tokens that some word covers. */
function coverage(sentences: readonly Pick<Sentence, 'tokens'>[], rowsOf: RowsOf): number {
  let [tokens, covered] = [0, 0];
  for (const sentence of sentences)
    for (const rows of rowsOf(sentence.tokens)) {
      tokens++;
      if (!rows.has(0)) covered++;
    }
  return tokens === 0 ? 0 : covered / tokens;
}

function savedOf(json: unknown): Saved {
  const saved = json as Saved; // `sizeOf` sees whether it is an object
  const [width, longest] = [sizeOf(json, 'width'), sizeOf(json, 'longest')];
  const { unit, numbered, classes, words } = saved;
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
  const isClass = (c: unknown): boolean => Number.isSafeInteger(c) && Number(c) >= 0 && Number(c) < classes.length;
  const isGroup = (group: unknown): boolean =>
    Array.isArray(group) && group.length === 2 && isListOf(group[0], isClass) && isText(group[1]);
  if (
    !Object.hasOwn(HOW, unit) ||
    typeof numbered !== 'boolean' ||
    !isListOf(classes, isText) ||
    !isListOf(words, isGroup)
  )
    throw new Error('the words are damaged, expected lists of words by class');
  return { width, longest, unit, numbered, classes, words };
}
