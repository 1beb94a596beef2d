import { present } from '../errors';
import type { Calibration } from '../metrics/calibration';
import { bestBias, type BiasPoint } from '../metrics/bias';
import { type Cell, CellCounts, type Confusion } from '../metrics/confusion';
import { SPAN_ERRORS, type SpanError, type SpanErrors } from '../metrics/error-analysis';
import { byCodeUnit } from '../order';
import type { Report } from '../metrics/scores';
import type { Analysis, SplitAnalysis } from '../analyse';
import type { BiasResult, LossResult, SplitCalibration } from './comparison';
import { mean } from './statistics';

/** Mean precision and recall of every class over the runs. */
export function meanClasses(reports: readonly Report[]): LossResult['classes'] {
  const tables = reports.map(({ entities, tags }) => (entities ?? tags).classes);
  const names = [...new Set(tables.flatMap((classes) => classes.map(({ name }) => name)))];
  return names.map((name) => {
    const of = tables.map((classes) => classes.find((c) => c.name === name));
    return { name, precision: mean(of.map((c) => c?.precision ?? 0)), recall: mean(of.map((c) => c?.recall ?? 0)) };
  });
}

/** Calibration over seeds: the mean error, and the bins of all runs put together. */
export function meanCalibration(splits: readonly SplitAnalysis[]): SplitCalibration | null {
  const all = splits.map(({ calibration }) => calibration.all);
  const [first] = all;
  if (!first) return null;
  const entities = splits.flatMap(({ calibration }) => (calibration.entities ? [calibration.entities.ece] : []));
  const spans = splits.flatMap(({ calibration }) => calibration.spans ?? []);
  return {
    ece: mean(all.map(({ ece }) => ece)),
    eceEntities: entities.length > 0 ? mean(entities) : null,
    eceSpans: spans.length > 0 ? mean(spans.map(({ ece }) => ece)) : null,
    bins: pooled(first, all),
    spanBins: spans[0] ? pooled(spans[0], spans) : null,
  };
}

/** The bins of several runs put together. @param first any of them */
const pooled = (first: Calibration, all: readonly Calibration[]): Calibration['bins'] =>
  first.bins.map(({ low, high }, b) => {
    const of = all.map(({ bins }) => present(bins[b], 'bin'));
    const count = of.reduce((sum, bin) => sum + bin.count, 0);
    const weighted = (key: 'confidence' | 'accuracy'): number =>
      count > 0 ? of.reduce((sum, bin) => sum + bin[key] * bin.count, 0) / count : 0;
    return { low, high, count, confidence: weighted('confidence'), accuracy: weighted('accuracy') };
  });

/** What the bias of O that is best on dev, run by run, does to dev and test. */
export function biasResult(analyses: readonly Analysis[]): BiasResult | null {
  const swept = analyses.filter(({ dev }) => dev.sweep.length > 0);
  const [first] = swept;
  if (!first) return null;
  const biases = swept.map(({ dev }) => bestBias(dev.sweep));
  const scores = (sweeps: readonly (readonly BiasPoint[])[]): { plain: number; biased: number } => ({
    plain: mean(sweeps.map((sweep) => scoreAt(sweep, 0))),
    biased: mean(sweeps.map((sweep, i) => scoreAt(sweep, present(biases[i], 'bias')))),
  });
  const tests = swept.flatMap(({ test }) => (test ? [test.sweep] : []));
  return {
    metric: first.metric,
    biases,
    dev: scores(swept.map(({ dev }) => dev.sweep)),
    test: tests.length === swept.length ? scores(tests) : null,
  };
}

const scoreAt = (sweep: readonly BiasPoint[], bias: number): number =>
  sweep.find((point) => point.bias === bias)?.score ?? 0;

/** Counts of all runs together, over the tags of all. */
export function sumConfusions(confusions: readonly Confusion[]): Confusion | null {
  if (confusions.length === 0) return null;
  const { names, cells } = sumCells(confusions.map(({ tags, cells }) => ({ names: tags, cells })));
  return { tags: names, cells };
}

/** Errors of all runs together, over the types of all; null of none. */
export function sumErrors(errors: readonly (SpanErrors | null)[]): SpanErrors | null {
  const all = errors.flatMap((one) => (one ? [one] : []));
  if (all.length === 0) return null;
  const { names, cells } = sumCells(all.map(({ confusion: { types, cells } }) => ({ names: types, cells })));
  const total = (kind: SpanError): number => all.reduce((sum, { kinds }) => sum + kinds[kind], 0);
  const kinds = Object.fromEntries(SPAN_ERRORS.map((kind) => [kind, total(kind)])) as Record<SpanError, number>;
  return { kinds, confusion: { types: names, cells } };
}

interface NamedCells {
  readonly names: readonly string[];
  readonly cells: readonly Cell[];
}

/** Tables over the names of all. A place beyond a table's own names, as that of what was missed, stays beyond those of all. */
function sumCells(tables: readonly NamedCells[]): NamedCells {
  const names = [...new Set(tables.flatMap((one) => one.names))].sort(byCodeUnit);
  const ids = new Map(names.map((name, id) => [name, id]));
  const sum = new CellCounts(names.length + 1);
  for (const table of tables) {
    const idOf = (own: number): number => {
      const name = table.names[own];
      return name === undefined ? names.length : present(ids.get(name), 'name');
    };
    for (const [g, p, n] of table.cells) sum.add(idOf(g), idOf(p), n);
  }
  return { names, cells: sum.list() };
}
