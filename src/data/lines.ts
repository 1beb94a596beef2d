import { isUtf8 } from 'node:buffer';
import { characters, type Problems } from './problems';
import type { LineCounts } from './types';
import { invalidUtf8At } from './utf8';

/** A longer line is no row of a corpus but a file of another kind. */
export const MAX_LINE_BYTES = 1 << 20;

const [TAB, SPACE, HASH, DASH] = [9, 32, 35, 45];
const DOCSTART = Buffer.from('-DOCSTART-');
const LONG_NOTE = `no line of a corpus is longer than ${String(MAX_LINE_BYTES)} bytes: is this a CoNLL file with one token a line?`;

/** Comments that rows cannot be mistaken for: CoNLL-U's `# key = value` and its kin, MultiCoNER's, CoNLL-2012's and GENIA's. */
const MARKED_COMMENT =
  /^(# (\S+ =( |$)|(newdoc|newpar)\b|id \S+\s+domain=)|#(begin|end) document( |$)|###MEDLINE:\d+\s*$)/;

/** The same in a first column of its own: `#<TAB>id=3`, `#<TAB>http://…`. A row of as many columns as the others is no comment. */
const MARKED_COLUMN = /^#\t(\S+ ?=|https?:\/\/)/;

export const isMarked = (line: string): boolean => MARKED_COMMENT.test(line) || MARKED_COLUMN.test(line);

const COLUMN_HEADER = /^# ?global\.columns\s*=\s*(\S.*)$/;

/** The names in the line that names the columns of CoNLL-U Plus; undefined for every other. */
export const columnNames = (line: string): string[] | undefined => COLUMN_HEADER.exec(line)?.[1]?.trim().split(/\s+/);

/** Is this the line that names the columns of CoNLL-U Plus? */
export const isColumnHeader = (line: string): boolean => COLUMN_HEADER.test(line.replace(/^\ufeff/, '').trimEnd());

/** What a line must look like to be no row. */
export interface LineRules {
  /** As `Layout.comments`. */
  readonly comments: 'hash' | 'marked' | 'numbered';
  /** Lines that start with this are comments as well. */
  readonly comment: string | undefined;
  readonly separator: 'tab' | 'blank';
  /** Columns of a row. */
  readonly columns: number;
  /** May `-DOCSTART-` stand as the first word of a row of no token? */
  readonly docstart: boolean;
  /** Names of the columns, where a line of the file gives them. */
  readonly names: readonly string[] | undefined;
}

/**
 * Tells rows from separators, comments and document starts, line by line and before anything is decoded, and counts each.
 * Lines that cannot be decoded or are too long become problems and are counted as bad.
 */
export function createLineScanner(rules: LineRules, counts: LineCounts, problems: Problems) {
  const { comments, separator, columns, docstart } = rules;
  const prefix = rules.comment === undefined ? undefined : Buffer.from(rules.comment);
  let fresh = true;
  let bad = 0;

  /**
   * Is the next line one? Accounts for it where it is none.
   * @param start  where it is in the block
   * @param end    its line end left out
   * @param valid  whether all of the block is UTF-8
   * @param offset of the block in the file
   */
  function isRow(block: Buffer, start: number, end: number, valid: boolean, offset: number): boolean {
    counts.lines++;
    // Of most lines the first byte says that they are neither blank, nor a comment or the start of a document.
    if (valid && !prefix && (block[start] as number) > DASH && end - start <= MAX_LINE_BYTES && end > start)
      return true;
    if (end - start > MAX_LINE_BYTES) {
      long();
      return false;
    }
    if (!valid && !isUtf8(block.subarray(start, end))) {
      undecodable(block.subarray(start, end), offset + start);
      return false;
    }
    if (prefix && block.compare(prefix, 0, prefix.length, start, Math.min(end, start + prefix.length)) === 0) {
      counts.comment++;
      return false;
    }
    if (isBlank(block, start, end)) {
      counts.separator++;
      fresh = true;
      return false;
    }
    if (block[start] === HASH && isComment(block, start, end)) {
      if (rules.names && isOtherHeader(block.toString('utf8', start, end), rules.names)) otherHeader(rules.names);
      else counts.comment++;
      return false;
    }
    if (block[start] === DASH && docstart && isDocstart(block, start, end)) {
      counts.docstart++;
      fresh = true;
      return false;
    }
    return true;
  }

  function isComment(block: Buffer, start: number, end: number): boolean {
    if (comments === 'hash') return true;
    if (!fresh) return false;
    if (comments === 'numbered') return true;
    const line = block.subarray(start, end);
    if (separator === 'tab' && block[start + 1] === SPACE && !line.includes(TAB)) return true;
    const text = line.toString();
    return MARKED_COMMENT.test(text) || (MARKED_COLUMN.test(text) && text.split('\t').length !== columns);
  }

  function otherHeader(names: readonly string[]): void {
    bad++;
    const note = `columns are named once, in the first line: ${names.join(' ')}; read files with other columns by themselves`;
    problems.add(counts.lines, 1, 'the columns are named again, and otherwise', note);
  }

  /** A line too long for memory, cut off by the caller, or found in a block. */
  function long(): void {
    bad++;
    problems.add(counts.lines, 1, `line is longer than ${String(MAX_LINE_BYTES)} bytes`, LONG_NOTE);
  }

  function undecodable(line: Buffer, offset: number): void {
    bad++;
    const at = invalidUtf8At(line);
    const column = characters(line.toString('utf8', 0, at)).length + 1;
    const byte = `0x${line.readUInt8(at).toString(16).toUpperCase().padStart(2, '0')}`;
    problems.add(
      counts.lines,
      column,
      `byte ${byte} at offset ${String(offset + at)} is not valid UTF-8`,
      'the file must be UTF-8: convert it, for example with iconv -f ISO-8859-1 -t UTF-8',
    );
  }

  function skipLong(): void {
    counts.lines++;
    long();
  }

  /** Does a sentence break stand before this row? To be asked once of every row. */
  function isFresh(): boolean {
    const was = fresh;
    fresh = false;
    return was;
  }

  return { isRow, isFresh, skipLong, bad: () => bad, fresh: () => fresh };
}

function isOtherHeader(line: string, names: readonly string[]): boolean {
  const own = columnNames(line);
  return own !== undefined && own.join(' ') !== names.join(' ');
}

function isBlank(block: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (block[i] !== SPACE && block[i] !== TAB) return false;
  return true;
}

/** The word alone or as the first column. */
function isDocstart(block: Buffer, start: number, end: number): boolean {
  const after = start + DOCSTART.length;
  if (after > end || block.compare(DOCSTART, 0, DOCSTART.length, start, after) !== 0) return false;
  return after === end || block[after] === SPACE || block[after] === TAB;
}
