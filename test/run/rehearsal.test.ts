import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, type Layer, nest, parseConfig } from '../../src/config';
import { rehearsalText } from '../../src/report/rehearsal';
import { run, type RunSetup } from '../../src/run';
import { type Rehearsal, rehearse } from '../../src/run/rehearsal';
import { cut } from '../cli/binary';

const folder = mkdtempSync(join(tmpdir(), 'dsc-rehearse-'));
const layer = (key: string, value: unknown): Layer => ({ source: key, values: nest(key, value) });
const data = { train: cut('ner/train.conll', 30, folder), dev: cut('ner/dev.conll', 10, folder), test: null };

const configFor = (out: string, ...more: Layer[]): Config =>
  parseConfig([
    layer('data', data),
    layer('model', { wordDim: 6, hidden: 5, affixDim: 2 }),
    layer('train', { epochs: 4, batchTokens: 100 }),
    layer('engine.name', 'js'),
    layer('out', out),
    ...more,
  ]);

const host = {
  signal: new AbortController().signal,
  overwrite: false,
  begin: () => undefined,
  listen: () => undefined,
};

afterAll(() => rmSync(folder, { recursive: true }));

describe('rehearse', () => {
  it('tells what would run and for how long, and leaves nothing', async () => {
    const out = join(folder, 'deep/inside/new');
    const before = readdirSync(folder);
    let told: RunSetup | undefined;
    const found = await rehearse(configFor(out), { ...host, begin: (setup) => (told = setup) });
    expect(found).toMatchObject({ epochs: 4, devIsGuessed: false });
    const { setup, batches, tokensPerSecond, secondsPerEpoch, seconds } = found as Rehearsal;
    expect(setup).toBe(told);
    expect(setup.folder).toBe(out);
    const { tokens } = setup.corpora.train.corpus;
    expect(batches).toBeGreaterThan(tokens / 130);
    expect(batches).toBeLessThan(tokens / 50);
    expect(seconds).toBeCloseTo(4 * secondsPerEpoch, 9);
    expect(secondsPerEpoch).toBeGreaterThan(tokens / (tokensPerSecond ?? 0));
    expect(readdirSync(folder)).toEqual(before);
    expect(rehearsalText(found as Rehearsal)).toMatch(
      /nothing was written\nspeed: [\d,]+ tokens\/s \(\d+ batches trained on js, .*\nan epoch: about [\d.]+ s, with dev\ntraining: about \d+ s for 4 epochs at the most, fewer where 5 epochs /,
    );
  });

  it('is about as fast as the run itself', async () => {
    const config = configFor(join(folder, 'run'));
    const found = (await rehearse(config, host)) as Rehearsal;
    const { result } = await run(config, { ...host });
    const real = result?.timing.epochs.map((epoch) => epoch.tokensPerSecond) ?? [];
    expect(found.tokensPerSecond).toBeGreaterThan(Math.min(...real) / 10); // a busy machine may be that much slower
    expect(found.tokensPerSecond).toBeLessThan(Math.max(...real) * 10);
  });

  it('refuses what the run would refuse', async () => {
    await expect(rehearse(configFor(join(folder, 'run')), host)).rejects.toThrow('holds a run already');
    expect((await rehearse(configFor(join(folder, 'run')), { ...host, overwrite: true }))?.epochs).toBe(4);
    expect(existsSync(join(folder, 'run/best.ckpt'))).toBe(true);
    writeFileSync(join(folder, 'file'), '');
    await expect(rehearse(configFor(join(folder, 'file/run')), host)).rejects.toThrow('is a file, not a folder');
    mkdirSync(join(folder, 'compared'));
    writeFileSync(join(folder, 'compared/plan.json'), '');
    await expect(rehearse(configFor(join(folder, 'compared')), host)).rejects.toThrow('holds a comparison');
    const gone = configFor(join(folder, 'x'), layer('data.dev', join(folder, 'none.conll')));
    await expect(rehearse(gone, host)).rejects.toThrow('no such file');
  });

  it('says what is left of a run that is resumed, and trains nothing of it', async () => {
    const path = join(folder, 'run');
    const config = configFor(path, layer('train.epochs', 7));
    expect((await rehearse(config, { ...host, resume: path }))?.epochs).toBe(3);
    const done = (await rehearse(configFor(path), { ...host, resume: path })) as Rehearsal;
    expect(done).toMatchObject({ epochs: 0, seconds: 0, tokensPerSecond: null });
    expect(rehearsalText(done)).toMatch(/no epoch is left/);
  });

  it('stops when it is told to', async () => {
    expect(await rehearse(configFor(join(folder, 'stopped')), { ...host, signal: AbortSignal.abort() })).toBeNull();
    expect(existsSync(join(folder, 'stopped'))).toBe(false);
  });
});
