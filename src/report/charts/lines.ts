import type { Figure } from '../html';
import { seriesColour } from '../palette';
import { figure, format, grid, legend, legendHeight, lineStyle, valueAxis, type ChartText, type Unit } from './draw';

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Ends of the band around the line, such as the smallest and largest value over seeds. */
  readonly low?: number;
  readonly high?: number;
  /** Shown with the symbol of its line. */
  readonly marked?: boolean;
}

export interface LineSeries {
  readonly name: string;
  /** In the order in which they are joined. */
  readonly points: readonly LinePoint[];
}

export interface LineData extends ChartText {
  readonly xName: string;
  readonly xUnit: Unit;
  readonly xRange?: readonly [number, number];
  readonly yName: string;
  readonly yUnit: Unit;
  readonly yRange?: readonly [number, number];
  readonly series: readonly LineSeries[];
  /** A dotted line for comparison, named in the description. */
  readonly reference?: readonly (readonly [x: number, y: number])[];
}

const HEIGHT = 340;

/** Lines over a number, with a band around those whose points have one. */
export function lineChart(data: LineData): Figure {
  const { title, series, xName, xUnit, yName, yUnit } = data;
  const names = series.map(({ name }) => name);
  const top = legendHeight(names) + 22;
  const option = {
    grid: grid(top),
    legend: legend(names),
    xAxis: valueAxis(xName, xUnit, data.xRange ?? extent(series.flatMap(({ points }) => points.map(({ x }) => x)))),
    yAxis: {
      ...valueAxis(yName, yUnit, data.yRange, false),
      scale: true,
      nameTextStyle: { color: 'var(--muted)', align: 'left' },
    },
    series: [
      ...series.flatMap((one, i) => bandOf(one, i)),
      ...(data.reference ? [referenceLine(data.reference)] : []),
      ...series.map(({ name, points }, i) => ({
        type: 'line',
        name,
        data: points.map(({ x, y, marked }) => ({
          value: [x, y],
          symbolSize: marked || points.length === 1 ? 9 : 0,
        })),
        symbol: SYMBOLS[i % SYMBOLS.length],
        lineStyle: lineStyle(i),
        itemStyle: { color: seriesColour(i) },
      })),
    ],
  };
  const rows = series.flatMap(({ name, points }) =>
    points.map(({ x, y, low, high }) => [
      name,
      format(xUnit, x),
      format(yUnit, y),
      ...(hasBands(series) ? [format(yUnit, low ?? null), format(yUnit, high ?? null)] : []),
    ]),
  );
  const head = ['series', xName, yName, ...(hasBands(series) ? ['low', 'high'] : [])];
  return figure(data, HEIGHT + top, option, { caption: `${title}: ${yName} by ${xName}`, head, rows });
}

/** Precision over recall, best systems at the top right; both axes from 0 to 100 %. */
export function precisionRecallChart(
  text: ChartText,
  curves: readonly {
    readonly name: string;
    readonly points: readonly { readonly recall: number; readonly precision: number; readonly marked?: boolean }[];
  }[],
): Figure {
  return lineChart({
    ...text,
    xName: 'recall',
    xUnit: 'share',
    xRange: [0, 1],
    yName: 'precision',
    yUnit: 'share',
    yRange: [0, 1],
    series: curves.map(({ name, points }) => ({
      name,
      points: points.map(({ recall, precision, marked = false }) => ({ x: recall, y: precision, marked })),
    })),
  });
}

export const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'arrow'] as const;

const hasBands = (series: readonly LineSeries[]): boolean =>
  series.some(({ points }) => points.some(({ low }) => low !== undefined));

/** Two stacked areas: an unseen one up to `low`, and on it one of height high - low. Stacking would clip at 0: hence polygons. */
function bandOf({ points }: LineSeries, i: number): object[] {
  const banded = points.filter(
    (point): point is Required<LinePoint> => point.low !== undefined && point.high !== undefined,
  );
  if (banded.length === 0) return [];
  const outline = [...banded.map(({ x, high }) => [x, high]), ...banded.map(({ x, low }) => [x, low]).reverse()];
  return [
    {
      type: 'custom',
      silent: true,
      clip: true,
      data: [outline[0]],
      // the scale must hold the band, not only the lines
      encode: { x: 0, y: 1 },
      renderItem: (_: unknown, api: { coord: (point: number[]) => number[] }) => ({
        type: 'polygon',
        shape: { points: outline.map((point) => api.coord(point)) },
        style: { fill: seriesColour(i), opacity: 0.18 },
      }),
    },
    { type: 'scatter', silent: true, symbolSize: 0, data: outline },
  ];
}

export function referenceLine(points: readonly (readonly [number, number])[]) {
  return {
    type: 'line',
    silent: true,
    showSymbol: false,
    data: points,
    lineStyle: { color: 'var(--muted)', width: 1.5, type: 'dotted' },
    itemStyle: { color: 'var(--muted)' },
  };
}

/** Lines run from edge to edge; a single x gets room at both sides. */
function extent(values: readonly number[]): readonly [number, number] | undefined {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (low > high) return undefined;
  return low === high ? [low - 1, high + 1] : [low, high];
}
