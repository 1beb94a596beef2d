import { SCHEMES, type SchemeName } from './schemes';
import type { Corpus } from './types';

/**
 * Predictions in CoNLL columns, tab-separated: token, gold tag, predicted tag; a blank line after each sentence. Tags are in the
 * scheme of the corpus. A predicted sequence that breaks the rules of IOB2 is written as the chunks that conlleval reads in it.
 */
export function predictionText(corpus: Corpus, predicted: readonly (readonly string[])[]): string {
  const { fromIob2 } = SCHEMES[corpus.scheme.name as SchemeName];
  const lines: string[] = [];
  corpus.sentences.forEach(({ tokens, tags }, s) => {
    const gold = fromIob2(tags);
    const guess = fromIob2(predicted[s]);
    for (let i = 0; i < tokens.length; i++) lines.push(`${tokens[i]}\t${gold[i]}\t${guess[i]}`);
    lines.push('');
  });
  return lines.map((line) => `${line}\n`).join('');
}
