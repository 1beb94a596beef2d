import type { RowOptions } from './layout';
import { createCountingTest } from './counting';
import { quote } from './problems';
import type { Doubt, Sentence } from './types';

/** So many tokens are looked at: a column that counts does so from the start. */
const LOOKED_AT = 5000;

/** Fewer tokens may be the same word by chance, and as few sentences one word repeated. */
const A_FEW = 5;
const SENTENCES = 3;

/**
 * What speaks against the token column: it counts, or repeats one value. Nobody means such a column, so that training on it would
 * be a number about nothing; who does mean it names it.
 * @param first where the first token stands
 */
export function doubtTokens(
  sentences: readonly Sentence[],
  columns: { readonly token: number; readonly tag: number; readonly count: number },
  options: RowOptions,
  first: { readonly line: number; readonly column: number } | undefined,
): Doubt[] {
  if (options.tokenColumn != null || first === undefined) return [];
  const what = looksLike(sentences);
  if (what === undefined) return [];
  const next = columns.token + 1;
  const example = next <= columns.count && next !== columns.tag ? String(next) : '<column>';
  const note = `name the column of the words: --token-column ${example} (data.tokenColumn); to take column ${String(columns.token)} all the same, name that`;
  return [{ ...first, message: `the tokens, column ${String(columns.token)}, ${what}`, note }];
}

function looksLike(sentences: readonly Sentence[]): string | undefined {
  const test = createCountingTest();
  let looked = 0;
  for (const { tokens } of sentences) {
    if (looked > LOOKED_AT) break;
    tokens.forEach((token, i) => test.add(token, i === 0));
    looked += tokens.length;
  }
  const counting = test.result();
  if (counting) {
    const start = sentences[0].tokens.slice(0, 3).join(', ');
    return `count ${start}, …${counting.restarts && sentences.length > 1 ? ' and start again' : ''}: word numbers, not words`;
  }
  const tokens = sentences.reduce((sum, sentence) => sum + sentence.tokens.length, 0);
  const [value] = sentences[0].tokens;
  if (tokens > A_FEW && sentences.every((sentence) => sentence.tokens.every((token) => token === value))) {
    return `are all ${quote(value)}, ${String(tokens)} times`;
  }
  const longer = sentences.filter((sentence) => sentence.tokens.length > 1);
  if (longer.length < SENTENCES || longer.length * 2 < sentences.length) return undefined;
  if (!sentences.every((sentence) => sentence.tokens.every((token) => token === sentence.tokens[0]))) return undefined;
  return `are the same through each sentence (${quote(value)} in the first): names of sentences or documents, not words`;
}
