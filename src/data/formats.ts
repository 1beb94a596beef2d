import { UserError } from '../errors';
import { didYouMean } from '../wording';
import type { Sample } from './sample';
import type { Choice } from './types';

export interface Format {
  readonly title: string;
  /** Names of the columns from the first on; where the list is empty a file may have any number of columns. */
  readonly names: readonly string[];
  /** Other names for them. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Default token and tag column, 1-based; a tag column of 0 is the last. */
  readonly token: number;
  readonly tag: number;
  /** Rows are separated by tabs alone, whatever the file looks like. */
  readonly tabOnly: boolean;
  /**
   * `hash`: every line that starts with `#` is a comment. `marked`: only a line that starts with `# `, stands before a
   * sentence's first token and cannot be a row (`# sent_id = 3`), because a real token may be `#`.
   */
  readonly comments: 'hash' | 'marked';
  /**
   * `strict`: the column ID holds word numbers, ranges (`3-4`) and empty nodes (`8.1`), and anything else in it is a problem.
   * `found`: such a column is looked for; where there is one, tokens stand behind it. `none`: the format has no such column.
   */
  readonly wordNumbers: 'strict' | 'found' | 'none';
  /** `same`: as many as there are names. `more`: all rows may have more. `vary`: and each sentence its own number. */
  readonly width: 'same' | 'more' | 'vary';
  /** What else the reason says where the format is found. */
  readonly note?: string;
  /** The columns are named by a line `# global.columns = …` of the file. */
  readonly header?: true;
  readonly fits: (sample: Sample) => boolean;
}

const ROWS = { token: 1, tag: 0, tabOnly: false, comments: 'marked', wordNumbers: 'none', width: 'same' } as const;
const NUMBERED = { ...ROWS, token: 2, wordNumbers: 'found' } as const;
const CONLLU = ['ID', 'FORM', 'LEMMA', 'UPOS', 'XPOS', 'FEATS', 'HEAD', 'DEPREL', 'DEPS', 'MISC'] as const;

/** Tried in this order by `auto`. */
export const FORMATS = {
  conlluplus: {
    title: 'CoNLL-U Plus: tab columns named by a line # global.columns = ID FORM …',
    names: [],
    token: 0,
    tag: 0,
    tabOnly: true,
    comments: 'hash',
    wordNumbers: 'strict',
    width: 'same',
    header: true,
    note: 'named by # global.columns',
    fits: ({ header }) => header !== undefined,
  },
  conllu: {
    title: 'CoNLL-U: ten tab columns with word numbers, universal dependencies',
    names: CONLLU,
    note: 'the first a word number',
    token: 2,
    tag: 4,
    tabOnly: true,
    comments: 'hash',
    wordNumbers: 'strict',
    width: 'same',
    fits: ({ separator, columns, rows }) =>
      separator === 'tab' && columns === 10 && most(rows, ([id = '']) => /^\d+([-.]\d+)?$/.test(id)),
  },
  conll2012: {
    ...NUMBERED,
    title: 'CoNLL-2012 and OntoNotes: document, part, word number, word, part of speech, parse, … , coreference',
    note: 'those of CoNLL-2012',
    names: ['DOC', 'PART', 'ID', 'FORM', 'POS', 'PARSE', 'LEMMA', 'FRAMESET', 'SENSE', 'SPEAKER', 'NER'],
    token: 4,
    tag: 11,
    comments: 'hash',
    width: 'vary',
    fits: ({ numbers, rows }) =>
      numbers?.column === 3 && most(rows, (row) => row.length >= 12 && hasStar(row[5]) && hasStar(row[10])),
  },
  conll2009: {
    ...NUMBERED,
    title: 'CoNLL-2009: dependencies and semantic roles, a column for each predicate',
    names: [
      ...['ID', 'FORM', 'LEMMA', 'PLEMMA', 'POS', 'PPOS', 'FEAT', 'PFEAT'],
      ...['HEAD', 'PHEAD', 'DEPREL', 'PDEPREL', 'FILLPRED', 'PRED'],
    ],
    tag: 5,
    width: 'vary',
    note: 'those of CoNLL-2009',
    fits: ({ numbers, rows }) =>
      isFirst(numbers) && most(rows, (row) => row.length >= 14 && /^[Y_]$/.test(row.at(12) ?? '')),
  },
  conllx: {
    ...NUMBERED,
    title: 'CoNLL-X, and CoNLL-U as others write it: word number, word, …, head, relation, separated by tabs or blanks',
    names: CONLLU.slice(0, 8),
    aliases: { CPOSTAG: 'UPOS', POSTAG: 'XPOS', DEPS: '9', MISC: '10', PHEAD: '9', PDEPREL: '10' },
    tag: 4,
    width: 'more',
    note: 'those of CoNLL-X',
    fits: ({ numbers, rows }) =>
      isFirst(numbers) && most(rows, (row) => row.length >= 8 && /^(\d+|_)$/.test(row.at(6) ?? '')),
  },
  germeval: {
    ...NUMBERED,
    title: 'GermEval 2014: word number, word, outer entity, inner entity',
    names: ['ID', 'FORM', 'NER', 'INNER'],
    note: 'two layers of entities: the outer one, NER (column 3), is read, not INNER (column 4)',
    tag: 3,
    fits: ({ numbers, columns, rows }) =>
      isFirst(numbers) && columns === 4 && most(rows, (row) => isChunk(row[2]) && isChunk(row[3])),
  },
  uner: {
    ...NUMBERED,
    title: 'Universal NER: word number, word, entity, second opinion, annotator',
    names: ['ID', 'FORM', 'NER', 'SECOND', 'ANNOTATOR'],
    note: 'entities in column 3',
    tag: 3,
    fits: ({ numbers, columns, rows }) =>
      isFirst(numbers) && columns === 5 && most(rows, (row) => isChunk(row[2]) && !isChunk(row[4])),
  },
  conll2003: {
    ...ROWS,
    title: 'CoNLL-2003: token, part of speech, chunk, named entity',
    names: ['FORM', 'POS', 'CHUNK', 'NER'],
    fits: ({ numbers, columns }) => !numbers && columns === 4,
  },
  conll2000: {
    ...ROWS,
    title: 'CoNLL-2000 and CoNLL-2002: token, part of speech, chunk or named entity',
    names: ['FORM', 'POS', 'CHUNK'],
    fits: ({ numbers, columns }) => !numbers && columns === 3,
  },
  tsv: {
    ...ROWS,
    title: 'two columns: token and tag',
    names: ['FORM', 'TAG'],
    fits: ({ columns }) => columns === 2,
  },
  columns: {
    ...ROWS,
    title: 'any number of columns: token first (behind word numbers), tag last, unless told otherwise',
    names: [],
    wordNumbers: 'found',
    fits: () => true,
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

/** The first row of the table that fits. */
export function detectFormat(sample: Sample): Choice<FormatName> {
  const name = (Object.keys(FORMATS) as FormatName[]).find((key) => FORMATS[key].fits(sample)) ?? 'columns';
  const count = sample.columns === 1 ? '1 column' : `${String(sample.columns)} columns`;
  const { note }: Format = FORMATS[name];
  const why = `${count} separated by ${sample.separator === 'tab' ? 'tabs' : 'blanks'}`;
  return { name, why: note === undefined ? why : `${why}, ${note}` };
}

/** How a file's columns may be called. */
export type ColumnNames = Pick<Format, 'names' | 'aliases'>;

/**
 * A column given by 1-based number or by name as a 0-based index.
 * @throws UserError where the format or the file has no such column
 */
export function resolveColumn(wanted: number | string, columns: ColumnNames, count: number, path: string): number {
  const text = String(wanted).trim();
  const column = findColumn(text, columns);
  if (column === undefined) {
    const note =
      columns.names.length > 0
        ? didYouMean(text, columns.names)
        : 'this format has no column names: give a number from 1';
    throw new UserError(`${path}: no column is called '${text}'`, note);
  }
  if (column < 1 || column > count) {
    throw new UserError(`${path}: there is no column ${text}`, `columns are numbered from 1 to ${String(count)}`);
  }
  return column - 1;
}

/**
 * A column, or one key of a column of keys: `MISC:name` reads `B-PER` out of `SpaceAfter=No|name=B-PER`.
 * @throws UserError as `resolveColumn`
 */
export function resolveKeyed(
  wanted: number | string,
  columns: ColumnNames,
  count: number,
  path: string,
): { readonly index: number; readonly key?: string } {
  const text = String(wanted).trim();
  for (let colon = text.lastIndexOf(':'); colon > 0 && findColumn(text, columns) === undefined;) {
    const [name, key] = [text.slice(0, colon), text.slice(colon + 1)];
    if (key !== '' && findColumn(name, columns) !== undefined) {
      return { index: resolveColumn(name, columns, count, path), key };
    }
    colon = text.lastIndexOf(':', colon - 1);
  }
  return { index: resolveColumn(text, columns, count, path) };
}

/** 1-based. */
function findColumn(text: string, { names, aliases = {} }: ColumnNames): number | undefined {
  const meant = new Map(Object.entries(aliases)).get(text.toUpperCase()) ?? text;
  const named = names.findIndex((name) => name.toLowerCase() === meant.toLowerCase());
  if (named >= 0) return named + 1;
  return /^\d+$/.test(meant) ? Number(meant) : undefined;
}

const isFirst = (numbers: Sample['numbers']): boolean => numbers?.column === 1;

const hasStar = (field = ''): boolean => field.includes('*');

const isChunk = (tag = ''): boolean => /^(O|[BIESLUM]-\S+)$/.test(tag);

function most(rows: Sample['rows'], fits: (row: readonly string[]) => boolean): boolean {
  return rows.filter(fits).length * 2 > rows.length;
}
