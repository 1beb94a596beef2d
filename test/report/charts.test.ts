import { barChart, heatPanels, intervalScale, intervalTable, linePanels, stackedShares } from '../../src/report/charts';
import { FIGURES, HOSTILE } from './figures';

const text = { id: 'c', title: 'T', description: 'D' };

describe.each(Object.keys(FIGURES))('%s', (kind) => {
  const { body, title } = FIGURES[kind]();

  it('is drawn in the colours of the page, without script, style sheet or request', () => {
    expect(body.markup).not.toMatch(/<(script|style|image|a|foreignObject)\b|javascript:|url\(|#[\da-f]{3}/);
    expect(body.markup).toMatch(/var\(--|<table class="heat"/);
    expect(title).toBe(`Chart ${kind}`);
  });

  it('escapes names', () => {
    expect(body.markup).not.toContain(HOSTILE);
    expect(body.markup).not.toContain('<script');
  });

  it('is the same for the same data', () => expect(FIGURES[kind]()).toEqual(FIGURES[kind]()));
});

/** `--x:12.5` and the like, in order. */
const numbersOf = (markup: string, name: string): number[] =>
  [...markup.matchAll(new RegExp(`--${name}:([-\\d.]+)`, 'g'))].map(([, value]) => Number(value));

describe('bars', () => {
  const data = { ...text, categoryName: 'class', categories: ['a', 'b'], valueName: 'F1' };

  it('are as long as their values, of the whole or of the longest', () => {
    const series = [{ name: 's', values: [0.25, 0.5] }];
    expect(numbersOf(barChart({ ...data, unit: 'share', full: 1, series }).body.markup, 'w')).toEqual([25, 50]);
    expect(numbersOf(barChart({ ...data, unit: 'share', series }).body.markup, 'w')).toEqual([50, 100]);
  });

  it('are as long as the logarithm of twice their counts on a logarithmic axis, so that a count of 1 can be seen', () => {
    const series = [{ name: 's', values: [500, 1] }];
    const [many, one] = numbersOf(barChart({ ...data, unit: 'count', log: true, series }).body.markup, 'w');
    expect(many).toBe(100);
    expect(one).toBeCloseTo((100 * Math.log(2)) / Math.log(1000), 1);
  });

  it('stand beside their numbers; what is not there is a dash and has no bar', () => {
    const { markup } = barChart({ ...data, unit: 'share', full: 1, series: [{ name: 's', values: [null, 0.5] }] }).body;
    expect(markup.match(/<u /g)).toHaveLength(1);
    expect(markup).toContain('<td>-</td>');
    expect(markup).toContain('<td>50.00</td>');
  });
});

describe('intervals', () => {
  const row = (value: number, low: number, high: number) =>
    ({ name: 'dsc', value, low, high, kind: 'open', cells: ['x'] }) as const;
  const table = { caption: 'C', head: ['loss', 'drawn', 'cell'], unit: 'share' } as const;

  it('lie along one axis: dot and ends are where the value and the ticks say', () => {
    const { markup } = intervalTable({ ...table, zero: true, groups: [{ title: null, rows: [row(0.02, 0, 0.04)] }] });
    const [[low, dot], [width], [zero]] = ['x', 'w', 'z'].map((name) => numbersOf(markup, name));
    expect(low).toBe(zero);
    expect(dot - low).toBeCloseTo(width / 2, 1);
    const ticks = [...markup.matchAll(/<span style="--x:([\d.]+)">([^<]*)/g)];
    expect(ticks.map(([, , label]) => label)).toEqual(['0', '1', '2', '3', '4']); // in points
    expect(Number(ticks[2][1])).toBeCloseTo(dot, 1);
  });

  it('hold 0 where they are of differences, and share the axis that they are given', () => {
    const far = row(0.3, 0.28, 0.32);
    expect(intervalScale([far], 'share').at(0)).toBeLessThan(0);
    const scale = intervalScale([far], 'share', true);
    expect(scale.at(0)).toBe(0);
    const dot = (value: number): number =>
      numbersOf(intervalTable({ ...table, scale, groups: [{ title: null, rows: [row(value, value, value)] }] }).markup, 'x')[1]; // prettier-ignore
    expect(dot(0.2) - dot(0.1)).toBeCloseTo(dot(0.3) - dot(0.2), 0);
    expect(dot(9)).toBe(dot(7)); // beyond the edge they stand at the edge
    const arrow = (value: number) => /<b(?: class="(\w+)")?/.exec(intervalTable({ ...table, scale, groups: [{ title: null, rows: [row(value, value, value)] }] }).markup)?.[1]; // prettier-ignore
    expect([arrow(9), arrow(-9), arrow(0.3)]).toEqual(['over', 'under', undefined]);
  });

  it('have no place below 0 or above 100 % where they are of scores', () => {
    const ticks = (value: number): string[] => intervalScale([row(value, value, value)], 'share').ticks.map(({ text }) => text); // prettier-ignore
    expect(ticks(0)[0]).toBe('0');
    expect(ticks(1).at(-1)).toBe('100');
  });
});

describe('lines', () => {
  const data = { ...text, xName: 'epoch', xUnit: 'count', yName: 'F1', yUnit: 'share' } as const;
  const at = (points: { x: number; y: number; low?: number; high?: number }[]) => ({
    title: 't',
    says: 's',
    series: [{ name: 's', colour: 0, points }],
  });

  it('share the axes of all panels, and a band counts among what they hold', () => {
    const { markup } = linePanels({
      ...data,
      panels: [at([{ x: 1, y: 0.5, low: 0.1, high: 0.9 }, { x: 2, y: 0.5, low: 0.4, high: 0.6 }]), at([{ x: 1, y: 0.5 }, { x: 3, y: 0.5 }])], // prettier-ignore
    }).body;
    const panels = markup.split('<svg').slice(1);
    const labels = panels.map((panel) => [...panel.matchAll(/<text [^>]*>([^<]*)/g)].map(([, label]) => label));
    expect(labels[0]).toEqual(labels[1]);
    expect(labels[0]).toEqual(['1', '2', '3', '0', '20', '40', '60', '80', '100', 'F1, %', 'epoch']);
    const [low, high] = [panels[0], panels[1]].map((panel) => /class="l" [^>]*d="M([\d.]+) ([\d.]+)/.exec(panel)?.[2]);
    expect(low).toBe(high);
    expect(panels[0].match(/<path class="f"/g)).toHaveLength(1);
  });

  it('leave out points that nobody could tell from the one before, and never the last', () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({ x: i, y: i / 5000 }));
    const { markup } = linePanels({ ...data, panels: [at(many)] }).body;
    const [, path = ''] = /class="l" [^>]*d="([^"]*)/.exec(markup) ?? [];
    expect(path.split('L').length).toBeLessThan(500);
    const { markup: last } = linePanels({ ...data, panels: [at(many.slice(-1).concat({ x: 0, y: 0 }))] }).body;
    expect(last).toContain('L');
    expect(markup).not.toContain('<circle');
  });

  it('are a dot where there is one point', () => {
    expect(linePanels({ ...data, panels: [at([{ x: 1, y: 0.5 }])] }).body.markup).toContain('<circle');
  });
});

it('a heat map is as full as its shares, has no zeros, and tells little from nothing', () => {
  const panel = { title: 't', rows: ['a', 'b'].map((name) => ({ name, note: '' })), columns: ['a', 'b'] };
  const { markup } = heatPanels({
    ...text,
    rowName: 'gold',
    columnName: 'predicted',
    panels: [{ ...panel, values: [[0.996, 0.004], [null, 0]] }], // prettier-ignore
  }).body;
  expect([...markup.matchAll(/<td([^>]*)>([^<]*)/g)].map(([, style, cell]) => [style.trim(), cell])).toEqual([
    ['style="--v:100"', '100'],
    ['style="--v:0"', '&lt;1'],
    ['', ''],
    ['', ''],
  ]);
});

describe('shares', () => {
  const panel = (values: number[][]) => ({
    title: 't',
    says: 's',
    x: [1],
    series: values.map((of, i) => ({ name: `n${i}`, values: of })),
  });

  it('are refused where they are no whole', () => {
    const panels = [panel([[0.5], [0.4]])];
    expect(() => stackedShares({ ...text, xName: 'epoch', panels })).toThrow('add up to 0.9, not to 1');
  });

  it('stand on each other and reach the top', () => {
    const { markup } = stackedShares({ ...text, xName: 'epoch', panels: [panel([[0.25], [0.75]])] }).body;
    const areas = [...markup.matchAll(/class="p" [^>]*d="([^"]*)/g)].map(([, d]) => [...d.matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y))); // prettier-ignore
    const [under, above] = areas.map((ys) => [Math.min(...ys), Math.max(...ys)]);
    expect(under[0]).toBe(above[1]); // y runs down
    expect((above[1] - above[0]) / (under[1] - under[0])).toBeCloseTo(3, 1);
  });
});
