import { present } from '../errors';
import type { Rng } from '../rng';
import { bootstrap, packCounts, sentenceCounts } from './bootstrap';
import type { BootstrapOptions, BootstrapResult, Interval, SentenceCounts } from './bootstrap';
import type { Chunk } from '../schemes';
import { byCodeUnit } from '../order';
import { conventionFor, tokenSpans } from './conventions';
import type { Counts, ScoreTable } from './prf';

type Sequences = readonly (readonly string[])[];

/** Bootstrap intervals of every F1 of a report. */
export interface Intervals {
  /** By the report's convention; null for plain tags. */
  readonly entities: BootstrapResult | null;
  /** Token by token, per full tag; for chunk schemes without `O`. */
  readonly tags: BootstrapResult;
}

/** Every token as a span of its own, `O` as any other tag. */
export const tagSpans = (tags: readonly string[]): Chunk[] => tags.map((type, i) => ({ type, start: i, end: i + 1 }));

/** Intervals for what `score` gives on the same arguments. Throws UserError for an unknown convention. */
export function intervalsOf(
  gold: Sequences,
  predicted: Sequences,
  { scheme, convention }: { readonly scheme: string; readonly convention: string },
  rng: Rng,
  options: BootstrapOptions = {},
): Intervals {
  const draw = (counts: SentenceCounts): BootstrapResult => inOrder(bootstrap(counts, rng.split('bootstrap'), options));
  if (scheme === 'plain') return { entities: null, tags: draw(sentenceCounts(gold, predicted, tagSpans)) };
  const tags = draw(sentenceCounts(gold, predicted, tokenSpans));
  const rule = conventionFor(convention, scheme);
  const read = rule.spans(scheme);
  if (read) return { entities: draw(sentenceCounts(gold, predicted, read)), tags };
  // Partial credit: the micro average is no sum of the classes, so it is drawn by itself, from the same sentences.
  const tables = gold.map((sentence, s) => rule.score([sentence], [present(predicted[s], 'sentence')], scheme));
  const classes = draw(countsOf(tables, (table) => table.classes));
  const whole = draw(countsOf(tables, (table) => [{ ...table.micro, name: '' }]));
  return { entities: { ...classes, micro: whole.micro }, tags };
}

/** Classes as in a score table. */
function inOrder(result: BootstrapResult): BootstrapResult {
  return { ...result, classes: [...result.classes].sort((a, b) => byCodeUnit(a.name, b.name)) };
}

/** Counts a sentence. Doubled, because credit comes in halves and the arrays hold integers: every F1 stays the same. */
function countsOf(
  tables: readonly ScoreTable[],
  rows: (table: ScoreTable) => readonly (Counts & { readonly name: string })[],
): SentenceCounts {
  return packCounts(
    tables.map((table) => rows(table).map((row) => [row.name, row] as const)),
    2,
  );
}

/** The interval of a metric as `metricValue` names it; undefined for those that have none (all but F1, and plain accuracy). */
export function intervalOf({ entities, tags }: Intervals, metric: string): Interval | undefined {
  switch (metric) {
    case 'micro-f1':
      return (entities ?? tags).micro;
    case 'macro-f1':
      return (entities ?? tags).macro;
    case 'token-micro-f1':
      return tags.micro;
    case 'token-macro-f1':
      return tags.macro;
    case 'accuracy':
      return entities ? undefined : tags.micro; // of plain tags the micro F1 is the accuracy
  }
  const name = metric.endsWith('.f1') ? metric.slice(0, -'.f1'.length) : undefined;
  return [...(entities?.classes ?? []), ...tags.classes].find((c) => c.name === name);
}
