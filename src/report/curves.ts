import { present } from '../errors';
/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** One chart; charts of a figure stand side by side. */
export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly series: readonly Series[];
}

const WIDTH = 420;
const HEIGHT = 300;
const MARGIN = { left: 62, right: 14, top: 34, bottom: 46 };
const HEAD = 44;
const LEGEND_ROW = 20;
/** Okabe and Ito's colours, told apart by colour-blind readers and on light and dark ground; dashes for print. */
const STROKES = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const DASHES = ['', '7 4', '2 3', '9 3 2 3', '12 4', '4 4'];

/** Charts side by side under one title, with one legend: a self-contained SVG, readable on light and dark ground. */
export function drawCharts(title: string, charts: readonly Chart[]): string {
  const names = charts.at(0)?.series.map((series) => series.name) ?? [];
  const width = WIDTH * Math.max(charts.length, 1);
  const height = HEAD + HEIGHT + LEGEND_ROW * names.length + 12;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escape(title)}</title>`,
    '<style>',
    'svg{--ink:#1f2328;--paper:#ffffff;--rule:#d0d7de}',
    '@media (prefers-color-scheme:dark){svg{--ink:#e6edf3;--paper:#0d1117;--rule:#373e47}}',
    'text{fill:var(--ink)}.rule{stroke:var(--rule)}.axis{stroke:var(--ink)}.line{fill:none;stroke-width:2;stroke-linejoin:round}',
    '</style>',
    `<rect width="${width}" height="${height}" style="fill:var(--paper)"/>`,
    `<text x="${width / 2}" y="26" text-anchor="middle" font-size="15" font-weight="600">${escape(title)}</text>`,
    ...charts.map((chart, i) => `<g transform="translate(${i * WIDTH} ${HEAD})">${drawChart(chart)}</g>`),
    ...names.map((name, i) => legendRow(name, i, HEAD + HEIGHT + LEGEND_ROW * i + 10)),
    '</svg>',
    '',
  ].join('\n');
}

function drawChart({ title, xLabel, series }: Chart): string {
  const points = series.flatMap((line) => line.points);
  const xTicks = ticks(...extent(points.map(([x]) => x)));
  const yTicks = ticks(...extent(points.map(([, y]) => y)));
  const x = scale(xTicks, MARGIN.left, WIDTH - MARGIN.right);
  const y = scale(yTicks, HEIGHT - MARGIN.bottom, MARGIN.top);
  const [left, right, bottom, top] = [MARGIN.left, WIDTH - MARGIN.right, HEIGHT - MARGIN.bottom, MARGIN.top];
  return [
    ...xTicks.flatMap((value) => [
      `<line class="rule" x1="${x(value)}" x2="${x(value)}" y1="${top}" y2="${bottom}"/>`,
      `<text x="${x(value)}" y="${bottom + 16}" text-anchor="middle">${label(value)}</text>`,
    ]),
    ...yTicks.flatMap((value) => [
      `<line class="${value === 0 ? 'axis' : 'rule'}" x1="${left}" x2="${right}" y1="${y(value)}" y2="${y(value)}"/>`,
      `<text x="${left - 7}" y="${y(value) + 4}" text-anchor="end">${label(value)}</text>`,
    ]),
    `<path class="axis" fill="none" d="M${left} ${top}V${bottom}H${right}"/>`,
    `<text x="${(left + right) / 2}" y="20" text-anchor="middle" font-weight="600">${escape(title)}</text>`,
    `<text x="${(left + right) / 2}" y="${bottom + 36}" text-anchor="middle">${escape(xLabel)}</text>`,
    ...series.map(
      (line, i) =>
        `<polyline class="line" ${stroke(i)} points="${line.points.map(([px, py]) => `${x(px)},${y(py)}`).join(' ')}"/>`,
    ),
  ].join('\n');
}

function legendRow(name: string, i: number, top: number): string {
  const line = `<line class="line" ${stroke(i)} x1="${MARGIN.left}" x2="${MARGIN.left + 34}" y1="${top}" y2="${top}"/>`;
  return `${line}<text x="${MARGIN.left + 44}" y="${top + 4}">${escape(name)}</text>`;
}

const stroke = (i: number): string => {
  const dash = DASHES[i % DASHES.length];
  return `stroke="${STROKES[i % STROKES.length]}"${dash ? ` stroke-dasharray="${dash}"` : ''}`;
};

function extent(values: readonly number[]): [low: number, high: number] {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (low > high) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** Round values (1, 2 or 5 times a power of ten apart) that cover low to high in about five steps. */
export function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Linear from the first and last tick to two pixel positions, rounded to hundredths. */
function scale(to: readonly number[], from: number, until: number): (value: number) => number {
  const [low, high] = [present(to[0], 'tick'), present(to.at(-1), 'tick')];
  return (value) => Math.round(100 * (from + ((value - low) / (high - low)) * (until - from))) / 100;
}

const label = (value: number): string => String(value).replace('-', '\u2212');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, (char) => present(ENTITIES[char], 'entity'));
