import { createHash, type Hash } from 'node:crypto';
import { basename } from 'node:path';
import { nameOf, readChunks, unpack, unpackBytes } from '../files';
import { didYouMean, nearest } from '../wording';
import { FORMATS } from './formats';
import { SPELLINGS } from './spellings';
import { createConllParser, type ConllParser } from './conll';
import { doubtColumns, headerRow } from './doubts';
import { detectScheme, type Detected, type TagCounts, type Told } from './detectScheme';
import { countLabels, countWritten } from './labels';
import type { RowOptions } from './layout';
import { type Problems, quote } from './problems';
import type { Found } from './sentences';
import { SCHEMES } from '../schemes';
import { formsOf, hasOutside, PLAIN, type TagReader, type Tagging, taggingText, tagReaderOf } from './tagging';
import type { Corpus, DataWarning, Sentence } from './types';
import { mistaken, present, UserError } from '../errors';
import { placed, type Settings, type Warning, warning } from '../warnings';

export interface ReadOptions extends RowOptions, Told {
  /** What to do where the tokens are no words: a problem as any other, or kept for the caller to show. */
  readonly doubts?: 'refuse' | 'keep';
  /** The file that goes before, such as the training file: its tags decide how these are understood. */
  readonly tagsLike?: { readonly path: string; readonly tagging: Tagging } | undefined;
}

/** A sentence of more tokens than this is likely to be several that lost their blank lines. */
const LONG_SENTENCE = 2000;

/** So many invalid tags are listed one by one; the rest is counted. */
const LISTED = 20;

/**
 * Reads and checks a whole file; gzip is unpacked. Format, columns and scheme are found where they are not told, each with the reason.
 * @returns its sentences, whose tags are IOB2 whatever the file writes (`I-` alone where it marks no begin, plain tags as they are)
 * @throws UserError listing up to 20 problems as `path:line:column: what was found`, with a note on what would be right
 * @example
 * ```ts
 * import { readConll } from 'dsc-train';
 *
 * const { sentences, scheme, labels } = await readConll('train.conll');
 * console.log(scheme.name, scheme.why);
 * console.log(sentences[0]?.tokens.join(' '), sentences[0]?.tags.join(' '));
 * for (const { label, count } of labels) console.log(label, count);
 * ```
 */
export async function readCorpus(path: string, options: ReadOptions = {}): Promise<Corpus> {
  if (typeof path !== 'string') throw mistaken('corpus', path, 'the path of a file');
  checkOptions(options);
  const name = nameOf(path);
  const parser = createConllParser(name, options);
  const hash = createHash('sha256');
  const sentences: Sentence[] = [];
  for await (const chunk of unpack(hashed(readChunks(path), hash), name)) append(sentences, parser.push(chunk));
  append(sentences, parser.end());
  return assemble(name, options, parser, sentences, hash.digest('hex'));
}

/** The same for bytes at hand, such as standard input; `path` names them in messages. @throws UserError as `readCorpus` */
export function parseCorpus(content: string | Uint8Array, path: string, options: ReadOptions = {}): Corpus {
  if (typeof content !== 'string' && !ArrayBuffer.isView(content))
    throw mistaken('corpus', content, 'text, or the bytes of a file');
  if (typeof path !== 'string') throw mistaken('path', path, 'the name of the corpus in messages');
  checkOptions(options);
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
 * @param chunks the bytes of the file, where they are at hand
 * @throws UserError as `readCorpus`, but the scheme of the tags is not looked at
 */
export async function* streamSentences(
  path: string,
  options: RowOptions = {},
  chunks: AsyncIterable<Buffer> = readChunks(path),
): AsyncGenerator<Sentence, void> {
  const name = nameOf(path);
  const parser = createConllParser(name, options);
  // `yield*` would wait for a sentence four times.
  for await (const chunk of unpack(chunks, name)) for (const sentence of parser.push(chunk)) yield sentence;
  for (const sentence of parser.end()) yield sentence;
  parser.problems.throwIfAny();
}

/** The choices among named things. */
const CHOICES = { format: FORMATS, scheme: SCHEMES, spelling: SPELLINGS } as const;

/** @throws UserError where options are none that a config could hold */
function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw mistaken('options', options, 'an object');
  const told = options as Readonly<Record<string, unknown>>;
  for (const [key, table] of Object.entries(CHOICES)) {
    const name = told[key] ?? 'auto';
    if (name === 'auto' || (typeof name === 'string' && Object.hasOwn(table, name))) continue;
    const names = ['auto', ...Object.keys(table)];
    if (typeof name !== 'string') throw mistaken(key, name, `one of ${names.join(', ')}`);
    throw new UserError(`${key}: there is no '${name}'`, didYouMean(name, names));
  }
  for (const key of ['comment', 'outside']) {
    const text = told[key] ?? 'x';
    if (typeof text !== 'string' || text === '') throw mistaken(key, text, 'text that is not empty');
  }
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
  refuseLines(raw, tags, options, parser.problems);
  const understood = chooseTagging(options, new Map([...tags].map(([tag, { count }]) => [tag, count])), raw);
  const { scheme, spelling, outside, why, doubt } = understood;
  const tagging: Tagging = { scheme, spelling, outside };
  const reader = tagReaderOf(tagging);
  const doubted = doubt && tags.get(doubt.tag);
  if (doubt && doubted) parser.problems.add(doubted.line, doubted.column, doubt.message, doubt.note);
  for (const [tag, use] of doubt ? [] : tags) {
    if (reader.isTag(tag)) continue;
    const times = use.count === 1 ? 'once' : `${String(use.count)} times`;
    const hint = meantTag(tag, reader, tagging, tags);
    const message = `${quote(tag)} is not a tag of ${scheme}, ${times} in the file${hint === undefined ? '' : `; did you mean ${quote(hint)}?`}`;
    const forms = formsOf(tagging).join(', ');
    const note = `tags of ${scheme} are ${forms} (${why})${tags.has(outside) ? '' : '; another outside label is named with --outside (data.outside)'}`;
    parser.problems.add(use.line, use.column, message, note + commentNote(raw, tag));
  }
  parser.problems.throwIfAny();
  const doubts = doubtColumns(raw, layout.columns, options, found.first);
  if (options.doubts !== 'keep') {
    for (const { line, column, message, note } of doubts) parser.problems.add(line, column, message, note);
    parser.problems.throwIfAny();
  }

  const { invalid, warnings } = findOddities(raw, tagging, reader, tags, options);
  const sentences = raw.map((sentence) => {
    const inner = reader.toInner(sentence.tags);
    return inner === sentence.tags ? sentence : { ...sentence, tags: inner };
  });
  const labels = countLabels(sentences);
  const asWritten = sentences.every(({ tags: inner }, s) => inner === raw.at(s)?.tags);
  const { format, columns, separator, numbers } = layout;
  return {
    path,
    format,
    columns,
    separator,
    numbers,
    sentences,
    tokens: lines.token,
    scheme: { name: scheme, why },
    tagging,
    inner: reader.inner,
    task: SCHEMES[scheme].task,
    lines,
    sha256,
    labels,
    written: asWritten ? labels.map((label) => ({ ...label, labels: [label] })) : countWritten(raw, sentences),
    invalid,
    warnings: [...misnumbered(found), ...warnings],
    doubts,
  };
}

/** What was read as rows and is none. @throws UserError */
function refuseLines(
  raw: readonly Sentence[],
  tags: ReadonlyMap<string, { readonly count: number }>,
  { tagged }: ReadOptions,
  problems: Problems,
): void {
  const marked = raw.filter(({ tokens: [word] }) => word === '\uFEFF-DOCSTART-');
  for (const { line } of marked) {
    const note = 'were files put together? take the marks, U+FEFF, out of each';
    problems.add(line, 1, 'a byte order mark stands before -DOCSTART-', note);
  }
  const header = tagged === false ? undefined : headerRow(raw, tags);
  if (header !== undefined) {
    const note =
      'take this line out; columns are found by what they hold, or named with --token-column and --tag-column';
    problems.add(raw[0]?.line ?? 1, 1, header, note);
  }
  if (marked.length > 0 || header !== undefined) problems.throwIfAny();
}

/** What helps where the tag is the second word of a comment that was read as a row. */
function commentNote(raw: readonly Sentence[], tag: string): string {
  const row = raw.find(({ tags }) => tags.includes(tag));
  const isComment = row?.tokens[row.tags.indexOf(tag)] === '#';
  return isComment ? `; where lines that start with # are comments, say so: --comment '#' (data.comment)` : '';
}

/** How the tags of a file are understood: as told, as in the file before, or as the tags themselves show. */
export function chooseTagging(options: ReadOptions, counts: TagCounts, raw: readonly Sentence[]): Detected {
  const { tagged, tagsLike: like, scheme = 'auto' } = options;
  if (tagged === false) return { ...PLAIN, why: 'the file has no tags' };
  if (!like) return detectScheme(counts, raw, options);
  const same: Detected = { ...like.tagging, why: scheme === 'auto' ? `as ${basename(like.path)}` : 'as told' };
  return scheme === 'auto' ? followed(same, like.path, counts, raw) : same;
}

/**
 * Tags are read as those of the file before wherever they can be: conlleval's chunks are the same in every scheme. Where the file
 * before has no such tags they are read in their own scheme of chunks; tags of another kind are refused.
 */
function followed(same: Detected, path: string, counts: TagCounts, raw: readonly Sentence[]): Detected {
  const own = detectScheme(counts, raw);
  if (own.scheme === same.scheme && own.spelling === same.spelling && own.outside === same.outside) return same;
  const [reader, ownReader] = [tagReaderOf(same), tagReaderOf(own)];
  const fits = [...counts.keys()].every(reader.isTag);
  const chunks = ownReader.inner === 'iob2' && [...counts.keys()].some((tag) => tag !== own.outside);
  if (fits && !(chunks && reader.inner !== 'iob2')) {
    const broken = (of: TagReader): boolean => raw.some(({ tags }) => of.invalid(tags).length > 0);
    const against = chunks && broken(reader) && !broken(ownReader);
    return against ? { ...same, why: `${same.why}; on its own it would be ${taggingText(own)}: ${own.why}` } : same;
  }
  if (chunks && reader.inner === 'iob2' && !own.doubt) return own;
  const [tag = ''] = [...counts.keys()].filter((one) => one !== own.outside);
  const message = `the tags are ${taggingText(own)} (${own.why}), those of ${path} are ${taggingText(same)}`;
  const note = 'name the tag column with --tag-column (data.tagColumn) and the scheme with --scheme (data.scheme)';
  return { ...same, doubt: { tag, message, note } };
}

/** What a mistyped tag was meant to be: the same with its letter and hyphen put right, else the nearest tag of the file. */
function meantTag(
  tag: string,
  reader: TagReader,
  { outside, spelling }: Tagging,
  tags: ReadonlyMap<string, unknown>,
): string | undefined {
  if (tag === '0') return outside;
  const mended = `${tag.charAt(0).toUpperCase()}-${tag.slice(2)}`;
  if (spelling === 'standard' && tag.length > 2 && reader.isTag(mended)) return mended;
  const known = [...tags.keys()].filter((other) => reader.isTag(other));
  return nearest(tag, known);
}

/** What is legal to read and yet worth a look. Nothing is repaired. */
function findOddities(
  raw: readonly Sentence[],
  { scheme, outside }: Tagging,
  reader: TagReader,
  tags: ReadonlyMap<string, unknown>,
  options: ReadOptions,
) {
  const listed: { line: number; what: string }[] = [];
  const warnings: DataWarning[] = [];
  let invalid = 0;
  for (const sentence of raw) {
    for (const { index, what } of reader.invalid(sentence.tags)) {
      invalid++;
      if (listed.length < LISTED) listed.push({ line: lineOf(sentence, index), what });
    }
    const { length } = sentence.tokens;
    if (length > LONG_SENTENCE) {
      warnings.push({ line: sentence.line, ...warning('long-sentence', { tokens: length }) });
    }
  }
  const marked = raw.filter(({ tokens }) => tokens[0]?.startsWith('\uFEFF'));
  const [marking] = marked;
  if (marking) {
    const word = quote(present(marking.tokens[0], 'token'));
    warnings.push({ line: marking.line, ...warning('byte-order-mark', { word, more: marked.length - 1 }) });
  }
  const first = raw.at(0);
  const tag = first?.tags.at(0);
  if (first && tag !== undefined && options.tagged !== false) {
    if (tags.size === 1) {
      warnings.push({ line: first.line, ...warning('one-tag', { tag }, settingsOf(options)) });
    } else if (!options.tagsLike && hasOutside(scheme) && !tags.has(outside) && (options.outside ?? null) !== null) {
      warnings.push({ line: first.line, ...warning('no-outside', { outside }) });
    }
  }
  const { repair } = SCHEMES[scheme];
  const badTags = listed.map(({ line, what }, i): DataWarning => {
    const more = i === LISTED - 1 ? invalid - LISTED : 0;
    return { line, ...warning('invalid-tag', { what, scheme, repair, more }) };
  });
  return { invalid, warnings: [...warnings, ...badTags] };
}

/** Word numbers are not read, but where they are not in order a blank line may be missing. */
function misnumbered({ misnumbered: { count, line, number, due } }: Found): DataWarning[] {
  if (count === 0) return [];
  return [{ line, ...warning('word-numbers', { number: quote(number), due, more: count - 1 }) }];
}

/** What the reader was told that advice would tell again. */
const settingsOf = ({ tagColumn }: ReadOptions): Settings =>
  tagColumn == null ? {} : { tagColumn: String(tagColumn) };

/** The file and line before each message. @param name of the file, as the user gave it */
export const warningsAt = (name: string, warnings: readonly DataWarning[]): Warning[] =>
  warnings.map((one) => placed(`${name}:${String(one.line)}`, one));

/** A file to score on that holds no entity gives 0 whatever the tagger does: said instead of what its only tag is. */
export function warnedOfNoEntity(corpus: Corpus, consequence: string, options: ReadOptions): readonly DataWarning[] {
  const { task, labels, sentences, warnings } = corpus;
  if (task !== 'chunks' || labels.some(({ label }) => label !== 'O')) return warnings;
  const found = warning('no-entities', { consequence }, settingsOf(options));
  return [
    ...sentences.slice(0, 1).map(({ line }) => ({ line, ...found })),
    ...warnings.filter(({ code }) => code !== 'one-tag'),
  ];
}

/** 1-based line of a token. */
export function lineOf({ line, gaps = [] }: Sentence, index: number): number {
  let over = 0;
  for (let g = 0; g < gaps.length && (gaps[g] as number) <= index; g += 2) over = gaps[g + 1] as number;
  return line + index + over;
}

function append(all: Sentence[], more: readonly Sentence[]): void {
  for (const sentence of more) all.push(sentence);
}
