import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, nest, parseConfig } from '../../src/config';
import { parseCorpus } from '../../src/data/corpus';
import { openEngine } from '../../src/engine';
import { evaluate } from '../../src/evaluate';
import { decodingOf, EARLIER_DECODING } from '../../src/heads';
import { invalidTags } from '../../src/metrics/invalid';
import type { Inner } from '../../src/schemes';
import { run } from '../../src/run';
import { decodingFor, decodingOfRun } from '../../src/run/decoding';
import { readCorpora } from '../../src/run/corpora';
import type { RunResult } from '../../src/run/result';
import { resumedConfig } from '../../src/run/resume';
import { readCheckpoint } from '../../src/checkpoint';
import { taggerOf } from '../../src/run/saved';
import { predictProbabilities } from '../../src/train/predict';
import { cut } from '../cli/binary';

const folder = mkdtempSync(join(tmpdir(), 'dsc-decoding-'));

function configFor(out: string, decode: Record<string, unknown>): Config {
  const data = { train: cut('ner/train.conll', 150, folder), dev: cut('ner/dev.conll', 60, folder), test: null };
  const model = { wordDim: 12, hidden: 12 };
  const train = { epochs: 4, batchTokens: 60, learningRate: 0.02 };
  const values = { data, model, train, decode, loss: { name: 'ce' }, engine: { name: 'js' }, out: join(folder, out) };
  return parseConfig([{ source: 'test', values }]);
}

async function train(
  out: string,
  decode: Record<string, unknown> = {},
): Promise<{ config: Config; result: RunResult }> {
  const signal = new AbortController().signal;
  const config = configFor(out, decode);
  const { result } = await run(config, { signal, overwrite: true, begin: () => undefined, listen: () => undefined });
  if (!result) throw new Error('the run was stopped');
  return { config, result };
}

/** Predicted tags of dev, as the run left them. */
const predictions = (out: string): string[][] =>
  parseCorpus(readFileSync(join(folder, out, 'dev.pred.conll'), 'utf8'), 'x', { scheme: 'plain' }).sentences.map(
    ({ tags }) => [...tags],
  );

const LABELS = { iob2: ['O', 'B-X', 'I-X'], io: ['O', 'I-X'], plain: ['DET', 'NOUN'] } as const;
const given = (inner: Inner, labels: readonly string[] = LABELS[inner]): Parameters<typeof decodingFor>[1] =>
  ({ vocab: { labels }, train: { corpus: { inner } } }) as unknown as Parameters<typeof decodingFor>[1];
const asked = (decode: Record<string, unknown>): Config['decode'] =>
  parseConfig([{ source: 'test', values: { decode } }]).decode;

describe('the decoding of a run', () => {
  it.each([
    ['iob2', {}, 'valid', 0],
    ['io', {}, 'valid', 0],
    ['plain', {}, 'argmax', 0],
    ['iob2', { method: 'argmax', outsideBias: -0.5 }, 'argmax', -0.5],
    ['iob2', { outsideBias: 'dev' }, 'valid', 0],
  ] as const)('%s %j: %s', (inner, decode, method, outsideBias) => {
    expect(decodingFor(asked(decode), given(inner))).toMatchObject({ method, outsideBias });
  });

  it.each([
    ['plain', { method: 'valid' }, /^--decode METHOD: valid is for entities: of plain tags/],
    ['plain', { outsideBias: 1 }, /^--outside-bias NUMBER: plain tags .* have none that stands outside/],
    ['plain', { outsideBias: 'dev' }, /^--outside-bias NUMBER: plain tags/],
  ] as const)('%s %j is refused', (inner, decode, message) => {
    expect(() => decodingFor(asked(decode), given(inner))).toThrow(message);
  });

  it('has no bias where no token is outside', () => {
    const all = given('iob2', ['B-X', 'I-X']);
    expect(() => decodingFor(asked({ outsideBias: 'dev' }), all)).toThrow(
      /no token of the training file stands outside/,
    );
    expect(decodingFor(asked({}), all).outside).toBe(-1);
  });

  it('is a choice of the config: another word, another kind of number is refused with what is right', () => {
    expect(() => asked({ method: 'viterbi' })).toThrow(/decode\.method: found "viterbi"; .*valid/);
    expect(() => asked({ outsideBias: 'test' })).toThrow(
      'decode.outsideBias: found "test"; expected \'dev\' or a number or null',
    );
  });
});

describe('a run on entities', () => {
  let plain: Awaited<ReturnType<typeof train>>;
  let valid: Awaited<ReturnType<typeof train>>;
  beforeAll(async () => {
    plain = await train('argmax', { method: 'argmax' });
    valid = await train('valid');
  });

  it('by default writes no tag that the scheme does not allow, where argmax does', () => {
    expect(invalidTags(predictions('argmax'), 'IOB2').length).toBeGreaterThan(0); // or this test shows nothing
    expect(invalidTags(predictions('valid'), 'IOB2')).toEqual([]);
    expect(valid.result.decode).toMatchObject({ method: 'valid', outsideBias: 0 });
    expect(valid.result.dev.signature).toContain('|convention:conlleval|decode:valid|');
    expect(plain.result.dev.signature).toContain('|decode:argmax|');
  });

  it('by argmax gives the likeliest label of each token, by the probabilities of its tagger; losses do not depend on it', async () => {
    const losses = ({ result }: typeof plain): number[] => result.history.map(({ trainLoss }) => trainLoss);
    expect(losses(plain)).toEqual(losses(valid));
    const corpora = await readCorpora(plain.config.data, plain.config.model);
    const engine = await openEngine('js');
    const path = join(folder, 'argmax/best.ckpt');
    const { tagger, vocab } = taggerOf(await readCheckpoint(path), path);
    const p = predictProbabilities(tagger, corpora.dev.encoded); // (N, C)
    const C = vocab.labels.length;
    const likeliest = Array.from({ length: p.length / C }, (_, i) => {
      const row = Array.from(p.subarray(i * C, (i + 1) * C));
      return vocab.labels[row.indexOf(Math.max(...row))];
    });
    expect(predictions('argmax').flat()).toEqual(likeliest);
    tagger.dispose();
    engine.dispose();
  });

  it('is evaluated as it decodes, unless it is told otherwise', async () => {
    const { dev } = plain.config.data;
    const scored = async (decoding = {}) =>
      (await evaluate(join(folder, 'argmax'), dev, { engine: 'js', resamples: 0, decoding })).report;
    const own = await scored();
    expect(own.entities).toEqual(plain.result.dev.entities);
    const other = await scored({ method: 'valid', outsideBias: -1 });
    expect(other.signature).toContain('|decode:valid,outside-1|');
    expect(other.entities).not.toEqual(own.entities);
    expect(other.floor).toEqual(own.floor); // the floor does not depend on it
    expect(other.floor).toBeDefined();
  });

  it('fits a bias on dev, keeps it in its checkpoint, and says without being asked what it would give', async () => {
    const { config, result } = await train('fitted', { outsideBias: 'dev' });
    const { fit, outsideBias } = result.decode;
    expect(fit).toEqual(valid.result.decode.fit);
    expect(outsideBias).toBe(fit?.bias);
    expect(outsideBias).not.toBe(0); // or this test shows nothing
    expect(fit?.plain).toBe(valid.result.dev.entities?.micro.f1);
    expect(fit?.biased).toBe(result.dev.entities?.micro.f1);
    const at = async (decoding = {}) =>
      (await evaluate(join(folder, 'fitted'), config.data.dev, { engine: 'js', resamples: 0, decoding })).report;
    expect((await at()).entities).toEqual(result.dev.entities);
    for (const bias of [-4, -1, -0.25, 0, 0.25, 1, 4])
      expect((await at({ outsideBias: bias })).entities?.micro.f1).toBeLessThanOrEqual(fit?.biased ?? 0);
  });

  it('goes on by argmax where it began before there was a choice', async () => {
    const path = join(folder, 'argmax/config.json');
    const { decode, ...earlier } = JSON.parse(readFileSync(path, 'utf8')) as Config;
    expect(decode.method).toBe('argmax');
    writeFileSync(path, JSON.stringify(earlier));
    expect((await resumedConfig(join(folder, 'argmax'), [])).config.decode).toEqual({
      method: 'argmax',
      outsideBias: null,
    });
    const other = [{ source: '--decode', values: nest('decode.method', 'valid') }];
    await expect(resumedConfig(join(folder, 'argmax'), other)).rejects.toThrow(
      'cannot resume with decode.method "valid" where the run has "argmax"',
    );
  });

  afterAll(() => rmSync(folder, { recursive: true }));
});

describe('the decoding of a checkpoint', () => {
  const saved = (inner: 'iob2' | 'plain') =>
    ({
      decoding: decodingOf(EARLIER_DECODING, LABELS[inner], inner),
      vocab: { labels: LABELS[inner] },
      meta: { scheme: inner },
    }) as unknown as Parameters<typeof decodingOfRun>[0];

  it('can be another than it was trained with', () => {
    expect(decodingOfRun(saved('iob2'), {})).toMatchObject({ method: 'argmax', allowed: null });
    const told = decodingOfRun(saved('iob2'), { method: 'valid' });
    expect(told.allowed?.start).toEqual(Uint8Array.of(1, 1, 0));
    expect(() => decodingOfRun(saved('plain'), { method: 'valid' })).toThrow(/^--decode METHOD: valid is for entities/);
    expect(() => decodingOfRun(saved('plain'), { outsideBias: 1 })).toThrow(/^--outside-bias NUMBER: plain tags/);
  });
});
