import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemReturn } from 'echarts';
import { present } from '../../errors';
import type { Figure } from '../html';
import { seriesColour } from '../palette';
import {
  figure,
  format,
  grid,
  LABEL,
  legend,
  legendHeight,
  nameAxis,
  valueAxis,
  type ChartText,
  type Unit,
} from './draw';

export interface BarSeries {
  readonly name: string;
  /** Number of its colour, where a name should keep the one it has in another chart; else its position. */
  readonly colour?: number;
  /** One a category; null where there is none. */
  readonly values: readonly (number | null)[];
  /** Ends of the error bars, one pair a category; null where there is none. */
  readonly intervals?: readonly (readonly [low: number, high: number] | null)[];
}

export interface BarData extends ChartText {
  /** What the categories are, such as `class`. */
  readonly categoryName: string;
  readonly categories: readonly string[];
  readonly valueName: string;
  readonly unit: Unit;
  /** Ends of the value axis; from the data where not given. */
  readonly range?: readonly [number, number];
  readonly series: readonly BarSeries[];
  /** Labels of the value axis on a logarithmic scale: counts that lie orders of magnitude apart. Zeros get no bar. */
  readonly log?: true;
}

const BAR = 18;
/** Share of a category's band that its bars fill, and the gap between two bars in bar widths. */
const FILL = 0.72;
const GAP = 0.15;

/** Horizontal bars, grouped by category where there are several series, with error bars where intervals are given. */
export function barChart(data: BarData): Figure {
  const { title, categories, series, unit, valueName } = data;
  const names = series.map(({ name }) => name);
  const top = legendHeight(names);
  const band = Math.max(26, (BAR * (series.length + (series.length - 1) * GAP)) / FILL);
  const hasIntervals = series.some(({ intervals }) => intervals !== undefined);
  const axis = valueAxis(valueName, unit, data.range);
  const option = {
    grid: grid(top, 72),
    legend: legend(names),
    xAxis: data.log
      ? {
          ...axis,
          type: 'log',
          logBase: 10,
          min: 0.5,
          startValue: 0.5,
          axisLabel: { ...axis.axisLabel, formatter: powerTick },
        }
      : axis,
    yAxis: { ...nameAxis(categories), inverse: true },
    series: series.flatMap((one, i) => [
      {
        type: 'bar',
        name: one.name,
        data: data.log ? one.values.map((value) => (value === 0 ? null : value)) : one.values,
        itemStyle: { color: seriesColour(one.colour ?? i) },
        barGap: `${100 * GAP}%`,
        barCategoryGap: `${100 * (1 - FILL)}%`,
        // a label beside an error bar would be struck through by it
        label: {
          ...LABEL,
          show: !hasIntervals,
          position: 'right',
          formatter: ({ value }: { value: number | null }) => format(unit, value),
        },
      },
      ...(one.intervals ? [errorBars(one.intervals, i, series.length)] : []),
    ]),
  };
  const rows = categories.map((category, c) => [
    category,
    ...series.flatMap(({ values, intervals }) => {
      const interval = intervals?.[c];
      const ends = interval ? interval.map((end) => format(unit, end)) : ['-', '-'];
      return [format(unit, present(values[c], 'value')), ...(intervals ? ends : [])];
    }),
  ]);
  const head = series.flatMap(({ name, intervals }) => [name, ...(intervals ? [`${name}, low`, `${name}, high`] : [])]);
  return figure(data, top + Math.ceil(band * categories.length) + 60, option, {
    caption: `${title}: ${valueName}`,
    head: [data.categoryName, ...head],
    rows,
  });
}

/** A tick below 1 is there for the bars of 1 to have a length; it has no label. */
const powerTick = (value: number): string => (value < 1 ? '' : value.toLocaleString('en-US'));

/** Whiskers in the middle of the bars of series `i` of `count`. */
function errorBars(intervals: readonly (readonly [number, number] | null)[], i: number, count: number) {
  return {
    type: 'custom',
    silent: true,
    data: intervals.flatMap((interval, c) => (interval ? [[c, ...interval]] : [])),
    encode: { y: 0, x: [1, 2] },
    z: 5,
    renderItem: (_: unknown, api: CustomSeriesRenderItemAPI): CustomSeriesRenderItemReturn => {
      const category = api.value(0);
      const [, band] = api.size?.([0, 1]) as [number, number];
      const width = (band * FILL) / (count + (count - 1) * GAP);
      const shift = (i - (count - 1) / 2) * width * (1 + GAP);
      const [low, middle] = api.coord([api.value(1), category]) as [number, number];
      const [high] = api.coord([api.value(2), category]) as [number, number];
      const y = middle + shift;
      const cap = Math.min(width / 3, 6);
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line' as const,
        shape: { x1, y1, x2, y2 },
        style: { stroke: 'var(--ink)', lineWidth: 1.5 },
      });
      return {
        type: 'group',
        children: [line(low, y, high, y), line(low, y - cap, low, y + cap), line(high, y - cap, high, y + cap)],
      };
    },
  };
}
