import { barChart, heatMap, lineChart, stackedShares } from '../../src/report/charts';
import { FIGURES, HOSTILE } from './figures';

const text = { id: 'c', title: 'T', description: 'D' };

describe.each(Object.keys(FIGURES))('%s', (kind) => {
  const figure = FIGURES[kind]();

  it('is one picture in the colours of the page, without script, style or request', () => {
    expect(figure.svg).toMatch(/^<svg [^]*<\/svg>\s*$/);
    expect(figure.svg).not.toMatch(/<(script|style|image|a|foreignObject)\b|javascript:|url\((?!['"]?#)|ecmeta|class=/);
    expect(figure.svg).toContain('var(--ink)');
  });

  it('escapes names', () => {
    expect(figure.svg).not.toContain(HOSTILE);
    expect(figure.svg).not.toContain('<script');
  });

  it('is the same for the same data', () => expect(FIGURES[kind]()).toEqual(figure));

  it('has its numbers as a table of even rows', () => {
    expect(figure.table.rows.length).toBeGreaterThan(0);
    for (const row of figure.table.rows) expect(row).toHaveLength(figure.table.head.length);
  });

  it('names what it clips by its own id', () => {
    const ids = [...figure.svg.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(ids.filter((id) => !id.startsWith(`${figure.id}-`))).toEqual([]);
  });
});

/** x of the ends of the horizontal paths in a colour: `M x y l w 0 ...`. */
function barsOf(svg: string, colour: string): { x: number; width: number }[] {
  return [...svg.matchAll(/<path d="M([\d.]+) [\d.]+l([\d.]+) 0[^"]*" fill="(var\(--s\d\))"/g)]
    .filter(([, , , fill]) => fill === `var(--${colour})`)
    .map(([, x, width]) => ({ x: Number(x), width: Number(width) }));
}

describe('bars', () => {
  const data = { ...text, categoryName: 'class', categories: ['a', 'b'], valueName: 'F1', unit: 'share' as const };

  it('are as long as their values', () => {
    const { svg } = barChart({ ...data, range: [0, 1], series: [{ name: 's', values: [0.25, 0.5] }] });
    const [a, b] = barsOf(svg, 's0');
    expect(b.width / a.width).toBeCloseTo(2, 2);
    expect(a.x).toBe(b.x);
  });

  it('are as long as the logarithm of twice their counts on a logarithmic axis, so that a count of 1 can be seen', () => {
    const { svg } = barChart({ ...data, unit: 'count', log: true, series: [{ name: 's', values: [500, 1] }] });
    const [many, one] = barsOf(svg, 's0');
    expect(one.width).toBeGreaterThan(5);
    expect(many.width / one.width).toBeCloseTo(Math.log(1000) / Math.log(2), 0);
  });

  it('have error bars from low to high, in the middle of their bar', () => {
    const { svg } = barChart({
      ...data,
      range: [0, 1],
      series: [
        { name: 'x', values: [0.5, 0.5], intervals: [[0.25, 0.75], null] },
        { name: 'y', values: [0.5, 0.5] },
      ],
    });
    const [bar] = barsOf(svg, 's0');
    const whisker = /<path d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)" fill="[^"]*" stroke="var\(--ink\)"/.exec(svg);
    const [low, y1, high, y2] = (whisker ?? []).slice(1).map(Number);
    expect(low - bar.x).toBeCloseTo(bar.width / 2, 0);
    expect(high - bar.x).toBeCloseTo(bar.width * 1.5, 0);
    expect(y1).toBe(y2);
    const [, top, height] = (/<path d="M[\d.]+ ([\d.]+)l[\d.]+ 0l0 ([\d.]+)/.exec(svg) ?? []).map(Number);
    expect(y1).toBeCloseTo(top + height / 2, 0);
  });

  it('tell intervals in the table too', () => {
    const { table } = barChart({
      ...data,
      series: [{ name: 's', values: [0.5, null], intervals: [[0.25, 0.75], null] }],
    });
    expect(table.head).toEqual(['class', 's', 's, low', 's, high']);
    expect(table.rows).toEqual([
      ['a', '50.00 %', '25.00 %', '75.00 %'],
      ['b', '-', '-', '-'],
    ]);
  });
});

it('lines list every point with its band', () => {
  const { table, svg } = lineChart({
    ...text,
    xName: 'epoch',
    xUnit: 'count',
    yName: 'F1',
    yUnit: 'share',
    series: [
      {
        name: 's',
        points: [
          { x: 1, y: 0.5, low: 0.4, high: 0.6 },
          { x: 2, y: 0.7 },
        ],
      },
    ],
  });
  expect(table.rows).toEqual([
    ['s', '1', '50.00 %', '40.00 %', '60.00 %'],
    ['s', '2', '70.00 %', '-', '-'],
  ]);
  expect(svg).toContain('stroke="var(--s0)"');
});

it('a heat map is as full as its values are shares of their row', () => {
  const { svg } = heatMap({
    ...text,
    rowName: 'gold',
    columnName: 'predicted',
    rows: ['a', 'b'],
    columns: ['a', 'b'],
    values: [
      [100, 50],
      [null, 4],
    ],
    unit: 'count',
    full: [200, 4],
  });
  // a full cell has no opacity of its own
  const cells = [...svg.matchAll(/fill="var\(--heat\)"([^>]*)>/g)].map(
    ([, rest]) => /opacity="([\d.]+)"/.exec(rest)?.[1] ?? '1',
  );
  expect(cells).toEqual(['0.5', '0.25', '0', '1']);
});

it('shares that are no whole are refused', () => {
  const series = [
    { name: 'a', values: [0.5] },
    { name: 'b', values: [0.4] },
  ];
  expect(() => stackedShares({ ...text, xName: 'epoch', x: [1], series })).toThrow('add up to 0.9, not to 1');
});
