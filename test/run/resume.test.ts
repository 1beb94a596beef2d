import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, nest, parseConfig, type Layer } from '../../src/config';
import { evaluate } from '../../src/evaluate';
import { run, type RunHost } from '../../src/run';
import type { Report } from '../../src/metrics/scores';
import type { RunResult } from '../../src/run/result';
import { changesOf, isResumable, resumedConfig } from '../../src/run/resume';
import { cut } from '../cli/binary';

const folder = mkdtempSync(join(tmpdir(), 'dsc-resume-'));
const layer = (key: string, value: unknown): Layer => ({ source: key, values: nest(key, value) });

function configFor(out: string, ...more: Layer[]): Config {
  const data = { train: cut('ner/train.conll', 30, folder), dev: cut('ner/dev.conll', 10, folder), test: null };
  return parseConfig([
    layer('data', data),
    layer('model', { wordDim: 6, hidden: 5, affixDim: 2, charDim: 3, charFilters: 2 }),
    layer('train', { epochs: 3, batchTokens: 100, saveSeconds: 1e-9, warmupEpochs: 1 }),
    layer('loss', { name: 'dsc' }),
    layer('analysis.gradientShare', true),
    layer('decode.outsideBias', 'dev'),
    layer('engine.name', 'js'),
    layer('out', join(folder, out)),
    ...more,
  ]);
}

/** @param stopAfter steps until the signal is raised */
async function train(config: Config, over: Partial<RunHost> = {}, stopAfter = Infinity): Promise<number> {
  const controller = new AbortController();
  let steps = 0;
  await run(config, {
    signal: controller.signal,
    overwrite: false,
    begin: () => undefined,
    listen: (event) => {
      if (event.kind === 'step' && ++steps === stopAfter) controller.abort();
    },
    ...over,
  });
  return steps;
}

/** What two equal runs have in common, the folder's own name taken out. */
function left(out: string): Record<string, string> {
  const read = (name: string): string => readFileSync(join(folder, out, name), 'latin1');
  const { timing, checksum, ...result } = JSON.parse(read('result.json')) as Record<string, unknown>;
  expect(timing).toBeDefined();
  expect(checksum).toBeDefined();
  return {
    best: read('best.ckpt'),
    log: read('log.jsonl'),
    predictions: read('dev.pred.conll'),
    result: JSON.stringify(result).replaceAll(join(folder, out), 'out'),
  };
}

describe('a resumed run', () => {
  let steps = 0;
  beforeAll(async () => {
    steps = await train(configFor('whole'));
  });

  it('leaves what one leaves that was never stopped, wherever it was stopped', async () => {
    const wanted = left('whole');
    for (let at = 1; at < steps; at += 4) {
      const out = `stopped-${at}`;
      await train(configFor(out), {}, at);
      await train(configFor(out), { resume: join(folder, out) }, 1); // again in the next batch
      const before = await train(configFor(out), { resume: join(folder, out) });
      expect(before).toBeLessThanOrEqual(steps - at);
      expect(left(out)).toEqual(wanted);
    }
  });

  it('tells evaluate what looking up its training file scores on a file that it has looked at', async () => {
    const { dev } = JSON.parse(readFileSync(join(folder, 'whole/result.json'), 'utf8')) as RunResult;
    const of = async (file: string): Promise<Report> =>
      (await evaluate(join(folder, 'whole'), file, { engine: 'js', resamples: 0 })).report;
    expect(dev.floor).toBeDefined();
    expect((await of(configFor('whole').data.dev)).floor).toEqual(dev.floor);
    expect((await of(cut('ner/dev.conll', 9, folder, 'nine'))).floor).toBeUndefined();
  });

  it('trains on where a finished one may have more epochs', async () => {
    const more = layer('train.epochs', 5);
    await train(configFor('five', more));
    await train(configFor('on'));
    const { config, changes } = await resumedConfig(join(folder, 'on'), [more]);
    expect(changes).toEqual([{ key: 'train.epochs', from: 3, to: 5 }]);
    await train(config, { resume: join(folder, 'on') });
    expect(left('on')).toEqual(left('five'));
  });

  it('is refused other epochs where the rate of every update depends on them', async () => {
    const linear = layer('train', { schedule: 'linear', warmupSteps: 3, ema: 0.9 });
    await train(configFor('linear', linear));
    const more = resumedConfig(join(folder, 'linear'), [layer('train.epochs', 5)]);
    await expect(more).rejects.toThrow(/cannot resume with train\.epochs 5 where the run has 3$/);
    await expect(more).rejects.toMatchObject({ note: expect.stringContaining('--init-from') as string });
  });

  it('has the averages of one that was never stopped', async () => {
    const ema = layer('train', { schedule: 'cosine', warmupSteps: 3, ema: 0.9 });
    const steps = await train(configFor('average', ema));
    for (const at of [1, steps / 3, steps / 3 + 2, steps - 1]) {
      const out = `average-${at}`;
      await train(configFor(out, ema), {}, at);
      await train(configFor(out, ema), { resume: join(folder, out) }, 1);
      await train(configFor(out, ema), { resume: join(folder, out) });
      expect(left(out)).toEqual(left('average'));
    }
  });

  it('is refused with other data, and with a run whose checkpoint holds no training', async () => {
    await train(configFor('data'), {}, 2);
    const other = configFor('data', layer('data.dev', cut('ner/dev.conll', 11, folder, 'other')));
    await expect(train(other, { resume: join(folder, 'data') })).rejects.toThrow(
      'cannot resume: the dev file is another than when the run was stopped',
    );
  });

  it('is refused with a setting that would make another run, all of them listed', async () => {
    await train(configFor('settings'), {}, 2);
    const layers = [layer('train.batchTokens', 50), layer('seed', 7), layer('engine.threads', 1)];
    await expect(resumedConfig(join(folder, 'settings'), layers)).rejects.toThrow(
      /train\.batchTokens 50 where the run has 100\n.*seed 7 where the run has 1$/,
    );
    await expect(resumedConfig(join(folder, 'settings'), [layer('loss', { name: 'ce' })])).rejects.toThrow(
      /loss\.name/,
    );
    await expect(resumedConfig(join(folder, 'nothing'), [])).rejects.toThrow(/nothing/);
  });

  it.each(['best.ckpt', 'result.json', 'dev.pred.conll'])(
    'makes %s anew where it was lost or damaged',
    async (name) => {
      for (const damage of [rmSync, (path: string) => writeFileSync(path, 'x')]) {
        await train(configFor('mended'), { overwrite: true });
        damage(join(folder, 'mended', name));
        await train(configFor('mended'), { resume: join(folder, 'mended') });
        expect(left('mended')).toEqual(left('whole'));
      }
    },
  );

  it('tells of a log that lost lines', async () => {
    const path = join(folder, 'log', 'log.jsonl');
    await train(configFor('log'), {}, 4);
    const log = readFileSync(path);
    for (const bytes of [log.subarray(0, -3), Buffer.from('no line feed'.padEnd(log.length)), log]) {
      writeFileSync(path, bytes);
      const codes: string[] = [];
      const begin: RunHost['begin'] = ({ warnings }) => codes.push(...warnings.map(({ code }) => code));
      await train(configFor('log'), { resume: join(folder, 'log'), begin }, 1);
      expect(codes.includes('log-cut')).toBe(bytes !== log);
      rmSync(join(folder, 'log'), { recursive: true });
      await train(configFor('log'), {}, 4);
    }
  });

  it('is refused where the state is gone and more than a beginning is there', async () => {
    await train(configFor('no-state', layer('train.keep', ['best'])));
    const before = left('no-state');
    await expect(train(configFor('no-state'), { resume: join(folder, 'no-state') })).rejects.toThrow(
      /last\.ckpt: is missing, and best\.ckpt is there/,
    );
    expect(left('no-state')).toEqual(before);
  });

  it('leaves no outcome of the shorter training once it has trained on', async () => {
    await train(configFor('longer'));
    const longer = configFor('longer', layer('train.epochs', 5));
    await train(longer, { resume: join(folder, 'longer') }, 2);
    const names = readdirSync(join(folder, 'longer'));
    expect(names).toEqual(['best.ckpt', 'config.json', 'last.ckpt', 'log.jsonl']);
    const { train: saved } = JSON.parse(readFileSync(join(folder, 'longer/config.json'), 'utf8')) as Config;
    expect(saved.epochs).toBe(5);
  });

  it('is one that a comparison can go on with, where the config is the same', async () => {
    const config = { ...configFor('compared'), out: join(folder, 'compared') };
    expect(await isResumable(config)).toBe(false);
    await train(config, {}, 3);
    expect(await isResumable(config)).toBe(true);
    expect(await isResumable({ ...config, seed: 9 })).toBe(false);
    const threads = { ...config, engine: { ...config.engine, threads: 1 } };
    expect(await isResumable(threads)).toBe(true);
  });
});

describe('train.keep', () => {
  it('says which checkpoints stay', async () => {
    await train(configFor('kept', layer('train.keep', ['best', 'every 2'])));
    const names = readdirSync(join(folder, 'kept')).filter((name) => name.endsWith('.ckpt'));
    expect(names).toEqual(['best.ckpt', 'epoch-2.ckpt']);
  });
});

describe('changesOf', () => {
  const saved = configFor('a');
  it.each([
    [layer('train.epochs', 9), ['train.epochs']],
    [layer('train.patience', 9), ['train.patience']],
    [layer('engine', { name: 'native', threads: 2 }), ['engine.name', 'engine.threads']],
    [layer('out', 'elsewhere'), []],
  ])('%j: %j', (change, keys) => {
    expect(changesOf('run', saved, configFor('a', change)).map(({ key }) => key)).toEqual(keys);
  });
});
