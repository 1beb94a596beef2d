import { tagReaderOf } from './tagging';
import type { Corpus } from './types';

/**
 * Predictions in CoNLL columns, tab-separated: token, gold tag, predicted tag; a blank line after each sentence. Tags are
 * written as the corpus writes them. A predicted sequence that breaks the rules of IOB2 is written as the chunks that conlleval
 * reads in it.
 */
export function predictionText(corpus: Corpus, predicted: readonly (readonly string[])[]): string {
  const { fromInner } = tagReaderOf(corpus.tagging);
  const lines: string[] = [];
  corpus.sentences.forEach(({ tokens, tags }, s) => {
    const gold = fromInner(tags);
    const guess = fromInner(predicted[s]);
    for (let i = 0; i < tokens.length; i++) lines.push(`${tokens[i]}\t${gold[i]}\t${guess[i]}`);
    lines.push('');
  });
  return lines.map((line) => `${line}\n`).join('');
}
