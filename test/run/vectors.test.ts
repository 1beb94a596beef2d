import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCheckpoint } from '../../src/checkpoint';
import { type Config, type Layer, nest, parseConfig } from '../../src/config';
import { evaluate } from '../../src/evaluate';
import { run } from '../../src/run';
import type { RunResult } from '../../src/run/result';
import { tagStream } from '../../src/tag';
import type { Warning } from '../../src/warnings';

/** Names have one kind of vector, other words another: what is never met can be told by it alone. */
const NAMES = ['Ann', 'Bob', 'Cid', 'Dora', 'Eve', 'Fay', 'Gus', 'Hal'];
const OTHERS = ['runs', 'sits', 'sees', 'eats', 'hears', 'sings', 'falls', 'reads'];

const folder = mkdtempSync(join(tmpdir(), 'dsc-vectors-'));
const layer = (key: string, value: unknown): Layer => ({ source: key, values: nest(key, value) });
const corpus = (names: readonly string[], others: readonly string[]): string =>
  names.flatMap((name) => others.map((other) => `${name}\tB-PER\n${other}\tO\nzork\tO\n\n`)).join('');

const vectors = join(folder, 'vectors.txt');
const rows = [...NAMES.map((name, i) => [name, 1, i / 50]), ...OTHERS.map((other, i) => [other, -1, i / 50])];
const text = rows.map(([word, ...numbers]) => `${String(word).toLowerCase()} ${numbers.join(' ')} 0 0\n`).join('');
writeFileSync(vectors, text);
for (const [name, from, to] of [
  ['train', 0, 4],
  ['dev', 4, 6],
  ['new', 6, 8],
] as const)
  writeFileSync(join(folder, name), corpus(NAMES.slice(from, to), OTHERS.slice(from, to)));

const config = (out: string, ...more: Layer[]): Config =>
  parseConfig([
    layer('data', { train: join(folder, 'train'), dev: join(folder, 'dev'), test: null }),
    layer('model', { vectors, hidden: 8, shapeDim: 1, wordDropout: 0.05, dropout: 0 }),
    layer('train', { epochs: 8, batchTokens: 12, learningRate: 0.02, saveSeconds: 1e-9 }),
    layer('loss.name', 'ce'),
    layer('engine.name', 'js'),
    layer('out', join(folder, out)),
    ...more,
  ]);

async function train(wanted: Config, { stopAfter = Infinity, resume = false } = {}): Promise<RunResult | null> {
  const controller = new AbortController();
  let steps = 0;
  const { result } = await run(wanted, {
    signal: controller.signal,
    overwrite: false,
    resume: resume ? wanted.out : null,
    begin: () => undefined,
    listen: (event) => {
      if (event.kind === 'step' && ++steps === stopAfter) controller.abort();
    },
  });
  return result;
}

async function tag(out: string, input: string, warnings: Warning[] = []): Promise<string[]> {
  async function* chunks() {
    for (const char of input) yield await Promise.resolve(Buffer.from(char));
  }
  let tagged = '';
  const host = { engine: 'js', told: {}, decoding: {}, warn: (warning: Warning) => void warnings.push(warning) };
  for await (const piece of tagStream(join(folder, out), chunks(), 'in', host)) tagged += piece;
  return tagged
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => String(line.split('\t').at(-1)));
}

describe('a run with vectors', () => {
  let whole: RunResult | null;
  beforeAll(async () => (whole = await train(config('whole'))));

  it('tells names that training never met by their vectors, in dev and in text that comes later', async () => {
    expect(whole?.dev.entities?.micro.f1).toBe(1);
    const { report, warnings } = await evaluate(join(folder, 'whole'), join(folder, 'new'), {
      engine: 'js',
      resamples: 0,
    });
    expect(report.entities?.micro.f1).toBe(1);
    expect(warnings).toEqual([]);
    expect(await tag('whole', 'Gus\nsings\n\nHal\nreads\nzork\n')).toEqual(['B-PER', 'O', 'B-PER', 'O', 'O']);
  });

  it('keeps the words of all its files, and says how many have a vector', () => {
    expect(whole?.features).toMatchObject({
      word: {
        vectors: { name: vectors, words: 16, width: 4, cased: false },
        coverage: { train: { none: { tokens: 16, types: 1 }, missing: [['zork', 16]] }, dev: { none: { tokens: 4 } } },
      },
    });
    expect(whole?.weights).toBeGreaterThan(0);
  });

  it('goes on to the same bytes where it was stopped, frozen or not', async () => {
    for (const [name, rate] of [
      ['free', 1],
      ['slow', 0.5],
      ['frozen', 0],
    ] as const) {
      const more = [layer('model.vectorsRate', rate), layer('train.epochs', 2)];
      await train(config(name, ...more));
      for (const stopAfter of [1, 7]) {
        const stopped = config(`${name}-${stopAfter}`, ...more);
        expect(await train(stopped, { stopAfter })).toBeNull();
        expect(await train(stopped, { resume: true })).not.toBeNull();
        const read = (out: string): Buffer => readFileSync(join(folder, out, 'best.ckpt'));
        expect(read(`${name}-${stopAfter}`).equals(read(name))).toBe(true);
      }
    }
  });

  it('leaves frozen vectors as the file has them, and learns the words without one', async () => {
    const { sections, meta } = await readCheckpoint(join(folder, 'frozen', 'best.ckpt'));
    const { words, from } = (meta as { features: { word: { words: string[]; from: number } } }).features.word;
    expect([words.indexOf('zork') + 1 < from, words.indexOf('ann') + 1 >= from]).toEqual([true, true]);
    const table = sections.find(({ name }) => name === 'weights/words')?.values as Float32Array;
    words.forEach((word, i) => {
      const row = [...table.subarray(4 * (i + 1), 4 * (i + 2))];
      const [, ...numbers] = rows.find(([name]) => String(name).toLowerCase() === word) ?? [];
      if (i + 1 >= from) expect(row).toEqual([...numbers, 0, 0].map((x) => Math.fround(Number(x))));
    });
  });

  it('is not resumed with other vectors, and says so where they are gone when text is tagged', async () => {
    const stopped = config('other', layer('train.epochs', 2));
    await train(stopped, { stopAfter: 3 });
    writeFileSync(vectors, text.replace('1 0.02', '1 0.03'));
    await expect(train(stopped, { resume: true })).rejects.toThrow(
      'the model.vectors file is another than when the run was stopped',
    );
    const warnings: Warning[] = [];
    const tags = await tag('whole', 'Ann\nruns\n\nEve\nhears\n', warnings);
    expect(tags).toEqual(['B-PER', 'O', 'B-PER', 'O']); // words that it met are kept
    expect(warnings).toMatchObject([{ code: 'vectors-gone' }]);
    rmSync(vectors);
    const { warnings: told } = await evaluate(join(folder, 'whole'), join(folder, 'new'), {
      engine: 'js',
      resamples: 0,
    });
    expect(told).toMatchObject([{ code: 'vectors-gone' }]);
    await expect(train(config('none'))).rejects.toThrow('no such file');
    writeFileSync(vectors, text);
    expect(
      (await evaluate(join(folder, 'whole'), join(folder, 'new'), { engine: 'js', resamples: 0 })).warnings,
    ).toEqual([]);
  });

  it('begins another with what it learned of the words', async () => {
    const next = await train(config('next', layer('model.initFrom', join(folder, 'whole')), layer('train.epochs', 1)));
    expect(next?.initFrom?.tables.words).toEqual({ taken: 13, of: 13, left: 0 });
    expect(next?.dev.entities?.micro.f1).toBe(1);
  });
});
