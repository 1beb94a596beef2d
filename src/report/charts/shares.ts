import { present } from '../../errors';
import type { Figure } from '../html';
import { seriesColour } from '../palette';
import { figure, format, grid, legend, legendHeight, valueAxis, type ChartText } from './draw';

export interface SharesData extends ChartText {
  readonly xName: string;
  /** Such as epochs, ascending. */
  readonly x: readonly number[];
  /** Fractions that add up to 1 at each x. */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const HEIGHT = 320;

const valueAt = (values: readonly number[], i: number): number => present(values[i], 'share');

/** Parts of a whole over epochs, stacked to 100 %. @throws RangeError when the parts are not a whole */
export function stackedShares(data: SharesData): Figure {
  const { title, x, xName, series } = data;
  x.forEach((at, i) => {
    const whole = series.reduce((sum, { values }) => sum + valueAt(values, i), 0);
    if (!(Math.abs(whole - 1) < 1e-6))
      throw new RangeError(`${title}: the shares at ${at} add up to ${whole}, not to 1`);
  });
  const names = series.map(({ name }) => name);
  const top = legendHeight(names) + 22;
  const [first, last] = [present(x[0], 'x'), present(x.at(-1), 'x')];
  const ends = x.length === 1 ? ([first - 1, first + 1] as const) : ([first, last] as const);
  const option = {
    grid: grid(top),
    legend: legend(names, 'roundRect'),
    xAxis: valueAxis(xName, 'count', ends),
    yAxis: { ...valueAxis('share', 'share', [0, 1], false), nameTextStyle: { color: 'var(--muted)', align: 'left' } },
    series: series.map(({ name, values }, i) => ({
      type: 'line',
      name,
      stack: 'whole',
      data: values.map((value, j) => [x[j], value]),
      showSymbol: x.length === 1,
      // a seam of paper keeps neighbours apart where colours look alike
      lineStyle: { color: 'var(--paper)', width: 1.5 },
      itemStyle: { color: seriesColour(i) },
      areaStyle: { color: seriesColour(i), opacity: 0.85 },
    })),
  };
  return figure(data, HEIGHT + top, option, {
    caption: `${title}: share by ${xName}`,
    head: [xName, ...names],
    rows: x.map((at, j) => [format('count', at), ...series.map(({ values }) => format('share', valueAt(values, j)))]),
  });
}
