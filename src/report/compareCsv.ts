import type { Comparison } from '../compare/comparison';
import { present } from '../errors';

/**
 * One row for each score of each run, what a look-up scores beside it, for a spreadsheet or a data frame: RFC 4180, fractions of 1,
 * unrounded. A text that a spreadsheet
 * would run as a formula has a `'` before it, which says there that it is text.
 */
export function comparisonCsv({ losses, metrics, split, floor }: Comparison): string {
  const rows: (string | number)[][] = [['loss', 'seed', 'status', 'split', 'metric', 'support', 'value', 'floor']];
  for (const { label, runs, scores } of losses) {
    for (const { seed, status } of runs.filter((run) => run.status !== 'done'))
      rows.push([label, seed, status, split, '', '', '', '']);
    const done = runs.filter(({ status }) => status === 'done');
    for (const { name, support } of Object.keys(scores).length > 0 ? metrics : []) {
      done.forEach(({ seed, status }, i) =>
        rows.push([
          label,
          seed,
          status,
          split,
          name,
          support ?? '',
          present(present(scores[name], name).values[i], name),
          floor?.[name] ?? '',
        ]),
      );
    }
  }
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
