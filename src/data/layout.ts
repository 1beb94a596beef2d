import { UserError } from '../errors';
import { detectFormat, FORMATS, resolveColumn, resolveKeyed, type Format, type FormatName } from './formats';
import { isMarked } from './lines';
import { quote } from './problems';
import { takeSample, type Sample } from './sample';
import { refuseStranger } from './strangers';
import type { Choice, Corpus, WordNumbers } from './types';

export interface RowOptions {
  readonly format?: FormatName | 'auto';
  /** 1-based number or name; the format's own where it is not given. */
  readonly tokenColumn?: number | string | null;
  /** The same; `MISC:name` is one key of a column `SpaceAfter=No|name=B-PER`. */
  readonly tagColumn?: number | string | null;
  /** Lines that start with this are comments, wherever they stand. */
  readonly comment?: string | null;
  /** false reads tokens alone, as input to a tagger; every tag is then `_`. */
  readonly tagged?: boolean;
  /** Another file of the corpus: its format and columns hold here too, where there are as many columns and nothing else is told. */
  readonly like?: Pick<Corpus, 'format' | 'columns' | 'numbers'>;
}

/** How a file is laid out, decided from its first lines and the options. */
export interface Layout {
  readonly format: Choice<FormatName>;
  readonly separator: 'tab' | 'blank';
  /** `count` is the least number where it varies from sentence to sentence; `key` is that of a keyed tag column. */
  readonly columns: Corpus['columns'];
  readonly numbers: WordNumbers | undefined;
  /** As a format's; `numbered`: before a sentence's first token `#` starts a comment, because rows start with a number. */
  readonly comments: Format['comments'] | 'numbered';
  /** Lines that start with this are comments as well. */
  readonly comment: string | undefined;
}

/** @throws UserError when the columns asked for are not there */
export function decideLayout(path: string, bytes: Buffer, options: RowOptions): Layout {
  const sample = takeSample(bytes);
  refuseStranger(bytes, path, sample, options.tagged ?? true);
  const named = options.like?.columns.names !== undefined && sample.header !== undefined; // in whatever order
  const like = named || options.like?.columns.count === sample.columns ? options.like : undefined;
  const choice = chooseFormat(sample, options, like);
  const format: Format = FORMATS[choice.name];
  const tagged = options.tagged ?? true;
  const names = namesOf(path, format, sample);
  const least = names.names.length;
  const count =
    tagged && least > 0
      ? format.width === 'more'
        ? Math.max(least, sample.columns)
        : least
      : Math.max(tagged ? 2 : 1, sample.columns);

  const numbers = findNumbers(format, names.names, sample, like);
  const own = defaultToken(format, names.names, numbers, tagged ? count - 1 : count);
  const token = resolveColumn(options.tokenColumn ?? Math.min(own, count), names, count, path) + 1;
  const ownTag = likeTag(like) ?? (Math.min(format.tag, count) || count);
  const tag = resolveKeyed(options.tagColumn ?? ownTag, names, count, path);
  if (token === tag.index + 1 && tagged) {
    throw new UserError(
      `${path}${format.header ? ':1:1' : ''}: column ${String(token)} cannot be both token and tag`,
      `this file has ${String(count)} column${count === 1 ? '' : 's'}${format.header ? `: ${names.names.join(' ')}` : ''}`,
    );
  }
  const counted = numbers?.column === token ? undefined : numbers; // taken as tokens, as told
  const comments = format.comments === 'marked' && counted?.column === 1 ? 'numbered' : format.comments;
  const reasons = [choice.why, ...whyNumbers(format, counted, token, options), ...whyComments(comments, sample)];
  const key = tag.key ?? (options.tagColumn == null ? like?.columns.key : undefined);
  return {
    format: { name: choice.name, why: reasons.join('; ') },
    separator: format.tabOnly ? 'tab' : sample.separator,
    columns: {
      token,
      tag: tag.index + 1,
      count,
      ...(key === undefined ? {} : { key }),
      ...(format.header ? { names: names.names } : {}),
    },
    numbers: counted,
    comments,
    comment: options.comment ?? undefined,
  };
}

/** By name where the other file names its columns. */
function likeTag(like: RowOptions['like']): number | string | undefined {
  return like && (like.columns.names?.[like.columns.tag - 1] ?? like.columns.tag);
}

function chooseFormat(sample: Sample, options: RowOptions, like: RowOptions['like']): Choice<FormatName> {
  const told = options.format ?? 'auto';
  if (told !== 'auto') return { name: told, why: 'as told' };
  const found = detectFormat(sample);
  const other = like?.format.name as FormatName | undefined;
  return other === undefined || other === found.name ? found : { name: other, why: 'as the file before' };
}

/** Those of the format, or of the file's own header. */
function namesOf(path: string, format: Format, { header }: Sample): Pick<Format, 'names' | 'aliases'> {
  if (!format.header) return format;
  if (header) {
    const twice = header.find((name, i) => header.indexOf(name) < i);
    if (twice === undefined) return { names: header };
    throw new UserError(
      `${path}:1:1: two columns are called '${twice}' in # global.columns`,
      'a column is found by its name: give each one of its own',
    );
  }
  throw new UserError(
    `${path}:1:1: no line # global.columns before the first row`,
    'CoNLL-U Plus names its columns in the first line: # global.columns = ID FORM UPOS …',
  );
}

function findNumbers(
  format: Format,
  names: readonly string[],
  { numbers }: Sample,
  like: RowOptions['like'],
): WordNumbers | undefined {
  const id = names.findIndex((name) => name.toUpperCase() === 'ID');
  if (format.wordNumbers === 'strict' && id >= 0) return { column: id + 1, from: 1, restarts: true, strict: true };
  if (format.wordNumbers !== 'found') return undefined;
  return numbers ? { ...numbers, strict: false } : like?.numbers;
}

/** @param last the last column that may hold tokens */
function defaultToken(
  format: Format,
  names: readonly string[],
  numbers: WordNumbers | undefined,
  last: number,
): number {
  if (format.header) {
    const form = names.findIndex((name) => name.toUpperCase() === 'FORM');
    return form >= 0 ? form + 1 : numbers?.column === 1 ? 2 : 1;
  }
  return names.length === 0 && numbers && numbers.column < last ? numbers.column + 1 : format.token;
}

function whyNumbers(
  { wordNumbers }: Format,
  numbers: WordNumbers | undefined,
  token: number,
  { tokenColumn }: RowOptions,
): string[] {
  if (!numbers || wordNumbers !== 'found') return [];
  const { column, from, restarts } = numbers;
  const start = from === 0 ? '0, 1, 2' : '1, 2, 3';
  const counts = restarts ? `counts ${start}, … and starts again with each sentence` : 'counts the rows';
  const so = tokenColumn == null ? `, so the token is column ${String(token)}` : '';
  return [`column ${String(column)} ${counts}${so}`];
}

/** Names what is left out as a comment though it does not start with `# `. */
function whyComments(comments: Layout['comments'], { remark }: Sample): string[] {
  if (remark === undefined || (comments === 'marked' && !isMarked(remark))) return [];
  return [`lines such as ${quote(remark)} are comments`];
}
