import { UserError } from '../../src/errors';
import { isMetricName, metricNames, metricValue } from '../../src/metrics/metric';
import { score } from '../../src/metrics/scores';

const split = (...sentences: string[]): string[][] => sentences.map((s) => s.split(' '));
const SETTINGS = { scheme: 'IOB2', version: '1.2.3' };

// Gold: PER 2, LOC 2, ORG 1. Predicted: PER 2 (1 right), LOC 1 (right), MISC 1 (wrong type for ORG).
const GOLD = split('B-PER I-PER O B-LOC O', 'B-ORG O B-PER B-LOC O');
const PREDICTED = split('B-PER I-PER O B-LOC O', 'B-MISC O B-PER I-PER O');

describe('metricValue', () => {
  const report = score(GOLD, PREDICTED, SETTINGS);

  it.each([
    ['micro-f1', 4 / 9],
    ['micro-precision', 1 / 2],
    ['micro-recall', 2 / 5],
    ['macro-recall', 1 / 3],
    ['accuracy', 0.8],
    ['token-micro-f1', 4 / 6],
    ['LOC.f1', 2 / 3],
    ['LOC.precision', 1],
    ['PER.recall', 0.5],
    ['I-PER.precision', 0.5],
  ])('%s', (name, value) => {
    expect(metricValue(report, name)).toBeCloseTo(value, 15);
  });

  it('resolves every name it lists, and each is a name by form', () => {
    for (const name of metricNames(report)) {
      expect(metricValue(report, name)).toBeGreaterThanOrEqual(0);
      expect(isMetricName(name)).toBe(true);
    }
    expect(isMetricName('micro-f2')).toBe(false);
  });

  it('reads a class whose name holds a dot, and one named like a property', () => {
    const odd = score(split('B-A.b B-constructor'), split('B-A.b O'), SETTINGS);
    expect(metricValue(odd, 'A.b.f1')).toBe(1);
    expect(metricValue(odd, 'constructor.f1')).toBe(0);
    expect(() => metricValue(odd, 'toString')).toThrow(UserError);
  });

  it('names the valid ones where there is none such', () => {
    const attempt = (name: string) => () => metricValue(report, name);
    expect(attempt('micro-f2')).toThrow(new UserError("unknown metric 'micro-f2'; did you mean 'micro-f1'?"));
    try {
      metricValue(report, 'FOO.f1');
      throw new Error('resolved');
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).note).toMatch(/micro-f1, .*CLASS one of: LOC, MISC, ORG, PER$/);
    }
  });

  it('is of the tags where they are plain', () => {
    const plain = score(split('N V'), split('N N'), { scheme: 'plain', version: '0' });
    expect(metricValue(plain, 'micro-f1')).toBe(0.5);
    expect(metricValue(plain, 'N.recall')).toBe(1);
  });
});
