import { score, type Report, type ScoreTable } from '../../src/metrics/scores';
import { createRng } from '../../src/rng';
import { reportJson } from '../../src/report/json';
import { align, reportText, resultText } from '../../src/report/text';

const split = (...sentences: string[]): string[][] => sentences.map((s) => s.split(' '));

/** A report with random tags over several classes. */
function randomReport(seed: number, scheme: 'IOB2' | 'plain'): Report {
  const rng = createRng(seed);
  const pool = scheme === 'plain' ? ['NOUN', 'VERB', 'X'] : ['O', 'O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC'];
  const gold = Array.from({ length: 40 }, () => Array.from({ length: 7 }, () => pool[rng.int(pool.length)]));
  const predicted = gold.map((tags) => tags.map((tag) => (rng.float() < 0.7 ? tag : pool[rng.int(pool.length)])));
  return score(gold, predicted, { scheme, version: '0' });
}

/** Checks one printed table against the table of the JSON, cell by cell. */
function expectTable(lines: string[], title: string, table: ScoreTable | null): void {
  if (!table) throw new Error(`no table ${title}`);
  const first = lines.findIndex((line) => line.startsWith(title));
  expect(first).toBeGreaterThanOrEqual(0);
  const cells = (line: string) =>
    line
      .trim()
      .split(/\s{2,}/)
      .map((cell) => cell.replace(/[* ]$/, ''));
  const rounded = (s: { precision: number; recall: number; f1: number }) =>
    [s.precision, s.recall, s.f1].map((x) => (100 * x).toFixed(2));
  const expected = [
    ...[...table.classes, { name: 'micro average', ...table.micro }].map((s) => [
      s.name,
      ...rounded(s),
      String(s.support),
      String(s.predicted),
      String(s.tp),
    ]),
    [`macro average (${table.macro.classes} classes)`, ...rounded(table.macro)],
  ];
  expect(lines.slice(first + 1, first + 1 + expected.length).map(cells)).toEqual(expected);
}

describe('reportText and reportJson', () => {
  it.each([1, 2, 3])('print the same numbers, rounded in the text (seed %i)', (seed) => {
    const reports = { dev: randomReport(seed, 'IOB2'), test: randomReport(seed + 100, 'IOB2') };
    const json = JSON.parse(reportJson(reports)) as typeof reports;
    expect(json).toEqual(reports);
    const [dev, test] = reportText(reports).split('\ntest: ');
    for (const [text, report] of [
      [dev, json.dev],
      [test, json.test],
    ] as const) {
      const lines = text.split('\n');
      expectTable(lines, 'entities', report.entities);
      expectTable(lines, 'tokens', report.tags);
      expect(lines).toContain(`accuracy ${(100 * report.accuracy).toFixed(2)} % of tokens`);
      expect(lines).toContain(`scored as ${report.signature}`);
    }
  });

  it('has one table and no entities for plain tags', () => {
    const report = randomReport(5, 'plain');
    const lines = reportText({ dev: report }).split('\n');
    expectTable(lines, 'tags', report.tags);
    expect(lines.some((line) => line.startsWith('entities'))).toBe(false);
  });

  it('marks zero divisions and explains the mark, only where there are some', () => {
    const marked = reportText({ test: score(split('B-A O'), split('O O'), { scheme: 'IOB2', version: '0' }) });
    expect(marked).toMatch(/^A +0\.00\* +0\.00 +0\.00\* +1 +0 +0$/m);
    expect(marked).toMatch(/^\* 0 because/m);
    const clean = reportText({ test: score(split('B-A O'), split('B-A O'), { scheme: 'IOB2', version: '0' }) });
    expect(clean).not.toContain('*');
    expect(clean).toContain('test: 1 sentence, 2 tokens\n');
    expect(clean).toContain('macro average (1 class)');
  });

  it('leaves the test split out where there is none', () => {
    const dev = randomReport(6, 'IOB2');
    expect(resultText({ ...RESULT, dev, test: null })).toBe(reportText({ dev }));
    expect(resultText({ ...RESULT, dev, test: dev })).toBe(reportText({ dev, test: dev }));
  });

  it.each([
    [
      0,
      { bias: -0.75, plain: 0.4361, biased: 0.4484 },
      'bias of _: -0.75 would take dev from micro-f1 43.61 to 44.84 (--outside-bias dev)',
    ],
    [1.5, { bias: 1.5, plain: 0.4361, biased: 0.4484 }, 'bias of _: 1.5, fitted on dev: micro-f1 43.61 to 44.84 there'],
    [0, { bias: 0, plain: 0.4361, biased: 0.4361 }, 'bias of _: none scores better on dev'],
  ])('says at its end what a bias of the outside label does on dev: %d, %j', (outsideBias, fit, line) => {
    const dev = randomReport(6, 'IOB2');
    const result = { ...RESULT, dev, test: null, decode: { method: 'valid', outsideBias, fit } } as const;
    expect(resultText(result)).toBe(`${reportText({ dev })}\n${line}\n`);
  });
});

const RESULT = {
  metric: 'micro-f1',
  decode: { method: 'valid', outsideBias: 0, fit: null },
  data: { train: { tagging: { outside: '_' } } },
} as const;

describe('align', () => {
  it('takes more rows than a call takes arguments', () => {
    expect(align(Array.from({ length: 200_000 }, (_, i) => [String(i), 'x'])).at(-1)).toBe('199999  x');
  });

  it('pads to the widest cell, first column left, others right, no blanks at the end', () => {
    expect(align([['a', 'bb', 'c'], ['aaa', 'b'], []])).toEqual(['a    bb  c', 'aaa   b', '']);
  });
});
