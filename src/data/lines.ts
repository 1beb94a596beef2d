import { isUtf8 } from 'node:buffer';
import type { Format } from './formats';
import { characters, type Problems } from './problems';
import type { LineCounts } from './types';
import { invalidUtf8At } from './utf8';

/** A longer line is no row of a corpus but a file of another kind. */
export const MAX_LINE_BYTES = 1 << 20;

/** The rows of one block of lines; everything that is no row has been accounted for. */
export interface RowBlock {
  /** The rows with their line ends, one after the other. */
  readonly bytes: Buffer;
  /** 1-based line of each row. */
  readonly lines: readonly number[];
  /** Does a sentence break stand between this row and the one before? */
  readonly fresh: readonly boolean[];
  /** Are there NUL or CR bytes, which no field may hold? */
  readonly suspicious: boolean;
}

const [TAB, LF, CR, SPACE, HASH, DASH] = [9, 10, 13, 32, 35, 45];
const DOCSTART = Buffer.from('-DOCSTART-');
const LONG_NOTE = `no line of a corpus is longer than ${String(MAX_LINE_BYTES)} bytes: is this a CoNLL file with one token a line?`;

/** Comments that rows cannot be mistaken for: CoNLL-U's `# key = value` and its kin, and MultiCoNER's `# id … domain=…`. */
const MARKED_COMMENT = /^# (\S+ =( |$)|(newdoc|newpar)\b|id \S+\s+domain=)/;

/**
 * Tells rows from separators, comments and document starts, byte by byte and before anything is decoded, and counts each.
 * Lines that cannot be decoded or are too long become problems and are counted as bad.
 */
export function createLineScanner(format: Format, separator: 'tab' | 'blank', counts: LineCounts, problems: Problems) {
  let fresh = true;
  let bad = 0;

  function scan(block: Buffer, offset: number): RowBlock {
    const valid = isUtf8(block);
    const lines: number[] = [];
    const breaks: boolean[] = [];
    const rows = Buffer.allocUnsafe(block.length);
    let filled = 0;
    let run = 0; // start of the run of rows not yet copied
    let suspicious = block.includes(0);

    for (let start = 0; start < block.length;) {
      const lf = block.indexOf(LF, start);
      const next = lf < 0 ? block.length : lf + 1;
      let end = lf < 0 ? block.length : lf;
      if (end > start && block[end - 1] === CR && lf >= 0) end--;
      counts.lines++;
      if (isRow(block, start, end, valid, offset)) {
        lines.push(counts.lines);
        breaks.push(fresh);
        fresh = false;
      } else {
        filled += block.copy(rows, filled, run, start);
        run = next;
      }
      start = next;
    }
    filled += block.copy(rows, filled, run);
    const bytes = rows.subarray(0, filled);
    suspicious ||= bytes.includes(CR);
    return { bytes, lines, fresh: breaks, suspicious };
  }

  /** Accounts for a line that is no row. */
  function isRow(block: Buffer, start: number, end: number, valid: boolean, offset: number): boolean {
    if (end - start > MAX_LINE_BYTES) {
      long();
      return false;
    }
    if (!valid && !isUtf8(block.subarray(start, end))) {
      undecodable(block.subarray(start, end), offset + start);
      return false;
    }
    if (isBlank(block, start, end)) {
      counts.separator++;
      fresh = true;
      return false;
    }
    if (block[start] === HASH && isComment(block, start, end)) {
      counts.comment++;
      return false;
    }
    if (block[start] === DASH && !format.wordNumbers && isDocstart(block, start, end)) {
      counts.docstart++;
      fresh = true;
      return false;
    }
    return true;
  }

  function isComment(block: Buffer, start: number, end: number): boolean {
    if (format.comments === 'hash') return true;
    if (!fresh || block[start + 1] !== SPACE) return false;
    const line = block.subarray(start, end);
    return (separator === 'tab' && !line.includes(TAB)) || MARKED_COMMENT.test(line.toString());
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
    const byte = `0x${line[at].toString(16).toUpperCase().padStart(2, '0')}`;
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

  return { scan, skipLong, bad: () => bad };
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
