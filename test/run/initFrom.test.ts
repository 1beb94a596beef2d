import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashData } from '../../src/compare/jobs';
import { finishedRun } from '../../src/compare/job';
import { type Config, type Layer, nest, parseConfig } from '../../src/config';
import { encode } from '../../src/data/encode';
import { parseCorpus } from '../../src/data/corpus';
import { openEngine } from '../../src/engine';
import { run, type RunOutcome } from '../../src/run';
import { initFromText } from '../../src/run/initFrom';
import { readCheckpoint } from '../../src/checkpoint';
import { taggerOf } from '../../src/run/saved';
import { predictProbabilities } from '../../src/train/predict';

const folder = mkdtempSync(join(tmpdir(), 'dsc-init-'));
const layer = (key: string, value: unknown): Layer => ({ source: key, values: nest(key, value) });

const OLD = 'Ann\tB-PER\nLee\tI-PER\nsaw\tO\nRome\tB-LOC\n.\tO\n\nthe\tO\nman\tO\nsaw\tO\nBob\tB-PER\n\n';
/** The same in BIOES, in another order, with a class of its own, without places. */
const NEW = 'the\tO\nsong\tO\nHelp\tS-ART\n\nBob\tS-PER\nsaw\tO\nAnn\tB-PER\nvan\tI-PER\nLee\tE-PER\n\n';
const TAGS = 'the\tDET\nman\tNOUN\nsaw\tVERB\nit\tO\n\nAnn\tNOUN\nsaw\tVERB\n\n';

function config(out: string, text: string, ...more: Layer[]): Config & { readonly out: string } {
  const train = join(folder, `${out}.conll`);
  writeFileSync(train, text);
  const layers = [
    layer('data', { train, dev: train, test: null }),
    layer('model', { wordDim: 5, shapeDim: 2, hidden: 4, affixDim: 2 }),
    layer('train', { epochs: 2, batchTokens: 8, saveSeconds: 1e-9 }),
    layer('loss', { name: 'ce' }),
    layer('engine.name', 'js'),
    layer('out', join(folder, out)),
  ];
  return { ...parseConfig([...layers, ...more]), out: join(folder, out) };
}

/** @param over steps until it is stopped, a folder to resume */
async function train(of: Config, { stopAfter = Infinity, resume = null as string | null } = {}): Promise<RunOutcome> {
  const controller = new AbortController();
  let steps = 0;
  return run(of, {
    signal: controller.signal,
    overwrite: false,
    resume,
    begin: () => undefined,
    listen: (event) => {
      if (event.kind === 'step' && ++steps === stopAfter) controller.abort();
    },
  });
}

const from = (name: string): Layer => layer('model.initFrom', join(folder, name));
const bytes = (out: string, name: string): string => readFileSync(join(folder, out, name), 'latin1');

/** Probabilities of every label for every token of a text, by the label. */
async function probabilities(checkpoint: string, text: string): Promise<Map<string, number[]>> {
  const engine = await openEngine('js');
  const path = join(folder, checkpoint);
  const { tagger, vocab, features } = taggerOf(await readCheckpoint(path), path);
  const encoded = encode(parseCorpus(text, 'x'), vocab, features.columns);
  const all = predictProbabilities(tagger, encoded);
  tagger.dispose();
  engine.dispose();
  const { labels } = vocab;
  return new Map(labels.map((label, c) => [label, [...all].filter((_, i) => i % labels.length === c)]));
}

describe('a run from the tagger of another', () => {
  beforeAll(async () => {
    await train(config('old', OLD));
    await train(config('tags', TAGS, layer('data.tagColumn', 2), layer('data.scheme', 'plain')));
  });

  it('begins with what the other predicts, where words and labels are the same in another order', async () => {
    const turned = OLD.split('\n\n').reverse().join('\n\n').trim() + '\n\n';
    const still = [from('old'), layer('train.learningRate', 1e-30), layer('train.epochs', 1)];
    await train(config('turned', turned, ...still));
    const was = await probabilities('old/best.ckpt', OLD);
    expect([...was.keys()]).toEqual(['O', 'B-LOC', 'B-PER', 'I-PER']);
    expect(await probabilities('turned/best.ckpt', OLD)).toEqual(was);
  });

  it('says what it took, in the result too', async () => {
    const { result } = await train(config('new', NEW, from('old')));
    const initFrom = result?.initFrom;
    if (!initFrom) throw new Error('not in the result');
    const sha256 = createHash('sha256').update(readFileSync(join(folder, 'old/best.ckpt'))).digest('hex'); // prettier-ignore
    // the, bob, saw, ann, lee are known, of those and song, help, van; rome, man and the full stop are not here
    expect(initFrom).toMatchObject({
      run: 'old',
      sha256,
      tables: { words: { taken: 5, of: 8, left: 3 }, shapes: { taken: 17, of: 17, left: 0 } },
      labels: { taken: 3, of: 4, left: 1, new: ['B-ART'] },
      notTaken: [],
    });
    expect(initFromText(initFrom)).toMatch(
      /^init from old: 5 of 8 words \(3 of the run not here\), 17 of 17 shapes, .* 3 of 4 labels \(new: B-ART; 1 of the run not here\), LSTM$/,
    );
    expect(result.warnings.map(({ code }) => code)).not.toContain('nothing-in-common');
  });

  it('is the same once more, and when it was stopped and the other is gone', async () => {
    await train(config('other', OLD, layer('seed', 5)));
    await train(config('whole', NEW, from('other')));
    await train(config('again', NEW, from('other')));
    await train(config('stopped', NEW, from('other')), { stopAfter: 1 });
    rmSync(join(folder, 'other'), { recursive: true });
    await train(config('stopped', NEW, from('other')), { resume: join(folder, 'stopped') });
    const results = ['whole', 'again', 'stopped'].map((out) => {
      const { initFrom, history, dev } = JSON.parse(bytes(out, 'result.json')) as Record<string, object>;
      expect(initFrom).toBeDefined();
      return { initFrom, history, dev: { ...dev, signature: '' }, log: bytes(out, 'log.jsonl') };
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('takes no label from tags of another kind, though they be spelled alike, and warns', async () => {
    const { result } = await train(config('kinds', OLD, from('tags'), layer('model.affixDim', 0)));
    expect(result?.initFrom).toMatchObject({
      labels: { taken: 0, of: 4 },
      notTaken: [
        ...['prefix1', 'prefix3', 'suffix3', 'form'].map((part) => `affix.${part} (not here)`),
        'labels (plain tags there, entities here)',
      ],
    });
    expect(result?.warnings).toContainEqual({
      code: 'nothing-in-common',
      message: 'init from tags: nothing is taken over for labels',
      advice: 'does it tag the same things?',
    });
  });

  it('is refused where the networks differ, and where there is no sound checkpoint', async () => {
    const sizes = layer('model', { hidden: 6, layers: 2 });
    const refused = train(config('a', NEW, from('old'), sizes));
    await expect(refused).rejects.toThrow(
      /has model\.hidden 4 and model\.layers 1, this one model\.hidden 6 and model\.layers 2$/,
    );
    await expect(refused).rejects.toMatchObject({
      note: 'train with --set model.hidden=4 --set model.layers=1, or leave --init-from out',
      exitCode: 1,
    });
    await expect(train(config('b', NEW, from('nothing')))).rejects.toThrow('holds no best.ckpt');
    const damaged = readFileSync(join(folder, 'old/best.ckpt'));
    damaged[damaged.length - 100] ^= 1;
    writeFileSync(join(folder, 'damaged.ckpt'), damaged);
    await expect(train(config('c', NEW, from('damaged.ckpt')))).rejects.toThrow('was changed after it was written');
  });

  it('reads a checkpoint of version 1', async () => {
    await train(config('plain', OLD, layer('model.affixDim', 0)));
    writeFileSync(join(folder, 'one.ckpt'), versionOne(readFileSync(join(folder, 'plain/best.ckpt'))));
    const still = [layer('train.learningRate', 1e-30), layer('train.epochs', 1), layer('model.affixDim', 0)];
    const { result } = await train(config('fromOne', OLD, from('one.ckpt'), ...still));
    expect(result?.initFrom?.tables.words).toEqual({ taken: 8, of: 8, left: 0 });
    expect(await probabilities('fromOne/best.ckpt', OLD)).toEqual(await probabilities('plain/best.ckpt', OLD));
  });

  it('is trained anew by a comparison when the other has changed', async () => {
    const of = config('compared', NEW, from('changing'));
    await train(config('changing', OLD));
    await train(of);
    const job = { id: 'x', config: of, analyse: false };
    expect(await finishedRun(job, await hashData([of]))).not.toBeNull();
    rmSync(join(folder, 'changing'), { recursive: true });
    await train(config('changing', OLD, layer('seed', 9)));
    expect(await finishedRun(job, await hashData([of]))).toBeNull();
  });
});

/** The same tagger as the first version wrote it. */
function versionOne(file: Buffer): Buffer {
  const length = file.readUInt32LE(8);
  const { sections, meta } = JSON.parse(file.toString('utf8', 12, 12 + length)) as {
    sections: { name: string; shape: number[] }[];
    meta: { spec: { tables: { rows: number; width: number }[] } & Record<string, unknown> } & Record<string, unknown>;
  };
  const payload: Buffer[] = [];
  let [at, offset] = [12 + length, 0];
  const weights = sections.map(({ name, shape }) => {
    const size = 4 * shape.reduce((a, b) => a * b, 1);
    payload.push(file.subarray(at, at + size));
    const entry = { name: name.replace('weights/', ''), shape, offset };
    at += Math.ceil(size / 8) * 8;
    offset += size;
    return entry;
  });
  const { tables, labels, hidden, layers, dropout } = meta.spec;
  const [words, shapes] = tables;
  const sizes = { words: words.rows, wordDim: words.width, shapes: shapes.rows, shapeDim: shapes.width };
  const spec = { ...sizes, labels, hidden, layers, dropout };
  const { version, vocab, task, scheme, trainedOn } = meta;
  const values = Buffer.concat(payload);
  const sha256 = createHash('sha256').update(values).digest('hex');
  const json = Buffer.from(JSON.stringify({ version: 1, weights, sha256, meta: { version, spec, vocab, task, scheme, trainedOn } })); // prettier-ignore
  const head = Buffer.alloc(Math.ceil((12 + json.length) / 8) * 8, ' ');
  head.write('DSCTRAIN', 'latin1');
  head.writeUInt32LE(head.length - 12, 8);
  json.copy(head, 12);
  return Buffer.concat([head, values]);
}
