import { percent, whole } from '../../wording';
import { ticks } from '../curves';
import { html, Html } from '../html';
import { seriesColour } from '../palette';

/** What every chart says in words. */
export interface ChartText {
  /** Unique in its page: a letter, then letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** What a person who cannot see it should know. */
  readonly description: string;
}

/** `share` is a fraction shown in per cent, `count` a whole number, `number` anything else. */
export type Unit = 'share' | 'count' | 'number';

export const format = (unit: Unit, value: number | null): string => {
  if (value === null) return '-';
  if (unit === 'count') return whole(value);
  if (unit === 'share') return `${percent(value)} %`;
  return String(Number(value.toPrecision(4)));
};

/** A pixel position, or a share of a hundred: one decimal is finer than the eye. */
export const fix = (value: number): string => String(Number(value.toFixed(1)));

/** Round numbers along an axis, and where a value lies between the first and the last of them, from 0 to 1. */
export interface Scale {
  readonly ticks: readonly { readonly text: string; readonly at: number }[];
  readonly at: (value: number) => number;
}

/** @param range ends of the axis; what is drawn lies within */
export function scaleOf([low, high]: readonly [number, number], unit: Unit): Scale {
  const factor = unit === 'share' ? 100 : 1;
  const least = unit === 'count' ? 1 : 0;
  const all = ticks(factor * low, factor * high).filter((value) => unit !== 'count' || Number.isInteger(value));
  const [first, last] = [all[0] ?? factor * low, Math.max(all.at(-1) ?? factor * high, (all[0] ?? 0) + least)];
  const at = (value: number): number => (last > first ? (factor * value - first) / (last - first) : 0.5);
  return { ticks: all.map((value) => ({ text: value.toLocaleString('en-US'), at: at(value / factor) })), at };
}

/** A logarithmic scale for numbers above 0, with a label at each of them; the smallest at the left. */
export function logScaleOf(values: readonly number[]): Scale {
  const logs = values.map(Math.log);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const at = (value: number): number => (high > low ? (Math.log(value) - low) / (high - low) : 0.5);
  return { ticks: values.map((value) => ({ text: value.toLocaleString('en-US'), at: at(value) })), at };
}

/** Lowest and highest of some numbers; of none 0 to 1, and of one some room at both sides. */
export function extent(values: Iterable<number>): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low > high) return [0, 1];
  return low === high ? [low - 0.005, high + 0.005] : [low, high];
}

/** Kept apart by dash as well as by colour. */
const DASHES = ['', '7 4', '2 3', '9 3 2 3', '12 4', '4 4'] as const;

/** Colour and dash of a series, as attributes. */
export function strokeOf(colour: number): string {
  const dash = DASHES[colour % DASHES.length];
  return `stroke="${seriesColour(colour)}"${dash ? ` stroke-dasharray="${dash}"` : ''}`;
}

/** What the lines of several panels are. */
export const legendHtml = (series: readonly { readonly name: string; readonly colour: number }[]): Html =>
  html`<ul class="legend">
    ${series.map(
      ({ name, colour }) =>
        html`<li>
          ${new Html(`<svg viewBox="0 0 29 8" aria-hidden="true"><path class="l" d="M0 4H29" ${strokeOf(colour)}/></svg>`)}${name}
        </li> `,
    )}
  </ul> `;

/** Charts side by side, each one image to a screen reader. */
export const panelsHtml = (
  panels: readonly { readonly title: string; readonly says: string; readonly svg: string }[],
): Html =>
  html`<div class="panels">
    ${panels.map(
      ({ title, says, svg }) =>
        html`<div class="panel" role="img" aria-label="${title}: ${says}">
          <p>${title}</p>
          ${new Html(svg)}
        </div> `,
    )}
  </div> `;

/** Size of a panel. It is shown at this size or larger, so that no text is smaller than the style sheet says. */
export const PANEL = { width: 288, height: 200, left: 34, right: 12, top: 20, bottom: 32 } as const;

export const plotX = (share: number): number => PANEL.left + share * (PANEL.width - PANEL.left - PANEL.right);
export const plotY = (share: number): number =>
  PANEL.height - PANEL.bottom - share * (PANEL.height - PANEL.top - PANEL.bottom);

/** Grid, axes and their names around what a panel draws. */
export function panelSvg(x: Scale, y: Scale, xName: string, yName: string, drawn: string): string {
  const { width, height, left, right, top, bottom } = PANEL;
  const base = height - bottom;
  const grid = [
    ...x.ticks.map(({ at }) => `M${fix(plotX(at))} ${top}V${base}`),
    ...y.ticks.map(({ at }) => `M${left} ${fix(plotY(at))}H${width - right}`),
  ].join('');
  const every = Math.ceil(x.ticks.length / 6); // labels of more would touch
  const texts = [
    ...x.ticks.flatMap(({ text, at }, i) =>
      i % every === 0
        ? [
            `<text x="${fix(plotX(at))}" y="${base + 14}" text-anchor="${at > 0.97 && text.length > 3 ? 'end' : 'middle'}">${text}</text>`,
          ]
        : [],
    ),
    ...y.ticks.map(
      ({ text, at }) => `<text x="${left - 4}" y="${fix(plotY(at) + 4)}" text-anchor="end">${text}</text>`,
    ),
    `<text class="m" x="2" y="10">${yName}</text>`,
    `<text class="m" x="${width - right}" y="${height - 4}" text-anchor="end">${xName}</text>`,
  ].join('');
  return `<svg viewBox="0 0 ${width} ${height}" aria-hidden="true"><path class="g" d="${grid}"/><path class="a" d="M${left} ${top}V${base}H${width - right}"/>${drawn}${texts}</svg>`;
}
