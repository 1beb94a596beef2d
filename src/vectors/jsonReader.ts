import { UserError } from '../errors';
import { count as counted, whole } from '../wording';
import { numberIn } from './numbers';
import type { RowReader, RowSink } from './rows';

const [TAB, LF, CR, BLANK, QUOTE, COMMA, COLON, OPEN, BACKSLASH, CLOSE, BEGIN, END] = [
  9, 10, 13, 32, 34, 44, 58, 91, 92, 93, 123, 125,
];

/** One key, or one word with its numbers, takes no more bytes than this. */
const LONGEST_UNIT = 1 << 22;

/** Whole numbers of the object that are needed to read its vectors. */
const SIZES = ['dimensions', 'size', 'l2NormIndex', 'wordIndex'] as const;

const NOTE =
  'expected the JSON of a wink-embeddings package: {"dimensions": 100, "size": …, "vectors": {"word": [numbers]}}';

/**
 * The object that packages of wink-nlp hold, read as a stream: of its `vectors`, `{"word": [numbers]}`, the first `dimensions`
 * numbers of each are the vector, others (its length, its index) stand behind. Other keys are passed over.
 */
export function jsonReader(sink: RowSink, path: string): RowReader {
  let bytes: Buffer = Buffer.alloc(0);
  let at = 0;
  let line = 1;
  let lineStart = 0; // in `bytes`: before it, where the line began earlier
  let state: 'begin' | 'key' | 'value' | 'comma' | 'word' | 'wordComma' | 'skip' | 'end' = 'begin';
  let first = true;
  let key = '';
  let rows = 0;
  let [depth, inText, escaped] = [0, false, false];
  const sizes = new Map<string, number>();
  let vector = new Float32Array(0);
  let numbers = 0; // of each word
  let seen = false;

  function wrong(place: number, what: string): UserError {
    goTo(place);
    return new UserError(`${path}:${line}:${place - lineStart + 1}: ${what}`, NOTE);
  }

  /** Takes the bytes before `place`, with the lines that end in them. */
  function goTo(place: number): void {
    for (let feed = bytes.indexOf(LF, at); feed >= 0 && feed < place; feed = bytes.indexOf(LF, feed + 1)) {
      line++;
      lineStart = feed + 1;
    }
    at = place;
  }

  function space(): void {
    let to = at;
    while (to < bytes.length && isSpace(bytes[to] as number)) to++;
    if (to > at) goTo(to);
  }

  /** Where a text that begins at `from` ends, behind its quote; -1 where it is not all there. */
  function textEnd(from: number): number {
    if (bytes[from] !== QUOTE) throw wrong(from, 'expected a text in quotes');
    for (let i = from + 1; i < bytes.length; i++) {
      if (bytes[i] === BACKSLASH) i++;
      else if (bytes[i] === QUOTE) return i + 1;
      else if ((bytes[i] as number) < BLANK) throw wrong(i, 'a control character in a text');
    }
    return -1;
  }

  function textOf(from: number, to: number): string {
    try {
      return JSON.parse(bytes.toString('utf8', from, to)) as string;
    } catch {
      throw wrong(from, `${bytes.toString('utf8', from, Math.min(to, from + 40))} is no text of JSON`);
    }
  }

  /** Goes on by one unit. @returns false where more bytes are needed */
  function step(): boolean {
    if (state === 'skip') return skip();
    space();
    if (at >= bytes.length) return false;
    const byte = bytes[at] as number;
    switch (state) {
      case 'begin':
        if (byte !== BEGIN) throw wrong(at, 'expected {');
        at++;
        [state, first] = ['key', true];
        return true;
      case 'key':
        if (byte === END && first) {
          at++;
          state = 'end';
          return true;
        }
        return readKey();
      case 'value':
        return readValue(byte);
      case 'comma':
        if (byte !== COMMA && byte !== END) throw wrong(at, 'expected , or }');
        at++;
        [state, first] = [byte === COMMA ? 'key' : 'end', false];
        return true;
      case 'word':
        if (byte === END && first) {
          at++;
          state = 'comma';
          return true;
        }
        return readWord();
      case 'wordComma':
        if (byte !== COMMA && byte !== END) throw wrong(at, 'expected , or }');
        at++;
        [state, first] = [byte === COMMA ? 'word' : 'comma', false];
        return true;
      case 'end':
        throw wrong(at, 'something stands behind the end of the object');
    }
  }

  function readKey(): boolean {
    const end = textEnd(at);
    if (end < 0) return false;
    let colon = end;
    while (colon < bytes.length && isSpace(bytes[colon] as number)) colon++;
    if (colon >= bytes.length) return false;
    if (bytes[colon] !== COLON) throw wrong(colon, 'expected :');
    key = textOf(at, end);
    goTo(colon + 1);
    state = 'value';
    return true;
  }

  function readValue(byte: number): boolean {
    if (key === 'vectors') {
      if (byte !== BEGIN) throw wrong(at, 'expected an object of words with their numbers');
      if (seen) throw wrong(at, 'a second "vectors"');
      const width = sizes.get('dimensions');
      if (!width) throw wrong(at, '"vectors" without a "dimensions" before');
      numbers = Math.max(width, (sizes.get('l2NormIndex') ?? -1) + 1, (sizes.get('wordIndex') ?? -1) + 1);
      vector = new Float32Array(width);
      sink.begin(width);
      at++;
      [state, first, seen] = ['word', true, true];
      return true;
    }
    if (!(SIZES as readonly string[]).includes(key)) {
      [state, depth, inText, escaped] = ['skip', 0, false, false];
      return true;
    }
    let end = at;
    while (end < bytes.length && bytes[end] !== COMMA && bytes[end] !== END && !isSpace(bytes[end] as number)) end++;
    if (end === bytes.length) return false;
    const value = numberIn(bytes, at, end);
    if (!Number.isSafeInteger(value) || value < 0 || (key !== 'size' && value > 100_000))
      throw wrong(at, `${key} is ${bytes.toString('utf8', at, Math.min(end, at + 40))}, expected a whole number`);
    sizes.set(key, value);
    at = end;
    state = 'comma';
    return true;
  }

  /** Passes over a value, whatever it is, as far as it is there. */
  function skip(): boolean {
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === LF) {
        line++;
        lineStart = at + 1;
      }
      if (inText) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inText = false;
      } else if (byte === QUOTE) inText = true;
      else if (byte === OPEN || byte === BEGIN) depth++;
      else if (depth > 0 && (byte === CLOSE || byte === END)) depth--;
      else if (depth === 0 && (byte === COMMA || byte === END)) {
        state = 'comma';
        return true;
      }
    }
    return false;
  }

  function readWord(): boolean {
    const end = textEnd(at);
    if (end < 0) return false;
    let to = end;
    while (to < bytes.length && bytes[to] !== CLOSE) to++;
    if (to === bytes.length) return false;
    let place = end;
    const skipSpace = (): void => {
      while (isSpace(bytes[place] as number)) place++;
    };
    for (const mark of [COLON, OPEN]) {
      skipSpace();
      if (bytes[place] !== mark) throw wrong(place, `expected ${String.fromCharCode(mark)}`);
      place++;
    }
    let count = 0;
    for (let more = true; more; count++) {
      skipSpace();
      const from = place;
      while (place < to && bytes[place] !== COMMA && !isSpace(bytes[place] as number)) place++;
      const value = numberIn(bytes, from, place);
      if (!Number.isFinite(Math.fround(value)))
        throw wrong(
          from,
          `'${bytes.toString('utf8', from, Math.min(place, from + 40))}' is no number that float32 holds`,
        );
      if (count < vector.length) vector[count] = value;
      skipSpace();
      more = bytes[place] === COMMA;
      if (more) place++;
      else if (place !== to) throw wrong(place, 'expected , or ]');
    }
    const escapes = bytes.subarray(at, end).includes(BACKSLASH);
    const word = escapes ? Buffer.from(textOf(at, end)) : bytes;
    const [start, stop] = escapes ? [0, word.length] : [at + 1, end - 1];
    if (count !== numbers) {
      const told = word.toString('utf8', start, Math.min(stop, start + 40));
      throw wrong(at, `'${told}' has ${counted(count, 'number')} where ${whole(numbers)} are due`);
    }
    if (stop > start) sink.row(word, start, stop, vector);
    rows++;
    goTo(to + 1);
    state = 'wordComma';
    return true;
  }

  return {
    push(chunk) {
      lineStart -= at;
      bytes = at < bytes.length ? Buffer.concat([bytes.subarray(at), chunk]) : chunk;
      at = 0;
      while (step());
      if (bytes.length - at > LONGEST_UNIT) throw wrong(at, `one word takes more than ${whole(LONGEST_UNIT)} bytes`);
    },
    end() {
      if (state !== 'end') throw wrong(bytes.length, 'the file is cut short: it ends inside the object');
      if (!seen) throw wrong(bytes.length, 'there is no "vectors"');
      const size = sizes.get('size') ?? rows;
      if (size !== rows) throw wrong(bytes.length, `"size" is ${whole(size)}, and ${whole(rows)} words are there`);
    },
  };
}

const isSpace = (byte: number): boolean => byte === BLANK || byte === TAB || byte === LF || byte === CR;
