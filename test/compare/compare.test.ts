import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCounts } from '../../src/analyse/counts';
import { type GoldLabels, scoreEnsemble } from '../../src/analyse/ensemble';
import type { Comparison, DecodingResult } from '../../src/compare/comparison';
import type { Joint } from '../../src/compare/joint';
import { readPredictions } from '../../src/compare/predictions';
import type { SeedPlan } from '../../src/compare/seedPlan';
import { present } from '../../src/errors';
import { bootstrap } from '../../src/metrics/bootstrap';
import { createRng } from '../../src/rng';
import type { RunResult } from '../../src/run/result';
import { BINARY, compareArguments, dsc, type Ended, writeCorpora } from './binary';

const folder = mkdtempSync(join(tmpdir(), 'dsc-compare-'));
const files = writeCorpora(folder);
const out = join(folder, 'compare');
const args = compareArguments(files, out);
const read = (...path: string[]): unknown => JSON.parse(readFileSync(join(...path), 'utf8'));
const RUNS = ['ce/1', 'dsc/1', 'ce/2', 'dsc/2'];
const lines = (text: string, pattern: RegExp): string[] => text.split('\n').filter((line) => pattern.test(line));
/** The runs that a log says have ended, in order. */
const doneIn = (log: string): (string | undefined)[] => lines(log, /: done {2}dev/).map((line) => line.split(':')[0]).sort(); // prettier-ignore

let first: Ended;
let comparison: Comparison;
beforeAll(() => {
  first = dsc(args);
  comparison = read(out, 'compare.json') as Comparison;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('dsc-train compare', () => {
  it('runs every loss with every seed, each one a folder', () => {
    expect(first.code).toBe(0);
    expect(doneIn(first.stderr)).toEqual([...RUNS].sort());
    for (const run of RUNS) for (const file of ['result.json', 'analysis.json', 'best.ckpt']) expect(existsSync(join(out, run, file))).toBe(true); // prettier-ignore
    for (const file of ['compare.json', 'compare.csv', 'compare.md', 'compare.html'])
      expect(statSync(join(out, file)).size).toBeGreaterThan(100);
  });

  it('keeps of a finished run what somebody needs', () => {
    for (const run of RUNS) for (const file of ['last.ckpt', 'probabilities.bin']) expect(existsSync(join(out, run, file))).toBe(false); // prettier-ignore
  });

  it('reports what the runs scored', () => {
    for (const { label, runs, scores, bias, calibration } of comparison.losses) {
      const results = [1, 2].map((seed) => read(out, label, String(seed), 'result.json') as RunResult);
      expect(runs.map(({ seed, status }) => [seed, status])).toEqual([[1, 'done'], [2, 'done']]); // prettier-ignore
      expect(scores['micro-f1'].values).toEqual(results.map(({ test }) => test?.entities?.micro.f1));
      expect(scores['macro-f1'].values).toEqual(results.map(({ test }) => test?.entities?.macro.f1));
      for (const { title } of comparison.metrics.filter(({ kind }) => kind === 'class'))
        expect(scores[`${title}.f1`].values).toEqual(
          results.map(({ test }) => test?.entities?.classes.find(({ name }) => name === title)?.f1),
        );
      expect(bias?.test?.plain).toBeCloseTo(scores['micro-f1'].mean, 12);
      expect(bias?.dev.biased).toBeGreaterThanOrEqual(bias?.dev.plain ?? 1);
      expect(calibration.test?.bins.reduce((sum, { count }) => sum + count, 0)).toBe(
        2 * (results[0].test?.tokens ?? 0),
      );
    }
    const supports = comparison.metrics.slice(2).map(({ trainSupport }) => trainSupport ?? 0);
    expect(supports).toEqual(supports.toSorted((a, b) => b - a));
    expect(comparison.tests.map(({ label }) => label)).toEqual(comparison.metrics.map(() => 'dsc'));
    expect(first.stdout).toContain(comparison.verdicts[0]);
  });

  it('scores the same taggers by argmax, by valid sequences and with the bias of dev', () => {
    expect(comparison.decodings.map(({ name }) => name)).toEqual(['argmax', 'valid', 'valid+bias']);
    const [argmax, valid, biased] = comparison.decodings;
    for (const { label, scores } of comparison.losses) {
      expect(valid.scores[label]['micro-f1'].values).toEqual(scores['micro-f1'].values); // the config's own
      expect(valid.scores[label]['macro-f1'].values).toEqual(scores['macro-f1'].values);
      const told = (by: DecodingResult): number => by.scores[label]['micro-f1'].values[0];
      const again = (...flags: string[]): number =>
        (
          JSON.parse(dsc(['evaluate', join(out, label, '1'), files.test, '--json', ...flags]).stdout) as {
            report: { entities: { micro: { f1: number } } };
          }
        ).report.entities.micro.f1;
      const bias = biased.biases.find((one) => one.label === label)?.values[0] ?? NaN;
      if (label !== 'ce') continue; // each call is a process
      expect(told(argmax)).toBeCloseTo(again('--decode', 'argmax'), 10);
      expect(told(biased)).toBeCloseTo(again('--outside-bias', String(bias)), 10);
    }
    expect(first.stdout).toContain('decoded otherwise');
  });

  it('scores all seeds of a loss as one tagger; of one seed, or the same seed twice, that is the run itself', async () => {
    expect(comparison.ensembles.map(({ label, seeds }) => [label, seeds])).toEqual([['ce', 2], ['dsc', 2]]); // prettier-ignore
    expect(first.stdout).toContain('one tagger of all seeds');
    const [{ config, scores }] = comparison.losses;
    const folders = [1, 2].map((seed) => join(out, 'ce', String(seed)));
    const { gold } = await readPredictions(join(folders[0], 'test.pred.conll'));
    const labels: GoldLabels = { gold, inner: 'iob2', task: 'chunks' };
    const microOf = async (...of: string[]): Promise<number> => {
      const runs = of.map((at) => ({ folder: at, started: '', split: 'test' as const })); // by their checkpoints
      const counts = present((await scoreEnsemble(config, runs, labels)) ?? undefined, 'counts');
      return bootstrap(readCounts(counts), createRng(1), { resamples: 1 }).micro.f1;
    };
    expect(await microOf(folders[0])).toBeCloseTo(scores['micro-f1'].values[0], 12);
    expect(await microOf(folders[1], folders[1])).toBeCloseTo(scores['micro-f1'].values[1], 12);
    expect(await microOf(...folders)).toBe(comparison.ensembles[0].scores['micro-f1'].value);
  });

  it('measures where the gradient comes from', () => {
    const [ce, dscLoss] = comparison.losses.map(({ runs }) => runs[0].history[0].gradients);
    expect(ce && ce.easy.gradient + ce.middle.gradient + ce.hard.gradient).toBeCloseTo(1, 9);
    expect(ce?.labels.O.tokens).toBeGreaterThan(0.8);
    expect(ce?.labels.O.gradient).not.toBeCloseTo(dscLoss?.labels.O.gradient ?? 0, 3);
  });

  it('gives the losses of one seed the same batches in the same order', () => {
    const batches = (run: string): number[][] =>
      readFileSync(join(out, run, 'log.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { kind: string; epoch: number; tokens: number })
        .filter(({ kind }) => kind === 'step')
        .map(({ epoch, tokens }) => [epoch, tokens]);
    expect(batches('ce/1')).toEqual(batches('dsc/1'));
    expect(batches('ce/2')).toEqual(batches('dsc/2'));
    expect(batches('ce/1')).not.toEqual(batches('ce/2'));
  });

  it('gives the losses of one seed the same initial weights', () => {
    const still = join(folder, 'still');
    // steps this small are none in float32: the checkpoints hold the initial weights, and name no loss
    const none = ['--set=train.learningRate=1e-37', '--set=train.clipNorm=1e-37'];
    expect(dsc([...compareArguments(files, still), ...none, '--epochs=1']).code).toBe(0);
    const weights = (run: string): string => readFileSync(join(still, run, 'best.ckpt'), 'latin1');
    expect(weights('ce/1')).toBe(weights('dsc/1'));
    expect(weights('ce/1')).not.toBe(weights('ce/2'));
    expect(weights('ce/1')).not.toBe(readFileSync(join(out, 'ce/1/best.ckpt'), 'latin1'));
  });

  it('skips what is done, does again what is not (a lost file, a torn one), and refuses other data unless it may overwrite', () => {
    const again = dsc(args);
    expect(again.stderr).toContain('runs: 4, 4 done already');
    expect(again.stdout).toBe(first.stdout);
    rmSync(join(out, 'dsc/1/analysis.json'));
    writeFileSync(join(out, 'ce/2/result.json'), '{"version":');
    const mended = dsc(args);
    expect(doneIn(mended.stderr)).toEqual(['ce/2', 'dsc/1']);
    expect(mended.stdout).toBe(first.stdout); // the same numbers, to the digit
    expect(doneIn(dsc([...args, '--jobs=1', '--threads=1']).stderr)).toEqual([]); // threads are no part of it
    expect(mended.stderr).toContain(`${join(out, 'ce/2/result.json')}:1:12: `); // what was wrong with it
    const before = readFileSync(join(out, 'compare.json'), 'utf8');
    writeFileSync(files.test, `${readFileSync(files.test, 'utf8')}Anna\tB-PER\n\n`);
    const other = dsc(args);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain(`error: ${out}: holds another comparison:\n${files.test}: not the file`);
    expect(readFileSync(join(out, 'compare.json'), 'utf8')).toBe(before);
    expect(doneIn(dsc([...args, '--overwrite']).stderr)).toHaveLength(4);
  });

  it('reports a run that fails, and goes on with the others', () => {
    const broken = join(folder, 'broken');
    expect(dsc(['compare', '--collect', broken])).toMatchObject({ code: 1, stdout: '' });
    dsc([...compareArguments(files, broken), '--seeds=1']);
    writeFileSync(join(broken, 'ce/2'), 'a file in the way');
    const ended = dsc([...compareArguments(files, broken), '--fail-under=micro-f1=0']);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('failed: ce/2: ');
    expect(ended.stdout).toMatch(/^runs +1 of 2 +2$/m);
    expect(ended.stderr).toContain('warning: ce, seed 2: failed: ');
    expect((read(broken, 'compare.json') as Comparison).tests[0].seeds).toEqual([1]);
    const none = dsc([...args, `--out=${join(folder, 'none')}`, '--set=train.learningRate=1e38', '--epochs=9']);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('no run is finished, so there is nothing to compare');
    expect(none.stderr).toContain('training broke down in epoch');
  });

  it('holds every loss against a floor: exit code 2', () => {
    const { code, stderr } = dsc(['compare', '--collect', out, '--fail-under', 'micro-f1=0.99']);
    expect(code).toBe(2);
    expect(lines(stderr, /^floor missed: /)).toHaveLength(2);
  });

  it('plans by the runs that are there, and makes a pilot of two seeds where there are none', () => {
    const before = readFileSync(join(out, 'plan.json'), 'utf8');
    const planned = dsc(['compare', '--plan', out, '--effect=2', '--json']);
    expect(planned.code).toBe(0);
    const plan = JSON.parse(planned.stdout) as SeedPlan;
    expect(plan).toMatchObject({
      reference: 'ce',
      split: 'test',
      pilotSeeds: 2,
      effect: 0.02,
      power: 0.8,
    });
    const asked = comparison.metrics.filter(({ support }) => support !== 0);
    expect(plan.questions.map(({ metric, label }) => [metric, label])).toEqual(asked.map(({ name }) => [name, 'dsc']));
    expect(readFileSync(join(out, 'plan.json'), 'utf8')).toBe(before);
    const fresh = join(folder, 'pilot');
    const none = dsc(['compare', '--plan', fresh]);
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining(`${fresh}: holds no comparison`)]);
    const flags = compareArguments(files, fresh).filter((one) => !one.startsWith('--seeds'));
    const made = dsc([...flags, '--plan', '--epochs=1']);
    expect(doneIn(made.stderr)).toHaveLength(4);
    expect(made.stdout).toContain('to show a difference of 1 point against ce on test (');
    expect(dsc([...flags, '--plan', '--epochs=3']).stderr).toContain('train.epochs: 1 there, 3 here');
  });

  it('stops on a signal, leaves no process behind, and goes on later', async () => {
    const stopped = join(folder, 'stopped');
    const long = [...compareArguments(files, stopped), '--epochs=2000', '--set=train.patience=2000', '--jobs=2'];
    const child = spawn(process.execPath, [BINARY, ...long], { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
    const log = join(stopped, 'ce/1/log.jsonl');
    while (!existsSync(log) || statSync(log).size === 0) await new Promise((later) => setTimeout(later, 50));
    const second = dsc(long);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`error: ${stopped}: a comparison is running here, process ${child.pid}\n`);
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    expect(text).toContain('the same command goes on with the rest');
    expect(existsSync(join(stopped, 'ce/1/last.ckpt'))).toBe(true); // what it had was saved first
    const size = statSync(log).size;
    await new Promise((later) => setTimeout(later, 300));
    expect(statSync(log).size).toBe(size); // nobody writes any more
  }, 60_000);
});

describe('dsc-train compare with several corpora', () => {
  const several = join(folder, 'several');
  const { train, dev, test } = files;

  it('compares on each, and says what they say together', () => {
    const [command, ...rest] = compareArguments(files, several).filter((one) => !/^--(train|dev|test|seeds|epochs)=/.test(one)); // prettier-ignore
    const named = ['a', 'b'].map((name) => `--corpus=${name}=${train},${dev},${test}`);
    const ended = dsc([command, ...rest, ...named, '--seeds=1', '--epochs=1']);
    expect(ended.code).toBe(0);
    const joint = read(several, 'joint.json') as Joint;
    expect(joint.corpora.map(({ name }) => name)).toEqual(['a', 'b']);
    const [first, second] = ['a', 'b'].map((name) => read(several, name, 'compare.json') as Comparison);
    expect(first.losses[0].scores).toEqual(second.losses[0].scores); // the same files, seed and config
    const { dsc: cell } = joint.decodings[0].cells.a;
    expect(cell.mean).toBe(first.decodings[0].scores.dsc['micro-f1'].mean);
    expect(ended.stdout).toContain('mean ranks over 2 corpora');
    const again = dsc(['compare', '--collect', several]);
    expect([again.code, again.stdout]).toEqual([0, ended.stdout]);
  });

  it('takes files from one place', () => {
    const { code, stderr } = dsc(['compare', `--corpus=a=${train},${dev}`, `--train=${train}`, `--out=${several}`]);
    expect(code).toBe(1);
    expect(stderr).toContain('--train: each corpus names its own files');
  });
});
