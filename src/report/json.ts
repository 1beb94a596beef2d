import type { Report } from '../metrics/scores';

/** Reports by split (`dev`, `test`), in the order they are to be shown. */
export type Reports = Readonly<Record<string, Report>>;

/** The reports as JSON, the same numbers as the table, unrounded. */
export function reportJson(reports: Reports): string {
  return toJson(reports);
}

/** Indented JSON, ending in a line break. Throws RangeError on NaN and infinities, which JSON would turn into null in silence. */
export function toJson(value: unknown): string {
  const checked = (key: string, item: unknown): unknown => {
    if (typeof item === 'number' && !Number.isFinite(item))
      throw new RangeError(`${key} is ${item}: JSON has no such number`);
    return item;
  };
  return `${JSON.stringify(value, checked, 2)}\n`;
}
