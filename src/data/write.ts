import { present } from '../errors';
import { isMarked } from './lines';
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
