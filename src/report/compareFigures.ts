import type { Comparison, LossResult, Metric } from '../compare/comparison';
import { mean } from '../compare/statistics';
import { type EpochShares, sharesByClass, sharesByDifficulty } from '../compare/gradientTable';
import { present } from '../errors';
import {
  barChart,
  heatMap,
  lineChart,
  type LinePoint,
  precisionRecallChart,
  type ReliabilityData,
  reliabilityDiagram,
  stackedShares,
} from './charts';
import type { Figure } from './html';
import { hasOutside, metricTitle } from './compareText';

/** Tags of a confusion matrix, and classes with a precision-recall chart, at the most: the most frequent ones. */
const MOST_TAGS = 24;
const MOST_CURVES = 12;
/** Parts of a stacked chart at the most, the rest together. */
const MOST_PARTS = 6;

/** Mean of each metric by loss, with its interval. */
export function scoreFigure(comparison: Comparison, kind: Metric['kind']): Figure {
  const metrics = comparison.metrics.filter((metric) => metric.kind === kind && metric.support !== 0);
  const losses = finished(comparison);
  const title = kind === 'average' ? 'Averages by loss' : 'F1 per class by loss';
  const order = kind === 'average' ? '' : ' Classes stand by their frequency in training, the most frequent first.';
  return barChart({
    id: `scores-${kind}`,
    title,
    description: `Mean over seeds on ${comparison.split}; the error bars are 95 % intervals over sentences and seeds.${order} ${bestText(losses, metrics)}`,
    categoryName: kind === 'average' ? 'average' : 'class',
    categories: metrics.map(metricTitle),
    valueName: kind === 'average' ? 'score' : 'F1',
    unit: 'share',
    series: losses.map(({ label, scores }) => ({
      name: label,
      values: metrics.map(({ name }) => present(scores[name], name).mean),
      intervals: metrics.map(({ name }) => {
        const { low, high } = present(scores[name], name);
        return [low, high];
      }),
    })),
  });
}

function bestText(losses: readonly LossResult[], metrics: readonly Metric[]): string {
  const parts = metrics.slice(0, 2).map((metric) => {
    const meanOf = ({ scores }: LossResult): number => present(scores[metric.name], metric.name).mean;
    const best = present(losses.toSorted((a, b) => meanOf(b) - meanOf(a))[0], 'loss');
    return `${metricTitle(metric)} is highest with ${best.label}, ${(100 * meanOf(best)).toFixed(1)} %`;
  });
  return `${parts.join('; ')}.`;
}

/** Dev score by epoch: the mean over seeds, and a band from the worst to the best. */
export function learningFigure(comparison: Comparison): Figure {
  const losses = finished(comparison);
  return lineChart({
    id: 'learning',
    title: 'Learning curves',
    description:
      'Score on dev after each epoch: the mean over seeds, with a band from the lowest to the highest. A line ends where the first seed stopped early.',
    xName: 'epoch',
    xUnit: 'count',
    yName: 'dev score',
    yUnit: 'share',
    series: losses.map((loss) => ({ name: loss.label, points: learningPoints(loss) })),
  });
}

function learningPoints({ runs }: LossResult): LinePoint[] {
  const histories = runs.filter(({ status }) => status === 'done').map(({ history }) => history);
  const length = Math.min(...histories.map((history) => history.length));
  return Array.from({ length }, (_, i) => {
    const scores = histories.map((history) => present(history[i], 'epoch').devScore);
    return { x: i + 1, y: mean(scores), low: Math.min(...scores), high: Math.max(...scores) };
  });
}

/** One chart a class, the losses in it. */
export function precisionRecallFigures(comparison: Comparison): Figure[] {
  const losses = finished(comparison);
  const how = hasOutside(comparison)
    ? 'Each line runs through biases on the logit of O from -6 (more entities) to 6 (fewer); its symbol is the tagger as it is, bias 0'
    : "Each line runs through thresholds on the tag's probability from 0.01 to 0.99";
  return comparison.metrics
    .filter(({ kind, support }) => kind === 'class' && support !== 0)
    .slice(0, MOST_CURVES)
    .map((metric, i) =>
      precisionRecallChart(
        {
          id: `precision-recall-${i}`,
          title: `Precision and recall of ${metricTitle(metric)}`,
          description: `${how}; the first finished seed of each loss, on ${comparison.split}.`,
        },
        losses.map(({ label, curves }) => ({
          name: label,
          points: (curves.find(({ name }) => name === metric.title)?.points ?? []).map((point) => ({
            ...point,
            marked: hasOutside(comparison) && point.at === 0,
          })),
        })),
      ),
    );
}

/** One matrix a loss: tokens by gold and predicted tag, summed over seeds. */
export function confusionFigures(comparison: Comparison): Figure[] {
  return finished(comparison).flatMap(({ label, confusion }, i) => {
    if (!confusion) return [];
    const rows = confusion.tags.map((tag) => ({ tag, support: 0 }));
    for (const [g, , n] of confusion.cells) present(rows[g], 'tag').support += n;
    const shown = [...rows.entries()].sort(([, a], [, b]) => b.support - a.support).slice(0, MOST_TAGS);
    const left = confusion.tags.length - shown.length;
    const values = shown.map(() => shown.map(() => 0)); // (T, T)
    const place = new Map(shown.map(([t], i) => [t, i]));
    for (const [g, p, n] of confusion.cells) {
      const [row, column] = [place.get(g), place.get(p)];
      if (row !== undefined && column !== undefined) present(values[row], 'row')[column] = n;
    }
    return [
      heatMap({
        id: `confusion-${i}`,
        title: `Confusion of ${label}`,
        description: `Tokens by gold tag (rows) and predicted tag (columns), summed over seeds, the most frequent tags first; colours are shares of a row.${left > 0 ? ` ${left} rarer tags are left out.` : ''}`,
        rowName: 'gold',
        columnName: 'predicted',
        rows: shown.map(([, { tag }]) => tag),
        columns: shown.map(([, { tag }]) => tag),
        values,
        unit: 'count',
        full: shown.map(([, { support }]) => support),
      }),
    ];
  });
}

/** Where the gradient of each loss came from, epoch by epoch: by class, and by how sure the tagger was. */
export function gradientFigures(comparison: Comparison): Figure[] {
  const classes = comparison.metrics.filter(({ kind }) => kind === 'class').map(({ title }) => title);
  const names = hasOutside(comparison) ? ['O', ...classes] : classes;
  return finished(comparison).flatMap((loss, i) => {
    const byClass = sharesByClass(loss, names.slice(0, MOST_PARTS));
    const bySureness = sharesByDifficulty(loss);
    const chart = (kind: string, title: string, text: string, shares: typeof byClass): Figure[] =>
      shares
        ? [
            stackedShares({
              id: `gradient-${kind}-${i}`,
              title: `${loss.label}: ${title}`,
              description: text,
              xName: 'epoch',
              x: shares.epochs,
              series: [...shares.parts].map(([name, { gradient }]) => ({ name, values: gradient })),
            }),
          ]
        : [];
    return [
      ...chart('class', 'gradient by class', shareText(byClass), byClass),
      ...chart(
        'sureness',
        'gradient by difficulty',
        `Easy tokens have p over 0.9 for the gold label, hard ones at most 0.5. ${shareText(bySureness)}`,
        bySureness,
      ),
    ];
  });
}

/** Loss by loss: tokens and gradient of the most frequent part and of easy tokens, in the first and the last epoch. */
export function gradientRows(comparison: Comparison): string[][] {
  const classes = comparison.metrics.filter(({ kind }) => kind === 'class').map(({ title }) => title);
  const part = hasOutside(comparison) ? 'O' : present(classes[0], 'class');
  const cell = (x: number | undefined): string => (x === undefined ? '-' : (100 * x).toFixed(1));
  const cells = (shares: EpochShares | null, name: string): string[] => {
    const { tokens = [], gradient = [] } = shares?.parts.get(name) ?? {};
    return [cell(tokens.at(-1)), cell(gradient.at(0)), cell(gradient.at(-1))];
  };
  const head = (name: string): string[] => [`${name}: tokens`, `${name}: gradient, first epoch`, `${name}: last epoch`];
  return [
    ['loss', ...head(part), ...head('easy')],
    ...finished(comparison).map((loss) => [
      loss.label,
      ...cells(sharesByClass(loss, [part]), part),
      ...cells(sharesByDifficulty(loss), 'easy'),
    ]),
  ];
}

/** `O is 95.1 % of the tokens and has 40.2 % of the gradient of the first epoch, 12.0 % of the last.` */
function shareText(shares: ReturnType<typeof sharesByClass>): string {
  if (!shares) return '';
  const [name, { tokens: all, gradient: values }] = present([...shares.parts][0], 'part');
  const percent = (x: number | undefined): string => `${(100 * (x ?? 0)).toFixed(1)} %`;
  const tokens = percent(all.at(-1));
  return `In the last epoch ${name} is ${tokens} of the tokens; of the gradient it has ${percent(values[0])} in the first epoch and ${percent(values.at(-1))} in the last. Mean over seeds.`;
}

export function calibrationFigure(comparison: Comparison): Figure {
  return reliabilityDiagram({
    id: 'reliability',
    title: 'Reliability',
    description: `Accuracy by confidence on ${comparison.split}, all tokens of all seeds in 15 bins; on the dotted line a tagger is as often right as it is sure.`,
    series: binsOf(comparison, 'bins'),
  });
}

/** The same of entities as a whole; null where none were measured, as for plain tags. */
export function entityCalibrationFigure(comparison: Comparison): Figure | null {
  const series = binsOf(comparison, 'spanBins');
  if (series.length === 0) return null;
  return reliabilityDiagram({
    id: 'reliability-entities',
    title: 'Reliability of entities',
    description: `Share of entities that are right by the probability that the tagger gives to exactly this one, on ${comparison.split}, those of all seeds in 15 bins.`,
    of: 'entities',
    series,
  });
}

const binsOf = (comparison: Comparison, key: 'bins' | 'spanBins'): ReliabilityData['series'] =>
  finished(comparison).flatMap(({ label, calibration }) => {
    const bins = calibration[comparison.split]?.[key];
    return bins ? [{ name: label, bins }] : [];
  });

const finished = ({ losses }: Comparison): LossResult[] =>
  losses.filter(({ runs }) => runs.some(({ status }) => status === 'done'));
