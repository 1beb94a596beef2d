import type { Reading } from '../config/reading';
import { createConllParser } from '../data/conll';
import { lineOf } from '../data/corpus';
import { encode } from '../data/encode';
import { FORMATS, resolveKeyed, type Format } from '../data/formats';
import type { RowOptions } from '../data/layout';
import { isColumnHeader, takeSample } from '../data/sample';
import { type Tagging, tagReaderOf } from '../data/tagging';
import type { Sentence } from '../data/types';
import type { Met } from '../features';
import { present, UserError } from '../errors';
import { unpack } from '../files';
import { checkpointOf } from '../run/folder';
import { readOptions } from '../run/corpora';
import { decodingOfRun, type ToldDecoding } from '../run/decoding';
import { createOwner } from '../run/disposal';
import { explained, readingFor, type FileReading, type Told } from '../run/reading';
import { lendRows, type SavedTagger, type TaggerMeta, taggingOf } from '../run/saved';
import { openTagger } from '../run/tagger';
import { predictTags } from '../train/predict';
import { placed, type Warning } from '../warnings';

export interface TagHost {
  readonly engine: string;
  /** Reading that is not to be as it was in training. */
  readonly told: Told;
  /** Decoding that is not to be as the run has it. */
  readonly decoding: ToldDecoding;
  /** Told what a person should know, before anything is read. */
  readonly warn: (warning: Warning) => void;
  /** Told where words that training never met are looked up. */
  readonly note?: (line: string) => void;
}

/** Sentences tagged at a time: enough to fill a batch, few enough to keep memory bounded. */
const CHUNK = 512;

/**
 * Tags a stream of CoNLL text. Every line comes back in its place, byte for byte; a line with a token has one column more, the tag
 * in the scheme of the training file, or, in CoNLL-U and CoNLL-U Plus that the tagger was trained on, the tag in the column that it
 * was trained on. Of CoNLL-U Plus that lacks this column, the header and rows that are no tokens change as well.
 * What is complete is yielded when no more input is there at the moment.
 * @param run run folder or checkpoint file
 * @param name the input's, for messages
 * @throws UserError for bad input: nothing is yielded of a piece of it that holds a problem
 */
export async function* tagStream(
  run: string,
  input: AsyncIterable<Buffer>,
  name: string,
  { engine: engineName, told, decoding, warn, note }: TagHost,
): AsyncGenerator<string, void> {
  const path = await checkpointOf(run);
  const owner = createOwner();
  try {
    const saved = await openTagger(path, owner, engineName);
    const met = await saved.features.reopen();
    owner.own({ dispose: met.close });
    const how = readingFor(saved.meta, told);
    if (how.notice?.code === 'other-reading') warn(placed(name, how.notice));
    met.warnings.forEach(warn);
    for (const source of met.sources) note?.(source);
    const lines = createTagging({ ...saved, decoding: decodingOfRun(saved, decoding) }, met, how, name, told);
    for await (const chunk of withPauses(unpack(input, name))) {
      const text = await explained(how, () => (chunk === 'pause' ? lines.tagWaiting() : lines.push(chunk)));
      if (text !== '') yield text;
    }
    const rest = await explained(how, () => lines.end());
    if (rest !== '') yield rest;
  } finally {
    owner.dispose();
  }
}

/** The state between two chunks: lines that wait for tags, and the sentences read in them. */
function createTagging(saved: SavedTagger, met: Met, how: FileReading, name: string, told: Told) {
  const { fromInner } = tagReaderOf(taggingOfTags(saved.meta, told));
  let columns: TagColumns | undefined;
  const parser = createConllParser(name, (first) => {
    columns = chooseColumns(first, saved.meta, how, told, name);
    return columns.options;
  });
  let held: Buffer[] = []; // before the first row is there
  let text = ''; // whole lines that were read and not yielded
  let line = 1; // of its first
  let rest: Buffer = Buffer.alloc(0); // the beginning of the next line
  let sentences: Sentence[] = [];

  async function push(chunk: Buffer): Promise<string> {
    if (!columns) {
      // Lines before the first row, such as comments, say nothing of the columns: wait for it.
      held.push(chunk);
      const all = Buffer.concat(held);
      held = [all];
      const whole = all.subarray(0, all.lastIndexOf(10) + 1);
      if (takeSample(isMarked(whole) ? whole.subarray(3) : whole).columns === 0) return '';
      held = [];
      return read(all);
    }
    return read(chunk);
  }

  async function read(chunk: Buffer): Promise<string> {
    take(chunk);
    for (const sentence of parser.flush()) sentences.push(sentence);
    parser.problems.throwIfAny();
    return sentences.length >= CHUNK ? tagWaiting() : '';
  }

  function take(chunk: Buffer): void {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const cut = bytes.lastIndexOf(10) + 1;
    text += bytes.toString('utf8', 0, cut);
    rest = bytes.subarray(cut);
    for (const sentence of parser.push(chunk)) sentences.push(sentence);
  }

  async function end(): Promise<string> {
    held.forEach(take); // no flush: the only row may be the last line, without its line feed
    const last = parser.end();
    const { counts, bad } = parser.summary();
    if (counts.token > 0 || bad > 0) parser.problems.throwIfAny(); // a file without a token is none here
    for (const sentence of last) sentences.push(sentence);
    text += rest.toString('utf8');
    return release(Infinity);
  }

  const tagWaiting = async (): Promise<string> => (columns ? await release(parser.open() ?? Infinity) : '');

  /** The lines before one, with their tags: they are complete. */
  async function release(before: number): Promise<string> {
    const { tagger, vocab, features, decoding } = saved;
    await lendRows(tagger, met, sentences);
    const encoded = encode({ sentences }, vocab, features.columns);
    const tags = predictTags(tagger, encoded, vocab.labels, decoding).map(fromInner);
    const done: string[] = [];
    const put = tagPutter();
    let at = 0;
    let [s, i] = [0, 0]; // the next token
    for (; at < text.length && line < before; line++) {
      const feed = text.indexOf('\n', at);
      const next = feed < 0 ? text.length : feed + 1;
      const sentence = sentences.at(s);
      if (sentence && lineOf(sentence, i) === line) {
        const stop = feed < 0 ? next : text[feed - 1] === '\r' ? feed - 1 : feed;
        done.push(put(text.slice(at, stop), present(tags.at(s)?.[i], 'tag')), text.slice(stop, next));
        if (++i === sentence.tokens.length) [s, i] = [s + 1, 0];
      } else
        done.push(columns?.added === undefined ? text.slice(at, next) : widened(text.slice(at, next), columns.added));
      at = next;
    }
    const left = sentences.at(s);
    if (left) throw new Error(`${name}:${lineOf(left, i)}: a token was not given back`);
    text = text.slice(at);
    sentences = [];
    return done.join('');
  }

  function tagPutter(): (row: string, tag: string) => string {
    const { inPlace = false, separator = '\t' } = columns ?? {};
    if (!inPlace) return (row, tag) => `${row}${separator}${tag}`;
    const { tag: column, key } = parser.summary().layout.columns;
    return (row, tag) => {
      const fields = row.split('\t');
      fields[column - 1] = key === undefined ? tag : withKey(present(fields[column - 1], 'tag column'), key, tag);
      return fields.join('\t');
    };
  }

  return { push, tagWaiting, end };
}

/** A line that is no token, of a file whose rows have one column more, which its header names. */
function widened(line: string, name: string): string {
  const end = /\r?\n?$/.exec(line)?.[0] ?? '';
  const row = line.slice(0, line.length - end.length);
  if (isColumnHeader(row)) return `${row.trimEnd()} ${name}${end}`;
  return row.startsWith('#') || row.trim() === '' ? line : `${row}\t_${end}`;
}

/** How the tags that come out are written. @throws UserError where the tagger has no such tags */
function taggingOfTags(meta: TaggerMeta, told: Told): Tagging {
  const trained = taggingOf(meta);
  const named = <T>(value: T | 'auto' | null | undefined): T | undefined =>
    value === 'auto' || value === null ? undefined : value;
  const scheme = named(told.scheme) ?? trained.scheme;
  const wanted = {
    scheme,
    spelling: named(told.spelling) ?? (scheme === trained.scheme ? trained.spelling : 'standard'),
    outside: named(told.outside) ?? trained.outside,
  } as const;
  if (tagReaderOf(wanted).inner === tagReaderOf(trained).inner) return wanted;
  throw new UserError(`--scheme ${scheme}: the tagger was trained on ${trained.scheme} tags`, 'leave --scheme out');
}

/** `SpaceAfter=No` with `name=B-PER` put in, or in place of the value that was there. */
function withKey(field: string, key: string, value: string): string {
  const pair = `${key}=${value}`;
  if (field === '_' || field === '') return pair;
  const pairs = field.split('|');
  const at = pairs.findIndex((old) => old === key || old.startsWith(`${key}=`));
  if (at < 0) pairs.push(pair);
  else pairs[at] = pair;
  return pairs.join('|');
}

interface TagColumns {
  readonly options: RowOptions;
  /** What stands before the tag that is added. */
  readonly separator: '\t' | ' ';
  /** CoNLL-U has ten columns, one of them for the tag: it is put there instead of being added. */
  readonly inPlace: boolean;
  /** CoNLL-U Plus without a column for the tag gets one of this name: in its header, and in rows that are no tokens. */
  readonly added?: string;
}

/**
 * How the rows are read: those of one column are tokens, others are laid out as the training file was.
 * @throws UserError where rows of several words are no such columns
 */
function chooseColumns(first: Buffer, meta: TaggerMeta, how: FileReading, told: Told, name: string): TagColumns {
  const { separator, columns: count, header } = takeSample(first);
  const { tokenColumn, tagColumn, ...read } = readOptions(how.reading);
  const options: RowOptions = { ...read, tagColumn: null, tagged: false };
  if (count <= 1) {
    const trained = meta.rows?.separator === 'blank' ? ' ' : '\t';
    return { options: { ...options, format: 'columns', tokenColumn: 1 }, separator: trained, inPlace: false };
  }
  if (header && how.reading.format === 'conlluplus') {
    const tag = String(tagColumn ?? header.length);
    const inPlace = hasColumn(tag, header, name);
    const own: RowOptions = { ...options, tokenColumn: tokenColumn ?? null, tagColumn: inPlace ? tag : null };
    return { options: own, inPlace, separator: '\t', ...(inPlace ? {} : { added: /^\d+$/.test(tag) ? 'TAG' : tag }) };
  }
  const inPlace = isConllu(meta.reading) && isConllu(how.reading) && count === FORMATS.conllu.names.length;
  const columns: TagColumns = {
    options: { ...options, tokenColumn: tokenColumn ?? null, tagColumn: (inPlace ? tagColumn : null) ?? null },
    inPlace,
    separator: separator === 'tab' ? '\t' : ' ',
  };
  if (told.format !== undefined || told.tokenColumn !== undefined) return columns;
  const wrong = misfit(count, separator, meta);
  if (wrong === undefined) return columns;
  throw new UserError(
    `${name}:${firstRow(first)}:1: a row has ${String(count)} ${separator === 'tab' ? 'columns' : 'words'}, ${wrong}`,
    'give one token a line, or the columns of the training file with or without the tag; --format and --token-column say what other columns hold',
  );
}

/** Does the file have the column for the tag, or a column of keys that has its key? */
function hasColumn(tag: string, header: readonly string[], name: string): boolean {
  try {
    resolveKeyed(tag, { names: header }, header.length, name);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

const isConllu = (reading: Reading | undefined): boolean => reading?.format === 'conllu';

/** Why rows of several columns are not those that the tagger was trained on, with their tag or without. */
function misfit(count: number, separator: 'tab' | 'blank', { rows, reading }: TaggerMeta): string | undefined {
  if (!rows || !reading) return 'and the checkpoint does not know which is the token';
  const trained = `the training file has ${String(rows.columns)} columns`;
  const format: Format | undefined = reading.format === 'auto' ? undefined : FORMATS[reading.format];
  if (count > rows.columns && format?.width === 'same') return trained;
  if (separator === 'blank' && rows.separator === 'tab') return `${trained} separated by tabs`;
  // Blanks stand between the words of any text; tabs are meant.
  if (separator === 'blank' && count < rows.columns - 1) return trained;
  const token = Number(reading.tokenColumn);
  return token > count ? `and the token is in column ${String(token)}` : undefined;
}

/** Does it start with a byte order mark? */
const isMarked = (bytes: Buffer): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

/** 1-based line of the first row. */
function firstRow(first: Buffer): number {
  const lines = first.toString('latin1').split('\n');
  return lines.findIndex((line) => takeSample(Buffer.from(line, 'latin1')).columns > 0) + 1;
}

/** The chunks, and a pause wherever the next one is not there yet: whoever waits for an answer is to have it then. */
async function* withPauses(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer | 'pause', void> {
  const source = input[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = source.next();
      next.catch(() => undefined); // it is awaited below, maybe after a pause
      const turn = new Promise<'pause'>((resolve) => setImmediate(() => resolve('pause')));
      if ((await Promise.race([next, turn])) === 'pause') yield 'pause';
      const result = await next;
      if (result.done) return;
      yield result.value;
    }
  } finally {
    await source.return?.();
  }
}
