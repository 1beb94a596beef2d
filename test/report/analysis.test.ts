import { bootstrap, sentenceCounts } from '../../src/metrics/bootstrap';
import { calibration } from '../../src/metrics/calibration';
import { byConvention } from '../../src/metrics/conventions';
import { analyseErrors } from '../../src/metrics/error-analysis';
import { invalidTags } from '../../src/metrics/invalid';
import {
  calibrationText,
  errorsText,
  intervalText,
  invalidText,
  spreadText,
  wrongSpansText,
} from '../../src/report/analysis';
import { percent } from '../../src/wording';
import { createRng } from '../../src/rng';

const split = (...sentences: string[]): string[][] => sentences.map((s) => s.split(' '));

const tokens = split('Ann Lee saw Rome and Bob', 'Jo met Al');
const gold = split('B-PER I-PER O B-LOC O B-PER', 'O O B-PER');
const predicted = split('I-PER O O B-PER O O', 'I-LOC O B-PER');

describe('spreadText', () => {
  it('names every convention and the range', () => {
    const scores = byConvention(gold, predicted, 'IOB2');
    const text = spreadText(scores);
    const f1 = scores.map((s) => s.f1);
    expect(text).toContain(`is ${percent(Math.min(...f1))} to ${percent(Math.max(...f1))} by convention: conlleval `);
    for (const s of scores) expect(text).toContain(`${s.convention} ${percent(s.f1)}`);
    expect(text.split('\n')).toHaveLength(2);
    expect(spreadText([])).toBe('');
  });
});

describe('invalidText', () => {
  it('counts by kind and shows the first', () => {
    expect(invalidText(invalidTags(predicted, 'IOB2'))).toBe(
      '2 invalid tags in the predictions: inside-without-begin 2; first: I-PER in sentence 1, token 1\n',
    );
    expect(invalidText([])).toBe('no invalid tag sequences in the predictions\n');
  });
});

describe('intervalText', () => {
  it('prints the numbers of the bootstrap', () => {
    const result = bootstrap(sentenceCounts(gold, predicted), createRng(1), { resamples: 50 });
    const cells = intervalText(result)
      .split('\n')
      .map((line) => line.split(/\s{2,}/));
    const row = (x: { f1: number; low: number | null; high: number | null }) =>
      [x.f1, x.low, x.high].map((n) => (n === null ? '-' : percent(n)));
    for (const c of result.classes) expect(cells).toContainEqual([c.name, ...row(c)]);
    expect(cells).toContainEqual(['micro average', ...row(result.micro)]);
    expect(cells).toContainEqual(['macro average', ...row(result.macro)]);
    expect(intervalText(result)).toContain('95 % intervals: percentile bootstrap over sentences, 50 resamples');
    expect(intervalText(bootstrap(sentenceCounts([], []), createRng(1)))).toMatch(/^micro average +0\.00 +- +-$/m);
  });
});

describe('errorsText', () => {
  it('shows types against types and counts the kinds', () => {
    expect(errorsText(analyseErrors(gold, predicted))).toBe(
      [
        'gold \\ predicted  LOC  PER  missed',
        'LOC                 0    1       0',
        'PER                 0    2       1',
        'spurious            1    0',
        '',
        'type      1',
        'boundary  1',
        'both      0',
        'missed    1',
        'spurious  1',
        '',
      ].join('\n'),
    );
  });
});

describe('wrongSpansText', () => {
  const { wrong } = analyseErrors(gold, predicted);

  it('gives sentence, kind and words', () => {
    expect(wrongSpansText(wrong, tokens)).toBe(
      [
        'sentence 1: boundary: gold PER "Ann Lee", predicted PER "Ann"',
        'sentence 1: type: gold LOC "Rome", predicted PER "Rome"',
        'sentence 1: missed: gold PER "Bob", predicted -',
        'sentence 2: spurious: gold -, predicted LOC "Jo"',
        '',
      ].join('\n'),
    );
  });

  it('says how many it leaves out', () => {
    expect(wrongSpansText(wrong, tokens, 1)).toMatch(/^sentence 1: boundary.*\nand 3 more\n$/);
    expect(wrongSpansText([], tokens)).toBe('');
  });
});

describe('calibrationText', () => {
  it('shows the bins that hold something', () => {
    expect(calibrationText(calibration([0.25, 0.75, 0.75], [0, 1, 0], 2))).toBe(
      [
        'confidence    tokens   mean  right',
        '0.00 to 0.50       1  25.00   0.00',
        '0.50 to 1.00       2  75.00  50.00',
        'expected calibration error 25.00 %, largest 25.00 %, 3 tokens',
        '',
      ].join('\n'),
    );
  });
});
