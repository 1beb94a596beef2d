import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ablationTable, decodingsTable, defaultsTable, gainsTable, paysTable } from '../../src/commands/measurements';
import type { MeasuredCorpus, MeasuredDecoding, MeasuredGain } from '../../src/inspect/measured';

const ROOT = join(__dirname, '../..');

const gain = (difference: number, verdict: MeasuredGain['verdict'], metric = 'micro-F1'): MeasuredGain => ({
  metric,
  difference,
  low: difference - 0.02,
  high: difference + 0.02,
  verdict,
});
const decoding = (gains: MeasuredDecoding['gains']): MeasuredDecoding => ({
  reference: [{ metric: 'micro-F1', mean: 0.5, sd: 0.0123 }],
  gains,
});
const CORPUS: MeasuredCorpus = {
  name: 'made up',
  outsideRatio: 12.6,
  mentions: 1234,
  classes: 1,
  seeds: 5,
  against: 'ce',
  decodings: {
    argmax: decoding({ dsc: [gain(-0.03, 'worse')], la: [gain(0.01, 'none')] }),
    valid: decoding({ dsc: [gain(-0.02, 'none')], la: [gain(0.015, 'none')] }),
    'valid+bias': decoding({ dsc: [gain(-0.01, 'none')], la: [gain(0.02, 'none')] }),
  },
};

describe('tables of what was measured', () => {
  it('give the difference from ce in points, marked where it is shown', () => {
    const better = { ...CORPUS, decodings: { ...CORPUS.decodings, valid: decoding({ tl: [gain(0.0251, 'better')] }) } };
    expect(paysTable([CORPUS, better])).toEqual([
      ['corpus', 'O : entity', 'mentions', '`ce`', '`dsc`', '`dl`', '`tl`', '`fl`', '`ce+log-dice`'],
      ['made up', '13', '1,234', '50.00 ± 1.23', '-2.00', '', '', '', ''],
      ['made up', '13', '1,234', '50.00 ± 1.23', '', '', '+2.51 ▲', '', ''],
    ]);
  });

  it('leave corpora with the losses of the headline alone out of the wide one', () => {
    const names = ['dsc', 'dl', 'tl', 'fl', 'la', 'wce:weights=power'];
    const wide = decoding(Object.fromEntries(names.map((name) => [name, [gain(0.01, 'none')]])));
    expect(gainsTable([CORPUS, { ...CORPUS, decodings: { ...CORPUS.decodings, valid: wide } }])).toEqual([
      ['corpus, average', '`ce`', '`dsc`', '`dl`', '`tl`', '`fl`', '`la`', '`wce`, `power`'],
      ['made up, micro-F1', '50.00 ± 1.23', ...names.map(() => '+1.00')],
    ]);
  });

  it('give other parameters of a loss the difference from its usual ones, of which one may be the reference', () => {
    const gains = {
      dsc: [gain(0.02, 'none')],
      'dsc:alpha=0.1': [gain(0.05, 'none')],
      'fl:gamma=1': [gain(-0.01, 'none')],
    };
    expect(
      defaultsTable([{ ...CORPUS, against: 'fl', decodings: { ...CORPUS.decodings, valid: decoding(gains) } }]),
    ).toEqual([
      ['setting', 'made up, micro-F1'],
      ['`dsc:alpha=0.1`', '+3.00'],
      ['`fl:gamma=1`', '-1.00'],
    ]);
  });

  it('name the verdicts that another decoding changes, and no other', () => {
    expect(decodingsTable([CORPUS])).toEqual([
      ['corpus, average', 'loss', 'argmax', 'valid', 'valid, bias of O'],
      ['made up, micro-F1', '`dsc`', '-3.00 ▼', '-2.00', '-1.00'],
    ]);
  });

  it('give mean and standard deviation of the parts of the tagger, and no valid sequences to plain tags', () => {
    const run = (micro: number, seconds: number) => ({
      seconds,
      dev: micro + 0.1,
      scores: { argmax: { test: { micro, macro: micro / 2 } } },
    });
    expect(
      ablationTable({ rows: [{ corpus: 'pos', part: 'affixes', runs: [run(0.5, 10), run(0.52, 13)] }] })[1],
    ).toEqual([...['pos', 'affixes', '51.00 ± 1.41', '', '', '25.50 ± 0.71', '61.00 ± 1.41', '12']]);
  });
});

it('the picture of the README is that of the measured corpora: node test/bench/pays.mjs', () => {
  const drawn = execFileSync(process.execPath, [join(ROOT, 'test/bench/pays.mjs')], { encoding: 'utf8' });
  expect(readFileSync(join(ROOT, '.github/where-dice-pays.svg'), 'utf8')).toBe(drawn);
});
