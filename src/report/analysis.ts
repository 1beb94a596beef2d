import { present } from '../errors';
import type { BootstrapResult, Interval } from '../metrics/bootstrap';
import type { Calibration } from '../metrics/calibration';
import type { Cell } from '../metrics/confusion';
import type { ConventionScore } from '../metrics/conventions';
import { SPAN_ERRORS, type EntityConfusion, type ErrorAnalysis, type WrongSpan } from '../metrics/error-analysis';
import { countInvalid, type InvalidTag } from '../metrics/invalid';
import { surface } from '../metrics/seen';
import { percent } from '../wording';
import { typeTitle } from '../schemes';
import { align } from './text';

/** One line: micro F1 of the same predictions by every convention, lowest and highest. Empty where none applies. */
export function spreadText(scores: readonly ConventionScore[]): string {
  if (scores.length === 0) return '';
  const f1 = scores.map((s) => s.f1);
  const each = scores.map((s) => `${s.convention} ${percent(s.f1)}`).join(', ');
  return `micro F1 of these predictions is ${percent(Math.min(...f1))} to ${percent(Math.max(...f1))} by convention: ${each}\n`;
}

/** One line: how many tags the scheme does not allow, by kind, and where the first one is. */
export function invalidText(found: readonly InvalidTag[]): string {
  if (found.length === 0) return 'no invalid tag sequences in the predictions\n';
  const kinds = Object.entries(countInvalid(found)).map(([kind, n]) => `${kind} ${n}`);
  const { tag, sentence, token } = present(found[0], 'invalid tag');
  const first = `first: ${tag} in sentence ${sentence + 1}, token ${token + 1}`;
  return `${found.length} invalid tags in the predictions: ${kinds.join(', ')}; ${first}\n`;
}

/** F1 of every class and average with its bootstrap interval, in per cent. `title` says what the classes are. */
export function intervalText(result: BootstrapResult, title = 'entities'): string {
  const { micro, macro, classes, resamples, level } = result;
  const cell = (x: number | null): string => (x === null ? '-' : percent(x));
  const row = (name: string, { f1, low, high }: Interval): string[] => [name, percent(f1), cell(low), cell(high)];
  const rows = [
    [title, 'F1', 'low', 'high'],
    ...classes.map((c) => row(typeTitle(c.name), c)),
    row('micro average', micro),
    row('macro average', macro),
  ];
  const note = `${Number((100 * level).toFixed(2))} % intervals: percentile bootstrap over sentences, ${resamples} resamples`;
  return [...align(rows), note].join('\n') + '\n';
}

/** Spans by gold (rows) and predicted type (columns), then the number of errors of each kind. */
export function errorsText({ confusion, kinds }: ErrorAnalysis): string {
  return [...entityConfusionLines(confusion), '', ...align(SPAN_ERRORS.map((kind) => [kind, String(kinds[kind])]))]
    .join('\n')
    .concat('\n');
}

function entityConfusionLines({ types, cells }: EntityConfusion): string[] {
  const rows = [...types.map(typeTitle), 'spurious'];
  const columns = [...types.map(typeTitle), 'missed'];
  // nothing can be both spurious and missed: the last cell stays empty
  const empty = (g: number, p: number): string => (g === types.length && p === types.length ? '' : '0');
  return confusionTable({ title: 'gold \\ predicted', of: 'spans', rows, columns, cells, empty });
}

export interface ConfusionTable {
  /** Over the rows. */
  readonly title: string;
  /** What is counted. */
  readonly of: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly cells: readonly Cell[];
  /** What a cell shows that counts nothing. */
  readonly empty: (row: number, column: number) => string;
}

/** A wider matrix is no longer read but searched: its largest cells are listed instead. */
const MATRIX_WIDTH = 120;
const LISTED = 20;

/** The whole matrix, or of many rows and columns the largest cells beside the diagonal. */
export function confusionTable({ title, of, rows, columns, cells, empty }: ConfusionTable): string[] {
  const rowName = (g: number): string => present(rows[g], 'row');
  if (columns.reduce((width, name) => width + name.length + 2, 0) <= MATRIX_WIDTH) {
    const table = rows.map((_, g) => columns.map((_column, p) => empty(g, p)));
    for (const [g, p, n] of cells) present(table[g], 'row')[p] = String(n);
    const matrix = align([[title, ...columns], ...table.map((row, g) => [rowName(g), ...row])]);
    if (present(matrix[0], 'head').length <= MATRIX_WIDTH) return matrix;
  }
  const confused = cells.filter(([g, p]) => g !== p).sort(([, , a], [, , b]) => b - a);
  const rest = confused.length - LISTED;
  return [
    ...align([
      [`${of} confused: gold`, 'predicted', 'count'],
      ...confused.slice(0, LISTED).map(([g, p, n]) => [rowName(g), present(columns[p], 'column'), String(n)]),
    ]),
    ...(rest > 0 ? [`and ${rest} more pairs; --json has those of all ${rows.length} rows`] : []),
  ];
}

/** Wrong spans, one a line: sentence, kind, gold and prediction with their words. Says how many were left out. */
export function wrongSpansText(
  wrong: readonly WrongSpan[],
  tokens: readonly (readonly string[])[],
  limit = 20,
): string {
  const shown = (span: WrongSpan['gold'], sentence: number): string =>
    span ? `${span.type} "${surface(present(tokens[sentence], 'sentence'), span)}"` : '-';
  const rows = wrong
    .slice(0, limit)
    .map(({ kind, sentence, gold, predicted }) => [
      `sentence ${sentence + 1}: ${kind}: gold ${shown(gold, sentence)}, predicted ${shown(predicted, sentence)}`,
    ]);
  const rest = wrong.length - rows.length;
  return [...rows.flat(), ...(rest > 0 ? [`and ${rest} more`] : [])].map((line) => `${line}\n`).join('');
}

/** Reliability by bin, empty ones left out, and the calibration errors. @param of what is counted */
export function calibrationText({ bins, ece, mce, count }: Calibration, of = 'tokens'): string {
  const rows = bins
    .filter((bin) => bin.count > 0)
    .map((bin) => [
      `${bin.low.toFixed(2)} to ${bin.high.toFixed(2)}`,
      String(bin.count),
      percent(bin.confidence),
      percent(bin.accuracy),
    ]);
  const lines = align([['confidence', of, 'mean', 'right'], ...rows]);
  return [...lines, `expected calibration error ${percent(ece)} %, largest ${percent(mce)} %, ${count} ${of}`]
    .join('\n')
    .concat('\n');
}
