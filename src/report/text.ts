import { present } from '../errors';
import { count, percent, visible, visibleLines } from '../wording';
import { floorLines } from './floor';
import type { Report, Score, ScoreTable } from '../metrics/scores';
import { typeTitle } from '../schemes';
import type { Tagging } from '../data/tagging';
import type { RunResult } from '../run/result';
import type { Reports } from './json';

/** All splits, one after the other, as they are printed at the end of a run. */
export function reportText(reports: Reports): string {
  return Object.entries(reports)
    .map(([split, report]) => splitText(split, report))
    .join('\n');
}

/** The scores of a finished run: dev, and test where there is one. */
export function resultText(
  result: Pick<RunResult, 'dev' | 'test' | 'metric'> & {
    readonly decode: RunResult['decode'];
    readonly data: { readonly train: { readonly tagging: Pick<Tagging, 'outside'> } };
  },
): string {
  const { dev, test, metric, decode, data } = result;
  const reports = reportText(test ? { dev, test } : { dev });
  const bias = biasLine(decode, metric, data.train.tagging.outside);
  return bias === null ? reports : `${reports}\n${visibleLines(bias)}`;
}

/** What a bias of the outside label does on dev; null where none was looked for. */
function biasLine({ fit, outsideBias }: RunResult['decode'], metric: string, outside: string): string | null {
  if (!fit) return null;
  const { bias, plain, biased } = fit;
  if (bias === 0) return `bias of ${outside}: none scores better on dev\n`;
  const change = `${metric} ${percent(plain)} to ${percent(biased)}`;
  return outsideBias === bias
    ? `bias of ${outside}: ${bias}, fitted on dev: ${change} there\n`
    : `bias of ${outside}: ${bias} would take dev from ${change} (--outside-bias dev)\n`;
}

/** The last line of a run that ends with exit code 3. */
export const learnedNothing = (metric: string): string =>
  `exit 3: the tagger learned nothing: ${metric} on dev was ${percent(0)} after every epoch\n`;

/** One split: a line of sizes, the entity table where there is one, the tag table, accuracy, and how it was scored. */
export function splitText(split: string, report: Report): string {
  const { entities, tags } = report;
  const plain = entities === null;
  const lines = [`${split}: ${count(report.sentences, 'sentence')}, ${count(report.tokens, 'token')}`, ''];
  if (entities) lines.push(...tableText('entities', entities, report.floor?.table), '');
  const title = plain ? 'tags' : 'tokens (O is in no average)';
  lines.push(...tableText(title, tags, plain ? report.floor?.table : undefined), '');
  lines.push(`accuracy ${percent(report.accuracy)} % of tokens`, ...floorLines(report));
  if ([...(entities?.classes ?? []), ...tags.classes].some((c) => c.zeroDivision)) {
    lines.push('* 0 because nothing was predicted or nothing is in gold; macro averages are over classes in gold');
  }
  lines.push(`scored as ${report.signature}`);
  return visibleLines(lines.join('\n') + '\n');
}

/** Precision, recall and F1 in per cent, two decimals as conlleval prints them; of a floor F1 alone, in a last column. */
export function tableText(title: string, table: ScoreTable, floor?: ScoreTable): string[] {
  const { classes, micro, macro } = table;
  const floors = new Map(floor?.classes.map(({ name, f1 }) => [name, f1]));
  const beside = (f1: number): string[] => (floor ? [percent(f1)] : []);
  const row = (name: string, s: Score, floorF1 = 0): string[] => [
    name,
    percent(s.precision) + (s.predicted === 0 ? '*' : ' '),
    percent(s.recall) + (s.support === 0 ? '*' : ' '),
    percent(s.f1) + (s.zeroDivision ? '*' : ' '),
    String(s.support),
    String(s.predicted),
    String(s.tp),
    ...beside(floorF1),
  ];
  return align([
    [title, 'precision ', 'recall ', 'F1 ', 'support', 'predicted', 'right', ...(floor ? ['look-up F1'] : [])],
    ...classes.map((c) => row(typeTitle(c.name), c, floors.get(c.name))),
    row('micro average', micro, floor?.micro.f1),
    [
      `macro average (${count(macro.classes, 'class', 'classes')})`,
      `${percent(macro.precision)} `,
      `${percent(macro.recall)} `,
      `${percent(macro.f1)} `,
      ...(floor ? ['', '', '', percent(floor.macro.f1)] : []),
    ],
  ]);
}

/** Columns padded to their widest cell: the first to the left, the others to the right; two blanks between. What cannot be seen is escaped. */
export function align(table: readonly (readonly string[])[]): string[] {
  const rows = table.map((row) => row.map(visible));
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, c) => (widths[c] = Math.max(widths[c] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, c) => {
        const width = present(widths[c], 'width');
        return c === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
