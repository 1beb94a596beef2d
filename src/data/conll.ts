import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { UserError } from '../errors';
import { createBlocks, type Block } from './blocks';
import { FORMATS, type Format } from './formats';
import { decideLayout, type Layout, type RowOptions } from './layout';
import { createLineScanner } from './lines';
import { createMarkFinder } from './marks';
import { createProblems, type Problems } from './problems';
import { createAssembler, type Found, type TagUse } from './sentences';
import type { LineCounts, Sentence } from './types';

export interface ConllParser {
  /** Takes the next bytes of the file and returns the sentences that they complete, tags as in the file. */
  push(chunk: Buffer): Sentence[];
  /** Reads the lines that are held back to make blocks, for whoever waits: what a sentence break ends is complete. */
  flush(): Sentence[];
  /** 1-based line of the first token of the sentence that is not complete yet, after `flush`; undefined between sentences. */
  open(): number | undefined;
  /** @throws UserError when the file holds no token at all */
  end(): Sentence[];
  readonly problems: Problems;
  /** Complete after `end`. `bad` counts lines that are problems; with `counts` they add up to the lines of the file. */
  summary(): { layout: Layout; counts: LineCounts; bad: number; tags: ReadonlyMap<string, TagUse>; found: Found };
}

const [NUL, TAB, LF, CR, SPACE] = [0, 9, 10, 13, 32];

/** csv-parse takes a file of any size in blocks of whole rows: its own defaults would read `"` as a quote and shift columns. */
const CSV = { quote: null, escape: null, record_delimiter: ['\r\n', '\n'], relax_column_count: true };

/**
 * The reader of CoNLL files, as a machine that is fed bytes: the same for a stream, standard input and a test. Memory is
 * bounded by one block, one sentence and the distinct tags. Every line is counted as one thing.
 * @param options or how the first lines decide them
 * @param direct  false leaves every row to csv-parse: what it makes of a file is what must come out, which a test compares
 */
export function createConllParser(
  path: string,
  options: RowOptions | ((first: Buffer) => RowOptions) = {},
  direct = true,
): ConllParser {
  const problems = createProblems(path);
  const counts: LineCounts = { lines: 0, token: 0, separator: 0, comment: 0, docstart: 0, range: 0, emptyNode: 0 };
  const blocks = createBlocks();
  const lineFeeds = createLineCounter();
  let body: ReturnType<typeof createBody> | undefined;
  let longBeforeBody = 0;

  function push(chunk: Buffer): Sentence[] {
    lineFeeds.add(chunk);
    return blocks.push(chunk).flatMap(take);
  }

  function take(block: Block): Sentence[] {
    if (block.kind === 'long') {
      if (body) body.skipLong();
      else longBeforeBody++;
      return [];
    }
    let { bytes, offset } = block;
    if (offset === 0) {
      refuseUtf16(bytes, path);
      const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
      bytes = bytes.subarray(mark);
      if (bytes.length === 0) lineFeeds.reset();
      offset = mark;
    }
    body ??= open(bytes);
    return body.rows(bytes, offset);
  }

  function open(bytes: Buffer): ReturnType<typeof createBody> {
    const chosen = typeof options === 'function' ? options(bytes) : options;
    const layout = decideLayout(path, bytes, chosen);
    const opened = createBody(path, layout, chosen.tagged ?? true, counts, problems, direct);
    for (; longBeforeBody > 0; longBeforeBody--) opened.skipLong();
    return opened;
  }

  function flush(): Sentence[] {
    const sentences = blocks.flush().flatMap(take);
    if (body) sentences.push(...body.settle());
    return sentences;
  }

  function end(): Sentence[] {
    const sentences = blocks.end().flatMap(take);
    body ??= open(Buffer.alloc(0));
    sentences.push(...body.end());
    checkAccount(counts, body.bad(), lineFeeds.total(), path);
    if (counts.token === 0 && body.bad() === 0) {
      problems.add(
        1,
        1,
        counts.lines === 0 ? 'the file is empty' : 'the file holds no token',
        'expected one token and its tag a line',
      );
    }
    return sentences;
  }

  function summary(): ReturnType<ConllParser['summary']> {
    if (!body) throw new Error('summary before end');
    return { layout: body.layout, counts, bad: body.bad(), tags: body.tags, found: body.found() };
  }

  return { push, flush, open: () => body?.open(), end, problems, summary };
}

/** A row of more columns is left to csv-parse. */
const MOST_COLUMNS = 64;

/** After so many turns from bytes to csv-parse and back the rest of a block is csv-parse's, since each turn costs as much as 20 rows. */
const MOST_TURNS = 50;

/** Rows of blocks into sentences: ordinary ones straight from their bytes, all others through csv-parse. */
function createBody(
  path: string,
  layout: Layout,
  tagged: boolean,
  counts: LineCounts,
  problems: Problems,
  direct: boolean,
) {
  const format: Format = FORMATS[layout.format.name];
  const { separator, comments, comment, columns } = layout;
  const docstart = format.wordNumbers !== 'strict';
  const rules = { comments, comment, separator, columns: columns.count, docstart, names: columns.names };
  const scanner = createLineScanner(rules, counts, problems);
  const assembler = createAssembler(layout, format, tagged, counts, problems);
  const delimiter = separator === 'tab' ? ['\t'] : [' ', '\t'];
  const blank = separator === 'blank';
  const finder = createMarkFinder(blank ? SPACE : CR);
  const used = [columns.token, columns.tag, layout.numbers?.column ?? columns.token].map((column) => column - 1);
  const bounds = new Int32Array(2 * MOST_COLUMNS); // start and end of each field of a row

  function rows(block: Buffer, offset: number): Sentence[] {
    const done: Sentence[] = [];
    const valid = isUtf8(block);
    const odd = createOddRows(block, done);
    let marks = finder.marks();
    for (let start = 0, end = 0, next = 0, mark = 0, searched = 0; start < block.length; start = next) {
      if (start >= searched) {
        searched = finder.search(block, start);
        marks = finder.marks();
        mark = 0;
      }
      let fields = 0;
      let from = start;
      let plain = valid && direct && columns.key === undefined;
      if (!blank) {
        // Nearly every row is nothing but tabs and a line feed: of these the fields that are asked for are marked off at once.
        let last = mark;
        while (block[marks[last] as number] === TAB) last++;
        if (block[marks[last] as number] === LF) {
          for (let u = 0; u < used.length; u++) {
            const field = used[u] as number;
            bounds[2 * field] = field === 0 ? start : (marks[mark + field - 1] as number) + 1;
            bounds[2 * field + 1] = marks[mark + field] as number;
          }
          fields = last - mark;
          if (fields > 0) from = (marks[last - 1] as number) + 1;
          mark = last;
        }
      }
      for (; ; mark++) {
        end = marks[mark] as number;
        const byte = end < block.length ? (block[end] as number) : LF;
        if (byte === TAB || (blank && byte === SPACE)) {
          if (!blank || end > from) {
            if (fields < MOST_COLUMNS) {
              bounds[2 * fields] = from;
              bounds[2 * fields + 1] = end;
            }
            fields++;
          }
          from = end + 1;
        } else if (byte === LF) {
          next = end + 1;
          mark++;
          break;
        } else if (byte === CR) {
          if (end + 1 < block.length && block[end + 1] === LF) {
            next = end + 2;
            mark += 2;
            break;
          }
          plain = false;
        } else if (byte === NUL) plain = false;
      }
      if (!scanner.isRow(block, start, end, valid, offset)) continue;
      if (!blank || end > from) {
        if (fields < MOST_COLUMNS) {
          bounds[2 * fields] = from;
          bounds[2 * fields + 1] = end;
        }
        fields++;
      }
      let fresh = scanner.isFresh();
      plain &&= fields >= columns.count && fields <= MOST_COLUMNS && odd.turns() < MOST_TURNS;
      if (plain) {
        odd.take();
        if (fresh) assembler.breakInto(done);
        fresh = false;
        if (assembler.plainRow(block, bounds, fields, counts.lines)) continue;
      }
      odd.add(start, next, counts.lines, fresh);
    }
    odd.take();
    return done;
  }

  /** The rows of a block that wait for csv-parse, in their order. */
  function createOddRows(block: Buffer, done: Sentence[]) {
    let bytes = Buffer.alloc(0);
    let filled = 0;
    let lines: number[] = [];
    let breaks: boolean[] = [];
    let turns = 0;

    function add(start: number, end: number, line: number, fresh: boolean): void {
      if (bytes.length === 0) bytes = Buffer.allocUnsafe(block.length);
      filled += block.copy(bytes, filled, start, end);
      lines.push(line);
      breaks.push(fresh);
    }

    function take(): void {
      if (lines.length === 0) return;
      turns++;
      const waiting = bytes.subarray(0, filled);
      const suspicious = waiting.includes(NUL) || waiting.includes(CR); // which no field may hold
      const records = parse(waiting, { ...CSV, delimiter });
      if (records.length !== lines.length)
        throw new Error(`${path}: ${String(lines.length)} rows became ${String(records.length)} records`);
      records.forEach((record, i) => {
        if (breaks[i]) assembler.breakInto(done);
        assembler.row(record, lines[i] as number, suspicious);
      });
      filled = 0;
      lines = [];
      breaks = [];
    }

    return { add, take, turns: () => turns };
  }

  function end(): Sentence[] {
    const done: Sentence[] = [];
    assembler.breakInto(done);
    return done;
  }

  return {
    layout,
    rows,
    end,
    /** The sentence that a break has ended, though no row has followed yet. */
    settle: () => (scanner.fresh() ? end() : []),
    open: assembler.open,
    skipLong: scanner.skipLong,
    bad: () => scanner.bad() + assembler.bad(),
    tags: assembler.tags,
    found: assembler.found,
  };
}

function refuseUtf16(bytes: Buffer, path: string): void {
  const first = bytes.subarray(0, 2).toString('hex');
  if (first !== 'fffe' && first !== 'feff') return;
  const message = `${path}:1:1: byte 0x${first.slice(0, 2).toUpperCase()} at offset 0 is not valid UTF-8: this is a UTF-16 file`;
  throw new UserError(message, 'convert it, for example with iconv -f UTF-16 -t UTF-8');
}

/** Lines of a stream, counted apart from the reader: what it accounts for must add up to this. */
function createLineCounter() {
  let feeds = 0;
  let last = 10;
  return {
    add(chunk: Buffer): void {
      feeds += countLineFeeds(chunk);
      last = chunk.at(-1) ?? last;
    },
    /** A byte order mark alone is no line. */
    reset(): void {
      last = 10;
    },
    total: (): number => feeds + (last === 10 ? 0 : 1),
  };
}

function countLineFeeds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) count++;
  return count;
}

function checkAccount(counts: LineCounts, bad: number, total: number, path: string): void {
  const { lines, token, separator, comment, docstart, range, emptyNode } = counts;
  const accounted = token + separator + comment + docstart + range + emptyNode + bad;
  if (lines !== total || accounted !== total) {
    throw new Error(`${path}: ${String(total)} lines, ${String(lines)} read, ${String(accounted)} accounted for`);
  }
}
