import { isUtf8 } from 'node:buffer';
import type { Reading } from '../config/reading';
import { createConllParser } from '../data/conll';
import { lineOf } from '../data/corpus';
import { encode } from '../data/encode';
import { FORMATS, resolveKeyed, type Format } from '../data/formats';
import type { RowOptions } from '../data/layout';
import { isColumnHeader } from '../data/lines';
import { quote } from '../data/problems';
import { takeSample, type Sample } from '../data/sample';
import { isPosLike, OUTSIDE_NAMES } from '../data/tagNames';
import { type Tagging, tagReaderOf } from '../data/tagging';
import type { Sentence } from '../data/types';
import { invalidUtf8At } from '../data/utf8';
import { withKey } from '../data/write';
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
import { chunksOf, splitTag } from '../schemes';
import { isGlued, joined, lengthIn, type OffsetUnit, sentencesIn, TOKENISERS } from '../spans/text';
import { predictAnswers, predictTags } from '../train/predict';
import { placed, type Warning, warning } from '../warnings';
import {
  checkOutput,
  columnsOf,
  type Likely,
  OUTPUT_FORMATS,
  type OutputFormat,
  type OutputName,
  type Passage,
  type TaggedSentence,
} from './outputs';

export interface TagHost {
  readonly engine: string;
  /** Reading that is not to be as it was in training. */
  readonly told: Told;
  /** Decoding that is not to be as the run has it. */
  readonly decoding: ToldDecoding;
  /** What comes out, and what is told beside the tags. */
  readonly output: Output;
  /** Told what a person should know, before anything is read of a file. */
  readonly warn: (warning: Warning) => void;
  /** Told where words that training never met are looked up. */
  readonly note?: (line: string) => void;
  /** Told how many tokens were tagged since the last time. */
  readonly progress?: (tokens: number) => void;
}

export interface Output {
  readonly format: OutputName;
  /** The input is running text, not rows. */
  readonly raw: boolean;
  /** The probability of every tag and entity. */
  readonly probabilities: boolean;
  /** So many likeliest labels of every token. */
  readonly top: number;
  /** What offsets count. */
  readonly unit: OffsetUnit;
}

export const TAGS_ALONE: Output = { format: 'conll', raw: false, probabilities: false, top: 0, unit: 'codepoints' };

/** A tagger that is open, with its engine. */
export interface TagSession {
  /**
   * Tags a stream of CoNLL text, or of running text. In the format `conll` every line comes back in its place, byte for byte; a line
   * with a token has one column more, the tag in the scheme of the training file, or, in CoNLL-U and CoNLL-U Plus that the tagger was
   * trained on, the tag in the column that it was trained on. Of CoNLL-U Plus that lacks this column, the header and rows that are no
   * tokens change as well. What is complete is yielded when no more input is there at the moment. Memory is bounded.
   * @param name the input's, for messages
   * @throws UserError for bad input: nothing is yielded of a piece of it that holds a problem
   */
  tag(input: AsyncIterable<Buffer>, name: string): AsyncGenerator<string, void>;
  dispose(): void;
}

/** Sentences tagged at a time: enough to fill a batch, few enough to keep memory bounded. */
const CHUNK = 512;

/**
 * @param run run folder or checkpoint file
 * @throws UserError where there is no tagger, or none that can give what is asked for
 */
export async function openTagging(run: string, host: TagHost): Promise<TagSession> {
  const path = await checkpointOf(run);
  const { own, dispose } = createOwner();
  try {
    const saved = await openTagger(path, { own, dispose }, host.engine);
    checkOutput(host.output.format, { top: host.output.top, plain: saved.meta.task === 'tags' });
    const met = await saved.features.reopen();
    own({ dispose: met.close });
    const how = readingFor(saved.meta, host.told);
    met.warnings.forEach(host.warn);
    for (const source of met.sources) host.note?.(source);
    if (host.output.raw) host.warn(warning('raw-text', {}));
    const answer = createAnswering({ ...saved, decoding: decodingOfRun(saved, host.decoding) }, met, host);
    return {
      async *tag(input, name) {
        if (how.notice?.code === 'other-reading') host.warn(placed(name, how.notice));
        const reader = host.output.raw
          ? createRawTagging(answer, name, host.output)
          : createTagging(saved, answer, how, name, host);
        for await (const chunk of withPauses(unpack(input, name))) {
          const text = await explained(how, () => (chunk === 'pause' ? reader.tagWaiting() : reader.push(chunk)));
          if (text !== '') yield text;
        }
        const rest = await explained(how, () => reader.end());
        if (rest !== '') yield rest;
      },
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

type Answering = (sentences: readonly Sentence[]) => Promise<TaggedSentence[]>;

/** What the tagger answers to some sentences, in their order. */
function createAnswering(saved: SavedTagger, met: Met, { told, output, progress }: TagHost): Answering {
  const { tagger, vocab, features, decoding, meta } = saved;
  const { fromInner } = tagReaderOf(taggingOfTags(meta, told));
  const { labels } = vocab;
  const names = labels.map(tagReaderOf(taggingOf(meta)).labelText);
  const chunks = meta.task === 'chunks';
  const asked = { probabilities: output.probabilities, top: Math.min(output.top, labels.length) };
  const needsEntities = chunks && !('keepsLines' in OUTPUT_FORMATS[output.format]);

  return async (sentences) => {
    await lendRows(tagger, met, sentences);
    const encoded = encode({ sentences }, vocab, features.columns);
    progress?.(encoded.types.length);
    if (!asked.probabilities && asked.top === 0) {
      return predictTags(tagger, encoded, labels, decoding).map((tags, s) => ({
        tokens: present(sentences[s], 'sentence').tokens,
        tags: fromInner(tags),
        entities: needsEntities ? chunksOf(tags) : null,
      }));
    }
    const { tags, ids, offsets, probabilities, entities } = predictAnswers(tagger, encoded, labels, decoding, chunks);
    return tags.map((own, s) => {
      const first = present(offsets[s], 'sentence');
      const rowOf = (i: number): Float32Array =>
        probabilities.subarray((first + i) * labels.length, (first + i + 1) * labels.length);
      return {
        tokens: present(sentences[s], 'sentence').tokens,
        tags: fromInner(own),
        entities: asked.probabilities ? (entities?.[s] ?? null) : needsEntities ? chunksOf(own) : null,
        ...(asked.probabilities && {
          probabilities: own.map((_, i) => Math.min(1, present(rowOf(i)[present(ids[first + i], 'label')], 'label'))),
        }),
        ...(asked.top > 0 && { top: own.map((_, i) => likeliest(rowOf(i), names, asked.top)) }),
      };
    });
  };
}

/** The first labels by probability, likeliest first, of equals the lower id first. */
function likeliest(row: Float32Array, names: readonly string[], top: number): Likely[] {
  return names
    .map((name, id): Likely => [name, Math.min(1, present(row[id], 'probability'))])
    .sort(([, a], [, b]) => b - a)
    .slice(0, top);
}

interface Piecewise {
  push(chunk: Buffer): Promise<string>;
  /** What is complete. */
  tagWaiting(): Promise<string>;
  end(): Promise<string>;
}

/** The state between two chunks: lines that wait for tags, and the sentences read in them. */
function createTagging(
  saved: SavedTagger,
  answer: Answering,
  how: FileReading,
  name: string,
  { told, output }: TagHost,
): Piecewise {
  const format: OutputFormat = OUTPUT_FORMATS[output.format];
  let columns: TagColumns | undefined;
  const parser = createConllParser(name, (first) => {
    columns = chooseColumns(first, saved, how, told, name);
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
    const tagged = await answer(sentences);
    const done: string[] = [];
    const put = format.keepsLines ? putRows(tagged) : putSentences(tagged);
    let at = 0;
    let [s, i] = [0, 0]; // the next token
    for (; at < text.length && line < before; line++) {
      const feed = text.indexOf('\n', at);
      const next = feed < 0 ? text.length : feed + 1;
      const sentence = sentences.at(s);
      if (sentence && lineOf(sentence, i) === line) {
        const stop = feed < 0 ? next : text[feed - 1] === '\r' ? feed - 1 : feed;
        done.push(put(s, i, text.slice(at, stop), text.slice(stop, next)));
        if (++i === sentence.tokens.length) [s, i] = [s + 1, 0];
      } else if (format.keepsLines)
        done.push(columns?.added === undefined ? text.slice(at, next) : widened(text.slice(at, next), columns.added));
      at = next;
    }
    const left = sentences.at(s);
    if (left) throw new Error(`${name}:${lineOf(left, i)}: a token was not given back`);
    text = text.slice(at);
    sentences = [];
    return done.join('');
  }

  type Put = (s: number, i: number, row: string, end: string) => string;

  /** A sentence as a passage of its own, with the row of its last token. */
  function putSentences(tagged: readonly TaggedSentence[]): Put {
    const glued = new Set<number>(); // tokens of the sentence that no blank follows
    return (s, i, row) => {
      const sentence = present(tagged[s], 'sentence');
      if (isGlued(row)) glued.add(i);
      if (i < sentence.tokens.length - 1) return '';
      const { text: all, places } = joined(sentence.tokens, (token) => glued.has(token));
      glued.clear();
      return format.write({ text: all, start: null, sentences: [{ ...sentence, places }] }, output.unit);
    };
  }

  function putRows(tagged: readonly TaggedSentence[]): Put {
    const { inPlace = false, separator = '\t', added } = columns ?? {};
    const isAlone = !output.probabilities && output.top === 0;
    if (!isAlone && (added !== undefined || (inPlace && output.top > 0))) throw noPlace(added === undefined);
    if (!inPlace && isAlone) return (s, i, row, end) => `${row}${separator}${present(tagged[s]?.tags[i], 'tag')}${end}`;
    const rows = new Map<number, string[][]>();
    const columnsAt = (s: number, i: number): string[] => {
      let own = rows.get(s);
      if (!own) {
        rows.clear();
        rows.set(s, (own = columnsOf(present(tagged[s], 'sentence'))));
      }
      return present(own[i], 'tag');
    };
    if (!inPlace) return (s, i, row, end) => `${[row, ...columnsAt(s, i)].join(separator)}${end}`;
    const { tag: column, key, names = FORMATS.conllu.names } = parser.summary().layout.columns;
    const misc = names.findIndex((one) => one.toUpperCase() === 'MISC');
    if (!isAlone && misc < 0) throw noPlace(false);
    return (s, i, row, end) => {
      const fields = row.split('\t');
      const [tag = '', p, ofEntity = '_'] = columnsAt(s, i);
      fields[column - 1] = key === undefined ? tag : withKey(present(fields[column - 1], 'tag column'), key, tag);
      if (p !== undefined) fields[misc] = withKey(present(fields[misc], 'MISC'), 'TagProb', p);
      if (ofEntity !== '_') fields[misc] = withKey(present(fields[misc], 'MISC'), 'EntityProb', ofEntity);
      return fields.join('\t') + end;
    };
  }

  const noPlace = (top: boolean): UserError =>
    new UserError(
      `${name}: its columns are fixed, and none of them is for ${top ? 'the likeliest tags (--top)' : 'probabilities (MISC)'}`,
      'take --format jsonl',
    );

  return { push, tagWaiting, end };
}

/** A longer line is no running text. */
const MAX_TEXT_LINE = 1 << 24;

/** A longer paragraph is cut behind a line. */
const MAX_PARAGRAPH = 1 << 16;

/** Running text: blank lines end paragraphs, which become sentences and words by the rules of Unicode. */
function createRawTagging(answer: Answering, name: string, { format, unit }: Output): Piecewise {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0; // lines taken
  let offset = 0; // of the next line, in the unit
  let paragraph = '';
  let start = 0;
  let passages: Passage[] = [];
  let waiting = 0; // sentences in them

  function take(bytes: Buffer): void {
    if (line === 0 && isMarked(bytes)) bytes = bytes.subarray(3);
    const text = decoded(bytes, name, line);
    for (let at = 0; at < text.length;) {
      const feed = text.indexOf('\n', at);
      const next = feed < 0 ? text.length : feed + 1;
      const one = text.slice(at, next);
      line++;
      if (one.trim() === '') close();
      else {
        if (paragraph === '') start = offset;
        paragraph += one;
      }
      offset += lengthIn(one, unit);
      if (paragraph.length > MAX_PARAGRAPH) close();
      at = next;
    }
  }

  function close(): void {
    if (paragraph === '') return;
    const text = paragraph.replace(/[\r\n]+$/, '');
    const sentences = sentencesIn(text).map((sentence) => {
      const words = TOKENISERS.words.split(text.slice(sentence.start, sentence.end));
      const places = words.map((word) => ({ start: sentence.start + word.start, end: sentence.start + word.end }));
      const tokens = places.map((place) => text.slice(place.start, place.end));
      return { tokens, places, tags: [], entities: null };
    });
    passages.push({ text, start, sentences });
    waiting += sentences.length;
    paragraph = '';
  }

  async function push(chunk: Buffer): Promise<string> {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const cut = bytes.lastIndexOf(10) + 1;
    rest = bytes.subarray(cut);
    if (rest.length > MAX_TEXT_LINE)
      throw new UserError(`${name}:${line + 1}:1: line is longer than ${MAX_TEXT_LINE} bytes`, 'is this running text?');
    if (cut > 0) take(bytes.subarray(0, cut));
    return waiting >= CHUNK ? tagWaiting() : '';
  }

  async function tagWaiting(): Promise<string> {
    if (passages.length === 0) return '';
    const all = passages.flatMap(({ sentences }) => sentences);
    const tagged = await answer(all.map(({ tokens }) => ({ tokens, tags: tokens.map(() => '_'), line: 1 })));
    let s = 0;
    const done = passages.map((passage) => {
      const sentences = passage.sentences.map(({ places }) => ({ ...present(tagged[s++], 'sentence'), places }));
      return OUTPUT_FORMATS[format].write({ ...passage, sentences }, unit);
    });
    passages = [];
    waiting = 0;
    return done.join('');
  }

  async function end(): Promise<string> {
    if (rest.length > 0) take(rest);
    close();
    return tagWaiting();
  }

  return { push, tagWaiting, end };
}

/** @param line lines before these bytes. @throws UserError where they are no UTF-8 */
function decoded(bytes: Buffer, name: string, line: number): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const at = invalidUtf8At(bytes);
  const before = bytes.toString('utf8', 0, at).split('\n');
  const column = Array.from(before.at(-1) ?? '').length + 1;
  throw new UserError(
    `${name}:${line + before.length}:${column}: byte 0x${bytes.readUInt8(at).toString(16).toUpperCase().padStart(2, '0')} is not valid UTF-8`,
    'the file must be UTF-8: convert it, for example with iconv -f ISO-8859-1 -t UTF-8',
  );
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
function chooseColumns(
  first: Buffer,
  { meta, vocab }: Pick<SavedTagger, 'meta' | 'vocab'>,
  how: FileReading,
  told: Told,
  name: string,
): TagColumns {
  const sample = takeSample(first);
  const { separator, columns: count, header } = sample;
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
  const wrong = misfit(sample, meta, new Set(vocab.labels.map(tagReaderOf(taggingOf(meta)).labelText)));
  if (wrong === undefined) return columns;
  throw new UserError(
    `${name}:${firstRow(first)}:1: a row has ${String(count)} ${separator === 'tab' ? 'columns' : 'words'}, ${wrong}`,
    'give one token a line, or the columns of the training file with or without the tag; --format and --token-column say what other columns hold; running text is tagged with --raw',
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
function misfit(
  { columns: count, separator, numbers, rows: sampled }: Sample,
  { rows, reading }: TaggerMeta,
  labels: ReadonlySet<string>,
): string | undefined {
  if (!rows || !reading) return 'and the checkpoint does not know which is the token';
  const trained = `the training file has ${String(rows.columns)} columns`;
  const format: Format | undefined = reading.format === 'auto' ? undefined : FORMATS[reading.format];
  if (count > rows.columns && format?.width === 'same') return trained;
  if (separator === 'blank' && rows.separator === 'tab') return `${trained} separated by tabs`;
  // Blanks stand between the words of any text; tabs are meant.
  if (separator === 'blank' && count < rows.columns - 1) return trained;
  const [token, tag] = [Number(reading.tokenColumn), Number(reading.tagColumn)];
  if (token > count) return `and the token is in column ${String(token)}`;
  if (numbers?.column === token)
    return `and column ${String(token)}, where the training file has the token, counts them`;
  const counting = format && numbersBefore(format, token);
  if (counting !== undefined && sampled.every((row) => !/^\d/.test(row[counting - 1] ?? ''))) {
    const found = quote(Buffer.from(sampled[0]?.[counting - 1] ?? '', 'latin1').toString());
    return `and column ${String(counting)}, where the training file counts words, has ${found}`;
  }
  // Two words a row may be any text; of tags at least one would look like one.
  if (separator === 'tab' || count !== 2 || rows.columns !== 2) return undefined;
  const tags = sampled.flatMap((row) => Buffer.from(row[tag - 1] ?? '', 'latin1').toString());
  const isWord = (text: string): boolean =>
    /\p{L}/u.test(text) &&
    !labels.has(text) &&
    !OUTSIDE_NAMES.has(text) &&
    !isPosLike(text) &&
    splitTag(text).type === '';
  const [word] = tags;
  return word !== undefined && tags.every(isWord)
    ? `and ${quote(word)} stands where the training file has the tag`
    : undefined;
}

/** The column of word numbers that stands before the token in a format; undefined where it has none. */
const numbersBefore = ({ wordNumbers, names, token }: Format, own: number): number | undefined =>
  wordNumbers !== 'none' && names.length > 0 && own === token && own > 1 ? own - 1 : undefined;

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
