import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemReturn } from 'echarts';
import { present } from '../../errors';
import type { Figure } from '../html';
import { figure, format, grid, INK, nameAxis, type ChartText, type Unit } from './draw';

export interface HeatData extends ChartText {
  /** What rows and columns are, such as `gold` and `predicted`. */
  readonly rowName: string;
  readonly columnName: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** By row and column; null where a cell has no meaning. */
  readonly values: readonly (readonly (number | null)[])[];
  readonly unit: Unit;
  /** What a full cell of each row holds, such as the sum of the row: then colours are shares of it, and rare classes can be read. */
  readonly full: readonly number[];
}

const CELL = 34;

/** A grid of values, the higher the fuller: confusion matrices, classes by split. */
export function heatMap(data: HeatData): Figure {
  const { title, rows, columns, values, unit } = data;
  const valueAt = (r: number, c: number): number | null => present(present(values[r], 'row')[c], 'cell');
  const cells = values.flatMap((row, r) => row.map((_, c) => [c, r]));
  const option = {
    grid: grid(26, 8),
    xAxis: {
      ...nameAxis(columns),
      position: 'top',
      axisLabel: columnLabels(columns),
    },
    yAxis: {
      ...nameAxis(rows),
      inverse: true,
      name: `${data.rowName} \\ ${data.columnName}`,
      nameLocation: 'start',
      nameTextStyle: { color: 'var(--muted)', align: 'right' },
    },
    // not the library's own heat map: that one asks for colours it can mix, and ours are named by the page's theme
    series: [
      {
        type: 'custom',
        silent: true,
        data: cells,
        encode: { x: 0, y: 1 },
        renderItem: (_: unknown, api: CustomSeriesRenderItemAPI): CustomSeriesRenderItemReturn => {
          const [c, r] = [api.value(0) as number, api.value(1) as number];
          const value = valueAt(r, c);
          const full = present(data.full[r], 'row');
          const share = value === null || full === 0 ? 0 : value / full;
          const [x, y] = api.coord([c, r]) as [number, number];
          const [width, height] = api.size?.([1, 1]) as [number, number];
          const shape = { x: x - width / 2, y: y - height / 2, width, height };
          const text = value === null ? '' : short(unit, value);
          return {
            type: 'group',
            children: [
              { type: 'rect', shape, style: { fill: 'var(--heat)', opacity: share } },
              { type: 'rect', shape, style: { fill: 'none', stroke: 'var(--rule)', lineWidth: 1 } },
              {
                type: 'text',
                style: { text, x, y, align: 'center', verticalAlign: 'middle', fill: INK, fontSize: 12 },
              },
            ],
          };
        },
      },
    ],
  };
  return figure(data, CELL * rows.length + 96, option, {
    caption: `${title}: ${data.rowName} by ${data.columnName}`,
    head: [`${data.rowName} \\ ${data.columnName}`, ...columns],
    rows: rows.map((name, r) => [name, ...columns.map((_, c) => format(unit, valueAt(r, c)))]),
  });
}

/** Names that do not fit side by side stand at an angle. */
function columnLabels(columns: readonly string[]) {
  const room = 560 / columns.length;
  const longest = Math.max(...columns.map((name) => name.length)) * 7.5;
  return { color: INK, interval: 0, width: 130, overflow: 'truncate', rotate: longest > room ? 40 : 0 };
}

const short = (unit: Unit, value: number): string =>
  unit === 'share' ? (100 * value).toFixed(1) : format(unit, value);
