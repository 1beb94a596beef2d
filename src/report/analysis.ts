import type { BootstrapResult, Interval } from '../metrics/bootstrap';
import type { Calibration } from '../metrics/calibration';
import type { ConventionScore } from '../metrics/conventions';
import { SPAN_ERRORS, type EntityConfusion, type ErrorAnalysis, type WrongSpan } from '../metrics/error-analysis';
import { countInvalid, type InvalidTag } from '../metrics/invalid';
import { surface } from '../metrics/seen';
import { percent } from '../numbers';
import { typeTitle } from '../metrics/chunks';
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
  const [{ tag, sentence, token }] = found;
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

function entityConfusionLines({ types, counts }: EntityConfusion): string[] {
  const header = ['gold \\ predicted', ...types, 'missed'];
  return align([
    header,
    ...counts.map((row, g) => [
      types[g] ?? 'spurious',
      // nothing can be both spurious and missed: the last cell stays empty
      ...row.map((n, p) => (g === types.length && p === types.length ? '' : String(n))),
    ]),
  ]);
}

/** Wrong spans, one a line: sentence, kind, gold and prediction with their words. Says how many were left out. */
export function wrongSpansText(
  wrong: readonly WrongSpan[],
  tokens: readonly (readonly string[])[],
  limit = 20,
): string {
  const shown = (span: WrongSpan['gold'], sentence: number): string =>
    span ? `${span.type} "${surface(tokens[sentence], span)}"` : '-';
  const rows = wrong
    .slice(0, limit)
    .map(({ kind, sentence, gold, predicted }) => [
      `sentence ${sentence + 1}: ${kind}: gold ${shown(gold, sentence)}, predicted ${shown(predicted, sentence)}`,
    ]);
  const rest = wrong.length - rows.length;
  return [...rows.flat(), ...(rest > 0 ? [`and ${rest} more`] : [])].map((line) => `${line}\n`).join('');
}

/** Reliability by bin, empty ones left out, and the calibration errors. */
export function calibrationText({ bins, ece, mce, count }: Calibration): string {
  const rows = bins
    .filter((bin) => bin.count > 0)
    .map((bin) => [
      `${bin.low.toFixed(2)} to ${bin.high.toFixed(2)}`,
      String(bin.count),
      percent(bin.confidence),
      percent(bin.accuracy),
    ]);
  const lines = align([['confidence', 'tokens', 'mean', 'right'], ...rows]);
  return [...lines, `expected calibration error ${percent(ece)} %, largest ${percent(mce)} %, ${count} tokens`]
    .join('\n')
    .concat('\n');
}
