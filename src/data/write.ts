import { present } from '../errors';
import { isMarked } from './lines';
import { characters } from './problems';
import { tagReaderOf } from './tagging';
import type { Corpus } from './types';

/**
 * Predictions in CoNLL columns: token, gold tag, predicted tag; a blank line after each sentence. One blank stands between the
 * columns, as conlleval.pl reads them, or a tab in the whole file where a token or tag holds a blank or a row would look like a
 * comment. Tags are written as the corpus writes them. A predicted sequence that breaks the rules of IOB2 is written as the chunks that
 * conlleval reads in it.
 */
export function predictionText(corpus: Corpus, predicted: readonly (readonly string[])[]): string {
  const { fromInner } = tagReaderOf(corpus.tagging);
  const rows: (Row | null)[] = [];
  corpus.sentences.forEach(({ tokens, tags }, s) => {
    const gold = fromInner(tags);
    const guess = fromInner(present(predicted[s], 'prediction'));
    tokens.forEach((token, i) => rows.push([token, present(gold[i], 'tag'), present(guess[i], 'tag')]));
    rows.push(null);
  });
  const separator = rows.some((row) => row && needsTabs(row)) ? '\t' : ' ';
  return rows.map((row) => `${row ? row.join(separator) : ''}\n`).join('');
}

type Row = readonly [token: string, gold: string, guess: string];

const needsTabs = (row: Row): boolean =>
  row.some((field) => field.includes(' ')) || (row[0].startsWith('#') && isMarked(row.join(' ')));

/** `SpaceAfter=No` with `name=B-PER` put in, or in place of the value that was there. */
export function withKey(field: string, key: string, value: string): string {
  const pair = `${key}=${value}`;
  if (field === '_' || field === '') return pair;
  const pairs = field.split('|');
  const at = pairs.findIndex((old) => old === key || old.startsWith(`${key}=`));
  if (at < 0) pairs.push(pair);
  else pairs[at] = pair;
  return pairs.join('|');
}

/**
 * A row with another value in one field, and nothing else changed.
 * @param index 0-based; runs of blanks are one separator where rows are separated by blanks
 */
export function withField(
  row: string,
  separator: Corpus['separator'],
  index: number,
  put: (field: string) => string,
): string {
  const { start, end } = fieldIn(row, separator, index);
  return row.slice(0, start) + put(row.slice(start, end)) + row.slice(end);
}

/** 1-based character where a field starts. */
export const columnAt = (row: string, separator: Corpus['separator'], index: number): number =>
  characters(row.slice(0, fieldIn(row, separator, index).start)).length + 1;

function fieldIn(row: string, separator: Corpus['separator'], index: number): { start: number; end: number } {
  const fields = separator === 'tab' ? /[^\t]*(?:\t|$)/g : /[^ \t]+/g;
  let found: RegExpExecArray | null = null;
  for (let k = 0; k <= index; k++) found = fields.exec(row);
  const { 0: field, index: start } = present(found ?? undefined, 'field');
  return { start, end: start + field.replace(/\t$/, '').length };
}
