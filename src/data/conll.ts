import { parse } from 'csv-parse/sync';
import { UserError } from '../errors';
import { createBlocks, type Block } from './blocks';
import { FORMATS, type Format } from './formats';
import { decideLayout, type Layout, type RowOptions } from './layout';
import { createLineScanner } from './lines';
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

/** csv-parse takes a file of any size in blocks of whole rows: its own defaults would read `"` as a quote and shift columns. */
const CSV = { quote: null, escape: null, record_delimiter: ['\r\n', '\n'], relax_column_count: true };

/**
 * The reader of CoNLL files, as a machine that is fed bytes: the same for a stream, standard input and a test. Memory is
 * bounded by one block, one sentence and the distinct tags. Every line is counted as one thing.
 * @param options or how the first lines decide them
 */
export function createConllParser(
  path: string,
  options: RowOptions | ((first: Buffer) => RowOptions) = {},
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
    const opened = createBody(path, decideLayout(path, bytes, chosen), chosen.tagged ?? true, counts, problems);
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

/** Rows of blocks through csv-parse into sentences. */
function createBody(path: string, layout: Layout, tagged: boolean, counts: LineCounts, problems: Problems) {
  const format: Format = FORMATS[layout.format.name];
  const { separator, comments, comment, columns } = layout;
  const rules = { comments, comment, separator, columns: columns.count, docstart: format.wordNumbers !== 'strict' };
  const scanner = createLineScanner(rules, counts, problems);
  const assembler = createAssembler(layout, format, tagged, counts, problems);
  const delimiter = separator === 'tab' ? ['\t'] : [' ', '\t'];

  function rows(block: Buffer, offset: number): Sentence[] {
    const found = scanner.scan(block, offset);
    const records = parse(found.bytes, { ...CSV, delimiter });
    if (records.length !== found.lines.length) {
      throw new Error(`${path}: ${String(found.lines.length)} rows became ${String(records.length)} records`);
    }
    const done: Sentence[] = [];
    records.forEach((record, i) => {
      if (found.fresh[i]) assembler.breakInto(done);
      assembler.row(record, found.lines[i] as number, found.suspicious);
    });
    return done;
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
      for (let i = 0; i < chunk.length; i++) if (chunk[i] === 10) feeds++;
      last = chunk.at(-1) ?? last;
    },
    /** A byte order mark alone is no line. */
    reset(): void {
      last = 10;
    },
    total: (): number => feeds + (last === 10 ? 0 : 1),
  };
}

function checkAccount(counts: LineCounts, bad: number, total: number, path: string): void {
  const { lines, token, separator, comment, docstart, range, emptyNode } = counts;
  const accounted = token + separator + comment + docstart + range + emptyNode + bad;
  if (lines !== total || accounted !== total) {
    throw new Error(`${path}: ${String(total)} lines, ${String(lines)} read, ${String(accounted)} accounted for`);
  }
}
