import type { Comparison, LossResult, Metric, SplitCalibration } from '../compare/comparison';
import { type EpochShares, sharesByClass, sharesByDifficulty } from '../compare/gradientTable';
import { intervalOf, mean, type PairedTest, type Summary } from '../compare/statistics';
import { present } from '../errors';
import type { Cell } from '../metrics/confusion';
import { typeTitle } from '../schemes';
import { percent, signedPercent, whole } from '../wording';
import {
  heatPanels,
  type HeatPanel,
  type IntervalGroup,
  type IntervalRow,
  intervalScale,
  intervalTable,
  linePanels,
  type LinePoint,
  precisionRecallPanels,
  reliabilityPanels,
  stackedShares,
} from './charts';
import { hasOutside, metricTitle, verdictWord } from './compareText';
import { type Figure, html, type Html, type Table } from './html';
import { seriesColour } from './palette';

/** Rows of a confusion matrix at the most, the most frequent ones: as many as a telephone has room for. */
const MOST_ROWS = 7;
/** Pairs of tags that are listed, the most frequent confusions. */
const MOST_PAIRS = 20;
/** Classes with a precision-recall chart. */
const MOST_CURVES = 8;
/** Parts of a stacked chart at the most, the rest together. */
const MOST_PARTS = 6;
/** Rows of the table of a precision-recall chart, at these biases of O or thresholds, and those nearest to them. */
const TOLD = [-3, -1, 0, 1, 3];

/** Loss and its place in the comparison, which is the number of its colour everywhere. */
interface Finished extends LossResult {
  readonly colour: number;
}

const finished = ({ losses }: Comparison): Finished[] =>
  losses.flatMap((loss: LossResult & { readonly colour?: number }, place) =>
    loss.runs.some(({ status }) => status === 'done') ? [{ ...loss, colour: loss.colour ?? place }] : [],
  );

const scoreOf = ({ scores }: LossResult, { name }: Metric): Summary => present(scores[name], name);

/** By the first average, the highest first. */
function ranked(comparison: Comparison): Finished[] {
  const metric = present(comparison.metrics[0], 'average');
  return finished(comparison).sort((a, b) => scoreOf(b, metric).mean - scoreOf(a, metric).mean);
}

export const rankedLabels = (comparison: Comparison): string[] => ranked(comparison).map(({ label }) => label);

/** The comparison of some of its losses, each in its own colour. */
export const only = (comparison: Comparison, labels: ReadonlySet<string>): Comparison => ({
  ...comparison,
  losses: finished(comparison).filter(({ label }) => labels.has(label)),
});

/** The losses by the first average, the highest first, with intervals along one axis. */
export function rankingTable(comparison: Comparison): Html {
  const [first, second] = comparison.metrics.filter(({ kind }) => kind === 'average');
  const metric = present(first, 'average');
  const losses = ranked(comparison);
  const cell = (loss: LossResult, one: Metric): string => {
    const { mean, sd } = scoreOf(loss, one);
    return loss.runs.length > 1 ? `${percent(mean)} ± ${percent(sd)}` : percent(mean);
  };
  const rows = losses.map((loss): IntervalRow => {
    const { mean, low, high } = scoreOf(loss, metric);
    const done = loss.runs.filter(({ status }) => status === 'done').length;
    return {
      name: loss.label,
      ...(done < loss.runs.length && { note: `${done} of ${loss.runs.length} seeds` }),
      value: mean,
      low,
      high,
      kind: { colour: seriesColour(loss.colour) },
      cells: [cell(loss, metric), ...(second ? [cell(loss, second)] : [])],
    };
  });
  return intervalTable({
    caption: `Mean ± standard deviation over seeds on ${comparison.split}, in per cent`,
    head: ['loss', '95 % interval', metric.title, ...(second ? [second.title] : [])],
    wide: [1],
    groups: [{ title: null, rows }],
    unit: 'share',
  });
}

/** A test as a row of a forest plot. */
export function testRow(
  test: Pick<PairedTest, 'label' | 'difference' | 'low' | 'high' | 'overLooks' | 'verdict'>,
  interval: boolean,
  judged = interval,
): IntervalRow {
  const { label, difference, verdict } = test;
  const { low, high } = intervalOf(test);
  const shown = verdict === 'better' || verdict === 'worse';
  return {
    name: label,
    value: difference,
    low,
    high,
    kind: shown ? verdict : 'open',
    cells: [
      signedPercent(difference),
      ...(interval ? [`${percent(low)}..${percent(high)}`] : []),
      shown
        ? html`<span class="mark">${verdict}</span>`
        : verdict === 'nothing' || (verdict === 'unjudged' && judged)
          ? verdictWord(test)
          : undefined,
    ],
  };
}

/** Those of a metric, in the order of the ranking. */
const testsOf = (comparison: Comparison, { name }: Metric): PairedTest[] =>
  ranked(comparison).flatMap(({ label }) =>
    comparison.tests.filter((one) => one.metric === name && one.label === label),
  );

/** The quantity that is tested, for the averages: the paired differences from the reference with their intervals. */
export function averageForest(comparison: Comparison): Html {
  const all = comparison.metrics.flatMap((metric) => {
    const tests = metric.kind === 'average' ? testsOf(comparison, metric) : [];
    return tests.length > 0 ? [{ title: metric.title, tests }] : [];
  });
  const judged = all.some(({ tests }) => tests.some(({ verdict }) => verdict !== 'unjudged')); // else the answer above says it once
  const groups = all.map(({ title, tests }): IntervalGroup => ({
    title,
    rows: tests.map((test) => testRow(test, true, judged)),
  }));
  if (groups.length === 0)
    return html`<p>No other loss has a finished run that ${comparison.reference} has too: nothing is tested.</p>`;
  return intervalTable({
    caption: `Paired difference from ${comparison.reference} in points, with its 95 % interval${comparison.until ? ' over all looks' : ''}`,
    head: ['loss', 'difference', 'points', 'interval', ''],
    wide: [1],
    groups,
    unit: 'share',
    zero: true,
  });
}

/**
 * The same class by class, the first so many and the others each along one axis, for a rarer class may have a far wider interval; classes
 * without gold items are no question.
 */
export function classForests(comparison: Comparison, first: number): readonly [first: Html[], others: Html[]] {
  const asked = comparison.metrics.filter(
    (metric) => metric.kind === 'class' && metric.support !== 0 && testsOf(comparison, metric).length > 0,
  );
  return [forestsOf(comparison, asked.slice(0, first)), forestsOf(comparison, asked.slice(first))];
}

function forestsOf(comparison: Comparison, classes: readonly Metric[]): Html[] {
  const rowsOf = (metric: Metric): IntervalRow[] => testsOf(comparison, metric).map((test) => testRow(test, false));
  // intervals of rare classes are so wide that on their axis nothing else could be read
  const common = classes.some(({ rare }) => !rare) ? classes.filter(({ rare }) => !rare) : classes;
  const scale = intervalScale(common.flatMap(rowsOf), 'share', true);
  return classes.map(
    (metric) =>
      html`<div class="panel">
        ${intervalTable({
          caption: `${metricTitle(metric)}: ${whole(metric.support ?? 0)} in ${comparison.split}`,
          head: ['loss', 'difference', 'points', ''],
          groups: [{ title: null, rows: rowsOf(metric) }],
          unit: 'share',
          scale,
          zero: true,
        })}
      </div> `,
  );
}

/** By facet, the forest of each bucket, all along one axis. */
export function facetForests(
  comparison: Comparison,
): { readonly title: string; readonly shown: number; readonly panels: readonly Html[] }[] {
  const order = ranked(comparison).map(({ label }) => label);
  return comparison.facets.flatMap(({ title, buckets, tests }) => {
    const rowsOf = (metric: string): IntervalRow[] =>
      order
        .flatMap((label) => tests.filter((one) => one.metric === metric && one.label === label))
        .map((test) => testRow(test, false));
    if (tests.length === 0) return [];
    const common = buckets.some(({ rare }) => !rare) ? buckets.filter(({ rare }) => !rare) : buckets;
    const scale = intervalScale(
      common.flatMap(({ metric }) => rowsOf(metric)),
      'share',
      true,
    );
    const panels = buckets.map(
      ({ name, metric, support, rare }) =>
        html`<div class="panel">
          ${intervalTable({
            caption: `${name}${rare ? ' (rare)' : ''}: ${whole(support)} in ${comparison.split}`,
            head: ['loss', 'difference', 'points', ''],
            groups: [{ title: null, rows: rowsOf(metric) }],
            unit: 'share',
            scale,
            zero: true,
          })}
        </div> `,
    );
    const shown = tests.filter(({ verdict }) => verdict === 'better' || verdict === 'worse').length;
    return [{ title, shown, panels }];
  });
}

/** F1 of each loss by facet and bucket. */
export function facetRows({ facets, losses }: Comparison): string[][] {
  return [
    ['facet: bucket', 'support', ...losses.map(({ label }) => label)],
    ...facets.flatMap(({ title, buckets, scores }) =>
      buckets.map(({ name, metric, support }) => [
        `${title}: ${name}`,
        whole(support),
        ...losses.map(({ label }) => {
          const found = scores[label]?.[metric];
          return found ? percent(found.mean) : '-';
        }),
      ]),
    ),
  ];
}

const inPercent = (x: number): string => `${(100 * x).toFixed(1)} %`;

/** Dev score by epoch: the mean over seeds, and a band from the worst to the best; the reference behind each. null for one epoch. */
export function learningFigure(comparison: Comparison): Figure | null {
  const { reference } = comparison;
  const curves = finished(comparison).map(({ label, colour, runs }) => ({
    name: label,
    colour,
    points: learningPoints(runs),
  }));
  const measure = curves.find(({ name }) => name === reference);
  const epochs = Math.max(...curves.map(({ points }) => points.length));
  if (epochs < 2) return null;
  return linePanels({
    id: 'learning',
    title: 'Score on dev after each epoch',
    description: `The mean over seeds, with a band from the lowest to the highest${measure ? `; grey: ${reference}` : ''}. A line ends where the first seed stopped early.`,
    xName: 'epoch',
    xUnit: 'count',
    yName: 'dev score',
    yUnit: 'share',
    panels: curves.map((curve) => ({
      title: curve.name,
      says: `${inPercent(curve.points[0]?.y ?? 0)} after the first epoch, ${inPercent(curve.points.at(-1)?.y ?? 0)} after epoch ${curve.points.length}`,
      series: [
        ...(measure && curve.name !== reference
          ? [{ ...measure, colour: null, points: measure.points.map(({ x, y }) => ({ x, y })) }]
          : []),
        curve,
      ],
    })),
    table: {
      caption: 'Mean dev score over seeds, in per cent',
      head: ['epoch', ...curves.map(({ name }) => name)],
      rows: Array.from({ length: epochs }, (_, e) => [
        String(e + 1),
        ...curves.map(({ points }) => (points[e] ? percent(points[e].y) : '-')),
      ]),
    },
  });
}

function learningPoints(runs: LossResult['runs']): LinePoint[] {
  const histories = runs.filter(({ status }) => status === 'done').map(({ history }) => history);
  const length = Math.min(...histories.map((history) => history.length));
  return Array.from({ length }, (_, i) => {
    const scores = histories.map((history) => present(history[i], 'epoch').devScore);
    return { x: i + 1, y: mean(scores), low: Math.min(...scores), high: Math.max(...scores) };
  });
}

/** One panel a class, the losses in it; null where no run was looked at. */
export function precisionRecallFigure(comparison: Comparison): Figure | null {
  const losses = finished(comparison);
  const outside = hasOutside(comparison);
  const how = outside
    ? 'Each line runs through biases on the logit of O from -6 (more entities) to 6 (fewer); its dot is the tagger as it is, bias 0'
    : "Each line runs through thresholds on the tag's probability from 0.01 to 0.99";
  const drawn = comparison.metrics.filter(
    ({ kind, support, title }) =>
      kind === 'class' && support !== 0 && losses.some(({ curves }) => curves.some(({ name }) => name === title)),
  );
  if (drawn.length === 0) return null;
  const panels = drawn.slice(0, MOST_CURVES).map((metric) => ({
    title: metricTitle(metric),
    says: 'precision over recall of each loss',
    curves: losses.map(({ label, colour, curves }) => ({
      name: label,
      colour,
      points: (curves.find(({ name }) => name === metric.title)?.points ?? []).map((point) => ({
        ...point,
        marked: outside && point.at === 0,
      })),
    })),
  }));
  const left = drawn.length - panels.length;
  return precisionRecallPanels(
    {
      id: 'precision-recall-classes',
      title: 'Precision and recall by class',
      description: `${how}; the first finished seed of each loss, on ${comparison.split}.${left > 0 ? ` ${left} rarer classes are left out; compare.json has them.` : ''}`,
    },
    panels,
    {
      caption: 'Precision / recall in per cent',
      head: ['class: loss', ...TOLD.map((at) => `${outside ? 'bias' : 'threshold'} ${outside ? at : (at + 5) / 10}`)],
      rows: panels.flatMap(({ title, curves }) =>
        curves.map(({ name, points }) => [
          `${title}: ${name}`,
          ...TOLD.map((at) => {
            const point = points.find((one) => one.at === (outside ? at : (at + 5) / 10));
            return point ? `${(100 * point.precision).toFixed(1)} / ${(100 * point.recall).toFixed(1)}` : '-';
          }),
        ]),
      ),
    },
  );
}

/** Entities by gold and predicted type, a matrix a loss; null for plain tags. */
export function typeConfusion(comparison: Comparison): Figure | null {
  const panels = finished(comparison).flatMap(({ label, errors, runs }) => {
    if (!errors) return [];
    const { types, cells } = errors.confusion;
    return [confusionPanel(label, doneOf(runs), types.map(typeTitle), cells, ['spurious', 'missed'])];
  });
  if (panels.length === 0) return null;
  return heatPanels({
    id: 'confusion-types',
    title: 'Entities by gold type (rows) and predicted type (columns)',
    description: `In per cent of the row; beside its name how many it has, a seed; empty: none. Pairs overlap at least; an entity that nothing overlaps is missed, a prediction that overlaps nothing is spurious.${leftText(panels, 'types')}`,
    rowName: 'gold',
    columnName: 'predicted',
    panels,
  });
}

/** Tokens by gold and predicted tag, a matrix a loss. */
export function tagConfusion(comparison: Comparison): Figure | null {
  const panels = finished(comparison).flatMap(({ label, confusion, runs }) =>
    confusion ? [confusionPanel(label, doneOf(runs), confusion.tags, confusion.cells, null)] : [],
  );
  if (panels.length === 0) return null;
  return heatPanels({
    id: 'confusion-tags',
    title: 'Tokens by gold tag (rows) and predicted tag (columns)',
    description: `In per cent of the row; beside its name how many tokens it has, a seed; empty: none.${leftText(panels, 'tags')}`,
    rowName: 'gold',
    columnName: 'predicted',
    panels,
  });
}

/** The tags that are taken for one another the most often, a row a pair: tokens a seed of each loss. */
export function tagPairs(comparison: Comparison): Table | null {
  const losses = finished(comparison).flatMap(({ label, confusion, runs }) => {
    if (!confusion) return [];
    const { tags, cells } = confusion;
    const pairs = new Map<string, number>();
    for (const [g, p, n] of cells)
      if (g !== p) pairs.set(`${present(tags[g], 'tag')} as ${present(tags[p], 'tag')}`, n / Math.max(1, doneOf(runs)));
    return [{ label, pairs }];
  });
  const sums = new Map<string, number>();
  for (const { pairs } of losses) for (const [pair, n] of pairs) sums.set(pair, (sums.get(pair) ?? 0) + n);
  const most = [...sums].sort(([, a], [, b]) => b - a).slice(0, MOST_PAIRS);
  if (most.length === 0) return null;
  return {
    caption: `Tokens of one tag that are tagged as another, a seed: the ${most.length} most frequent pairs of ${whole(sums.size)}`,
    head: ['gold tag, predicted tag', ...losses.map(({ label }) => label)],
    rows: most.map(([pair]) => [pair, ...losses.map(({ pairs }) => (pairs.get(pair) ?? 0).toFixed(1))]),
  };
}

const doneOf = (runs: LossResult['runs']): number => runs.filter(({ status }) => status === 'done').length;

/** @param beyond names of the row and the column past the last name, where there are such */
export function confusionPanel(
  title: string,
  runs: number,
  names: readonly string[],
  cells: readonly Cell[],
  beyond: readonly [row: string, column: string] | null,
): HeatPanel & { readonly left: number } {
  const totals = new Map<number, number>();
  for (const [g, , n] of cells) totals.set(g, (totals.get(g) ?? 0) + n);
  const byCount = [...names.keys()].sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0));
  const shown = byCount.slice(0, MOST_ROWS);
  const last = beyond ? [names.length] : [];
  const other = names.length - shown.length;
  const rows = [...shown, ...last];
  const at = new Map([...shown, ...last].map((id, i) => [id, i]));
  const values = rows.map(() => rows.map((): number | null => 0)); // (R, R), the last column what is left
  const rest = rows.map((): number | null => 0);
  for (const [g, p, n] of cells) {
    const row = at.get(g);
    if (row === undefined) continue;
    const share = n / Math.max(1, totals.get(g) ?? 0);
    const column = at.get(p);
    if (column === undefined) rest[row] = (rest[row] ?? 0) + share;
    else present(values[row], 'row')[column] = share;
  }
  const nameOf = (id: number, end: string | undefined): string => names[id] ?? end ?? '';
  const cut = other > 0;
  return {
    title,
    left: other,
    rows: rows.map((id) => ({
      name: nameOf(id, beyond?.[0]),
      note: whole((totals.get(id) ?? 0) / Math.max(1, runs)),
    })),
    columns: [...rows.map((id) => nameOf(id, beyond?.[1])), ...(cut ? ['other'] : [])],
    values: values.map((row, r) => [...row, ...(cut ? [present(rest[r], 'share')] : [])]),
  };
}

export const leftText = (panels: readonly { readonly left: number }[], what: string): string => {
  const left = Math.max(...panels.map((panel) => panel.left));
  return left > 0 ? ` Up to ${left} rarer ${what} have no row; as predictions they are "other".` : '';
};

/** Where the gradient of each loss came from, epoch by epoch: by class, and by how sure the tagger was. */
export function gradientFigures(comparison: Comparison): Figure[] {
  const classes = comparison.metrics.filter(({ kind }) => kind === 'class').map(({ title }) => title);
  const names = (hasOutside(comparison) ? ['O', ...classes] : classes).slice(0, MOST_PARTS);
  const kinds = [
    { id: 'class', title: 'Gradient by class', of: (loss: LossResult) => sharesByClass(loss, names), note: '' },
    {
      id: 'sureness',
      title: 'Gradient by difficulty',
      of: sharesByDifficulty,
      note: 'Easy tokens have p over 0.9 for the gold label, hard ones at most 0.5. ',
    },
  ];
  return kinds.flatMap(({ id, title, of, note }) => {
    const panels = finished(comparison).flatMap((loss) => {
      const shares = of(loss);
      return shares
        ? [
            {
              title: loss.label,
              says: shareText(shares),
              x: shares.epochs,
              series: [...shares.parts].map(([name, { gradient }]) => ({ name, values: gradient })),
            },
          ]
        : [];
    });
    if (panels.length === 0) return [];
    const description = `${note}Shares of the sum of |dLoss/dlogit| over an epoch, means over seeds.`;
    return [stackedShares({ id: `gradient-${id}`, title, description, xName: 'epoch', panels })];
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

/** `in the last epoch O is 95.1 % of the tokens; of the gradient it has 40.2 % in the first epoch and 12.0 % in the last`. */
export function shareText({ parts }: EpochShares): string {
  const [name, { tokens, gradient }] = present([...parts][0], 'part');
  return `in the last epoch ${name} is ${inPercent(tokens.at(-1) ?? 0)} of the tokens; of the gradient it has ${inPercent(gradient[0] ?? 0)} in the first epoch and ${inPercent(gradient.at(-1) ?? 0)} in the last`;
}

/** A panel a loss: of entities as a whole (`spanBins`), or of tokens (`bins`); null where none were measured. */
export function calibrationFigure(comparison: Comparison, key: 'bins' | 'spanBins'): Figure | null {
  const { split, reference } = comparison;
  const of = key === 'bins' ? 'tokens' : 'entities';
  const measured = finished(comparison).flatMap(({ label, colour, calibration }) => {
    const found = calibration[split];
    const bins = found?.[key];
    return found && bins?.some(({ count }) => count > 0)
      ? [{ name: label, colour, bins, says: errorText(found, key) }]
      : [];
  });
  if (measured.length === 0) return null;
  const measure = measured.find(({ name }) => name === reference);
  const text =
    key === 'bins'
      ? `Share of tokens that are tagged right, by the probability of their tag, on ${split}`
      : `Share of entities that are right, by the probability that the tagger gives to exactly this one, on ${split}`;
  return reliabilityPanels(
    {
      id: `reliability-${of}`,
      title: `Reliability of ${of}`,
      description: `${text}: all seeds in 15 bins, dots by their count${measure ? `; grey: ${reference}` : ''}. On the dotted line a tagger is as often right as it is sure.`,
    },
    measured.map(({ says, ...own }) => ({
      title: own.name,
      says,
      series: [...(measure && own.name !== reference ? [{ ...measure, colour: null }] : []), own],
    })),
    {
      caption: `Reliability of ${of}: how many, and how many of them right, in per cent`,
      head: ['confidence', ...measured.map(({ name }) => name)],
      rows: present(measured[0], 'loss').bins.flatMap(({ low, high }, b) => {
        const bins = measured.map(({ bins }) => present(bins[b], 'bin'));
        if (bins.every(({ count }) => count === 0)) return [];
        const cell = ({ count, accuracy }: (typeof bins)[number]): string =>
          count === 0 ? '-' : `${whole(count)}: ${(100 * accuracy).toFixed(1)}`;
        return [[`${percent(low)}..${percent(high)}`, ...bins.map(cell)]];
      }),
    },
  );
}

const errorText = ({ ece, eceSpans }: SplitCalibration, key: 'bins' | 'spanBins'): string =>
  `expected calibration error ${inPercent((key === 'bins' ? ece : eceSpans) ?? 0)}`;
