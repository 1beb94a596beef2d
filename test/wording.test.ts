import { warning, warningText } from '../src/warnings';
import fc from 'fast-check';
import { comparisonText } from '../src/report/compareText';
import { escapeText } from '../src/report/html';
import { align, reportText } from '../src/report/text';
import { score } from '../src/metrics/scores';
import { madeUpComparison } from './report/comparison';
import { didYouMean, nearest, percent, pValue, signedPercent, visible, visibleLines, whole } from '../src/wording';

describe('percent', () => {
  // printf '%.2f\n' of C and Perl, on the same doubles
  it.each([
    [1 / 32, '3.12'],
    [3 / 32, '9.38'],
    [-1 / 32, '-3.12'],
    [5 / 32, '15.62'],
    [7 / 32, '21.88'],
    [0.5, '50.00'],
    [1, '100.00'],
    [0, '0.00'],
    [2 / 3, '66.67'],
    [-0.00001, '0.00'],
    [NaN, 'NaN'],
  ])('prints %p as %s', (fraction, text) => {
    expect(percent(fraction)).toBe(text);
  });
});

it('gives a difference its sign, zero a plus', () => {
  expect([0.021, -0.021, 0, -0.00001].map(signedPercent)).toEqual(['+2.10', '-2.10', '+0.00', '+0.00']);
});

it('sets thousands of a whole number apart', () => {
  expect([0, 999, 1000, 1234567.6].map(whole)).toEqual(['0', '999', '1,000', '1,234,568']);
  const english = new Intl.NumberFormat('en-US');
  fc.assert(
    fc.property(fc.maxSafeInteger(), (n) => {
      expect(whole(n)).toBe(english.format(n));
    }),
  );
});

it('prints small p-values as a bound, never as 0', () => {
  expect([1, 0.05, 0.001, 0.0009999, 0].map(pValue)).toEqual(['= 1.000', '= 0.050', '= 0.001', '< 0.001', '< 0.001']);
});

describe('nearest', () => {
  it.each([
    ['dcs', 'dsc'],
    ['DSC', 'dsc'],
    ['batchToken', 'batchTokens'],
    ['aplha', 'alpha'],
  ])('%s -> %s', (typed, meant) => {
    expect(nearest(typed, ['ce', 'dsc', 'batchTokens', 'alpha'])).toBe(meant);
  });

  it('suggests nothing when nothing is close, and lists what is valid instead', () => {
    expect(nearest('hinge', ['ce', 'dsc'])).toBeUndefined();
    expect(didYouMean('hinge', ['ce', 'dsc'])).toBe('valid: ce, dsc');
    expect(didYouMean('x', [])).toBe('valid: ');
  });
});

const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

describe('visible', () => {
  it.each([
    ['\u001b[2J', '\\u001b[2J'],
    ['a\tb\nc\rd', 'a\\tb\\nc\\rd'],
    ['\u202eabc\u2066', '\\u202eabc\\u2066'],
    ['New\u200bYork', 'New\\u200bYork'],
    ['New\u00a0York', 'New\\u00a0York'],
    ['\u{e0001}', '\\u{e0001}'],
    ['\ud800', '\\ud800'],
    ['Zoë über 東京 🙂 "x" \\n', 'Zoë über 東京 🙂 "x" \\n'], // what can be seen stays
  ])('%j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('leaves nothing that a terminal obeys, and is done after one pass', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(HARMFUL);
        expect(visible(visible(text))).toBe(visible(text));
      }),
    );
  });

  it('keeps lines apart', () => {
    expect(visibleLines('a\n\u0007b\n')).toBe('a\n\\u0007b\n');
  });
});

describe('reports', () => {
  const name = 'P\u001b[31mER\u202e';

  it('show names of a corpus escaped, in columns of their shown width', () => {
    expect(align([[name, '1'], ['x', '2']])).toEqual(['P\\u001b[31mER\\u202e  1', 'x                    2']); // prettier-ignore
    const tags = [[`B-${name}`]];
    expect(reportText({ dev: score(tags, tags, { scheme: 'iob2', version: '-' }) }).replaceAll('\n', '')).not.toMatch(HARMFUL); // prettier-ignore
    expect(escapeText(`<${name}>`)).toBe('&lt;P\\u001b[31mER\\u202e&gt;');
    const warned = { ...madeUpComparison(), warnings: [warning('run-failed', { run: name, why: name })] };
    expect(warningText(...warned.warnings).slice(0, -1)).not.toMatch(HARMFUL);
    expect(comparisonText(warned).replaceAll('\n', '')).not.toMatch(HARMFUL);
  });
});
