import type { ReliabilityBin } from '../../metrics/calibration';
import { escapeText, type Figure, html, type Table } from '../html';
import { seriesColour } from '../palette';
import {
  type ChartText,
  extent,
  fix,
  legendHtml,
  logScaleOf,
  panelsHtml,
  panelSvg,
  plotX,
  plotY,
  type Scale,
  scaleOf,
  strokeOf,
  type Unit,
} from './draw';

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Ends of the band around the line, such as the smallest and largest value over seeds. */
  readonly low?: number;
  readonly high?: number;
  /** Radius of the dot that it is drawn with; none where it is not given. */
  readonly dot?: number;
}

export interface LineSeries {
  readonly name: string;
  /** Number of its colour and dash, the same in every chart of a page; null for what stands behind as a measure. */
  readonly colour: number | null;
  /** In the order in which they are joined. */
  readonly points: readonly LinePoint[];
}

export interface LinePanel {
  readonly title: string;
  /** For a person who cannot see it. */
  readonly says: string;
  readonly series: readonly LineSeries[];
}

export interface LineData extends ChartText {
  readonly xName: string;
  readonly xUnit: Unit;
  readonly xRange?: readonly [number, number];
  /** Above 0: then the axis is logarithmic, with labels at these. */
  readonly xMarks?: readonly number[];
  readonly yName: string;
  readonly yUnit: Unit;
  readonly yRange?: readonly [number, number];
  /** Small multiples: all have the same axes. */
  readonly panels: readonly LinePanel[];
  /** A dotted line in every panel, named in the description. */
  readonly reference?: readonly (readonly [x: number, y: number])[];
  readonly table?: Table;
}

/** Lines over a number, a band around those whose points have one, in panels that share their axes. */
export function linePanels(data: LineData): Figure {
  const { id, title, description, xName, xUnit, yName, yUnit, panels, table, reference = [] } = data;
  const series = panels.flatMap((panel) => panel.series);
  const points = series.flatMap((one) => one.points);
  const x = data.xMarks
    ? logScaleOf(data.xMarks)
    : scaleOf(data.xRange ?? extent(points.map((point) => point.x)), xUnit);
  const y = scaleOf(
    data.yRange ?? extent(points.flatMap((point) => [point.y, point.low ?? point.y, point.high ?? point.y])),
    yUnit,
  );
  const dotted = reference.length > 0 ? `<path class="r" d="${pathOf(x, y, reference)}"/>` : '';
  const drawn = panels.map((panel) => ({
    ...panel,
    svg: panelSvg(
      x,
      y,
      axisName(xName, xUnit),
      axisName(yName, yUnit),
      dotted + panel.series.map((one) => lineOf(one, x, y)).join(''),
    ),
  }));
  const named = new Map(series.flatMap(({ name, colour }) => (colour === null ? [] : [[name, { name, colour }]])));
  const several = panels.some((panel) => panel.series.filter(({ colour }) => colour !== null).length > 1);
  const body = html`${several ? legendHtml([...named.values()]) : undefined}${panelsHtml(drawn)}`;
  return { id, title, description, body, ...(table && { table }) };
}

const axisName = (name: string, unit: Unit): string => escapeText(unit === 'share' ? `${name}, %` : name);

/** Points nearer than this to the one before are not drawn: nobody sees them. */
const NEAR = 0.7;

function pathOf(x: Scale, y: Scale, points: readonly (readonly [x: number, y: number])[]): string {
  let [lastX, lastY] = [Infinity, Infinity];
  let path = '';
  points.forEach(([px, py], i) => {
    const [at, up] = [plotX(x.at(px)), plotY(y.at(py))];
    if (i > 0 && i < points.length - 1 && Math.hypot(at - lastX, up - lastY) < NEAR) return;
    [lastX, lastY] = [at, up];
    path += `${i === 0 ? 'M' : 'L'}${fix(at)} ${fix(up)}`;
  });
  return path;
}

function lineOf({ colour, points }: LineSeries, x: Scale, y: Scale): string {
  if (points.length === 0) return '';
  const stroke = colour === null ? 'class="l b"' : `class="l" ${strokeOf(colour)}`;
  const fill = colour === null ? 'var(--muted)' : seriesColour(colour);
  const banded = points.flatMap(({ x: at, low, high }) =>
    low === undefined || high === undefined ? [] : [{ at, low, high }],
  );
  const band = [
    ...banded.map(({ at, high }) => [at, high] as const),
    ...banded.map(({ at, low }) => [at, low] as const).reverse(),
  ];
  const dots = points
    .filter(({ dot }) => dot !== undefined || points.length === 1)
    .map(
      ({ x: px, y: py, dot = 4 }) =>
        `<circle cx="${fix(plotX(x.at(px)))}" cy="${fix(plotY(y.at(py)))}" r="${fix(dot)}" fill="${fill}"/>`,
    );
  const line = pathOf(
    x,
    y,
    points.map((point) => [point.x, point.y]),
  );
  return [
    banded.length > 1 ? `<path class="f" fill="${fill}" d="${pathOf(x, y, band)}Z"/>` : '',
    `<path ${stroke} d="${line}"/>`,
    ...dots,
  ].join('');
}

/** Precision over recall, best systems at the top right; both axes from 0 to 100 %. */
export function precisionRecallPanels(
  text: ChartText,
  panels: readonly (Omit<LinePanel, 'series'> & {
    readonly curves: readonly {
      readonly name: string;
      readonly colour: number;
      readonly points: readonly { readonly recall: number; readonly precision: number; readonly marked?: boolean }[];
    }[];
  })[],
  table?: Table,
): Figure {
  return linePanels({
    ...text,
    xName: 'recall',
    xUnit: 'share',
    xRange: [0, 1],
    yName: 'precision',
    yUnit: 'share',
    yRange: [0, 1],
    panels: panels.map(({ curves, ...panel }) => ({
      ...panel,
      series: curves.map(({ name, colour, points }) => ({
        name,
        colour,
        points: points.map(({ recall, precision, marked = false }) => ({
          x: recall,
          y: precision,
          ...(marked && { dot: 4 }),
        })),
      })),
    })),
    ...(table && { table }),
  });
}

/** Accuracy over confidence: on the dotted diagonal a model is as often right as it says. Bins without anything are left out. */
export function reliabilityPanels(
  text: ChartText,
  panels: readonly (Omit<LinePanel, 'series'> & {
    readonly series: readonly {
      readonly name: string;
      readonly colour: number | null;
      readonly bins: readonly ReliabilityBin[];
    }[];
  })[],
  table?: Table,
): Figure {
  const most = Math.max(
    1,
    ...panels.flatMap(({ series }) => series.flatMap(({ bins }) => bins.map(({ count }) => count))),
  );
  return linePanels({
    ...text,
    xName: 'confidence',
    xUnit: 'share',
    xRange: [0, 1],
    yName: 'right',
    yUnit: 'share',
    yRange: [0, 1],
    reference: [
      [0, 0],
      [1, 1],
    ],
    panels: panels.map(({ series, ...panel }) => ({
      ...panel,
      series: series.map(({ bins, ...one }) => ({
        ...one,
        points: bins
          .filter(({ count }) => count > 0)
          // area by count: a bin of few should not look like evidence
          .map(({ confidence, accuracy, count }) => ({
            x: confidence,
            y: accuracy,
            ...(one.colour !== null && { dot: 1.5 + 6 * Math.sqrt(count / most) }),
          })),
      })),
    })),
    ...(table && { table }),
  });
}
