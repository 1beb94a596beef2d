import { warning } from '../../src/warnings';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCorpus } from '../../src/data/corpus';
import { UserError } from '../../src/errors';
import { evaluateTags } from '../../src/evaluate/evaluation';
import {
  baselineWarnings,
  checkWarnings,
  checkBaselineData,
  checkGates,
  checkMetrics,
  type Gates,
  parseFloors,
  parseMetrics,
} from '../../src/gates';
import { readBaseline } from '../../src/gates/baseline';
import { type Report, score } from '../../src/metrics/scores';

const folder = mkdtempSync(join(tmpdir(), 'dsc-gates-'));

/** 20 sentences of one PER each, and of one LOC each; `right` of the PER are found, every LOC is. */
function reportOf(right: number, convention = 'conlleval', dataHash = 'same'): Report {
  const gold = Array.from({ length: 20 }, () => ['B-PER', 'O', 'B-LOC']);
  const predicted = gold.map((tags, s) => [s < right ? 'B-PER' : 'O', 'O', tags[2]]);
  const tagged = { tokens: gold, gold, predicted, scheme: 'iob2', dataHash };
  return evaluateTags(tagged, { convention, resamples: 200 }).report;
}

const gates = (more: Partial<Gates>): Gates => ({
  floors: [],
  baseline: null,
  baselineMetrics: ['micro-f1'],
  strict: false,
  otherCorpus: false,
  ...more,
});
const test = (...reports: Report[]) => ({ name: 'test', reports });

function without(report: Report): Report {
  const { intervals, ...rest } = report;
  expect(intervals).toBeDefined();
  return rest;
}

describe('parseFloors', () => {
  it('reads averages and classes, also with dots and blanks in their names', () => {
    expect(parseFloors('micro-f1=0.8, PER.f1=0.5,GPE.NAM.recall=1,a b.f1=0')).toEqual([
      { metric: 'micro-f1', floor: 0.8 },
      { metric: 'PER.f1', floor: 0.5 },
      { metric: 'GPE.NAM.recall', floor: 1 },
      { metric: 'a b.f1', floor: 0 },
    ]);
  });

  it.each([
    ['micro-f1', /expected METRIC=FLOOR, found 'micro-f1'/],
    ['micro-f1=80', /a floor is a fraction; did you mean 0\.8\?/],
    ['micro-f1=high', /a floor is a number from 0 to 1/],
    ['micro-f1=-0.1', /a floor is a number from 0 to 1/],
    ['micro_f1=0.8', /unknown metric 'micro_f1'; did you mean 'micro-f1'\?/],
    ['micro-f1=0.8,micro-f1=0.9', /micro-f1 is there twice/],
    ['', /expected METRIC=FLOOR/],
  ])('refuses %j', (text, message) => {
    expect(() => parseFloors(text)).toThrow(UserError);
    expect(() => parseFloors(text)).toThrow(message);
  });

  it('says all that is wrong at once', () => {
    expect(() => parseFloors('x,micro-f1=2')).toThrow(/found 'x'\n.*micro-f1=2/);
  });
});

describe('parseMetrics', () => {
  it('takes names, refuses what is none', () => {
    expect(parseMetrics('micro-f1, PER.f1')).toEqual(['micro-f1', 'PER.f1']);
    expect(() => parseMetrics('micro')).toThrow(/unknown metric 'micro'; valid: micro-f1, macro-f1/);
  });
});

describe('floors', () => {
  it('passes at the floor and above, misses below', () => {
    const report = reportOf(10); // PER: recall 0.5, F1 2 * 10 / 30; micro: 2 * 30 / 70
    const floors = [
      { metric: 'PER.recall', floor: 0.5 },
      { metric: 'PER.f1', floor: 0.7 },
      { metric: 'micro-f1', floor: 0.857 },
      { metric: 'LOC.f1', floor: 1 },
    ];
    const results = checkGates(gates({ floors }), test(report));
    expect(results.map(({ metric, passed }) => [metric, passed])).toEqual([
      ['PER.recall', true],
      ['PER.f1', false],
      ['micro-f1', true],
      ['LOC.f1', true],
    ]);
    expect(results[1].message).toBe('test: PER.f1 is 0.6667, under 0.7, the floor');
  });

  it('never shows score and floor as the same number when they are not', () => {
    const floors = [{ metric: 'PER.f1', floor: 0.66669 }];
    const [{ message, passed }] = checkGates(gates({ floors }), test(reportOf(10)));
    expect(passed).toBe(false);
    expect(message).toMatch(/is 0\.6666666\d+, under 0\.66669, the floor/);
  });

  it('takes the mean of several reports', () => {
    const floors = [{ metric: 'PER.recall', floor: 0.6 }];
    const [mean] = checkGates(gates({ floors }), test(reportOf(10), reportOf(16)));
    expect(mean.value).toBeCloseTo(0.65, 12);
    expect(mean.passed).toBe(true);
    expect(mean.message).toContain('PER.recall, the mean of 2, is 0.65');
  });

  it('refuses a metric that the report does not have, naming those that it has', () => {
    const check = (): unknown => checkGates(gates({ floors: [{ metric: 'PERS.f1', floor: 0 }] }), test(reportOf(10)));
    expect(check).toThrow(/unknown metric 'PERS\.f1'; did you mean 'PER\.f1'\?/);
  });
});

describe('checkMetrics', () => {
  const corpus = parseCorpus('Ann\tB-PER\nruns\tO\n\n', 'a.tsv');

  it('finds a class that the corpus does not have before anything is predicted', () => {
    expect(() => checkMetrics(gates({ floors: [{ metric: 'LOC.f1', floor: 0.5 }] }), corpus)).toThrow(
      /unknown metric 'LOC\.f1'.*/,
    );
    expect(() => checkMetrics(gates({ floors: [{ metric: 'PER.f1', floor: 0.5 }] }), corpus)).not.toThrow();
    const baseline = { path: 'b.json', report: reportOf(10) };
    expect(() => checkMetrics(gates({ baseline, baselineMetrics: ['LOC.f1'] }), corpus)).toThrow(UserError);
  });
});

describe('baseline', () => {
  const baseline = { path: 'base.json', report: reportOf(14) };
  const low = baseline.report.intervals?.entities?.classes.find(({ name }) => name === 'PER')?.low ?? NaN;

  it("passes inside the baseline's interval, misses under it", () => {
    const held = gates({ baseline, baselineMetrics: ['PER.f1'] });
    const results = [14, 13, 12, 8, 4, 1].map((right) => checkGates(held, test(reportOf(right)))[0]);
    for (const { value, passed, floor } of results) {
      expect(floor).toBe(low);
      expect(passed).toBe(value >= low);
    }
    expect(results[1].passed).toBe(true); // worse, but within the interval
    expect(results[5].passed).toBe(false);
    expect(results[5].message).toMatch(
      /^test: PER\.f1 is 0\.0952, under 0\.\d+, the low end of the interval around the baseline's 0\.8235 \(base\.json\)$/,
    );
  });

  it('without an interval of its own is held against that of the new scores', () => {
    const held = gates({ baseline: { ...baseline, report: without(baseline.report) }, baselineMetrics: ['PER.f1'] });
    const near = reportOf(13);
    const [result] = checkGates(held, test(near));
    const ours = near.intervals?.entities?.classes.find(({ name }) => name === 'PER');
    expect(result.passed).toBe((ours?.high ?? NaN) >= 28 / 34);
    expect(result.passed).toBe(true);
    expect(checkGates(held, test(reportOf(3)))[0].passed).toBe(false);
    expect(() => checkGates(held, test(without(near)))).toThrow(/has no confidence interval for PER\.f1/);
  });

  it('refuses what has no interval, and another convention', () => {
    expect(() => checkGates(gates({ baseline, baselineMetrics: ['PER.recall'] }), test(reportOf(14)))).toThrow(
      /no confidence interval for PER\.recall/,
    );
    expect(() => checkGates(gates({ baseline }), test(reportOf(14, 'strict')))).toThrow(
      /scored by the convention conlleval, here it is strict/,
    );
  });

  it('refuses a baseline of another corpus, before the work and after it, unless that is meant', () => {
    const here = gates({ baseline });
    const other = test(reportOf(14, 'conlleval', 'other'));
    expect(() => checkGates(here, other)).toThrow('base.json: a baseline of another corpus: data:same there, data:other here'); // prettier-ignore
    expect(() => checkGates(here, other)).toThrow(UserError);
    expect(checkGates(gates({ baseline, otherCorpus: true }), other)).toHaveLength(1);
    expect(() => checkBaselineData(here, 'other')).toThrow(/of another corpus/);
    expect(() => checkBaselineData(here, 'same')).not.toThrow();
    expect(() => checkBaselineData(gates({ baseline, otherCorpus: true }), 'other')).not.toThrow();
    expect(() => checkBaselineData(gates({}), 'other')).not.toThrow();
  });

  it('warns where it cannot tell: a hash of a file, and one of what stands beside predictions', () => {
    const here = gates({ baseline });
    const beside = test(reportOf(14, 'conlleval', 'content-abc'));
    expect(baselineWarnings(here, test(reportOf(14)))).toEqual([]);
    expect(checkGates(here, beside)).toHaveLength(1);
    expect(baselineWarnings(here, beside)).toEqual([
      {
        code: 'other-baseline',
        message: 'base.json: the baseline has data:same, here it is data:content-abc: the scores may not compare',
        advice: '',
      },
    ]);
    const other = test(reportOf(14, 'conlleval', 'other'));
    expect(baselineWarnings(gates({ baseline, otherCorpus: true }), other)).toHaveLength(1);
  });
});

describe('checkWarnings', () => {
  const warned = [warning('dev-scores', {}), warning('run-unfinished', { run: 'a' }), warning('dev-scores', {})];

  it('asks for nothing without --strict', () => {
    expect(checkWarnings(gates({}), 'x', warned)).toEqual([]);
  });

  it('fails on any warning with it, and names each code once', () => {
    expect(checkWarnings(gates({ strict: true }), 'x', warned)).toMatchObject([
      { subject: 'x', kind: 'strict', passed: false, value: 3, message: '3 warnings: dev-scores, run-unfinished' },
    ]);
    expect(checkWarnings(gates({ strict: true }), 'x', [])).toMatchObject([{ passed: true, value: 0 }]);
  });
});

describe('readBaseline', () => {
  const file = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const dev = reportOf(10);
  const tested = reportOf(12);

  it('reads what evaluate printed, and the test or else the dev scores of a run', async () => {
    expect((await readBaseline(file('e.json', { name: 'x', report: dev }))).report).toEqual(dev);
    expect((await readBaseline(file('r.json', { dev, test: tested }))).report).toEqual(tested);
    expect((await readBaseline(file('d.json', { dev, test: null }))).report).toEqual(dev);
    const plain = score([['A']], [['A']], { scheme: 'plain', version: '-' });
    expect((await readBaseline(file('p.json', { report: plain }))).report).toEqual(plain);
  });

  it.each([
    ['{"dev": {}}', /holds no scores/],
    ['[]', /holds no scores/],
    ['null', /holds no scores/],
    ['{"report": {"accuracy": 1}}', /holds no scores/],
    ['{', /bad\.json:1:2: /],
  ])('refuses %s', async (text, message) => {
    const read = readBaseline(file('bad.json', text));
    await expect(read).rejects.toThrow(UserError);
    await expect(read).rejects.toThrow(message);
  });
});
