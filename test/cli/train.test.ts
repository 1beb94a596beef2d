import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unsealed } from '../../src/files/json';
import type { RunResult } from '../../src/run/result';
import { warningText } from '../../src/warnings';
import { cut, dscTrain, type Finished, temporaryFolder } from './binary';

const folder = temporaryFolder();
const train = cut('ner/train.conll', 150, folder);
const dev = cut('ner/dev.conll', 60, folder);
const test = cut('ner/test.conll', 60, folder);
const small = [
  'model.wordDim=16',
  'model.hidden=16',
  'train.batchTokens=64',
  'train.learningRate=0.01',
  'model.dropout=0',
].flatMap((setting) => ['--set', setting]);
const data = ['--train', train, '--dev', dev, '--test', test, '--engine', 'js'];
const out = (name: string): string => join(folder, name);
/** What the run wrote, its checksums checked and left out. */
const resultIn = (name: string): RunResult =>
  unsealed(JSON.parse(readFileSync(join(out(name), 'result.json'), 'utf8'))) as RunResult;
const trainInto = (name: string, ...more: string[]): Promise<Finished> =>
  dscTrain(['--loss', 'ce', '--epochs', '8', ...data, ...small, '--out', out(name), ...more]);

describe('dsc-train train', () => {
  let first: Finished;
  beforeAll(async () => {
    first = await trainInto('first', '--json');
  });

  it('exits 0, prints the result on stdout and everything else on stderr', () => {
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.stdout)).toEqual(resultIn('first'));
    expect(first.stderr).toMatch(/epoch 8\/8 {2}loss \d/);
    expect(first.stderr).not.toContain('\u001b['); // no terminal, no bar
  });

  it('leaves config, log, result, predictions and both checkpoints', () => {
    expect(readdirSync(out('first')).sort()).toEqual(
      ['best.ckpt', 'config.json', 'dev.pred.conll', 'last.ckpt', 'log.jsonl', 'result.json', 'test.pred.conll'].sort(),
    );
    const events = readFileSync(join(out('first'), 'log.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const kinds = events.map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds.filter((kind) => kind === 'epoch')).toHaveLength(8);
    expect(kinds.at(-1)).toBe('end');
  });

  it('learns: better than tagging everything O, and a falling loss', () => {
    const { best, history, learned } = resultIn('first');
    expect(learned).toBe(true);
    expect(best.score).toBeGreaterThan(0.05);
    expect(history[7].trainLoss).toBeLessThan(history[0].trainLoss / 2);
  });

  it('accounts for every line of every file', () => {
    for (const { lines } of Object.values(resultIn('first').data).flatMap((split) => split ?? [])) {
      const { lines: all, ...kinds } = lines;
      expect(Object.values(kinds).reduce((a, b) => a + b)).toBe(all);
    }
  });

  it('gives the same result.json for the same seed, apart from the times, and another for another seed', async () => {
    const withoutTimes = (result: RunResult): object => ({
      ...result,
      timing: null,
      config: { ...result.config, out: null },
    });
    await trainInto('second');
    await trainInto('third', '--seed', '2');
    expect(withoutTimes(resultIn('second'))).toEqual(withoutTimes(resultIn('first')));
    expect(resultIn('third').history).not.toEqual(resultIn('first').history);
    expect(readFileSync(join(out('second'), 'best.ckpt')).equals(readFileSync(join(out('first'), 'best.ckpt')))).toBe(
      true,
    );
  });

  it('trains again from the config that it wrote', async () => {
    const { code } = await dscTrain(['--config', join(out('first'), 'config.json'), '--out', out('again'), '--quiet']);
    expect(code).toBe(0);
    expect(resultIn('again').history).toEqual(resultIn('first').history);
  });

  it('evaluate gives the same report from the checkpoint alone', async () => {
    const { code, stdout } = await dscTrain(['evaluate', out('first'), test, '--engine', 'js', '--json']);
    expect(code).toBe(0);
    const { report } = JSON.parse(stdout) as { report: RunResult['dev'] };
    expect(report.entities).toEqual(resultIn('first').test?.entities);
  });

  it('tag answers token by token what the predictions hold', async () => {
    const rows = readFileSync(join(out('first'), 'test.pred.conll'), 'utf8').split('\n');
    const input = rows.map((row) => row.split(' ')[0]).join('\n');
    const { code, stdout } = await dscTrain(['tag', out('first'), '--engine', 'js'], { input });
    expect(code).toBe(0);
    const expected = rows.map((row) => row.split(' ')).map(([token, , tag]) => (token ? `${token}\t${tag}` : ''));
    expect(stdout.split('\n')).toEqual(expected);
  });

  it('tag answers for several files in a row, or in a folder', async () => {
    const [one, other, tagged] = [out('one.conll'), out('two.conll'), out('tagged')];
    writeFileSync(one, 'Anna\nsaw'); // no line feed, and no blank line
    writeFileSync(other, 'Berlin\n');
    const tag = (...args: string[]) => dscTrain(['tag', out('first'), '--engine', 'js', out('*o*.conll'), ...args]);
    const { stdout, code } = await tag(one, other);
    expect(code).toBe(0);
    expect(stdout.replace(/\t\S+/g, '')).toBe('Anna\nsaw\n\nBerlin\n\nAnna\nsaw\n\nBerlin\n');
    const first = await tag('--out-dir', tagged);
    expect([first.code, first.stdout]).toEqual([0, '']);
    expect(readFileSync(join(tagged, 'one.conll'), 'utf8')).toMatch(/^Anna\t\S+\nsaw\t\S+$/);
    const again = await tag('--out-dir', tagged);
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/one\.conll: there is such a file already/)]);
    const here = await tag('--out-dir', out('.'));
    expect([here.code, here.stderr]).toEqual([1, expect.stringMatching(/would replace the file that is tagged/)]);
  });

  it('does not touch a run that is there, unless told to', async () => {
    const before = readFileSync(join(out('first'), 'result.json'));
    const refused = await trainInto('first');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('holds a run already');
    expect(readFileSync(join(out('first'), 'result.json')).equals(before)).toBe(true);
    const replaced = await dscTrain([
      '--epochs',
      '1',
      ...data,
      ...small,
      '--out',
      out('second'),
      '--overwrite',
      '--quiet',
    ]);
    expect([0, 3]).toContain(replaced.code);
    expect(resultIn('second').history).toHaveLength(1);
  });

  it('finishes the batch, saves and exits 130 on Ctrl-C; the checkpoint works', async () => {
    const args = [
      '--loss',
      'ce',
      '--epochs',
      '500',
      '--set',
      'train.patience=500',
      ...data,
      ...small,
      '--out',
      out('cut'),
    ];
    const stopped = await dscTrain(args, { signal: { when: /epoch +2\/500/, name: 'SIGINT' } });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('interrupted');
    for (const which of ['best', 'last']) {
      const scored = await dscTrain(['evaluate', join(out('cut'), `${which}.ckpt`), dev, '--engine', 'js']);
      expect(scored.code).toBe(0);
    }
    expect(readdirSync(out('cut'))).not.toContain('result.json');
  });

  it('stops with the batch and what to try when the loss is no longer finite, exit code 3', async () => {
    const { code, stderr } = await trainInto(
      'broken',
      '--set',
      'train.learningRate=1e38',
      '--set',
      'train.clipNorm=1e38',
    );
    expect(code).toBe(3);
    expect(stderr).toMatch(/error: training broke down in epoch \d+: loss .* training sentences \d+/);
    expect(stderr).toMatch(/note: .*learningRate/);
  });

  it('exits 3 when the tagger has learned nothing', async () => {
    const { code, stderr } = await trainInto('stuck', '--set', 'train.learningRate=1e-9', '--set', 'train.patience=4');
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /warning: the model has predicted only O on dev for 3 epochs; try class weights .* than 1e-9$/m,
    );
    const { learned, warnings } = resultIn('stuck');
    expect(learned).toBe(false);
    expect(warnings.map(({ code }) => code)).toContain('only-outside');
    for (const one of warnings) expect(stderr).toContain(warningText(one)); // all that is kept was said
  });
});

describe('user errors', () => {
  it('lists what is wrong in a corpus with path, line and column, and what would be right', async () => {
    const path = join(folder, 'bad.conll');
    writeFileSync(path, 'Ann\tB-PER\nruns\n\nBob\tB_PER\n\n');
    const { code, stdout, stderr } = await dscTrain(['--train', path, '--dev', dev]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(`${path}:2:`);
    expect(stderr).toMatch(/note: /);
    expect(stderr).not.toMatch(/\n +at /); // no stack
  });

  it.each([
    [['--loss', 'dcs'], /loss\.name: found "dcs"; did you mean 'dsc'\?/],
    [['trian'], /no command 'trian'; did you mean 'train'\?/],
    [['--set', 'train.epoch=3'], /train\.epoch: unknown key; did you mean 'epochs'\?/],
    [['--train', '/nowhere.conll', '--dev', dev], /\/nowhere\.conll/],
    [['--engine', 'gpu'], /engine\.name: found "gpu"/],
    [['--seed', 'x'], /seed: found "x"/],
    [['evaluate', folder, dev], /holds no best\.ckpt/],
    [['evaluate', dev.concat('.ckpt'), dev], /\.ckpt/],
  ])('%j exits 1 with a message', async (args, message) => {
    const { code, stderr } = await dscTrain(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });
});

describe('help and version', () => {
  it('names every command and the options of train', async () => {
    const { code, stdout } = await dscTrain(['--help']);
    expect(code).toBe(0);
    for (const word of ['train', 'evaluate', 'tag', 'losses', 'config', '--loss', '--set', '--out'])
      expect(stdout).toContain(word);
    expect((await dscTrain(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('explains every config key', async () => {
    const { stdout } = await dscTrain(['config']);
    expect(stdout).toContain('train.batchTokens = ');
    const resolved = await dscTrain(['config', '--json', '--loss', 'fl']);
    expect(JSON.parse(resolved.stdout)).toMatchObject({ loss: { name: 'fl', gamma: 2 } });
  });
});
