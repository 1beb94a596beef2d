import { parseConfig } from '../../src/config';
import { parseCorpus } from '../../src/data/corpus';
import { encode } from '../../src/data/encode';
import { buildVocab } from '../../src/data/vocab';
import { type Feature, FEATURES, prepareFeatures } from '../../src/features';
import { fileOf, type Rows } from '../vectors/files';
import { existsSync, rmSync } from 'node:fs';

const { word } = FEATURES;

const corpus = (...tokens: string[]) => parseCorpus(tokens.map((token) => `${token}\tO\n`).join(''), 'x');
const glove = (rows: Rows): string => fileOf(rows.map(([text, numbers]) => `${text} ${numbers.join(' ')}\n`).join(''));

const SETTINGS = { wordDim: null, vectorsRate: 1, embedVectors: null };
const TRAIN = corpus('The', 'the', 'dog', 'Zork', '#dog', 'I');
const ROWS: Rows = [
  ['the', [1, 2]],
  ['dog', [3, 4]],
  ['cat', [5, 6]],
  ['bird', [7, 8]],
];

async function build(
  rows: Rows,
  settings: Partial<{ wordDim: number | null; vectorsRate: number }> = {},
  train = TRAIN,
  minCount = 1,
) {
  const vectors = glove(rows);
  const parts = { train, dev: corpus('Cat', 'nowhere'), test: corpus('cat', 'the') };
  const feature = await word.build(parts, buildVocab(train, { minCount }), { ...SETTINGS, vectors, ...settings });
  if (!feature) throw new Error('no feature');
  return { feature, vectors };
}

/** What the row of a token begins with; undefined where it is drawn. */
function beginning({ columns: [column] }: Feature, token: string): number[] | undefined {
  const table = new Float32Array(column.rows * column.width).fill(NaN);
  column.initial?.(table);
  const id = idOf({ columns: [column] }, token);
  const row = [...table.subarray(id * column.width, (id + 1) * column.width)];
  return row.some(Number.isNaN) ? undefined : row;
}

const idOf = ({ columns: [column] }: Pick<Feature, 'columns'>, token: string): number => column.encode?.(token) ?? NaN;

describe('words with vectors', () => {
  it('begin as their vectors, unscaled: those of training, dev and test; others are drawn or unknown', async () => {
    const { feature } = await build(ROWS);
    expect(beginning(feature, 'The')).toEqual([1, 2]);
    expect(beginning(feature, '#dog')).toEqual([3, 4]);
    expect(beginning(feature, 'CAT')).toEqual([5, 6]);
    expect(beginning(feature, 'zork')).toBeUndefined();
    expect([idOf(feature, 'the'), idOf(feature, 'THE')]).toEqual([idOf(feature, 'The'), idOf(feature, 'The')]);
    expect(idOf(feature, '#dog')).not.toBe(idOf(feature, 'dog'));
    expect(['nowhere', 'bird'].map((token) => idOf(feature, token))).toEqual([0, 0]);
    expect(idOf(feature, 'Zork')).toBeGreaterThan(0);
    const { rows, width, rate, wordDropout, names, pretrained } = feature.columns[0] ?? ({} as never);
    expect({ rows, width, rate, wordDropout, pretrained }).toEqual({
      rows: 7,
      width: 2,
      rate: 1,
      wordDropout: true,
      pretrained: undefined,
    });
    expect(names()).toEqual([null, 'i', 'zork', 'the', '#dog', 'dog', 'cat']);
  });

  it('have a row however rare they are; minCount is for those without', async () => {
    const { feature } = await build(ROWS, {}, TRAIN, 2);
    expect(['the', 'dog', 'zork'].map((token) => idOf(feature, token) > 0)).toEqual([true, true, false]);
  });

  it('have a rate of their own, where it is not that of the others', async () => {
    const { feature } = await build(ROWS, { vectorsRate: 0 });
    expect(feature.columns[0]?.pretrained).toEqual({ from: 3, rate: 0 });
    expect(['zork', 'the'].map((token) => idOf(feature, token) >= 3)).toEqual([false, true]);
  });

  it('keep their case where the vectors do', async () => {
    const cased: Rows = [
      ['apple', [1, 1]],
      ['Apple', [2, 2]],
      ['us', [3, 3]],
      ['US', [4, 4]],
      ['Paris', [5, 5]],
    ];
    const { feature } = await build(cased, {}, corpus('apple', 'Apple', 'US', 'us', 'zork', 'PARIS'));
    expect(beginning(feature, 'apple')).toEqual([1, 1]);
    expect(beginning(feature, 'Apple')).toEqual([2, 2]);
    expect(beginning(feature, 'US')).toEqual([4, 4]);
    expect(beginning(feature, 'PARIS')).toEqual([5, 5]);
    expect(idOf(feature, 'ZORK')).toBe(idOf(feature, 'zork')); // never met, and without a vector: the row of another case
    expect(idOf(feature, 'nowhere')).toBe(0);
  });

  it('are the same loaded from JSON, and refuse one that is damaged', async () => {
    const { feature } = await build(ROWS, { vectorsRate: 0.5 });
    const json = JSON.parse(JSON.stringify(feature)) as Record<string, unknown>;
    const copy = word.load(json, buildVocab(TRAIN));
    expect(copy.toJSON()).toEqual(feature.toJSON());
    expect(copy.files).toEqual(feature.files);
    for (const token of ['The', 'cat', 'zork', 'nowhere']) expect(idOf(copy, token)).toBe(idOf(feature, token));
    const { rows, pretrained } = feature.columns[0] ?? ({} as never);
    expect(copy.columns[0]).toMatchObject({ rows, pretrained });
    for (const [key, value] of [
      ['words', ['a', 'a']],
      ['words', [1]],
      ['words', null],
      ['from', 0],
      ['from', 99],
      ['vectors', null],
      ['vectors', {}],
      ['width', 0],
    ] as [string, unknown][])
      expect(() => word.load({ ...json, [key]: value }, buildVocab(TRAIN))).toThrow('expected');
  });

  it('are looked up when new text comes, and are unknown where the file is gone, or another', async () => {
    const { feature, vectors } = await build(ROWS);
    const { rows } = feature.columns[0];
    const met = await feature.reopen?.();
    const lent = await met?.meet?.(['Bird', '#bird', 'dog', 'nowhere']);
    expect([...(lent?.get('words') ?? [])]).toEqual([7, 8]);
    expect(['bird', '#BIRD', 'dog', 'nowhere'].map((token) => idOf(feature, token))).toEqual([rows, rows, 5, 0]);
    expect((await met?.meet?.(['dog']))?.get('words')).toHaveLength(0);
    expect(idOf(feature, 'bird')).toBe(0); // of the text before
    met?.close();
    rmSync(vectors);
    const gone = await feature.reopen?.();
    expect(gone?.meet).toBeNull();
    expect(gone?.warnings).toMatchObject([{ code: 'vectors-gone' }]);
    expect(gone?.warnings[0]?.message).toContain(vectors);
  });

  it('say how many have one, by part and step, and which have none', async () => {
    const { feature } = await build(ROWS);
    const { coverage } = feature.found?.data as { coverage: Record<string, { none: unknown; missing: unknown }> };
    expect(coverage.train).toMatchObject({
      tokens: 6,
      types: 6,
      none: { tokens: 2, types: 2 },
      missing: [
        ['I', 1],
        ['Zork', 1],
      ],
    });
    expect(coverage.dev).toMatchObject({ none: { tokens: 1, types: 1 } });
    expect(feature.found?.lines).toHaveLength(4);
    expect(feature.found?.lines[1]).toMatch(
      /train: 33.33 % exact, 16.67 % in other case, 16.67 % without # or @, 33.33 % none/,
    );
  });

  it('have their file read once, where several runs are to come', async () => {
    const vectors = glove(ROWS);
    await prepareFeatures({ ...parseConfig([]).model, vectors });
    expect(existsSync(`${vectors}.dsc-vectors`)).toBe(true);
    await expect(prepareFeatures({ ...parseConfig([]).model, vectors: '/no/such' })).rejects.toThrow('no such file');
  });

  it('refuse a width that is not that of the vectors', async () => {
    await expect(build(ROWS, { wordDim: 3 })).rejects.toMatchObject({
      message: expect.stringContaining('model.wordDim is 3, and the vectors of') as string,
      note: 'leave model.wordDim out, or set it to 2',
    });
    expect((await build(ROWS, { wordDim: 2 })).feature.columns[0]?.width).toBe(2);
  });

  it('leave what training holds to training: encoded, each token has the row of its string', async () => {
    const { feature } = await build(ROWS);
    const { inputs, types, unknownWords } = encode(corpus('cat', 'The', 'cat'), buildVocab(TRAIN), feature.columns);
    expect([...types].map((type) => inputs.get('words')?.[type])).toEqual([6, 3, 6]);
    expect(unknownWords).toBe(2); // not in training
  });
});
