import { score } from '../../src/metrics/scores';
import { reportJson, toJson } from '../../src/report/json';

describe('reportJson', () => {
  it('loses nothing of a report', () => {
    const report = score([['B-A', 'O']], [['B-A', 'B-B']], { scheme: 'IOB2', version: '0' });
    expect(JSON.parse(reportJson({ dev: report, test: report }))).toEqual({ dev: report, test: report });
  });
});

describe('toJson', () => {
  it('refuses numbers that JSON would lose', () => {
    expect(() => toJson({ f1: NaN })).toThrow('f1 is NaN');
    expect(() => toJson([Infinity])).toThrow(RangeError);
    expect(toJson({ a: 1 })).toBe('{\n  "a": 1\n}\n');
  });
});
