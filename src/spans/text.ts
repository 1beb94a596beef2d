/** Part of a text, from `start` up to before `end`; inside the program always in UTF-16 code units, as strings are indexed. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A labelled range. */
export interface Span extends Range {
  readonly type: string;
}

/** What a character offset counts. */
export const OFFSET_UNITS = {
  codepoints: 'Unicode code points, as Python, spaCy and doccano count',
  utf16: 'UTF-16 code units, as JavaScript and Label Studio count',
} as const;

export type OffsetUnit = keyof typeof OFFSET_UNITS;

/** Offsets of a text in a unit, from and to indices of the string. */
export interface Offsets {
  /** Length of the text. */
  readonly length: number;
  /** @param index of the string, on the border of a character */
  of(index: number): number;
  /** The index in the string; undefined outside of the text, or inside a character. */
  at(offset: number): number | undefined;
}

const ASTRAL = /[\ud800-\udbff][\udc00-\udfff]/;

/** Texts without characters above U+FFFF count alike in both units, at no cost. */
export function offsetsOf(text: string, unit: OffsetUnit): Offsets {
  const inside = (offset: number, length: number): boolean =>
    Number.isInteger(offset) && offset >= 0 && offset <= length;
  if (!ASTRAL.test(text)) {
    const { length } = text;
    return { length, of: (index) => index, at: (offset) => (inside(offset, length) ? offset : undefined) };
  }
  const indices: number[] = []; // of each code point, and the end
  const points = new Int32Array(text.length + 1); // code points before each index
  for (let i = 0; i < text.length;) {
    const size = (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
    points.fill(indices.length, i, i + 1);
    if (size === 2) points[i + 1] = -1;
    indices.push(i);
    i += size;
  }
  points[text.length] = indices.length;
  indices.push(text.length);
  if (unit === 'codepoints') {
    const length = indices.length - 1;
    return { length, of: (index) => points[index] as number, at: (offset) => indices[offset] };
  }
  const { length } = text;
  const at = (offset: number): number | undefined =>
    inside(offset, length) && (points[offset] as number) >= 0 ? offset : undefined;
  return { length, of: (index) => index, at };
}

/** How long a text is in a unit. */
export function lengthIn(text: string, unit: OffsetUnit): number {
  if (unit === 'utf16' || !ASTRAL.test(text)) return text.length;
  let length = 0;
  for (const _ of text) length++; // eslint-disable-line @typescript-eslint/no-unused-vars
  return length;
}

/** How running text becomes tokens; none holds a blank. Adding one is a row here. */
export const TOKENISERS = {
  words: {
    title: 'words and punctuation apart, by the rules of Unicode (Intl.Segmenter)',
    split: (text: string): Range[] => segments(text, 'word'),
  },
  blanks: { title: 'whatever stands between blanks', split: (text: string): Range[] => matches(text, /\S+/gu) },
  characters: {
    title: 'every character that a reader would count as one',
    split: (text: string): Range[] => segments(text, 'grapheme'),
  },
} as const;

export type TokeniserName = keyof typeof TOKENISERS;

const segmenters = new Map<string, Intl.Segmenter>();

function segments(text: string, granularity: 'word' | 'grapheme'): Range[] {
  let segmenter = segmenters.get(granularity);
  if (!segmenter) segmenters.set(granularity, (segmenter = new Intl.Segmenter('en', { granularity })));
  const found: Range[] = [];
  for (const { segment, index } of segmenter.segment(text))
    if (/\S/u.test(segment)) found.push({ start: index, end: index + segment.length });
  return found;
}

const matches = (text: string, pattern: RegExp): Range[] =>
  [...text.matchAll(pattern)].map(({ 0: match, index }) => ({ start: index, end: index + match.length }));

/**
 * The sentences of a paragraph by the rules of Unicode, without the blanks around them. A line end inside a paragraph is a blank; an
 * abbreviation before a capital ends a sentence, since the rules know none.
 */
export function sentencesIn(paragraph: string): Range[] {
  let segmenter = segmenters.get('sentence');
  if (!segmenter) segmenters.set('sentence', (segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })));
  const found: Range[] = [];
  // Unicode ends a sentence at every line end: blanks of the same length do not
  for (const { segment, index } of segmenter.segment(paragraph.replace(/[\r\n\u0085\u2028\u2029]/g, ' '))) {
    const text = segment.trim();
    if (text === '') continue;
    const start = index + segment.indexOf(text);
    found.push({ start, end: start + text.length });
  }
  return found;
}

/** Tokens as a text, and where each stands in it. @param glued whether no blank stands behind a token */
export function joined(
  tokens: readonly string[],
  glued: (token: number) => boolean = () => false,
): { readonly text: string; readonly places: Range[] } {
  let text = '';
  const places = tokens.map((token, i) => {
    if (i > 0 && !glued(i - 1)) text += ' ';
    const start = text.length;
    text += token;
    return { start, end: text.length };
  });
  return { text, places };
}

/** Does the row of a token say that no blank stands behind it, as CoNLL-U does? */
export const isGlued = (row: string): boolean => /(^|[\t|])SpaceAfter=No($|[\t|])/.test(row.trimEnd());
