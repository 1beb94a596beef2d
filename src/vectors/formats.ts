import { present, UserError } from '../errors';
import { refuseUnreadable } from '../files/strangers';
import { count as counted, whole } from '../wording';
import { numberIn } from './numbers';
import { jsonReader } from './jsonReader';
import type { RowReader, RowSink } from './rows';

/** One way to write vectors down. */
export interface VectorFormat {
  /** What a person calls it. */
  readonly title: string;
  /** Can a file that begins with these bytes be one? They are all of it where it is short. The first row that fits counts. */
  readonly fits: (head: Buffer) => boolean;
  /** @param path for messages */
  readonly read: (head: Buffer, sink: RowSink, path: string) => RowReader;
}

/** No vector is wider; a larger number is none of a width. */
const WIDEST = 100_000;

/** A row takes no more bytes than this. */
export const LONGEST_ROW = 1 << 22;

const [TAB, LF, CR, BLANK] = [9, 10, 13, 32];

/** Every format, the clearest mark first. To add one: its row here. */
export const FORMATS: readonly VectorFormat[] = [
  {
    title: 'JSON of wink-nlp',
    fits: (head) => /^\s*\{\s*("|\}|$)/.test(head.toString('latin1')),
    read: (_, sink, path) => jsonReader(sink, path),
  },
  {
    title: 'binary word2vec',
    fits: (head) => headerOf(head) !== null && !isTextBehind(head),
    read: (head, sink, path) => binaryReader(sink, path, headerOf(head)),
  },
  {
    title: 'text with a header, as of word2vec and fastText',
    fits: (head) => headerOf(head) !== null,
    read: (head, sink, path) => textReader(sink, path, headerOf(head)?.width ?? 0, headerOf(head)),
  },
  {
    title: 'text without a header, as of GloVe',
    fits: (head) => commonWidth(head) > 0,
    read: (head, sink, path) => textReader(sink, path, commonWidth(head), null),
  },
];

/** Other files of vectors, by their first bytes. */
const STRANGERS: readonly (readonly [begins: string, what: string, note: string])[] = [
  ['\xba\x16\x4f\x2f', 'is a fastText model, not its vectors', 'name the .vec file beside it'],
  ['\x80', 'is a Python pickle', 'save it as text with gensim: vectors.save_word2vec_format'],
];

/** The format of a file by how it begins. @throws UserError where it is none of FORMATS */
export function formatOf(head: Buffer, path: string): VectorFormat {
  const begins = head.toString('latin1', 0, 16);
  for (const [mark, what, note] of STRANGERS)
    if (begins.startsWith(mark)) throw new UserError(`${path}: ${what}`, note);
  refuseUnreadable(path, head);
  const found = head.length > 0 && FORMATS.find(({ fits }) => fits(head));
  if (found) return found;
  throw new UserError(
    `${path}:1:1: ${head.length === 0 ? 'the file is empty' : 'these are no word vectors'}`,
    `what can be read, plain or packed with gzip: ${FORMATS.map(({ title }) => title).join('; ')}`,
  );
}

interface Header {
  readonly count: number;
  readonly width: number;
  /** Bytes of its line. */
  readonly length: number;
}

/** A first line of two whole numbers: words, and numbers of each. */
function headerOf(head: Buffer): Header | null {
  const found = /^(\d{1,15})[ \t]+(\d{1,6})[ \t]*\r?(?:\n|$)/.exec(head.toString('latin1', 0, 64));
  if (!found) return null;
  const [line, count, width] = found;
  return { count: Number(count), width: Number(width), length: line.length };
}

/** Are the bytes of the first vector, were they binary, all such as decimal numbers are made of? */
function isTextBehind(head: Buffer): boolean {
  const { width, length } = headerOf(head) ?? { width: 0, length: 0 };
  const blank = head.indexOf(BLANK, length);
  if (blank < 0) return true;
  const bytes = head.toString('latin1', blank, blank + 4 * Math.min(width, 1000));
  const [row = ''] = bytes.split('\n');
  return /^[ \t]*[-+.\dniNI][-+.\deE \t\rainfNAIF]*$/.test(row);
}

/** How many numbers most of the first rows end with; 0 where they end with none. */
function commonWidth(head: Buffer): number {
  const text = head.toString('latin1');
  const end = text.lastIndexOf('\n') + 1;
  const lines = (end > 0 ? text.slice(0, end) : text).split('\n').filter((line) => line.trim() !== '');
  const counts = new Map<number, number>();
  for (const line of lines) {
    const fields = line.split(/[ \t\r]+/).filter((field) => field !== '');
    let numbers = 0;
    while (numbers < fields.length - 1 && !Number.isNaN(Number(fields[fields.length - 1 - numbers]))) numbers++;
    counts.set(numbers, (counts.get(numbers) ?? 0) + 1);
  }
  return [...counts].reduce(
    ([width, most], [numbers, rows]) => (rows > most ? [numbers, rows] : [width, most]),
    [0, 0],
  )[0];
}

function checkWidth(width: number, path: string): void {
  if (width > 0 && width <= WIDEST) return;
  throw new UserError(
    `${path}:1:1: says that a word has ${whole(width)} numbers`,
    'a header is the number of words and the width of a vector',
  );
}

function wrongCount(path: string, header: Header, found: number): UserError {
  return new UserError(
    `${path}:1:1: says that there are ${whole(header.count)} words, and ${whole(found)} are there`,
    found < header.count ? 'the file is cut short: fetch it again' : 'fetch the file again, or mend its first line',
  );
}

/** Rows of a word and `width` numbers, with blanks or tabs between; a word may hold blanks itself, as some of GloVe's do. */
function textReader(sink: RowSink, path: string, width: number, header: Header | null): RowReader {
  checkWidth(width, path);
  const vector = new Float32Array(width);
  let rest: Buffer = Buffer.alloc(0);
  let [line, rows] = [0, 0];
  let begun = false;

  function push(chunk: Buffer): void {
    if (!begun) sink.begin(width);
    begun = true;
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let at = 0;
    for (let feed = bytes.indexOf(LF); feed >= 0; feed = bytes.indexOf(LF, at)) {
      take(bytes, at, feed);
      at = feed + 1;
    }
    rest = Buffer.from(bytes.subarray(at));
    if (rest.length > LONGEST_ROW) {
      throw new UserError(
        `${path}:${line + 1}:1: a row of more than ${whole(LONGEST_ROW)} bytes`,
        'text vectors have a word and its numbers on every line',
      );
    }
  }

  function take(bytes: Buffer, start: number, to: number): void {
    line++;
    let end = to;
    while (end > start && isSpace(bytes[end - 1] as number)) end--;
    if (end === start || (header && line === 1)) return;
    rows++;
    const wordEnd = fastRow(bytes, start, end) ? afterWord(bytes, start, end) : slowRow(bytes, start, end);
    sink.row(bytes, start, wordEnd, vector);
  }

  /** Fills the vector where the row is a word without blanks and as many numbers as there should be. */
  function fastRow(bytes: Buffer, start: number, end: number): boolean {
    let at = afterWord(bytes, start, end);
    for (let i = 0; i < width; i++) {
      while (at < end && isSpace(bytes[at] as number)) at++;
      const from = at;
      while (at < end && !isSpace(bytes[at] as number)) at++;
      vector[i] = numberIn(bytes, from, at);
      if (!Number.isFinite(vector[i])) return false;
    }
    return at === end && !isSpace(bytes[start] as number);
  }

  /** The same for a word of several parts, and what is wrong where there is no such row. @returns where the word ends */
  function slowRow(bytes: Buffer, start: number, end: number): number {
    const fields: (readonly [from: number, to: number])[] = [];
    for (let at = start; at < end;) {
      while (at < end && isSpace(bytes[at] as number)) at++;
      const from = at;
      while (at < end && !isSpace(bytes[at] as number)) at++;
      fields.push([from, at]);
    }
    const numbers = fields.slice(-width);
    const word = fields.slice(0, -width);
    const bad = numbers.find(([from, to]) => !Number.isFinite(Math.fround(numberIn(bytes, from, to))));
    const tooMany = word.slice(1).find(([from, to]) => !Number.isNaN(numberIn(bytes, from, to)));
    const place = (at: number): string => `${path}:${line}:${bytes.toString('utf8', start, at).length + 1}`;
    const note = header
      ? `line 1 says that a word has ${whole(width)}`
      : `most of the first rows have ${whole(width)}: fetch the file again`;
    const told = bytes.toString('utf8', start, Math.min(end, start + 40));
    if (isSpace(bytes[start] as number))
      throw new UserError(`${place(start)}: a row begins with a blank: no word`, note);
    if (word.length === 0) {
      const found = fields.length - 1;
      throw new UserError(`${place(start)}: ${counted(found, 'number')} where ${whole(width)} are due: ${told}`, note);
    }
    if (bad) {
      const text = bytes.toString('utf8', bad[0], Math.min(bad[1], bad[0] + 40));
      const found = fields.length - 1 === width ? `'${text}' is no number that float32 holds` : notANumber(text);
      throw new UserError(`${place(bad[0])}: ${found}`, note);
    }
    if (tooMany) {
      throw new UserError(
        `${place(tooMany[0])}: ${counted(fields.length - 1, 'number')} where ${whole(width)} are due: ${told}`,
        note,
      );
    }
    numbers.forEach(([from, to], i) => (vector[i] = numberIn(bytes, from, to)));
    return present(word.at(-1), 'word')[1];
  }

  const notANumber = (text: string): string => `'${text}' where one of ${whole(width)} numbers is due`;

  return {
    push,
    end() {
      if (rest.length > 0) take(rest, 0, rest.length);
      if (header && rows !== header.count) throw wrongCount(path, header, rows);
    },
  };
}

const isSpace = (byte: number): boolean => byte === BLANK || byte === TAB || byte === CR;

function afterWord(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && !isSpace(bytes[at] as number)) at++;
  return at;
}

/** A header line; then for each word its bytes, a blank, little-endian float32 numbers, and in some files a line feed. */
function binaryReader(sink: RowSink, path: string, header: Header | null): RowReader {
  const { count, width, length } = header ?? { count: 0, width: 0, length: 0 };
  checkWidth(width, path);
  const vector = new Float32Array(width);
  let rest: Buffer = Buffer.alloc(0);
  let rows = 0;
  let offset = 0; // of `rest` in the file

  return {
    push(chunk) {
      let bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      if (offset === 0) {
        sink.begin(width);
        bytes = bytes.subarray(length);
        offset = length;
      }
      let at = 0;
      while (at < bytes.length) {
        const start = bytes[at] === LF ? at + 1 : at;
        const blank = bytes.indexOf(BLANK, start);
        const end = blank + 1 + 4 * width;
        if (blank < 0 || end > bytes.length) {
          if (bytes.length - at > LONGEST_ROW || (rows === count && start < bytes.length)) throw wrong(at, 'no word');
          break;
        }
        if (rows === count) throw wrongCount(path, { count, width, length }, rows + 1);
        if (blank === start) throw wrong(start, 'a word without a character');
        for (let i = 0; i < width; i++) {
          vector[i] = bytes.readFloatLE(blank + 1 + 4 * i);
          if (!Number.isFinite(vector[i])) throw wrong(blank + 1 + 4 * i, `${String(vector[i])} is no finite number`);
        }
        sink.row(bytes, start, blank, vector);
        rows++;
        at = end;
      }
      rest = Buffer.from(bytes.subarray(at));
      offset += at;

      function wrong(place: number, what: string): UserError {
        return new UserError(
          `${path}: word ${whole(rows + 1)}, byte ${whole(offset + place + 1)}: ${what}`,
          'binary vectors are a header line, then words with a blank and their float32 numbers: fetch the file again',
        );
      }
    },
    end() {
      const left = rest.length > 0 && !(rest.length === 1 && rest[0] === LF);
      if (rows !== count || left) throw wrongCount(path, { count, width, length }, rows);
    },
  };
}
