import { UserError } from '../errors';
import { didYouMean } from '../nearest';
import type { Choice } from './types';

/** What the first lines of a file show, before anything is decided. */
export interface Sample {
  readonly separator: 'tab' | 'blank';
  /** Columns of most rows. */
  readonly columns: number;
  /** First column of the rows. */
  readonly first: readonly string[];
}

export interface Format {
  readonly title: string;
  /** Names of the columns from the first on; where the list is empty a file may have any number of columns. */
  readonly names: readonly string[];
  /** Default token and tag column, 1-based; 0 is the last. */
  readonly token: number;
  readonly tag: number;
  /** Rows are separated by tabs alone, whatever the file looks like. */
  readonly tabOnly: boolean;
  /**
   * `hash`: every line that starts with `#` is a comment. `marked`: only a line that starts with `# `, stands before a
   * sentence's first token and cannot be a row (`# sent_id = 3`), because a real token may be `#`.
   */
  readonly comments: 'hash' | 'marked';
  /** The first column holds word numbers, ranges (`3-4`) and empty nodes (`8.1`). */
  readonly wordNumbers: boolean;
  readonly fits: (sample: Sample) => boolean;
}

const ROWS = { token: 1, tag: 0, tabOnly: false, comments: 'marked', wordNumbers: false } as const;

/** Tried in this order by `auto`. */
export const FORMATS = {
  conllu: {
    title: 'CoNLL-U: ten tab columns with word numbers, universal dependencies',
    names: ['ID', 'FORM', 'LEMMA', 'UPOS', 'XPOS', 'FEATS', 'HEAD', 'DEPREL', 'DEPS', 'MISC'],
    token: 2,
    tag: 4,
    tabOnly: true,
    comments: 'hash',
    wordNumbers: true,
    fits: ({ separator, columns, first }) =>
      separator === 'tab' &&
      columns === 10 &&
      first.filter((id) => /^\d+([-.]\d+)?$/.test(id)).length * 2 > first.length,
  },
  conll2003: {
    ...ROWS,
    title: 'CoNLL-2003: token, part of speech, chunk, named entity',
    names: ['FORM', 'POS', 'CHUNK', 'NER'],
    fits: ({ columns }) => columns === 4,
  },
  conll2000: {
    ...ROWS,
    title: 'CoNLL-2000 and CoNLL-2002: token, part of speech, chunk or named entity',
    names: ['FORM', 'POS', 'CHUNK'],
    fits: ({ columns }) => columns === 3,
  },
  tsv: {
    ...ROWS,
    title: 'two columns: token and tag',
    names: ['FORM', 'TAG'],
    fits: ({ columns }) => columns === 2,
  },
  columns: {
    ...ROWS,
    title: 'any number of columns: token first, tag last, unless told otherwise',
    names: [],
    fits: () => true,
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

/** The first row of the table that fits. */
export function detectFormat(sample: Sample): Choice<FormatName> {
  const name = (Object.keys(FORMATS) as FormatName[]).find((key) => FORMATS[key].fits(sample)) ?? 'columns';
  const count = sample.columns === 1 ? '1 column' : `${String(sample.columns)} columns`;
  const numbers = FORMATS[name].wordNumbers ? ', the first a word number' : '';
  return { name, why: `${count} separated by ${sample.separator === 'tab' ? 'tabs' : 'blanks'}${numbers}` };
}

/**
 * A column given by 1-based number or by name as a 0-based index.
 * @throws UserError where the format or the file has no such column
 */
export function resolveColumn(wanted: number | string, format: Format, count: number, path: string): number {
  const text = String(wanted).trim();
  const named = format.names.findIndex((name) => name.toLowerCase() === text.toLowerCase());
  const column = named >= 0 ? named + 1 : /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(column)) {
    const note =
      format.names.length > 0
        ? didYouMean(text, format.names)
        : 'this format has no column names: give a number from 1';
    throw new UserError(`${path}: no column is called '${text}'`, note);
  }
  if (column < 1 || column > count) {
    throw new UserError(`${path}: there is no column ${text}`, `columns are numbered from 1 to ${String(count)}`);
  }
  return column - 1;
}
