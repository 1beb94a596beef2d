import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ablationTable,
  decodingsTable,
  defaultsTable,
  gainsTable,
  installTable,
  memoryTable,
  ownTable,
  paysTable,
  readingTable,
  type Speed,
  speedTable,
  startTable,
  timingText,
  trainingTable,
  powerTable,
  tuningTable,
  untilTable,
} from '../../src/commands/measurements';
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

describe('tables of what was made up', () => {
  it('put the numbers of losses of a world beside one another', () => {
    const rows = [
      { world: 'both', losses: 2, wrong: 0.0312, naive: 0.12 },
      { world: 'seeds', losses: 2, wrong: 0.04, naive: 0.2 },
      { world: 'seeds', losses: 5, wrong: 0.045, naive: 0.25 },
    ];
    expect(untilTable({ experiments: 10, rows }).slice(1)).toEqual([
      ['both', '2', '3.1', '12.0'],
      ['seeds', '2, 5', '4.0, 4.5', '20.0, 25.0'],
    ]);
  });

  it('tell what was claimed and what came of it, by what was claimed', () => {
    const of = (realised: number) => ({
      rows: [[0, 1], [0, 0.2], [0.2, 0.4], [0.8, 1]].map(([low, high]) => ({ low, high, claimed: 0.5, realised })), // prettier-ignore
    });
    const [, ...rows] = powerTable({ usual: of(0.5), half: of(0.6), twice: of(0.4) });
    expect(rows.map(([band]) => band)).toEqual(['all', 'under 20', '20 to 40', '80 and more']);
    expect(rows[0]).toEqual(['all', '50.0, 50.0', '50.0, 60.0', '50.0, 40.0']);
  });
});

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

  it('give what dsc gains by each decoding, in the order of the corpora', () => {
    expect(trainingTable([CORPUS])).toEqual([
      ['corpus, tagger, training', 'seeds', '`ce`, valid', '`dsc`, argmax', '`dsc`, valid', '`dsc`, valid, bias of O'],
      ['made up', '5', '50.00 ± 1.23', '-3.00 ▼', '-2.00', '-1.00'],
    ]);
  });

  it('give a tuned setting what it gained on dev and on test, and one that stayed its score alone', () => {
    const row = { corpus: 'made up', label: 'dl', dev: { mean: 0.02, sd: 0.01 } };
    const test = [{ metric: 'micro-F1', given: { mean: 0.5, sd: 0.0123 }, tuned: { mean: 0.49, sd: 0.02 } }];
    expect(
      tuningTable([
        { ...row, changes: { 'train.learningRate': 0.01, 'loss.form': 'set' }, test },
        { ...row, changes: {}, dev: null, test },
      ]).slice(1),
    ).toEqual([
      [
        'made up',
        '`dl`',
        '`train.learningRate=0.01` `loss.form=set`',
        '+2.00 ± 1.00',
        '50.00 ± 1.23',
        '49.00 ± 2.00',
        '-1.00',
      ],
      ['made up', '`dl`', 'as given', '', '50.00 ± 1.23', '', ''],
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

describe('tables of what was timed', () => {
  const ratio = { median: 3.02, interval: [2.9, 3.3] } as const;
  const step = { what: 'training step', hidden: 128 };
  const found: Speed = {
    machine: 'AMD EPYC, 2 threads',
    peers: { PyTorch: '2.1' },
    load: { before: 0.04, after: 2.1, cores: 2 },
    rounds: 9,
    rows: [
      { what: 'its speed', who: 'ours', ms: null, note: '271 GFLOP/s' },
      { ...step, who: 'ours', ms: 7.812, note: '15.10 ms of processor time' },
      { ...step, hidden: 256, who: 'ours', ms: 21.6, note: '40.00 ms of processor time' },
      { ...step, who: 'on 1 thread', ms: 12.6, side: 'beside', note: '1.61 times that (1.50 to 1.70)' },
      { ...step, who: 'PyTorch, Adam', ms: 117.4, side: 'peer', note: '15.03 times ours (14.00 to 16.00)' },
      { ...step, hidden: 256, who: 'PyTorch, Adam', ms: 42.71, side: 'peer', note: 'no difference shown (0.90 to 2.10 times ours)' }, // prettier-ignore
      { what: 'reading 50 MB of a.conllu', who: 'ours', ms: 400, note: '2.00 M lines/s of processor time' },
    ],
    reading: {
      name: 'a.conllu',
      bytes: 50_000_000,
      lines: 800_000,
      readers: [
        { who: 'ours', least: 1.9, median: 2, most: 2.04, ratio: null },
        { who: 'conllu of Python', least: 0.2, median: 0.24, most: 0.25, ratio: { median: 8.3, interval: [8, 9] } },
        { who: 'another', least: 1.9, median: 2, most: 2.1, ratio: { median: 1, interval: [0.9, 1.1] } },
        { who: 'once', least: 1.9, median: 2, most: 2.1, ratio: { ...ratio, interval: null } },
      ],
    },
  };

  it('give every peer beside the time of ours for the same width', () => {
    expect(speedTable(found, 'peer')).toEqual([
      ['what', 'H', 'ours, ms', 'beside', 'ms', 'that is'],
      ['training step', '128', '7.81', 'PyTorch, Adam', '117', '15.03 times (14.00 to 16.00)'],
      ['training step', '256', '21.6', 'PyTorch, Adam', '42.7', 'no difference shown (0.90 to 2.10 times)'],
    ]);
    expect(speedTable(found, 'beside').slice(1)).toEqual([
      ['training step', '128', '7.81', 'on 1 thread', '12.6', '1.61 times (1.50 to 1.70)'],
    ]);
    expect(ownTable(found).slice(1)).toEqual([['its speed', '', '', '271 GFLOP/s']]);
  });

  it('give lines a second, and no ratio that may be 1', () => {
    expect(readingTable(found)).toEqual([
      ['a.conllu, 50 MB, 800,000 lines', 'median', 'least', 'most', 'takes'],
      ['ours', '2.00', '1.90', '2.04', ''],
      ['conllu of Python', '0.24', '0.20', '0.25', '8.30 times ours (8.00 to 9.00)'],
      ['another', '2.00', '1.90', '2.10', 'no difference shown (0.90 to 1.10)'],
      ['once', '2.00', '1.90', '2.10', 'too few rounds for a ratio'],
    ]);
  });

  it('give seconds of small commands and of installing, and bytes of a large corpus', () => {
    const timing = { machine: 'm', load: found.load, rounds: 9 };
    const rows = [{ what: 'losses', ms: 81.4, least: 71, wall: 238 }];
    expect(startTable({ ...timing, rows }).slice(1)).toEqual([['losses', '0.081', '0.071', '0.238']]);
    const large = { file: 'a.conllu', bytes: 695_948_225, lines: 12_145_238, tokens: 10_024_273, seconds: 10 };
    const held = { resident: 485_552_128, peakPerToken: 35.6046, keptPerToken: 34.234 };
    expect(memoryTable({ ...timing, ...large, ...held })).toEqual([
      ['a.conllu, repeated to 696 MB', ''],
      ['tokens', '10,024,273'],
      ['read, counted and encoded, processor time', '10.0 s, 1.21 M lines a second'],
      ['resident at the most', '486 MB'],
      ['… a token, over a process that reads it once', '35.6 bytes'],
      ['kept for the training, a token', '34.2 bytes'],
    ]);
    const sizes = { tarball: 1_600_779, bytes: 62_095_468, packages: 16 };
    const times = { seconds: { median: 7.03, least: 6.6 }, cpu: { median: 4.2, least: 3.8 }, cold: { wall: 7.4 } };
    expect(installTable({ ...timing, ...sizes, ...times }).slice(1)).toEqual([
      ['from a warm cache of npm', '7.0 s (least 6.6)'],
      ['… of processor time', '4.2 s'],
      ['from an empty cache', '7.4 s'],
      ['tarball', '1.6 MB'],
      ['installed, with all packages', '62.1 MB in 16 packages'],
    ]);
  });

  it('say where that was, and whether the machine had other work', () => {
    expect(timingText(found)).toBe(
      'AMD EPYC, 2 threads; PyTorch 2.1; 9 rounds; load 0.0 before and 2.1 at the end, on 2 cores.',
    );
    expect(timingText({ ...found, load: { before: 4, after: 5, cores: 2 } })).toContain('shared with other work');
    expect(timingText({ ...found, load: { before: 4, after: null, cores: 32 } })).toContain(
      'load 4.0 before (stopped by a limit of time), on 32 cores.',
    );
    expect(() => readingTable({ ...found, reading: null })).toThrow('before it came to reading');
  });
});
