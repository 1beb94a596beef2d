import { present, UserError } from '../errors';
import { nearest } from '../wording';
import type { Report } from './scores';

/** What of a report a metric is taken from. */
export type Tables = Pick<Report, 'entities' | 'tags' | 'accuracy'>;

/** The averages a report has by name; the two tables' classes come on top. */
const AVERAGES: Readonly<Record<string, (report: Tables) => number>> = {
  'micro-f1': (r) => (r.entities ?? r.tags).micro.f1,
  'micro-precision': (r) => (r.entities ?? r.tags).micro.precision,
  'micro-recall': (r) => (r.entities ?? r.tags).micro.recall,
  'macro-f1': (r) => (r.entities ?? r.tags).macro.f1,
  'macro-precision': (r) => (r.entities ?? r.tags).macro.precision,
  'macro-recall': (r) => (r.entities ?? r.tags).macro.recall,
  accuracy: (r) => r.accuracy,
  'token-micro-f1': (r) => r.tags.micro.f1,
  'token-macro-f1': (r) => r.tags.macro.f1,
};

const FIELDS = ['f1', 'precision', 'recall'] as const;

/** `PER.f1`: the class may hold dots, the field is what follows the last one. */
const CLASS_METRIC = /^(.+)\.(f1|precision|recall)$/;

/**
 * A number of the report by its metric name, in [0, 1]: an average (`micro-f1`, `macro-f1`, `accuracy`, `token-micro-f1`, ...)
 * or one class (`PER.f1`, `PER.precision`, `PER.recall`; also a full tag, `B-PER.f1`). For plain tags micro and macro are of
 * the tags. Throws UserError naming the valid ones.
 */
export function metricValue(report: Tables, name: string): number {
  if (Object.hasOwn(AVERAGES, name)) return present(AVERAGES[name], name)(report);
  const match = CLASS_METRIC.exec(name);
  if (match) {
    const [, className, field] = match;
    const found = [...(report.entities?.classes ?? []), ...report.tags.classes].find((c) => c.name === className);
    if (found) return found[field as (typeof FIELDS)[number]];
  }
  const names = metricNames(report);
  const classes = (report.entities ?? report.tags).classes.map((c) => c.name).join(', ');
  const best = nearest(name, names);
  throw new UserError(
    `unknown metric '${name}'${best === undefined ? '' : `; did you mean '${best}'?`}`,
    `valid: ${Object.keys(AVERAGES).join(', ')}, and CLASS.f1, CLASS.precision, CLASS.recall with CLASS one of: ${classes}`,
  );
}

/** Every name that `metricValue` resolves on this report. */
export function metricNames(report: Tables): string[] {
  const classes = [...(report.entities?.classes ?? []), ...report.tags.classes];
  const names = new Set(classes.map((c) => c.name)); // a type of IO tags has the name of its tag
  return [...Object.keys(AVERAGES), ...[...names].flatMap((name) => FIELDS.map((field) => `${name}.${field}`))];
}

/** Is this a name that some report could resolve? For a check before training, when the classes are not yet known. */
export function isMetricName(name: string): boolean {
  return Object.hasOwn(AVERAGES, name) || CLASS_METRIC.test(name);
}
