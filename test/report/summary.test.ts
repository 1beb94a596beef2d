import { evaluateTags } from '../../src/evaluate/evaluation';
import type { GateResult } from '../../src/gates';
import { floorOf } from '../../src/metrics/floor';
import { gatesMarkdown, summaryMarkdown } from '../../src/report/summary';
import { percent } from '../../src/wording';

const gold = [['B-A|B', 'O'], ['B-x_y', 'O'], ['B-A|B', 'O'], ['O']];
const predicted = [['B-A|B', 'O'], ['O', 'B-x_y'], ['B-A|B', 'O'], ['O']];
const tagged = { tokens: gold, gold, predicted, scheme: 'iob2', dataHash: 'abc' };
const { report } = evaluateTags(tagged, { resamples: 50 });

const gate = (metric: string, passed: boolean): GateResult => ({
  subject: 'test',
  metric,
  kind: 'floor',
  value: 0.5,
  floor: passed ? 0.25 : 0.75,
  passed,
  message: '',
});

/** Cells of the rows of every table, split at bars that are not escaped. */
const rowsOf = (markdown: string): string[][] =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())); // prettier-ignore

describe('summaryMarkdown', () => {
  const markdown = summaryMarkdown('run *1*', [{ name: 'test', reports: [report] }], [gate('A|B.f1', false)]);
  const rows = rowsOf(markdown);

  it('has a row for every class and average, with the interval', () => {
    const interval = report.intervals?.entities?.micro;
    expect(rows).toContainEqual([
      'micro average',
      percent(report.entities?.micro.precision ?? NaN),
      percent(report.entities?.micro.recall ?? NaN),
      percent(report.entities?.micro.f1 ?? NaN),
      `${percent(interval?.low ?? NaN)} to ${percent(interval?.high ?? NaN)}`,
      '3',
    ]);
    expect(rows.map(([first]) => first)).toEqual(expect.arrayContaining(['A\\|B', 'x\\_y', 'macro average (2)']));
    expect(markdown).toContain(`\`${report.signature}\``);
    expect(markdown).toContain('## run \\*1\\*\n');
  });

  it('has tables of as many cells in each row as in the header', () => {
    for (const table of markdown.split('\n\n').filter((block) => block.startsWith('|'))) {
      const widths = rowsOf(table).map((cells) => cells.length);
      expect(new Set(widths).size).toBe(1);
      expect(table.split('\n')[1]).toMatch(/^\| :-- (\| --: )+\|$/);
    }
  });

  it('of several runs has their averages', () => {
    const several = summaryMarkdown('x', [{ name: 'dsc', reports: [report, report] }], []);
    expect(rowsOf(several).map(([first]) => first)).toEqual(['run', ':--', '1', '2']);
    expect(several).not.toContain('floors');
    const floor = floorOf({ ...report, accuracy: 0.125 });
    const beside = summaryMarkdown(
      'x',
      [{ name: 'dsc', reports: [report, report].map((one) => ({ ...one, floor })) }],
      [],
    );
    const { micro, macro } = floor.table;
    expect(rowsOf(beside).at(-1)).toEqual(['look-up', percent(micro.f1), percent(macro.f1), '12.50']);
  });
});

describe('gatesMarkdown', () => {
  it('puts what is missed first and counts it', () => {
    const text = gatesMarkdown([gate('micro-f1', true), gate('PER.f1', false)]);
    expect(text.startsWith('**1 of 2 floors missed.**')).toBe(true);
    expect(rowsOf(text).slice(2)).toEqual([
      ['**missed**', 'test', 'PER.f1', '50.00', '75.00'],
      ['passed', 'test', 'micro-f1', '50.00', '25.00'],
    ]);
    expect(gatesMarkdown([gate('micro-f1', true)])).toMatch(/^All 1 floors reached\./);
  });
});
