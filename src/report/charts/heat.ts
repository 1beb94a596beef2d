import type { Figure } from '../html';
import { draw, format, identify, LABEL, nameAxis, type ChartText, type Unit } from './draw';

export interface HeatData extends ChartText {
  /** What rows and columns are, such as `gold` and `predicted`. */
  readonly rowName: string;
  readonly columnName: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** By row and column; null where a cell has no meaning. */
  readonly values: readonly (readonly (number | null)[])[];
  readonly unit: Unit;
  /** What a full cell is: the largest value of the whole map, or of its row (so that rare classes can be read). */
  readonly scale: 'map' | 'row';
}

const CELL = 34;

/** A grid of values, the higher the fuller: confusion matrices, classes by split. */
export function heatMap(data: HeatData): Figure {
  const { id, title, description, rows, columns, values, unit } = data;
  const most = (numbers: readonly (number | null)[]): number =>
    numbers.reduce<number>((a, b) => Math.max(a, b ?? 0), 0);
  const mapTop = most(values.map(most));
  const rowTops = values.map((row) => (data.scale === 'row' ? most(row) : mapTop));
  const cells = values.flatMap((row, r) =>
    row.map((value, c) => ({
      value: [c, r, value ?? '-'],
      itemStyle: {
        color: 'var(--heat)',
        opacity: value === null || rowTops[r] === 0 ? 0 : value / rowTops[r],
        borderColor: 'var(--rule)',
        borderWidth: 1,
      },
    })),
  );
  const svg = draw(CELL * rows.length + 96, {
    grid: { left: 8, right: 8, top: 26, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'all' },
    xAxis: {
      ...nameAxis(columns),
      position: 'top',
      name: data.columnName,
      nameLocation: 'middle',
      nameGap: 26,
      axisLabel: columnLabels(columns),
    },
    yAxis: { ...nameAxis(rows), inverse: true, name: data.rowName, nameLocation: 'start' },
    series: [
      // Opacity of a cell would fade its label too: labels are a second, empty layer.
      { type: 'heatmap', data: cells, silent: true },
      {
        type: 'heatmap',
        silent: true,
        data: cells.map(({ value }) => value),
        itemStyle: { color: 'transparent', opacity: 1 },
        label: {
          ...LABEL,
          show: true,
          formatter: (cell: { value: [number, number, number | '-'] }) =>
            cell.value[2] === '-' ? '' : short(unit, cell.value[2]),
        },
      },
    ],
  });
  return {
    id,
    title,
    description,
    svg: identify(id, svg),
    table: {
      caption: `${title}: ${data.rowName} by ${data.columnName}`,
      head: [`${data.rowName} \\ ${data.columnName}`, ...columns],
      rows: rows.map((name, r) => [name, ...columns.map((_, c) => format(unit, values[r][c]))]),
    },
  };
}

/** Names that do not fit side by side stand at an angle. */
function columnLabels(columns: readonly string[]) {
  const room = 560 / columns.length;
  const longest = Math.max(...columns.map((name) => name.length)) * 7.5;
  return { color: 'var(--ink)', interval: 0, width: 130, overflow: 'truncate', rotate: longest > room ? 40 : 0 };
}

const short = (unit: Unit, value: number): string =>
  unit === 'share' ? (100 * value).toFixed(1) : format(unit, value);
