import { lineOf } from './corpus';
import type { Sentence } from './types';
import { present } from '../errors';
import { groupBy } from '../order';
import { invisibles } from '../wording';

/** Words that a reader would take for others. */
export interface Alike {
  readonly words: number;
  readonly tokens: number;
  /** 1-based line of the first. */
  readonly line: number;
  /** The first few, each with the word it looks like. */
  readonly examples: readonly (readonly [word: string, other: string])[];
}

/** Words by what is wrong with how they are written; null where nothing is. */
export interface Spelling {
  /** Other than a more frequent word of the file by Unicode normalisation alone. */
  readonly normalisation: Alike | null;
  /** Other than a word of training by Unicode normalisation alone; null for training itself. */
  readonly normalisationOfTrain: Alike | null;
  /** With a character that is not seen and that the script does not need; beside it the word without. */
  readonly hidden: (Alike & { readonly characters: readonly (readonly [name: string, tokens: number])[] }) | null;
  /** Of such hidden words those that without the character are words of training (for training: of the file). */
  readonly hiddenKnown: number;
  /** With nothing that is seen at all. */
  readonly blank: Alike | null;
}

/** Tokens by word, in the order of the file. */
export type WordCounts = ReadonlyMap<string, number>;

const EXAMPLES = 3;

/** @param train counts of the training file; the same object as `words` for training itself */
export function checkSpelling(sentences: readonly Sentence[], words: WordCounts, train: WordCounts): Spelling {
  const foreign = [...words.keys()].filter((word) => /[^\x21-\x7e]/.test(word)); // others look like nothing but themselves
  const alike = (pairs: readonly (readonly [string, string])[]): Alike | null => {
    if (pairs.length === 0) return null;
    const found = new Set(pairs.map(([word]) => word));
    let tokens = 0;
    for (const word of found) tokens += words.get(word) ?? 0;
    return { words: found.size, tokens, line: firstLineOf(sentences, found), examples: pairs.slice(0, EXAMPLES) };
  };
  const hidden = foreign.flatMap((word) => {
    const chars = unneeded(word);
    return chars.length > 0 && !isBlank(word) ? [{ word, bare: without(word, chars), chars }] : [];
  });
  const found = alike(hidden.map(({ word, bare }) => [word, bare]));
  const characters = new Map<string, number>();
  for (const { word, chars } of hidden)
    for (const name of new Set(chars.map(({ char }) => codeOf(char))))
      characters.set(name, (characters.get(name) ?? 0) + (words.get(word) ?? 0));
  return {
    normalisation: alike(rarerForms(foreign, words)),
    normalisationOfTrain: train === words ? null : alike(formsOfTrain(foreign, train)),
    hidden: found && { ...found, characters: [...characters].sort((a, b) => b[1] - a[1]) },
    hiddenKnown: hidden.filter(({ bare }) => train.has(bare)).length,
    blank: alike(foreign.filter(isBlank).map((word) => [word, ''])),
  };
}

/** Words that are written in several ways that are one after NFC: each but the most frequent with that one. */
function rarerForms(foreign: readonly string[], words: WordCounts): [string, string][] {
  return [...groupBy(foreign, (word) => word.normalize('NFC')).values()].flatMap((forms) => {
    if (forms.length === 1) return [];
    const [main, ...others] = [...forms].sort((a, b) => (words.get(b) ?? 0) - (words.get(a) ?? 0));
    return others.map((word): [string, string] => [word, present(main, 'form')]);
  });
}

function formsOfTrain(foreign: readonly string[], train: WordCounts): [string, string][] {
  const unseen = foreign.filter((word) => !train.has(word));
  if (unseen.length === 0) return [];
  const known = new Map<string, string>();
  for (const word of train.keys()) if (/[^\x21-\x7e]/.test(word)) known.set(word.normalize('NFC'), word);
  return unseen.flatMap((word): [string, string][] => {
    const other = known.get(word.normalize('NFC'));
    return other === undefined ? [] : [[word, other]];
  });
}

/** Scripts in which a joiner, a non-joiner or a break inside a word is part of how it is written. */
const JOINING =
  /[\p{scx=Arab}\p{scx=Syrc}\p{scx=Nkoo}\p{scx=Mand}\p{scx=Adlm}\p{scx=Mong}\p{scx=Phag}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Thai}\p{scx=Laoo}\p{scx=Tibt}\p{scx=Java}\p{scx=Bali}]/u;

/** Format characters that are seen, or that belong to their script alone. */
const PART_OF_SCRIPT =
  /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\u180b-\u180f\u1160\u115f\u17b4\u17b5\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}]/u;

/** The invisible characters of a word that its script does not need. */
function unneeded(word: string): { readonly char: string; readonly index: number }[] {
  return invisibles(word).filter(({ char, index }) => {
    const before = Array.from(word.slice(0, index)).at(-1) ?? '';
    const after = Array.from(word.slice(index + char.length)).at(0) ?? '';
    if (PART_OF_SCRIPT.test(char)) return false;
    if (/[\u200b-\u200d]/.test(char) && (JOINING.test(before) || JOINING.test(after))) return false;
    if (char === '\u200d' && /[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]/u.test(before)) return false; // one emoji of several
    if (/[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u.test(char) && /[\p{S}\p{P}\p{Emoji}\p{scx=Hani}]|[^]\u200d/u.test(before))
      return false;
    if (/[\u{e0020}-\u{e007f}]/u.test(char) && word.includes('\u{1f3f4}')) return false; // a flag
    if (char === '\u034f' && /[\p{M}\p{scx=Hebr}]/u.test(before)) return false;
    return !(char === '\u2800' && /[\u2801-\u28ff]/.test(word)); // Braille
  });
}

function without(word: string, chars: readonly { readonly char: string; readonly index: number }[]): string {
  let bare = '';
  let from = 0;
  for (const { char, index } of chars) {
    bare += word.slice(from, index);
    from = index + char.length;
  }
  return bare + word.slice(from);
}

/** Nothing in it is seen. */
function isBlank(word: string): boolean {
  return without(word, invisibles(word)).trim() === '';
}

/** `U+200B`. */
const codeOf = (char: string): string => `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

function firstLineOf(sentences: readonly Sentence[], words: ReadonlySet<string>): number {
  for (const sentence of sentences) {
    const at = sentence.tokens.findIndex((token) => words.has(token));
    if (at >= 0) return lineOf(sentence, at);
  }
  throw new Error('no such word');
}

/** Names of classes that are one to the eye, or nearly. */
export interface SimilarClasses {
  readonly names: readonly string[];
  /** They print alike: they differ by Unicode normalisation or by characters that are not seen. */
  readonly same: boolean;
  /** What they differ in. */
  readonly by: string;
}

/** Over the classes of all splits. Of plain tags single characters are left alone: there case and punctuation mean something. */
export function findSimilarClasses(names: readonly string[], plain: boolean): SimilarClasses[] {
  const looks = groupBy(names, (name) => without(name, unneeded(name)).normalize('NFC'));
  const same = [...looks.values()].filter((forms) => forms.length > 1);
  const apart = [...looks.keys()].filter((name) => /\p{L}/u.test(name) && !(plain && Array.from(name).length === 1));
  const loosely = (name: string): string => name.toLowerCase().replace(/[\p{Pd}_\s]+/gu, plain ? '-' : '');
  const near = [...groupBy(apart, loosely).values()].filter((forms) => forms.length > 1);
  return [
    ...same.map((forms): SimilarClasses => ({
      names: forms,
      same: true,
      by: forms.some((name) => unneeded(name).length > 0) ? 'characters that are not seen' : 'Unicode normalisation',
    })),
    ...near.map((forms): SimilarClasses => ({
      names: forms,
      same: false,
      by: new Set(forms.map((name) => name.toLowerCase())).size === 1 ? 'case' : 'hyphens, underscores and blanks',
    })),
  ];
}

/** Labels that join others of the file, such as the type `ORG|B-LOC` of a tag `B-ORG|B-LOC`; of plain tags by `|` alone. */
export function findJoined(names: readonly string[], plain: boolean): string[] {
  const known = new Set(names);
  const isLabel = (part: string): boolean => known.has(part) || /^[BIESLUM]-./.test(part) || part === 'O';
  return names.filter((name) => {
    const parts = name.split(plain ? '|' : /[|;,+]/).map((part) => part.trim());
    return parts.length > 1 && parts.every((part) => part !== '') && parts.slice(1).every(isLabel);
  });
}

/** Tags that stand beside nothing but the token `#`: most likely comments that were read as rows. */
export function findCommentRows(
  sentences: readonly Sentence[],
): { readonly tag: string; readonly line: number; readonly rows: number }[] {
  const rows = new Map<string, { line: number; rows: number }>();
  for (const sentence of sentences)
    sentence.tokens.forEach((token, i) => {
      if (token !== '#') return;
      const tag = present(sentence.tags[i], 'tag');
      const found = rows.get(tag);
      if (found) found.rows++;
      else if (/\p{L}/u.test(tag)) rows.set(tag, { line: lineOf(sentence, i), rows: 1 });
    });
  if (rows.size === 0) return [];
  for (const { tokens, tags } of sentences) tags.forEach((tag, i) => tokens[i] !== '#' && rows.delete(tag));
  return [...rows].map(([tag, found]) => ({ tag, ...found }));
}
