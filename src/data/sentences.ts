import type { Format } from './formats';
import { createInterner } from './interner';
import type { Layout } from './layout';
import { characters, quote, type Problems } from './problems';
import type { LineCounts, Sentence } from './types';

/** How often a tag stands in the file, and where first. */
export interface TagUse {
  count: number;
  readonly line: number;
  readonly column: number;
}

/** What stands out in rows that were read all the same. */
export interface Found {
  /** Where the first token stands. */
  readonly first: { readonly line: number; readonly column: number } | undefined;
  /** Words whose number is not the next one, where that is no problem of the format. */
  readonly misnumbered: {
    readonly count: number;
    readonly line: number;
    readonly number: string;
    readonly due: number;
  };
}

/** Checks each row and gathers tokens into sentences. Rows that are problems are counted as bad and left out. */
export function createAssembler(
  layout: Layout,
  format: Format,
  tagged: boolean,
  counts: LineCounts,
  problems: Problems,
) {
  const { separator, columns, numbers } = layout;
  const varies = format.width === 'vary';
  const tags = new Map<string, TagUse>();
  const spelling = new Map<string, string>(); // one string object a tag
  const separators = separator === 'tab' ? 'one tab' : 'one tab or space';
  const words = createInterner((word) => word);
  // Of the sentence that is being read. What is handed on is copied out of them, which leaves no room unused.
  const tokens: string[] = [];
  const labels: string[] = [];
  let start = 0; // line of the first of them
  const gaps: number[] = []; // see `Sentence`
  let passed = 0; // lines between them
  let bad = 0;
  const beforeFirst = (numbers?.from ?? 1) - 1;
  let wordNumber = beforeFirst;
  let width: number = columns.count; // of the sentence's rows
  let first: Found['first'];
  let misnumbered: Found['misnumbered'] = { count: 0, line: 0, number: '', due: 0 };

  function row(record: readonly string[], line: number, suspicious: boolean): void {
    // Blanks may align columns: a run of them is one separator.
    const fields = separator === 'blank' && record.includes('') ? record.filter((field) => field !== '') : record;
    if (suspicious && refuseControl(record, line)) return;
    if (varies && tokens.length === 0 && fields.length > columns.count) width = fields.length;
    if (fields.length !== width) {
      refuseRagged(record, fields, line);
      return;
    }
    if (numbers && !isWord(fields[numbers.column - 1] as string, record, line)) return;

    const token = fields[columns.token - 1] as string;
    const tag = tagged ? tagOf(fields[columns.tag - 1] as string, record, line) : '_';
    if (tag === undefined) return;
    if (token === '' || tag === '' || hasOuterBlank(tag)) {
      refuseField(record, token, tag, line);
      return;
    }
    counts.token++;
    first ??= { line, column: columnOf(record, columns.token - 1) };
    tokens.push(token);
    labels.push(use(tag, record, line));
    place(line);
  }

  /** @param line of the token that was added last */
  function place(line: number): void {
    const index = tokens.length - 1;
    if (index === 0) start = line;
    const over = line - start - index;
    if (over === passed) return;
    passed = over;
    gaps.push(index, over);
  }

  /** The tag that a field holds; undefined, and a problem, where its key is missing. */
  function tagOf(field: string, record: readonly string[], line: number): string | undefined {
    if (columns.key === undefined) return field;
    const start = `${columns.key}=`;
    const values = field.split('|').filter((pair) => pair.startsWith(start));
    const only = values.at(0);
    if (only !== undefined && values.length === 1) return only.slice(start.length);
    const column = columnOf(record, columns.tag - 1);
    const found = values.length === 0 ? `no ${start} in ${quote(field)}` : `two ${start} in ${quote(field)}`;
    refuse(line, column, found, `every row needs one ${start}TAG among the keys of this column`);
    return undefined;
  }

  function use(tag: string, record: readonly string[], line: number): string {
    const known = tags.get(tag);
    if (known) known.count++;
    else {
      tags.set(tag, { count: 1, line, column: columnOf(record, columns.tag - 1) });
      spelling.set(tag, tag);
    }
    return spelling.get(tag) ?? tag;
  }

  /** Ends the sentence, if there is one. */
  function breakInto(done: Sentence[]): void {
    if (numbers?.restarts !== false) wordNumber = beforeFirst;
    width = columns.count;
    if (tokens.length === 0) return;
    const [own, tags] = [tokens.slice(), labels.slice()];
    const line = start;
    done.push(gaps.length === 0 ? { tokens: own, tags, line } : { tokens: own, tags, line, gaps: gaps.slice() });
    tokens.length = labels.length = gaps.length = passed = 0;
  }

  /** Tags by their bytes, and how those met so far are used. */
  const spellings = createInterner((tag): { readonly tag: string; use: TagUse | undefined } => ({
    tag,
    use: undefined,
  }));
  const untagged = { tag: '_', use: undefined };

  /**
   * The same as `row` straight from the bytes, for a row about which nothing is new or out of order; of others nothing is done.
   * @param bounds start and end in the block of each field, which hold neither NUL nor CR
   * @param fields at least as many as there are columns
   * @returns whether it was such a row
   */
  function plainRow(block: Buffer, bounds: Int32Array, fields: number, line: number): boolean {
    if (first === undefined || columns.key !== undefined) return false;
    const due = varies && tokens.length === 0 && fields > columns.count ? fields : width;
    if (fields !== due) return false;
    const number = numbers ? plainNumber(block, bounds, numbers.column - 1) : 0;
    if (number === RANGE || number === EMPTY_NODE) {
      if (number === RANGE) counts.range++;
      else counts.emptyNode++;
      width = due;
      return true;
    }
    if (numbers && number !== wordNumber + 1) return false;
    const [from, to] = [bounds[2 * columns.token - 2] as number, bounds[2 * columns.token - 1] as number];
    if (from === to) return false;
    const at = 2 * columns.tag - 2;
    const spelled = tagged ? spellings.of(block, bounds[at] as number, bounds[at + 1] as number) : untagged;
    const use = (spelled.use ??= tags.get(spelled.tag));
    if (use === undefined) return false;
    width = due;
    if (numbers) wordNumber = number;
    use.count++;
    counts.token++;
    tokens.push(words.of(block, from, to));
    labels.push(spelled.tag);
    place(line);
    return true;
  }

  /** Is this a word, and the next one? Ranges and empty nodes are counted and passed over. */
  function isWord(id: string, record: readonly string[], line: number): boolean {
    const due = wordNumber + 1;
    if (/^\d+$/.test(id)) {
      const number = Number(id);
      wordNumber = number;
      if (number === due) return true;
    } else if (/^\d+-\d+$/.test(id)) {
      counts.range++;
      return false;
    } else if (/^\d+\.\d+$/.test(id)) {
      counts.emptyNode++;
      return false;
    } else if (!numbers?.strict) wordNumber = due;
    if (!numbers?.strict) {
      const { count } = misnumbered;
      misnumbered = count === 0 ? { count: 1, line, number: id, due } : { ...misnumbered, count: count + 1 };
      return true;
    }
    const found = /^\d+$/.test(id)
      ? `word number ${id} where ${String(due)} is due`
      : `${quote(id)} is not a word number`;
    const column = columnOf(record, numbers.column - 1);
    refuse(line, column, found, 'words are numbered 1, 2, 3, … and a blank line stands between sentences');
    return false;
  }

  function refuseRagged(record: readonly string[], fields: readonly string[], line: number): void {
    const id = numbers ? (fields.at(numbers.column - 1) ?? '') : '';
    if (/^\d+$/.test(id)) wordNumber = Number(id); // the next row is no problem of its own
    const few = fields.length < width;
    const column = columnOf(record, width);
    const text = record.join(separator === 'tab' ? '\t' : ' ');
    const noun = fields.length === 1 ? 'column' : 'columns';
    refuse(
      line,
      column,
      `row has ${String(fields.length)} ${noun}, expected ${String(width)}: ${quote(text)}${few ? raggedHint(text) : ''}`,
      few && fields.length === 1
        ? `separate token and tag by ${separators}; a blank line ends a sentence`
        : text.startsWith('#')
          ? `where lines that start with # are comments, say so: --comment '#' (data.comment)`
          : `each row has ${String(width)} columns separated by ${separators} (${layout.format.name}: ${layout.format.why})`,
    );
  }

  function raggedHint(text: string): string {
    if (text.startsWith('# ')) return '; a comment stands before the first token of a sentence';
    return separator === 'tab' && text.includes(' ') ? '; this row has blanks where others have tabs' : '';
  }

  function refuseControl(record: readonly string[], line: number): boolean {
    const index = record.findIndex((field) => /[\0\r]/.test(field));
    const field = record.at(index);
    if (index < 0 || field === undefined) return false;
    const at = field.search(/[\0\r]/);
    const name = field[at] === '\0' ? 'NUL character' : 'carriage return';
    const column = columnOf(record, index) + characters(field.slice(0, at)).length;
    refuse(line, column, `${name} inside a row`, 'lines end with LF or CRLF, and the file is UTF-8 text');
    return true;
  }

  function refuseField(record: readonly string[], token: string, tag: string, line: number): void {
    const name = token === '' ? 'token' : 'tag';
    const index = (token === '' ? columns.token : columns.tag) - 1;
    const found = token !== '' && tag !== '' ? `tag ${quote(tag)} has a blank at its end` : `the ${name} is empty`;
    refuse(line, columnOf(record, index), found, `a row has a token and a tag, separated by ${separators}`);
  }

  /** 1-based character where a field starts, or where the row ends; between fields stands one separator or, of blanks, a run. */
  function columnOf(record: readonly string[], index: number): number {
    let column = 1;
    let seen = 0;
    for (const field of record) {
      const isField = separator === 'tab' || field !== '';
      if (isField && seen++ === index) return column;
      column += characters(field).length + 1;
    }
    return column - 1;
  }

  function refuse(line: number, column: number, message: string, note: string): void {
    bad++;
    problems.add(line, column, message, note);
  }

  return {
    row,
    plainRow,
    breakInto,
    open: () => (tokens.length === 0 ? undefined : start),
    tags: tags as ReadonlyMap<string, TagUse>,
    bad: () => bad,
    found: (): Found => ({ first, misnumbered }),
  };
}

const [RANGE, EMPTY_NODE, NO_NUMBER] = [-1, -2, -3];

/** The word number in a field, or what stands there in its place. Longer numbers are left to be read as text. */
function plainNumber(block: Buffer, bounds: Int32Array, field: number): number {
  const to = bounds[2 * field + 1] as number;
  let at = bounds[2 * field] as number;
  const from = at;
  let number = 0;
  for (; at < to && isDigit(block[at] as number); at++) number = 10 * number + (block[at] as number) - 48;
  if (at === from || at - from > 9) return NO_NUMBER;
  if (at === to) return number;
  const mark = block[at++];
  if (at === to || (mark !== 45 && mark !== 46)) return NO_NUMBER;
  while (at < to) if (!isDigit(block[at++] as number)) return NO_NUMBER;
  return mark === 45 ? RANGE : EMPTY_NODE;
}

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

const hasOuterBlank = (tag: string): boolean => /^\s|\s$/.test(tag);
