import { present } from '../../errors';
import { type Figure, html, type Table } from '../html';
import { seriesColour } from '../palette';
import { type ChartText, fix, panelsHtml, panelSvg, plotX, plotY, scaleOf } from './draw';

export interface SharesData extends ChartText {
  readonly xName: string;
  readonly panels: readonly SharesPanel[];
  readonly table?: Table;
}

export interface SharesPanel {
  readonly title: string;
  readonly says: string;
  /** Such as epochs, ascending. */
  readonly x: readonly number[];
  /** Fractions that add up to 1 at each x. */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** Parts of a whole over epochs, stacked to 100 %, in panels that share their axes. @throws RangeError when the parts are not a whole */
export function stackedShares({ id, title, description, xName, panels, table }: SharesData): Figure {
  const names = [...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))];
  const all = panels.flatMap(({ x }) => x);
  const [first, last] = [Math.min(...all), Math.max(...all)];
  const x = scaleOf(first === last ? [first - 1, first + 1] : [first, last], 'count');
  const y = scaleOf([0, 1], 'share');
  const drawn = panels.map((panel) => ({
    ...panel,
    svg: panelSvg(x, y, xName, 'share, %', areas(panel, names, x.at, y.at)),
  }));
  const legend = html`<ul class="legend">
    ${names.map((name, i) => html`<li><i class="swatch" style="--c:${seriesColour(i)}"></i>${name}</li> `)}
  </ul> `;
  const body = html`${names.length > 1 ? legend : undefined}${panelsHtml(drawn)}`;
  return { id, title, description, body, ...(table && { table }) };
}

type At = (value: number) => number;

function areas({ title, x, series }: SharesPanel, names: readonly string[], atX: At, atY: At): string {
  const under = x.map(() => 0); // top of what is drawn already
  const parts = names.map((name, colour) => {
    const own = series.find((one) => one.name === name);
    if (!own) return '';
    const low = [...under];
    own.values.forEach((value, i) => (under[i] = present(under[i], 'share') + value));
    // one epoch alone has no width: half a step at both sides
    const at = x.length === 1 ? [present(x[0], 'x') - 0.5, present(x[0], 'x') + 0.5] : x;
    const edge = (tops: readonly number[]): string[] =>
      at.map((px, i) => `${fix(plotX(atX(px)))} ${fix(plotY(atY(tops[Math.min(i, tops.length - 1)] ?? 0)))}`);
    return `<path class="p" fill="${seriesColour(colour)}" d="M${[...edge(under), ...edge(low).reverse()].join('L')}Z"/>`;
  });
  under.forEach((whole, i) => {
    if (!(Math.abs(whole - 1) < 1e-6))
      throw new RangeError(`${title}: the shares at ${x[i]} add up to ${whole}, not to 1`);
  });
  return parts.join('');
}
