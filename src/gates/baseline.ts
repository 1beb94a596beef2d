import { z } from 'zod';
import { UserError } from '../errors';
import { readJson, unsealed } from '../files/json';
import type { Report } from '../metrics/scores';

/** An earlier result to be no worse than. */
export interface Baseline {
  readonly path: string;
  readonly report: Report;
}

const share = z.number().min(0).max(1);
const amount = z.number().min(0);
const prf = { precision: share, recall: share, f1: share };
const scores = z.looseObject({ ...prf, tp: amount, predicted: amount, support: amount });
const table = z.looseObject({
  classes: z.array(scores.extend({ name: z.string() })),
  micro: scores,
  macro: z.looseObject({ ...prf, classes: amount }),
});
const interval = z.looseObject({ f1: share, low: share.nullable(), high: share.nullable() });
const intervals = z.looseObject({
  micro: interval,
  macro: interval,
  classes: z.array(interval.extend({ name: z.string() })),
});

/** What is read of a report: the scores, their intervals, and how they came about. */
const report = z.looseObject({
  entities: table.nullable(),
  tags: table,
  accuracy: share,
  convention: z.string(),
  signature: z.string(),
  intervals: z.looseObject({ entities: intervals.nullable(), tags: intervals }).optional(),
});

const NOTE = 'a baseline is the result.json of a run folder, or what dsc-train evaluate --json printed';

/**
 * The report of a `result.json` (of test, or of dev where there was no test) or of `evaluate --json`.
 * @throws UserError where the file holds none, or a damaged one
 */
export async function readBaseline(path: string): Promise<Baseline> {
  const content = await readJson(path, NOTE);
  if (unsealed(content) === 'broken') {
    throw new UserError(
      `${path}: is damaged: its checksum is not that of what it holds`,
      'take another copy; one that was changed on purpose goes without its line "checksum"',
    );
  }
  const fields: Readonly<Record<string, unknown>> = typeof content === 'object' ? { ...content } : {};
  const name = ['report', 'test', 'dev'].find((key) => typeof fields[key] === 'object' && fields[key] !== null);
  if (name === undefined) throw new UserError(`${path}: holds no scores`, NOTE);
  const parsed = report.safeParse(fields[name]);
  if (parsed.success) return { path, report: fields[name] as Report };
  const places = parsed.error.issues.map((issue) => [name, ...issue.path].join('.'));
  throw new UserError(`${path}: holds no scores at ${places.slice(0, 5).join(', ')}`, NOTE);
}
