import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from 'onnx-proto';
import { encodeCheckpoint, readCheckpoint, type Section } from '../../src/checkpoint';
import { parseCorpus } from '../../src/data/corpus';
import { encode } from '../../src/data/encode';
import { SPELLINGS } from '../../src/data/spellings';
import { tagReaderOf } from '../../src/data/tagging';
import { openEngine } from '../../src/engine';
import { exportRun } from '../../src/export/write';
import { openSource } from '../../src/export/source';
import { writtenOf } from '../../src/export/onnx';
import { FEATURES } from '../../src/features';
import { DECODE_METHODS, type DecodeMethod, decodingOf, HEADS } from '../../src/heads';
import { createRng, type Rng } from '../../src/rng';
import { decodingOfRun, type ToldDecoding } from '../../src/run/decoding';
import { taggerOf, taggingOf } from '../../src/run/saved';
import { SCHEMES, type SchemeName } from '../../src/schemes';
import { predictProbabilities, predictTags, tagsOf } from '../../src/train/predict';
import { type Answer, feedsOf, noRuntime, runOnnx } from './runtime';
import { trainedRun } from './trained';

const folder = mkdtempSync(join(tmpdir(), 'dsc-onnx-'));
const missing = noRuntime();
const withRuntime = missing === null ? it : it.skip;
if (missing !== null)
  process.stderr.write(`tests of ONNX models are skipped: onnxruntime-node does not load: ${missing}\n`);

const TEST = parseCorpus(readFileSync(join(__dirname, '../../data/ner/test.conll'), 'utf8'), 'test.conll');
/** What no corpus of ours has: a text of one character, one of very many, letters without case, a pair, a word of nothing known. */
const ODD = [
  ['\u{1F600}'],
  ['é', 'İstanbul', 'ΟΔΟΣ', 'x'.repeat(60)],
  ['科学', 'the', 'of', 'the', '#', '1996-08-22', '__proto__'],
];

/** Tags and probabilities of the run's tagger by our own kernels, and by the model that is made of it, sentences in batches of `size`. */
async function bothWays(
  run: string,
  sentences: readonly (readonly string[])[],
  size: number,
  decoding: ToldDecoding = {},
) {
  const file = join(folder, `${Math.random()}.onnx`.slice(2)); // prettier-ignore
  await exportRun(run, 'onnx', file, { overwrite: false, decoding });
  const engine = await openEngine('js');
  const saved = taggerOf(await readCheckpoint(join(run, 'best.ckpt')), run);
  const { tagger, vocab, features, meta } = saved;
  const text = { sentences: sentences.map((tokens) => ({ tokens, tags: tokens.map(() => 'O'), line: 1 })) };
  const encoded = encode(text, vocab, features.columns);
  const { fromInner } = tagReaderOf(taggingOf(meta));
  const tags = predictTags(tagger, encoded, vocab.labels, decodingOfRun(saved, decoding)).flatMap(fromInner);
  const probabilities = predictProbabilities(tagger, encoded);
  tagger.dispose();
  engine.dispose();
  const batches: (readonly (readonly string[])[])[] = [];
  for (let at = 0; at < sentences.length; at += size) batches.push(sentences.slice(at, at + size));
  const answers: Answer[] = runOnnx(file, batches.map((batch) => feedsOf(batch, features.columns))); // prettier-ignore
  const { tags: names } = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as { readonly tags: readonly string[] };
  return {
    file,
    tags,
    probabilities,
    theirs: {
      tags: answers.flatMap((answer) => answer.tags.map((id) => names[id])),
      probabilities: answers.flatMap((answer) => answer.probabilities),
    },
  };
}

const largestGap = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a, (x, i) => Math.abs(x - b[i])).reduce((most, gap) => Math.max(most, gap), 0);

/** The same run with other weights. */
async function changed(
  run: string,
  weight: (name: string, value: number, rng: Rng) => number,
  seed = 1,
): Promise<string> {
  const { sections, meta } = await readCheckpoint(join(run, 'best.ckpt'));
  const rng = createRng(seed);
  const other = sections.map((section): Section =>
    section.dtype === 'f32'
      ? { ...section, values: section.values.map((value) => weight(section.name, value, rng)) }
      : section,
  );
  const own = mkdtempSync(join(folder, 'changed-'));
  writeFileSync(join(own, 'best.ckpt'), Buffer.concat(encodeCheckpoint(other, meta)));
  return own;
}

const LOSSES = { softmax: 'ce', crf: 'nll' } as const;

describe.each(Object.keys(HEADS) as (keyof typeof HEADS)[])('a model of ONNX with the head %s', (head) => {
  let run: string;
  beforeAll(async () => {
    run = await changed(
      await trainedRun({ 'model.head': head, 'loss.name': LOSSES[head], 'model.layers': 2 }),
      // one that answers with every tag, and has much to say of neighbours
      (name, value, rng) =>
        name.includes('output.w') ? 20 * value : /output\.b|crf/.test(name) ? rng.normal() : value,
    );
    const { features } = (await openSource(run)).tagger;
    expect(Object.keys(features.toJSON())).toEqual(Object.keys(FEATURES).filter((name) => name !== 'own')); // a new feature is to be switched on above; one of a file is refused
  });

  withRuntime('tags the test file as we do, in batches and sentence by sentence', async () => {
    const sentences = [...TEST.sentences.map(({ tokens }) => tokens), ...ODD];
    const many = await bothWays(run, sentences, 32);
    expect(new Set(many.tags).size).toBeGreaterThan(2);
    expect(many.theirs.tags).toEqual(many.tags);
    expect(many.theirs.probabilities.length).toBe(many.probabilities.length);
    expect(largestGap(many.theirs.probabilities, many.probabilities)).toBeLessThan(1e-5);
    const single = await bothWays(run, [...sentences.slice(0, 40), ...ODD], 1);
    expect(single.theirs.tags).toEqual(single.tags);
    expect(largestGap(single.theirs.probabilities, single.probabilities)).toBeLessThan(1e-5);
  });

  withRuntime.each(Object.keys(DECODE_METHODS) as DecodeMethod[])(
    'decodes as it is told: %s, with a bias',
    async (method) => {
      const { tags, theirs } = await bothWays(run, TEST.sentences.slice(0, 100).map(({ tokens }) => tokens), 16, { method, outsideBias: -1.25 }); // prettier-ignore
      expect(theirs.tags).toEqual(tags);
      expect(new Set(tags).size).toBeGreaterThan(2);
    },
  );

  withRuntime('takes the lower label on a tie, everywhere', async () => {
    for (let seed = 1; seed <= 4; seed++) {
      // emissions are the same for every token, and few different numbers, so that most paths have an equal
      const even = (name: string, value: number, rng: Rng): number =>
        name.includes('output.w') ? 0 : /output\.b|crf/.test(name) ? rng.int(2) : value;
      const own = await changed(run, even, seed);
      const { tags, theirs } = await bothWays(
        own,
        [['a'], ['a', 'b'], ['a', 'b', 'c', 'd', 'e', 'f', 'g'], ['x', 'y', 'z']],
        3,
      );
      expect(theirs.tags).toEqual(tags);
    }
  });

  withRuntime('is refused by the runtime where lengths and tokens do not fit together', async () => {
    const { file } = await bothWays(run, [['a']], 1);
    const { features } = (await openSource(run)).tagger;
    const feeds = feedsOf([['the', 'report'], ['in']], features.columns);
    for (const data of [[2], [2, 2], [1, 1]])
      expect(() => runOnnx(file, [{ ...feeds, lengths: { dims: [data.length], data } }])).toThrow(
        /lengths_must_add_up_to_the_tokens/,
      );
  });
});

describe('the file of a model', () => {
  it('states its opset, IR version and inputs, and holds the description that lies beside it', async () => {
    const run = await trainedRun({});
    const file = join(folder, 'described.onnx');
    const { notes } = await exportRun(run, 'onnx', file, { overwrite: false, decoding: {} });
    expect(notes.join()).toContain('opset 15, IR version 8');
    const model = onnx.ModelProto.decode(readFileSync(file));
    expect([Number(model.irVersion), model.opsetImport.map(({ domain, version }) => [domain, Number(version)])]).toEqual([8, [['', 15]]]); // prettier-ignore
    const [{ key, value }] = model.metadataProps as [{ key: string; value: string }];
    expect([key, `${value}\n`]).toEqual(['dsc-train', readFileSync(`${file}.json`, 'utf8')]);
    const { features, labels, tags } = JSON.parse(value) as Record<string, { input: string }[]>;
    expect(model.graph?.input?.map(({ name }) => name)).toEqual(['lengths', ...features.map(({ input }) => input)]);
    expect(model.graph?.output?.map(({ name }) => name)).toEqual(['probabilities', 'tags']);
    expect([labels[0], tags[0]]).toEqual(['O', 'O']);
  });
});

/** Tags by the tables alone. */
function byTables(
  ids: readonly number[],
  { tags, before, behind, of }: ReturnType<typeof writtenOf>,
  C: number,
): string[] {
  return ids.map((id, t) => {
    const way = 2 * before[(ids[t - 1] ?? C) * C + id] + behind[id * (C + 1) + (ids[t + 1] ?? C)];
    return tags[of[4 * id + way]];
  });
}

describe('tags as they are written', () => {
  const schemes = Object.keys(SCHEMES) as SchemeName[];
  it.each(schemes)('%s: the tables say of every short sequence what the program writes', (scheme) => {
    const { inner } = SCHEMES[scheme];
    const sets = {
      iob2: [['O', 'B-A', 'B-B', 'I-A', 'I-B'], ['O', 'B-A', 'I-A', 'I-C'], ['B-A', 'I-A']],
      io: [['O', 'I-A', 'I-B'], ['I-A']],
      plain: [['NOUN', 'VERB', 'X'], ['O']],
    }[inner]; // prettier-ignore
    for (const labels of sets)
      for (const method of inner === 'plain' ? (['argmax'] as const) : (['argmax', 'valid'] as const))
        for (const spelling of Object.keys(SPELLINGS) as (keyof typeof SPELLINGS)[]) {
          const { of } = SPELLINGS[spelling];
          const kind = scheme === 'io' || scheme === 'brackets' ? scheme : 'letters';
          if (of !== 'all' && of !== kind) continue;
          const tagging = { scheme, spelling, outside: '_' };
          const { fromInner } = tagReaderOf(tagging);
          const decoding = decodingOf({ method, outsideBias: 0 }, labels, inner);
          const written = writtenOf(labels, decoding, tagging);
          const C = labels.length;
          for (let length = 1; length <= 4; length++)
            for (let n = 0; n < C ** length; n++) {
              const ids = Array.from({ length }, (_, t) => Math.floor(n / C ** t) % C);
              const [tags] = tagsOf({ ids: Int32Array.from(ids), offsets: Int32Array.of(0, length) }, labels, decoding);
              expect(byTables(ids, written, C)).toEqual(fromInner(tags));
            }
        }
  });
});
