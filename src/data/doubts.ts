import { present } from '../errors';
import type { RowOptions } from './layout';
import { createCountingTest } from './counting';
import { quote } from './problems';
import type { Doubt, Sentence } from './types';

/** So many tokens are looked at: a column that counts does so from the start. */
const LOOKED_AT = 5000;

/** Word numbers may be dressed: `3.`, `#3`, `1-3`. */
const LAST_NUMBER = /^(?:[^\p{L}]*[^\p{L}\d])?(\d+)[^\p{L}\d]*$/u;

const CHUNK_TAG = /^(O|[BIESLUM]-\S+)$/;

/** The tags of so large a share of the tokens are the words themselves in a column of lemmas; of punctuation they often are. */
const REPEATED = 0.4;

/** Fewer tokens may be the same word by chance, and as few sentences one word repeated. */
const A_FEW = 5;
const SENTENCES = 3;

/**
 * What speaks against the columns: the tokens count, are tags, or repeat one value; the tags repeat the tokens. Nobody means
 * such a column, so that training on it would be a number about nothing; who does mean it names it.
 * @param first where the first token stands
 */
export function doubtColumns(
  sentences: readonly Sentence[],
  columns: { readonly token: number; readonly tag: number; readonly count: number },
  options: RowOptions,
  first: { readonly line: number; readonly column: number } | undefined,
): Doubt[] {
  if (first === undefined) return [];
  const repeated = options.tagColumn == null && options.tagged !== false ? repeatedWord(sentences) : undefined;
  if (repeated !== undefined) {
    const message = `the tags, column ${String(columns.tag)}, repeat the words (${repeated}): a column of lemmas, or of words`;
    const note = `name the column of the tags: --tag-column <column> (data.tagColumn); to take column ${String(columns.tag)} all the same, name that`;
    return [{ ...first, message, note }];
  }
  if (options.tokenColumn != null) return [];
  const swapped = taggedToken(sentences);
  if (swapped !== undefined) {
    const message = `the tokens, column ${String(columns.token)}, are all tags such as ${quote(swapped)}`;
    const note = `name the columns of words and tags, such as --token-column ${String(columns.tag)} --tag-column ${String(columns.token)} (data.tokenColumn, data.tagColumn)`;
    return [{ ...first, message, note }];
  }
  const what = looksLike(sentences);
  if (what === undefined) return [];
  const next = columns.token + 1;
  const example = next <= columns.count && next !== columns.tag ? String(next) : '<column>';
  const note = `name the column of the words: --token-column ${example} (data.tokenColumn); to take column ${String(columns.token)} all the same, name that`;
  return [{ ...first, message: `the tokens, column ${String(columns.token)}, ${what}`, note }];
}

/** What people call the columns of tokens and of tags in a line above them. */
const TOKEN_NAMES = /^(tokens?|words?|forms?|text|term|wordform)$/i;
const TAG_NAMES =
  /^((ner|pos|chunk|iob2?|bio|bioes|entity|named_?entity|gold|predicted|predictions?|true|upos|xpos)[-_ ]?)*(tags?|labels?|ner|pos|chunks?|iob2?|bio|bioes|entity|entities|gold|predicted|predictions?|pred|true|upos|xpos|class|category|type)$/i;

/** The first row where it holds the names of the columns: such a tag stands nowhere else. */
export function headerRow(
  sentences: readonly Sentence[],
  tags: ReadonlyMap<string, { readonly count: number }>,
): string | undefined {
  const [token, tag] = [sentences.at(0)?.tokens.at(0), sentences.at(0)?.tags.at(0)];
  if (token === undefined || tag === undefined || tags.size < 2 || tags.get(tag)?.count !== 1) return undefined;
  if (!TOKEN_NAMES.test(token) || !TAG_NAMES.test(tag)) return undefined;
  return `the first row names the columns (${quote(token)}, ${quote(tag)}): it is no token and its tag`;
}

/** A chunk tag that stands where words should, where nothing else does. */
function taggedToken(sentences: readonly Sentence[]): string | undefined {
  let chunk: string | undefined;
  for (const { tokens } of sentences) {
    for (const token of tokens) {
      if (!CHUNK_TAG.test(token)) return undefined;
      if (token !== 'O') chunk ??= token;
    }
  }
  return chunk;
}

/** Such as `"anna" for "Anna"`, where tags are the words themselves, small or not. */
function repeatedWord(sentences: readonly Sentence[]): string | undefined {
  const words = new Set<string>();
  let [looked, same] = [0, 0];
  let example: string | undefined;
  for (const { tokens, tags } of sentences) {
    if (looked > LOOKED_AT) break;
    looked += tokens.length;
    tokens.forEach((token, i) => {
      const tag = present(tags[i], 'tag');
      if (tag.toLowerCase() !== token.toLowerCase() || !/\p{L}/u.test(token)) return;
      same++;
      words.add(tag);
      example ??= `${quote(tag)} for ${quote(token)}`;
    });
  }
  return words.size > A_FEW && same >= REPEATED * looked ? example : undefined;
}

function looksLike(sentences: readonly Sentence[]): string | undefined {
  const test = createCountingTest();
  let looked = 0;
  for (const { tokens } of sentences) {
    if (looked > LOOKED_AT) break;
    tokens.forEach((token, i) => test.add(LAST_NUMBER.exec(token)?.[1] ?? token, i === 0));
    looked += tokens.length;
  }
  const counting = test.result();
  const firstTokens = sentences.at(0)?.tokens ?? [];
  if (counting) {
    const start = firstTokens.slice(0, 3).join(', ');
    return `count ${start}, …${counting.restarts && sentences.length > 1 ? ' and start again' : ''}: word numbers, not words`;
  }
  const tokens = sentences.reduce((sum, sentence) => sum + sentence.tokens.length, 0);
  const value = firstTokens.at(0);
  if (value === undefined) return undefined;
  if (tokens > A_FEW && sentences.every((sentence) => sentence.tokens.every((token) => token === value))) {
    return `are all ${quote(value)}, ${String(tokens)} times`;
  }
  const longer = sentences.filter((sentence) => sentence.tokens.length > 1);
  if (longer.length < SENTENCES || longer.length * 2 < sentences.length) return undefined;
  if (!sentences.every((sentence) => sentence.tokens.every((token) => token === sentence.tokens[0]))) return undefined;
  return `are the same through each sentence (${quote(value)} in the first): names of sentences or documents, not words`;
}
