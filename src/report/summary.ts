import { present } from '../errors';
import type { GateResult, Scored } from '../gates';
import { type Intervals, intervalOf } from '../metrics/intervals';
import type { Report, Score, ScoreTable } from '../metrics/scores';
import { count, percent, visible } from '../wording';
import { typeTitle } from '../schemes';
import { floorLines } from './floor';
import { inOneLine, type Warning } from '../warnings';

/** Scores, floors and warnings as Markdown, for the summary page of a CI job. */
export function summaryMarkdown(
  title: string,
  scored: readonly Scored[],
  floors: readonly GateResult[],
  warnings: readonly Warning[] = [],
): string {
  const parts = [`## ${cell(title)}`, ...(floors.length > 0 ? [gatesMarkdown(floors)] : [])];
  if (warnings.length > 0) parts.push(warnings.map((one) => `- **warning**: ${cell(inOneLine(one))}`).join('\n'));
  for (const { name, reports } of scored) parts.push(`### ${cell(name)}`, scoresMarkdown(reports));
  return `${parts.join('\n\n')}\n`;
}

/** The gates as a table, the missed ones first. */
export function gatesMarkdown(gates: readonly GateResult[]): string {
  const missed = gates.filter(({ passed }) => !passed);
  const rows = [...missed, ...gates.filter(({ passed }) => passed)].map(({ subject, metric, value, floor, passed }) => [
    passed ? 'passed' : '**missed**',
    cell(subject),
    cell(metric),
    percent(value),
    percent(floor),
  ]);
  const verdict =
    missed.length === 0
      ? `All ${gates.length} floors reached.`
      : `**${missed.length} of ${gates.length} floors missed.**`;
  return [verdict, '', table(['', 'scored', 'metric', 'score', 'floor'], rows)].join('\n');
}

/** Of one report the class table with intervals; of several (seeds) the averages of each. */
function scoresMarkdown(reports: readonly Report[]): string {
  const first = present(reports[0], 'report');
  if (reports.length === 1) return reportMarkdown(first);
  const row = (name: string, { micro, macro }: ScoreTable, accuracy: number): string[] => [
    name,
    percent(micro.f1),
    percent(macro.f1),
    percent(accuracy),
  ];
  const rows = [
    ...reports.map((report, i) => row(String(i + 1), report.entities ?? report.tags, report.accuracy)),
    ...(first.floor ? [row('look-up', first.floor.table, first.floor.accuracy)] : []),
  ];
  return [table(['run', 'micro F1', 'macro F1', 'accuracy'], rows), '', signatureLine(first)].join('\n');
}

/** The class table with intervals, the floor and the signature. */
export function reportMarkdown(report: Report): string {
  const { classes, micro, macro } = report.entities ?? report.tags;
  const floor = report.floor?.table;
  const floors = new Map(floor?.classes.map(({ name, f1 }) => [name, f1]));
  const row = (name: string, s: Pick<Score, 'precision' | 'recall' | 'f1'>, metric: string, floorF1 = 0): string[] => [
    cell(name),
    percent(s.precision),
    percent(s.recall),
    percent(s.f1),
    ...(floor ? [percent(floorF1)] : []),
    rangeOf(report.intervals, metric),
  ];
  const level = (report.intervals?.entities ?? report.intervals?.tags)?.level ?? 0.95;
  const rows = [
    ...classes.map((c) => [...row(typeTitle(c.name), c, `${c.name}.f1`, floors.get(c.name)), String(c.support)]),
    [...row('micro average', micro, 'micro-f1', floor?.micro.f1), String(micro.support)],
    [...row(`macro average (${macro.classes})`, macro, 'macro-f1', floor?.macro.f1), ''],
  ];
  return [
    table(
      [
        report.entities ? 'entities' : 'tags',
        'precision',
        'recall',
        'F1',
        ...(floor ? ['look-up F1'] : []),
        `${Number((100 * level).toFixed(2))} % interval`,
        'support',
      ],
      rows,
    ),
    '',
    `Accuracy ${percent(report.accuracy)} % of ${count(report.tokens, 'token')} in ${count(report.sentences, 'sentence')}.`,
    ...floorLines(report).flatMap((line) => ['', cell(line)]),
    '',
    signatureLine(report),
  ].join('\n');
}

function rangeOf(intervals: Intervals | undefined, metric: string): string {
  const found = intervals && intervalOf(intervals, metric);
  return found?.low == null || found.high === null ? '' : `${percent(found.low)} to ${percent(found.high)}`;
}

const signatureLine = (report: Report): string => `Scored as \`${report.signature.replaceAll('`', "'")}\``;

/** The first column to the left, the others to the right. Cells are Markdown already. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = `| ${header.map((_, i) => (i === 0 ? ':--' : '--:')).join(' | ')} |`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** Text as a cell or heading: nothing in it means anything to Markdown. */
export function cell(text: string): string {
  return visible(text.replace(/[\r\n]+/g, ' ')).replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&');
}
