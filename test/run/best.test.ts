import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config';
import { evaluate } from '../../src/evaluate';
import { run } from '../../src/run';

/** Two kinds of sentences that only the word in the middle tells apart. */
const text = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `in\tO\n${['Rom', 'Bonn', 'May', 'June'][(from + i) % 4]}${i % 3}\t${(from + i) % 4 < 2 ? 'B-LOC' : 'B-DAY'}\nx${i}\tO\n\n`).join(''); // prettier-ignore

describe('best.ckpt', () => {
  it.each([0, 0.7])('is the tagger of the best epoch, also where later ones are worse: ema %d', async (ema) => {
    const folder = mkdtempSync(join(tmpdir(), 'dsc-best-'));
    const [train, dev] = ['train', 'dev'].map((name) => join(folder, name));
    writeFileSync(train, text(0, 24));
    writeFileSync(dev, text(7, 19));
    const config = parseConfig([
      {
        source: 'test',
        values: {
          data: { train, dev },
          model: { wordDim: 8, shapeDim: 2, affixDim: 0, hidden: 6 },
          loss: { name: 'ce' },
          train: { epochs: 8, batchTokens: 12, learningRate: ema === 0 ? 0.8 : 2, patience: 99, ema },
          engine: { name: 'js' },
          out: join(folder, 'run'),
        },
      },
    ]);
    const quiet = {
      signal: new AbortController().signal,
      overwrite: false,
      begin: () => undefined,
      listen: () => undefined,
    };
    const { result } = await run(config, quiet);
    if (!result) throw new Error('the run was stopped');
    const scoreOf = async (name: string): Promise<number | undefined> =>
      (await evaluate(join(folder, 'run', name), dev, { engine: 'js', resamples: 0 })).report.entities?.micro.f1;
    const last = result.history[result.history.length - 1];
    expect(last.devScore).toBeLessThan(result.best.score); // or this test shows nothing
    expect(await scoreOf('best.ckpt')).toBe(result.best.score);
    expect(await scoreOf('last.ckpt')).toBe(last.devScore);
  });
});
