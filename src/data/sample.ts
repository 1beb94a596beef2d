import { createCountingTest } from './counting';
import { columnNames, MAX_LINE_BYTES } from './lines';
import type { Counting } from './types';

const SAMPLE_BYTES = 1 << 16;

/** Word numbers stand in one of the first columns: nothing stands before them but what whole sentences have in common. */
const NUMBERS_WITHIN = 4;

/** What the first lines of a file show, before anything is decided. */
export interface Sample {
  readonly separator: 'tab' | 'blank';
  /** Columns of most rows. */
  readonly columns: number;
  /** Fields of each row, every byte one character, so that a broken file can be sampled too. */
  readonly rows: readonly (readonly string[])[];
  /** The 1-based column that counts the words of a sentence. */
  readonly numbers: (Counting & { readonly column: number }) | undefined;
  /** Column names of CoNLL-U Plus, from `# global.columns = ID FORM …`. */
  readonly header: readonly string[] | undefined;
  /** The first line that starts with `#` and no blank after it. */
  readonly remark: string | undefined;
}

interface Row {
  readonly fields: readonly string[];
  /** Does a sentence start here? */
  readonly fresh: boolean;
}

/** Looks at the whole lines among a file's first 64 KiB. */
export function takeSample(block: Buffer): Sample {
  const lines = sampleText(block).split(/\r?\n/);
  const isRow = (line: string): boolean => !/^[ \t]*$|^# |^#(begin|end) document\b|^-DOCSTART-/.test(line);
  const tabbed = lines.filter((line) => isRow(line) && line.includes('\t')).length;
  const separator = tabbed > 0 && tabbed * 2 >= lines.filter(isRow).length ? 'tab' : 'blank';
  const rows: Row[] = [];
  let broken = true;
  for (const line of lines) {
    if (isRow(line)) {
      const fields = separator === 'tab' ? line.split('\t') : line.split(/[ \t]+/).filter((field) => field !== '');
      rows.push({ fields, fresh: broken });
      broken = false;
    } else if (!line.startsWith('#')) broken = true;
  }
  return {
    separator,
    columns: commonest(rows.map(({ fields }) => fields.length)),
    rows: rows.map(({ fields }) => fields),
    numbers: findNumbers(rows),
    header: findHeader(lines.slice(0, lines.findIndex(isRow) + 1)),
    remark: lines.find((line) => /^#[^ ]/.test(line)),
  };
}

/** Latin-1 keeps every byte as one character. A first line that is too long for a row says nothing. */
function sampleText(block: Buffer): string {
  let bytes = block;
  for (let lf = bytes.indexOf(10); lf > MAX_LINE_BYTES; lf = bytes.indexOf(10)) bytes = bytes.subarray(lf + 1);
  if (bytes.length <= SAMPLE_BYTES) return bytes.toString('latin1');
  const within = bytes.lastIndexOf(10, SAMPLE_BYTES - 1) + 1;
  return bytes.toString('latin1', 0, within || bytes.indexOf(10) + 1 || bytes.length);
}

function findNumbers(all: readonly Row[]): Sample['numbers'] {
  const rows: Row[] = [];
  let broken = false;
  for (const { fields, fresh } of all) {
    broken ||= fresh;
    if (fields.at(0)?.startsWith('#')) continue; // a remark, or a token that is no number
    rows.push({ fields, fresh: broken });
    broken = false;
  }
  for (let k = 0; k < NUMBERS_WITHIN; k++) {
    const test = createCountingTest();
    for (const row of rows) test.add(row.fields[k] ?? '', row.fresh);
    const counting = test.result();
    if (counting) return { column: k + 1, ...counting };
    // behind a column of document names or part numbers there may be another
    if (rows.some((row, r) => !row.fresh && row.fields[k] !== rows.at(r - 1)?.fields[k])) return undefined;
  }
  return undefined;
}

function findHeader(lines: readonly string[]): string[] | undefined {
  for (const line of lines) {
    const names = columnNames(Buffer.from(line, 'latin1').toString('utf8'));
    if (names !== undefined) return names;
  }
  return undefined;
}

/** The commonest value, of equals the one seen first; 0 of nothing. */
function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best = 0;
  for (const [value, count] of counts) if (count > (counts.get(best) ?? 0)) best = value;
  return best;
}
