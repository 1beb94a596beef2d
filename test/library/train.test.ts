import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveConfig, train, type RunEvent, type ConfigValues } from '../../src/library';

const folder = mkdtempSync(join(tmpdir(), 'dsc-library-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CORPUS = Array.from({ length: 12 }, (_, i) => `Anna\tB-PER\nmet\tO\nBerlin\tB-LOC\nword${i}\tO\n`).join('\n');
const file = join(folder, 'corpus');
writeFileSync(file, CORPUS);

const config = (out: string, epochs = 2): ConfigValues => ({
  data: { train: file, dev: file },
  loss: { name: 'ce' },
  model: { hidden: 4, wordDim: 4, shapeDim: 2, affixDim: 0 },
  train: { epochs, batchTokens: 16, patience: 50 },
  engine: { name: 'js' },
  out: join(folder, out),
});

const log = (name: string): string => readFileSync(join(folder, name, 'log.jsonl'), 'utf8');

describe('train', () => {
  it('tells the same events to a callback and to a loop, from begin to end, and then has the result', async () => {
    const called: RunEvent[] = [];
    const training = train(config('told'), { on: (event) => void called.push(event) });
    const looped: RunEvent[] = [];
    for await (const event of training) looped.push(event);
    expect(looped).toEqual(called);
    const kinds = looped.map(({ kind }) => kind).filter((kind) => kind !== 'warning');
    expect(kinds[0]).toBe('begin');
    expect(kinds.filter((kind) => kind === 'epoch')).toHaveLength(2);
    expect(kinds.at(-1)).toBe('end');
    const { result, folder: path } = await training;
    expect(path).toBe(join(folder, 'told'));
    expect(result?.history).toHaveLength(2);
    expect(existsSync(join(path, 'best.ckpt'))).toBe(true);
  });

  it('needs nobody who listens, and takes values over those of a file', async () => {
    const path = join(folder, 'config.json');
    const { out, data, ...rest } = config('quiet', 9);
    writeFileSync(path, JSON.stringify({ ...rest, data: { train: 'corpus', dev: 'corpus' } })); // beside it
    const { result } = await train(path, { overrides: { train: { epochs: 1 }, out: join(folder, 'quiet') } });
    expect(result?.history).toHaveLength(1);
    expect(result?.config.data.train).toBe(data?.train);
    expect(result?.config.train.batchTokens).toBe(16);
    expect(out).toBe(join(folder, 'quiet'));
  });

  it('stops by its signal, and goes on to the same end as if it had never stopped', async () => {
    const whole = await train(config('whole', 3));
    const stop = new AbortController();
    const { result } = await train(config('halves', 3), {
      signal: stop.signal,
      on(event) {
        if (event.kind === 'step' && event.epoch === 2) stop.abort();
      },
    });
    expect(result).toBeNull();
    const resumed = await train({}, { resume: join(folder, 'halves') });
    expect(resumed.result?.history).toEqual(whole.result?.history);
    expect(log('halves')).toBe(log('whole'));
  });

  it('stops where a loop over its events is left', async () => {
    const training = train(config('left', 50));
    for await (const event of training) if (event.kind === 'epoch') break;
    expect((await training).result).toBeNull();
    expect(log('left').match(/"kind":"epoch"/g)).toHaveLength(1);
  });

  it('fails with what its callback throws, and with what is wrong, wherever it is waited for', async () => {
    const thrown = new Error('enough');
    const failing = train(config('thrown'), {
      on: () => {
        throw thrown;
      },
    });
    await expect(failing).rejects.toBe(thrown);
    const bad = (): ReturnType<typeof train> => train({ train: { epochs: 0 } });
    await expect(bad()).rejects.toThrow('config: train.epochs: found 0; expected a whole number from 1 up');
    await expect(
      (async () => {
        for await (const event of bad()) expect(event).toBeUndefined();
      })(),
    ).rejects.toThrow('train.epochs');
    await expect(train({ ...config('stdin'), data: { train: '-', dev: file } })).rejects.toThrow(
      'can be read only once',
    );
  });

  it('trains several at once, each as if it were alone', async () => {
    const alone = [await train(config('a1')), await train({ ...config('a2'), seed: 2 })];
    const together = await Promise.all([train(config('b1')), train({ ...config('b2'), seed: 2 })]);
    together.forEach(({ result }, i) => expect(result?.history).toEqual(alone[i].result?.history));
  });
});

describe('resolveConfig', () => {
  it('gives a whole config, which is a config again', async () => {
    const whole = await resolveConfig({ loss: { name: 'fl' } }, { seed: 7 });
    expect(whole).toMatchObject({ seed: 7, loss: { name: 'fl', gamma: 2 } });
    expect(await resolveConfig(whole)).toEqual(whole);
  });
});
