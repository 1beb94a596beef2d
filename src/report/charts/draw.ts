import { type EChartsCoreOption, init } from 'echarts';
import { percent, visibleLines, whole } from '../../wording';
import type { Figure } from '../html';
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

export const WIDTH = 760;

export const INK = 'var(--ink)';
const MUTED = 'var(--muted)';
const RULE = 'var(--rule)';

/** The drawing area, labels included. Fonts differ: what is set wider than it was measured finds room at the left. */
export const grid = (top: number, right = 24) =>
  ({ left: 28, right, top, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'all' }) as const;

/** Kept apart by dash as well as by colour. */
const DASHES = ['solid', [7, 4], [2, 3], [9, 3, 2, 3], [12, 4], [4, 4]] as const;

/** A chart with what it says in words, and its numbers in a table. */
export function figure(
  { id, title, description }: ChartText,
  height: number,
  option: EChartsCoreOption,
  table: Figure['table'],
): Figure {
  return { id, title, description, svg: visibleLines(draw(id, height, option)), table };
}

/**
 * An option of ECharts drawn to an SVG string: no DOM, no canvas, no script in the result. Colours are CSS variables of the
 * page, so that one picture serves both themes. Hover styles and the library's own marks are dropped: they do nothing in a
 * still picture, and their names differ from call to call, while the same data should give the same bytes.
 */
function draw(id: string, height: number, option: EChartsCoreOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: 'system-ui, sans-serif', fontSize: 13, color: INK },
      color: DASHES.map((_, i) => seriesColour(i)),
      ...option,
    });
    const names = new Map<string, string>();
    return chart
      .renderToSVGString({ useViewBox: true })
      .replace(/<style[^>]*>[\s\S]*?<\/style>/g, '')
      .replace(/ ecmeta_\w+="[^"]*"/g, '')
      .replace(/ class="zr[^"]*"/g, '')
      .replace(/\bzr\d+-\w+/g, (name) => names.get(name) ?? remember(names, name, id));
  } finally {
    chart.dispose();
  }
}

/** Clip paths by order of appearance and the figure they are of: ids are global to a page. */
function remember(names: Map<string, string>, name: string, id: string): string {
  const fresh = `${id}-clip-${names.size}`;
  names.set(name, fresh);
  return fresh;
}

export const format = (unit: Unit, value: number | null): string => {
  if (value === null) return '-';
  if (unit === 'count') return whole(value);
  if (unit === 'share') return `${percent(value)} %`;
  return String(Number(value.toPrecision(4)));
};

const tick = (unit: Unit) => (value: number) =>
  unit === 'share' ? `${Number((100 * value).toPrecision(6))} %` : value.toLocaleString('en-US');

export function valueAxis(name: string, unit: Unit, range: readonly [number, number] | undefined, middle = true) {
  return {
    type: 'value',
    name,
    ...(middle ? { nameLocation: 'middle', nameGap: 32 } : {}),
    nameTextStyle: { color: MUTED },
    axisLabel: { color: INK, formatter: tick(unit), hideOverlap: true },
    axisLine: { show: true, lineStyle: { color: MUTED } },
    splitLine: { lineStyle: { color: RULE } },
    ...(unit === 'count' ? { minInterval: 1 } : {}),
    ...(range ? { min: range[0], max: range[1] } : {}),
  };
}

/** Names one under the other or side by side, cut where they would eat the chart; the table has them whole. */
export function nameAxis(names: readonly string[], name?: string) {
  return {
    type: 'category',
    data: names,
    ...(name === undefined ? {} : { name, nameTextStyle: { color: MUTED } }),
    axisLabel: { color: INK, interval: 0, width: 170, overflow: 'truncate' },
    axisLine: { lineStyle: { color: MUTED } },
    axisTick: { show: false },
  };
}

/** A legend where there is more than one thing to tell apart. It sits on top, out of the way of axis names. */
export function legend(names: readonly string[], icon?: string) {
  return names.length > 1
    ? {
        type: 'plain',
        top: 0,
        left: 0,
        data: [...names],
        textStyle: { color: INK },
        itemGap: 16,
        ...(icon ? { icon } : {}),
      }
    : { show: false };
}

/** Rows of about five names each stand above the chart. */
export function legendHeight(names: readonly string[]): number {
  if (names.length < 2) return 8;
  const letters = names.reduce((all, name) => all + name.length + 9, 0);
  return 14 + 22 * Math.ceil((letters * 7.5) / WIDTH);
}

export const lineStyle = (i: number) => ({ color: seriesColour(i), width: 2, type: DASHES[i % DASHES.length] });
export const LABEL = { color: INK, fontSize: 12, textBorderWidth: 0 } as const;
