import { createHash, type Hash } from 'node:crypto';
import { readChunks, unpack, unpackBytes } from '../files';
import { nearest } from '../nearest';
import { createConllParser, type ConllParser } from './conll';
import { doubtTokens } from './doubts';
import { detectScheme } from './detectScheme';
import { countLabels } from './labels';
import type { RowOptions } from './layout';
import { quote } from './problems';
import type { Found } from './sentences';
import { SCHEMES, type Scheme, type SchemeName } from './schemes';
import type { Choice, Corpus, DataWarning, Sentence } from './types';

export interface ReadOptions extends RowOptions {
  readonly scheme?: SchemeName | 'auto';
  /** What to do where the tokens are no words: a problem as any other, or kept for the caller to show. */
  readonly doubts?: 'refuse' | 'keep';
}

/** A sentence of more tokens than this is likely to be several that lost their blank lines. */
const LONG_SENTENCE = 2000;

/** So many invalid tags are listed one by one; the rest is counted. */
const LISTED = 20;

/**
 * Reads and checks a whole file; gzip is unpacked.
 * @throws UserError listing up to 20 problems as `path:line:column: what was found`, with a note on what would be right
 */
export async function readCorpus(path: string, options: ReadOptions = {}): Promise<Corpus> {
  const parser = createConllParser(path, options);
  const hash = createHash('sha256');
  const sentences: Sentence[] = [];
  for await (const chunk of unpack(hashed(readChunks(path), hash), path)) append(sentences, parser.push(chunk));
  append(sentences, parser.end());
  return assemble(path, options, parser, sentences, hash.digest('hex'));
}

/** The same for bytes at hand, such as standard input; `path` names them in messages. @throws UserError as `readCorpus` */
export function parseCorpus(content: string | Uint8Array, path: string, options: ReadOptions = {}): Corpus {
  const parser = createConllParser(path, options);
  const bytes =
    typeof content === 'string'
      ? Buffer.from(content)
      : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const sentences = parser.push(unpackBytes(bytes, path));
  append(sentences, parser.end());
  return assemble(path, options, parser, sentences, createHash('sha256').update(bytes).digest('hex'));
}

/**
 * Sentence by sentence in bounded memory, tags as in the file. Problems are thrown at the end, after the last good sentence.
 * @throws UserError as `readCorpus`, but the scheme of the tags is not looked at
 */
export async function* streamSentences(path: string, options: RowOptions = {}): AsyncGenerator<Sentence, void> {
  const parser = createConllParser(path, options);
  for await (const chunk of unpack(readChunks(path), path)) yield* parser.push(chunk);
  yield* parser.end();
  parser.problems.throwIfAny();
}

/** Of the file as it stands, packed or not. */
async function* hashed(chunks: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer, void> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

function assemble(
  path: string,
  options: ReadOptions,
  parser: ConllParser,
  raw: readonly Sentence[],
  sha256: string,
): Corpus {
  const { layout, counts: lines, tags, found } = parser.summary();
  const scheme = chooseScheme(options, new Map([...tags].map(([tag, { count }]) => [tag, count])), raw);
  const rules: Scheme = SCHEMES[scheme.name];
  for (const [tag, use] of tags) {
    if (rules.isTag(tag)) continue;
    const times = use.count === 1 ? 'once' : `${String(use.count)} times`;
    const hint = meantTag(tag, rules, tags);
    const message = `${quote(tag)} is not a tag of ${scheme.name}, ${times} in the file${hint === undefined ? '' : `; did you mean ${quote(hint)}?`}`;
    const letters = Object.keys(rules.letters).map((letter) => `${letter}-TYPE`);
    parser.problems.add(
      use.line,
      use.column,
      message,
      `tags of ${scheme.name} are O, ${letters.join(', ')} (${scheme.why})`,
    );
  }
  parser.problems.throwIfAny();
  const doubts = doubtTokens(raw, layout.columns, options, found.first);
  if (options.doubts !== 'keep') {
    for (const { line, column, message, note } of doubts) parser.problems.add(line, column, message, note);
    parser.problems.throwIfAny();
  }

  const { invalid, warnings } = findOddities(raw, scheme, rules, options.tagged === false ? 0 : tags.size);
  const sentences = raw.map((sentence) => ({ ...sentence, tags: rules.toIob2(sentence.tags) }));
  const { format, columns, separator, numbers } = layout;
  return {
    path,
    format,
    columns,
    separator,
    numbers,
    sentences,
    tokens: lines.token,
    scheme,
    task: rules.task,
    lines,
    sha256,
    labels: countLabels(sentences),
    invalid,
    warnings: [...misnumbered(found), ...warnings],
    doubts,
  };
}

function chooseScheme(
  options: ReadOptions,
  counts: ReadonlyMap<string, number>,
  raw: readonly Sentence[],
): Choice<SchemeName> {
  if (options.tagged === false) return { name: 'plain', why: 'the file has no tags' };
  const chosen = options.scheme ?? 'auto';
  return chosen === 'auto' ? detectScheme(counts, raw) : { name: chosen, why: 'as told' };
}

/** What a mistyped tag was meant to be: the same with its letter and hyphen put right, else the nearest tag of the file. */
function meantTag(tag: string, rules: Scheme, tags: ReadonlyMap<string, unknown>): string | undefined {
  if (tag === '0') return 'O';
  const mended = `${tag[0].toUpperCase()}-${tag.slice(2)}`;
  if (tag.length > 2 && rules.isTag(mended)) return mended;
  const known = [...tags.keys()].filter((other) => rules.isTag(other));
  return nearest(tag, known);
}

/** What is legal to read and yet worth a look. Nothing is repaired. */
function findOddities(raw: readonly Sentence[], scheme: Choice, rules: Scheme, distinctTags: number) {
  const listed: DataWarning[] = [];
  const warnings: DataWarning[] = [];
  let invalid = 0;
  for (const sentence of raw) {
    for (const { index, what } of rules.invalid(sentence.tags)) {
      invalid++;
      if (listed.length < LISTED) {
        const line = lineOf(sentence, index);
        listed.push({ line, message: `${what} is invalid in ${scheme.name}; read as conlleval reads it` });
      }
    }
    const { length } = sentence.tokens;
    if (length > LONG_SENTENCE) {
      warnings.push({
        line: sentence.line,
        message: `a sentence of ${String(length)} tokens: are blank lines missing?`,
      });
    }
  }
  if (invalid > LISTED)
    listed.push({ line: listed[LISTED - 1].line, message: `and ${String(invalid - LISTED)} more invalid tags` });
  if (distinctTags === 1 && raw.length > 0) {
    const only = raw[0].tags[0];
    warnings.push({
      line: raw[0].line,
      message: `every tag is ${only}: there is nothing to learn; is this the right column?`,
    });
  }
  return { invalid, warnings: [...warnings, ...listed] };
}

/** Word numbers are not read, but where they are not in order a blank line may be missing. */
function misnumbered({ misnumbered: { count, line, number, due } }: Found): DataWarning[] {
  if (count === 0) return [];
  const times = count === 1 ? '' : `, and ${String(count - 1)} more such rows`;
  const message = `word number ${quote(number)} where ${String(due)} is due${times}: is a blank line or a row missing?`;
  return [{ line, message }];
}

/** 1-based line of a token. */
export function lineOf(sentence: Sentence, index: number): number {
  return sentence.lines?.[index] ?? sentence.line + index;
}

function append(all: Sentence[], more: readonly Sentence[]): void {
  for (const sentence of more) all.push(sentence);
}
