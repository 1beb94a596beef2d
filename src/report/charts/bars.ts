import { present } from '../../errors';
import { percent } from '../../wording';
import { type Figure, html } from '../html';
import { seriesColour } from '../palette';
import { type ChartText, fix, format, type Unit } from './draw';

export interface BarSeries {
  readonly name: string;
  /** Number of its colour, where a name should keep the one it has in another chart; else its position. */
  readonly colour?: number;
  /** One a category; null where there is none. */
  readonly values: readonly (number | null)[];
}

export interface BarData extends ChartText {
  /** What the categories are, such as `class`. */
  readonly categoryName: string;
  readonly categories: readonly string[];
  readonly valueName: string;
  readonly unit: Unit;
  /** What a full bar is; the greatest value where it is not given. */
  readonly full?: number;
  readonly series: readonly BarSeries[];
  /** Labels of the value axis on a logarithmic scale: counts that lie orders of magnitude apart. Zeros get no bar. */
  readonly log?: true;
}

/** Longer names may be broken. */
const LONG = 14;

/** Of a share the unit stands in the head. */
const numberOf = (unit: Unit, value: number | null): string =>
  unit === 'share' && value !== null ? percent(value) : format(unit, value);

/** Horizontal bars, grouped by category where there are several series, beside their numbers. */
export function barChart(data: BarData): Figure {
  const { id, title, description, categories, series, unit, categoryName, valueName } = data;
  const most = data.full ?? Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  // a count of 1 has a length too
  const length = (value: number): number =>
    data.log ? (value > 0 ? Math.log(2 * value) / Math.log(2 * most) : 0) : value / most;
  const colourOf = ({ colour }: BarSeries, i: number): string => `--c:${seriesColour(colour ?? i)}`;
  const bar = (one: BarSeries, i: number, c: number) => {
    const value = present(one.values[c], 'value');
    return value === null || most === 0
      ? undefined
      : html`<u style="${colourOf(one, i)};--w:${fix(100 * length(value))}"></u>`;
  };
  const body = html`<table class="draws bars">
    <thead>
      <tr>
        <th scope="col" class="t">${categoryName}</th>
        <th scope="col" class="t">${unit === 'share' ? `${valueName}, %` : valueName}</th>
        ${series.map(
          (one, i) => html`<th scope="col"><i class="swatch" style="${colourOf(one, i)}"></i>${one.name}</th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${categories.map(
        (category, c) =>
          html`<tr>
            <th scope="row" class="t${category.length > LONG ? ' long' : ''}">${category}</th>
            <td class="s">${series.map((one, i) => bar(one, i, c))}</td>
            ${series.map(({ values }) => html`<td>${numberOf(unit, present(values[c], 'value'))}</td>`)}
          </tr> `,
      )}
    </tbody>
  </table> `;
  return { id, title, description, body };
}
