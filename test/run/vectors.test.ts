import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeCheckpoint, type LongSection, readCheckpoint, type Section } from '../../src/checkpoint';
import { type Config, type Layer, nest, parseConfig } from '../../src/config';
import { readCorpus } from '../../src/data/corpus';
import { buildVocab } from '../../src/data/vocab';
import { evaluate } from '../../src/evaluate';
import { type Feature, FEATURES } from '../../src/features';
import { run } from '../../src/run';
import type { RunResult } from '../../src/run/result';
import { changesOf } from '../../src/run/resume';
import { describe as describe_, type TaggerMeta } from '../../src/run/saved';
import { tagStream } from '../tag/stream';
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

async function tag(out: string, input: string, warnings: Warning[] = [], notes: string[] = []): Promise<string[]> {
  async function* chunks() {
    for (const char of input) yield await Promise.resolve(Buffer.from(char));
  }
  let tagged = '';
  const host = {
    engine: 'js',
    told: {},
    decoding: {},
    warn: (warning: Warning) => void warnings.push(warning),
    note: (line: string) => void notes.push(line),
  };
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

  it('carries all vectors where it is asked to, and needs no file then', async () => {
    const unseen = 'Gus\nsings\n\n#HAL\nReads!\nzork\nnowhere\n';
    const notes: string[] = [];
    const byFile = await tag('whole', unseen, [], notes);
    expect(byFile.slice(0, 5)).toEqual(['B-PER', 'O', 'B-PER', 'O', 'O']);
    expect(notes).toEqual([`words that training never met are looked up in ${vectors}`]);
    for (const packing of ['float16', 'int8'] as const)
      await train(config(packing, layer('model.embedVectors', packing)));
    rmSync(vectors);
    for (const packing of ['float16', 'int8'] as const) {
      const warnings: Warning[] = [];
      const told: string[] = [];
      expect(await tag(packing, unseen, warnings, told)).toEqual(byFile);
      expect(warnings).toEqual([]);
      expect(told).toHaveLength(1);
      expect(told[0]).toContain(`the vectors that the checkpoint carries (${vectors} as ${packing}`);
      const path = join(folder, packing, 'best.ckpt');
      const checkpoint = await readCheckpoint(path);
      const { meta, sections } = checkpoint as { meta: TaggerMeta; sections: readonly Section[] };
      const { features } = JSON.parse(readFileSync(join(folder, packing, 'result.json'), 'utf8')) as RunResult;
      expect(meta.packed).toEqual({ word: (features?.word as { packed: unknown }).packed });
      expect(sections.filter(({ name }) => name.startsWith('packed/'))).toEqual([]);
      const { report, warnings: odd } = await evaluate(join(folder, packing), join(folder, 'new'), { engine: 'js' });
      expect([report.entities?.micro.f1, odd]).toEqual([1, []]);
      // The network is that of the run without; what is carried lies behind it, held or left in the file.
      const bytes = readFileSync(path);
      const held = await decodeCheckpoint([bytes], bytes.length, path);
      const weightsOf = (all: readonly Section[]) => all.filter(({ name }) => name.startsWith('weights/'));
      expect(weightsOf(held.sections)).toEqual(weightsOf(sections));
      expect(describe_(held, path).features.packed.size).toBe(0);
      expect(() => describe_({ ...held, sections: weightsOf(sections) }, path)).toThrow(
        'packed.word: its sections are missing',
      );
      const other = { ...meta, packed: { word: { ...(meta.packed?.word as object), packing: 'int4' } } };
      expect(() => describe_({ ...checkpoint, meta: other }, path)).toThrow('features.word: packing is "int4"');
    }
    writeFileSync(vectors, text);
  });

  it('is packed later by going on with it, and is not where its vectors are others by then', async () => {
    const plain = config('later', layer('train.epochs', 2));
    await train(plain);
    const wanted = config('later', layer('train.epochs', 2), layer('model.embedVectors', 'int8'));
    expect(changesOf('later', plain, wanted)).toEqual([{ key: 'model.embedVectors', from: null, to: 'int8' }]);
    await train(wanted, { resume: true });
    const { meta } = await readCheckpoint(join(folder, 'later', 'best.ckpt'));
    expect((meta as TaggerMeta).packed).toMatchObject({ word: { packing: 'int8', count: 16 } });
    await train(config('at once', layer('train.epochs', 2), layer('model.embedVectors', 'int8')));
    const read = (out: string): Buffer => readFileSync(join(folder, out, 'best.ckpt'));
    expect(read('later').equals(read('at once'))).toBe(true);

    const { word } = FEATURES;
    const train_ = await readCorpus(join(folder, 'train'));
    const settings = { wordDim: null, vectors, vectorsRate: 1, embedVectors: 'int8' } as const;
    const { packed } = (await word.build({ train: train_ }, buildVocab(train_), settings)) as Feature;
    writeFileSync(vectors, text.replace('1 0.02', '1 0.03'));
    const long = packed?.sections.find((section) => 'stream' in section) as LongSection;
    await expect(long.stream()[Symbol.asyncIterator]().next()).rejects.toThrow('was changed since the run began');
    writeFileSync(vectors, text);
    await expect(word.build({ train: train_ }, buildVocab(train_), { ...settings, vectors: null })).rejects.toThrow(
      'model.embedVectors is int8, and there are no vectors to pack',
    );
  });

  it('begins another with what it learned of the words', async () => {
    const next = await train(config('next', layer('model.initFrom', join(folder, 'whole')), layer('train.epochs', 1)));
    expect(next?.initFrom?.tables.words).toEqual({ taken: 13, of: 13, left: 0 });
    expect(next?.dev.entities?.micro.f1).toBe(1);
  });
});
