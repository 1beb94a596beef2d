import { present } from '../errors';
import { type Cell, confusionOf, type Confusion } from './confusion';
import { byCodeUnit } from '../order';
import { conventionFor } from './conventions';
import type { Floor } from './floor';
import type { Intervals } from './intervals';
import { countTags, scoreTable, type ScoreTable } from './prf';

export type { ClassScore, MacroScore, Score, ScoreTable } from './prf';

/** What was scored, and how: everything a reader needs to repeat the numbers. */
export interface ScoreSettings {
  /** Tag scheme of the sequences (`IOB2`, `BIOES`, ...; capitals do not count), or `plain` for tags that are no chunks (part of speech). */
  readonly scheme: string;
  /** How entities are counted: a name of CONVENTIONS; conlleval where it is left out. Not read for plain tags. */
  readonly convention?: string;
  /** How a tagger chose the tags, such as `valid`; left out where they came as they are. */
  readonly decode?: string;
  /** Version of this program. */
  readonly version: string;
  /** Hash of the scored file; after `CONTENT_HASH` of its tokens and gold tags alone; '-' where there is none. */
  readonly dataHash?: string;
}

/** One set of predictions against gold. Plain data: `JSON.stringify` loses nothing of it. */
export interface Report {
  readonly sentences: number;
  readonly tokens: number;
  /** Entities by the convention; null for plain tags. */
  readonly entities: ScoreTable | null;
  /** Token by token, per full tag. For chunk schemes `O` has a row but is in no average; plain tags are all averaged. */
  readonly tags: ScoreTable;
  /** Share of tokens whose tag is right, `O` included; 0 for no tokens. */
  readonly accuracy: number;
  readonly confusion: Confusion;
  readonly scheme: string;
  /** How entities were counted: a name of CONVENTIONS; 'token' for plain tags, where there is nothing but the tags. */
  readonly convention: string;
  readonly signature: string;
  /** Of every F1, where they were asked for. */
  readonly intervals?: Intervals;
  /** What a dictionary of the training file scores, where there was one. */
  readonly floor?: Floor;
}

/** The same classes by other names, in the order of these. */
export const namedClasses = <T extends { readonly name: string }>(
  classes: readonly T[],
  nameOf: (name: string) => string,
): T[] => classes.map((c) => ({ ...c, name: nameOf(c.name) })).sort((a, b) => byCodeUnit(a.name, b.name));

/** The same report with the names that a file has for its tags; of entity types nothing changes. */
export function withTagNames(report: Report, nameOf: (tag: string) => string): Report {
  const named = <T extends { readonly name: string }>(classes: readonly T[]): T[] => namedClasses(classes, nameOf);
  const { entities, tags, confusion, intervals } = report;
  const names = confusion.tags.map(nameOf);
  if (names.every((name, t) => name === confusion.tags[t])) return report;
  const order = [...names.entries()].sort(([, a], [, b]) => byCodeUnit(a, b));
  const place = new Int32Array(order.length);
  order.forEach(([old], at) => (place[old] = at));
  const placeOf = (tag: number): number => present(place[tag], 'tag');
  return {
    ...report,
    // the convention `token` counts tags as if they were types
    entities: report.convention === 'token' && entities ? { ...entities, classes: named(entities.classes) } : entities,
    tags: { ...tags, classes: named(tags.classes) },
    confusion: {
      tags: order.map(([, name]) => name),
      cells: confusion.cells
        .map(([g, p, n]): Cell => [placeOf(g), placeOf(p), n])
        .sort(([a, c], [b, d]) => a - b || c - d),
    },
    ...(intervals && {
      intervals: { ...intervals, tags: { ...intervals.tags, classes: named(intervals.tags.classes) } },
    }),
  };
}

/** Scores predictions against gold: tag sequences, one a sentence. Throws UserError where they are not aligned. */
export function score(
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  settings: ScoreSettings,
): Report {
  const plain = settings.scheme === 'plain';
  const convention = plain ? 'token' : (settings.convention ?? 'conlleval');
  const confusion = confusionOf(gold, predicted);
  const tagCounts = countTags(confusion);
  let tokens = 0;
  let right = 0;
  for (const counts of tagCounts.values()) {
    tokens += counts.support;
    right += counts.tp;
  }
  return {
    sentences: gold.length,
    tokens,
    entities: plain ? null : conventionFor(convention, settings.scheme).score(gold, predicted, settings.scheme),
    tags: scoreTable(tagCounts, plain ? undefined : (tag) => tag !== 'O'),
    accuracy: tokens > 0 ? right / tokens : 0,
    confusion,
    scheme: settings.scheme,
    convention,
    signature: signatureOf(settings, convention),
  };
}

/** Begins the hash of data that stand beside predictions: of what stays the same with all predictions. */
export const CONTENT_HASH = 'content-';

/** Whether two reports were scored alike, on the same data: however the tags came to be. */
export const scoredAlike = (one: string, other: string): boolean => {
  const scoring = (signature: string): string =>
    signature
      .split('|')
      .filter((part) => !part.startsWith('decode:'))
      .join('|');
  return scoring(one) === scoring(other);
};

/** One line that names everything a score depends on, as sacreBLEU's does: compare scores only where it is the same. */
export function signatureOf(settings: ScoreSettings, convention: string): string {
  return [
    `scheme:${settings.scheme}`,
    `convention:${convention}`,
    ...(settings.decode === undefined ? [] : [`decode:${settings.decode}`]),
    'macro:gold-classes',
    `data:${settings.dataHash ?? '-'}`,
    `dsc-train:${settings.version}`,
  ].join('|');
}
