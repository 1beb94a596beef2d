import { present } from '../errors';
import { type Confusion } from './confusion';
import { byCodeUnit } from '../order';

/** What precision, recall and F1 are computed from. Fractions occur only where partial credit is given. */
export interface Counts {
  /** Right predictions. */
  tp: number;
  /** All predictions. */
  predicted: number;
  /** Gold items. */
  support: number;
}

/** P = tp / predicted, R = tp / support, F1 = 2 P R / (P + R) = 2 tp / (predicted + support); fractions of 1, not per cent. */
export interface Score extends Counts {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Nothing was predicted or nothing is in gold: a quotient above had a zero denominator and was set to 0. */
  readonly zeroDivision: boolean;
}

export interface ClassScore extends Score {
  readonly name: string;
}

/** Unweighted means over the classes that occur in gold (support > 0). */
export interface MacroScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Number of classes averaged; 0 makes every mean 0. */
  readonly classes: number;
}

export interface ScoreTable {
  /** Every class in gold or predicted, sorted by code unit. */
  readonly classes: readonly ClassScore[];
  /** From the summed counts of all classes. */
  readonly micro: Score;
  readonly macro: MacroScore;
}

export function scoreOf({ tp, predicted, support }: Counts): Score {
  const total = predicted + support;
  return {
    precision: predicted > 0 ? tp / predicted : 0,
    recall: support > 0 ? tp / support : 0,
    f1: total > 0 ? (2 * tp) / total : 0,
    support,
    predicted,
    tp,
    zeroDivision: predicted === 0 || support === 0,
  };
}

/** Scores and averages of counts by class. `inAverage` says which classes the averages are of (default: all). */
export function scoreTable(
  counts: ReadonlyMap<string, Counts>,
  inAverage: (name: string) => boolean = () => true,
): ScoreTable {
  const classes = [...counts]
    .map(([name, count]) => ({ name, ...scoreOf(count) }))
    .sort((a, b) => byCodeUnit(a.name, b.name));
  const averaged = classes.filter((c) => inAverage(c.name));
  const sum = (items: readonly ClassScore[], key: 'tp' | 'predicted' | 'support' | 'precision' | 'recall' | 'f1') =>
    items.reduce((total, item) => total + item[key], 0);
  const inGold = averaged.filter((c) => c.support > 0);
  const mean = (key: 'precision' | 'recall' | 'f1') => (inGold.length > 0 ? sum(inGold, key) / inGold.length : 0);
  return {
    classes,
    micro: scoreOf({
      tp: sum(averaged, 'tp'),
      predicted: sum(averaged, 'predicted'),
      support: sum(averaged, 'support'),
    }),
    macro: { precision: mean('precision'), recall: mean('recall'), f1: mean('f1'), classes: inGold.length },
  };
}

/** The counts of a class, created at 0 on first use. */
export function countsFor(counts: Map<string, Counts>, name: string): Counts {
  let entry = counts.get(name);
  if (!entry) counts.set(name, (entry = { tp: 0, predicted: 0, support: 0 }));
  return entry;
}

/** Right, predicted and gold tokens of each tag: diagonal, column sum and row sum of the confusion counts. */
export function countTags({ tags, cells }: Confusion): Map<string, Counts> {
  const counts = tags.map((): Counts => ({ tp: 0, predicted: 0, support: 0 }));
  const of = (t: number): Counts => present(counts[t], 'tag');
  for (const [g, p, n] of cells) {
    of(g).support += n;
    of(p).predicted += n;
    if (g === p) of(g).tp += n;
  }
  return new Map(tags.map((tag, t) => [tag, of(t)]));
}
