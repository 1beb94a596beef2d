import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCorpus } from '../../src/data/corpus';
import { encode } from '../../src/data/encode';
import { buildVocab } from '../../src/data/vocab';
import { present } from '../../src/errors';
import {
  buildFeatures,
  type Column,
  FEATURES,
  type Feature,
  featuresFromJson,
  type FeatureSpec,
} from '../../src/features';
import type { Setting } from '../../src/features';
import { createRng } from '../../src/rng';

/** What holds for every row of the table. */

/** What the file of a feature exports; the compiled program alone can run one as a module of its own. */
jest.mock('../../src/files/modules', () => ({
  runFile: (file: string) =>
    Promise.resolve({ exported: { name: 'length', of: (token: string) => token.length % 3 }, sha256: 'ab', file }),
}));

const TRAIN = parseCorpus(
  'EU\tO\nrejects\tO\nGerman\tO\n#tag\tO\nCAFÉ\tO\n.\tO\n1996-08-22\tO\n\nİstanbul\tO\n😀x\tO\n',
  'x',
);
const VOCAB = buildVocab(TRAIN);
const TOKENS = [
  ...TRAIN.sentences.flatMap(({ tokens }) => tokens),
  ...['', 'never', 'Ünseen', '\u{1F600}', '\ud83d', '科学', '__proto__', 'constructor', 'a'.repeat(10_000)],
];

/** Settings that switch the row on: at its default, or just above the least where that is off. */
const settingsOf = ({ settings }: FeatureSpec): Record<string, unknown> =>
  Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, valueOf(name, setting)]));

/** Files that settings name. */
const FILES: Record<string, string> = {
  lexicon: join(mkdtempSync(join(tmpdir(), 'dsc-lexicon-')), 'words.txt'),
};
FILES.features = FILES.lexicon;
writeFileSync(present(FILES.lexicon, 'lexicon'), 'german\tn\nrejects\tv\tn\neu rejects\tx\n科学\tn\n');

const valueOf = (name: string, setting: Setting): unknown =>
  'least' in setting && setting.default !== null
    ? Math.max(setting.default, setting.least + 1)
    : (FILES[name] ?? setting.default);

const build = async (row: FeatureSpec, ...[parts, vocab]: [typeof TRAIN, typeof VOCAB]): Promise<Feature> => {
  const feature = await row.build({ train: parts }, vocab, settingsOf(row) as never);
  if (!feature) throw new Error('the feature is off');
  return feature;
};

/** The rows of a token that stands alone. */
const rowsOf =
  (column: Column) =>
  (token: string): readonly number[] =>
    column.encode
      ? [column.encode(token)]
      : [...(column.spell?.(token) ?? present(column.rowsOf?.([token])[0], 'rows'))];

const ROWS: [string, FeatureSpec][] = Object.entries(FEATURES);

describe.each(ROWS)('feature %s', (name, row) => {
  let feature: Feature;
  beforeAll(async () => (feature = await build(row, TRAIN, VOCAB)));

  it('gives every token rows of its tables, on its own by its string alone', () => {
    expect(feature.columns.length).toBeGreaterThan(0);
    for (const column of feature.columns) {
      const { rows, width, rate } = column;
      const idOf = rowsOf(column);
      expect([rows, width].every((size) => Number.isInteger(size) && size > 0)).toBe(true);
      expect(rate).toBeGreaterThanOrEqual(0);
      const ids = TOKENS.map(idOf);
      for (const id of ids.flatMap((of) => [...of])) expect(Number.isInteger(id) && id >= 0 && id < rows).toBe(true);
      expect(
        createRng(1)
          .shuffle([...TOKENS.keys()])
          .every((i) => String(idOf(TOKENS[i])) === String(ids[i])),
      ).toBe(true);
      expect(new Set(ids.map(String)).size).toBeGreaterThan(1);
    }
  });

  it('names what each row stands for: that of a token is the same in the tables of another corpus', async () => {
    const text = TRAIN.sentences.map(({ tokens }) => tokens.map((token) => `${token}\tO\n`).join('')).reverse();
    const turned = parseCorpus(['first\tO\n', ...text].join('\n'), 'x');
    const other = await build(row, turned, buildVocab(turned));
    feature.columns.forEach((column, i) => {
      const { rows, names } = column;
      const named = (of: Column, token: string): unknown => rowsOf(of)(token).map((row) => of.names()[row]);
      expect(names()).toHaveLength(rows);
      expect(new Set(names()).size).toBe(rows);
      expect(names().lastIndexOf(null)).toBeLessThanOrEqual(0);
      const there = other.columns[i];
      for (const token of TOKENS) expect(named(there, token)).toEqual(named(column, token));
    });
  });

  it('says in plain data how other programs make its ids', () => {
    for (const { recipe } of feature.columns) {
      if (name === 'own') {
        expect(recipe).toBeUndefined(); // code cannot be said in data
        continue;
      }
      const written = present(recipe, 'recipe')();
      expect(written.kind).toMatch(/^(lookup|patterns|characters|lexicon)$/);
      expect(JSON.parse(JSON.stringify(written))).toEqual(written);
    }
  });

  it('is the same built again, and from JSON', async () => {
    const copy = row.load(JSON.parse(JSON.stringify(feature)), VOCAB);
    await copy.reopen?.();
    for (const other of [await build(row, TRAIN, VOCAB), copy]) {
      expect(other.toJSON()).toEqual(feature.toJSON());
      other.columns.forEach((column, i) => {
        const { name, rows, width, wordDropout, rate } = feature.columns[i];
        expect(column).toMatchObject({ name, rows, width, wordDropout, rate });
        expect(TOKENS.map(rowsOf(column))).toEqual(TOKENS.map(rowsOf(feature.columns[i])));
      });
    }
  });

  it.each([null, 3, [], {}, { width: 0 }, { width: 1.5 }, { width: '8' }])('refuses to be made from %j', (json) => {
    expect(() => row.load(json, VOCAB)).toThrow(/expected/);
  });

  it('knows the values of training alone: a token of dev makes no row', async () => {
    const more = parseCorpus('Zzyx\tO\n', 'y');
    const beside = await row.build({ train: TRAIN, dev: more, test: more }, VOCAB, settingsOf(row) as never);
    expect(beside?.toJSON()).toEqual(feature.toJSON());
    encode(more, VOCAB, beside?.columns ?? []);
    expect(beside?.toJSON()).toEqual(feature.toJSON());
  });
});

describe('FEATURES', () => {
  it('have those with filters last', () => {
    const withFilters = all.columns.map(({ filters }) => filters !== undefined);
    expect(withFilters).toEqual([...withFilters].sort());
    expect(withFilters.at(-1)).toBe(true);
  });

  const settings = Object.assign({}, ...ROWS.map(([, row]) => settingsOf(row))) as Parameters<typeof buildFeatures>[2];
  let all: Awaited<ReturnType<typeof buildFeatures>>;
  beforeAll(async () => (all = await buildFeatures({ train: TRAIN }, VOCAB, settings)));

  it('names settings, tables and inputs once', () => {
    const names = ROWS.flatMap(([, row]) => Object.keys(row.settings));
    expect(new Set(names).size).toBe(names.length);
    const tables = all.columns.map(({ name }) => name);
    expect(new Set(tables).size).toBe(tables.length);
    expect(tables.slice(0, 2)).toEqual(['words', 'shapes']);
  });

  it('come back from JSON together', () => {
    const copy = featuresFromJson(JSON.parse(JSON.stringify(all)) as Record<string, unknown>, VOCAB);
    const bare = ({ columns }: typeof all): unknown => columns.map(({ name, rows, width }) => [name, rows, width]);
    expect(bare(copy)).toEqual(bare(all));
    expect(copy.toJSON()).toEqual(all.toJSON());
  });

  it('say which of them a checkpoint has wrong', () => {
    expect(() => featuresFromJson({ word: { width: -1 } }, VOCAB)).toThrow('features.word: width is -1, expected');
    expect(() => featuresFromJson({ smell: {} }, VOCAB)).toThrow('there is no feature smell');
    expect(() => featuresFromJson({ constructor: {} }, VOCAB)).toThrow('there is no feature constructor');
  });

  it('are asked once for each distinct token', () => {
    const asked: string[] = [];
    const corpus = parseCorpus('a\tO\nb\tO\na\tO\n\nb\tO\n', 'z');
    const encoded = encode(corpus, VOCAB, [{ name: 'x', encode: (token) => asked.push(token) }]);
    expect(asked).toEqual(['a', 'b']);
    expect([...encoded.types]).toEqual([0, 1, 0, 1]);
    expect([...(encoded.inputs.get('x') ?? [])]).toEqual([1, 2]);
  });
});
