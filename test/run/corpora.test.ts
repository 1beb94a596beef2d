import { inOneLine } from '../../src/warnings';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config';
import { UserError } from '../../src/errors';
import { scoreCorpus } from '../../src/run/assess';
import { corporaReader, lossContext, readCorpora, summarise } from '../../src/run/corpora';

const folder = mkdtempSync(join(tmpdir(), 'dsc-corpora-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Tokens in sentences of ten, each with one of so many tags. */
function read(tokens: number, tags: number, more: object = {}) {
  const path = join(folder, `${tokens}-${tags}.tsv`);
  const row = (i: number): string => `w${i % 7}\tX${i % tags}\n${i % 10 === 9 ? '\n' : ''}`;
  writeFileSync(path, Array.from({ length: tokens }, (_, i) => row(i)).join(''));
  const data = { train: path, dev: path, test: null, ...more };
  const config = parseConfig([{ source: 'test', values: { data } }]);
  return readCorpora(config.data, config.model);
}

describe('a column with more tags than a tag set has', () => {
  it('is asked for before training, unless it was named', async () => {
    const asked = read(3000, 1001);
    await expect(asked).rejects.toThrow(/: column 2 holds 1,001 different tags in 3,000 tokens \(.*\): is it the tag column\?$/); // prettier-ignore
    await expect(asked).rejects.toThrow(UserError);
    const named = await read(3000, 1001, { tagColumn: 2 });
    expect(named.vocab.labels).toHaveLength(1001);
  });

  it.each([
    [3000, 1000], // a thousand tags may be
    [10_010, 1001], // and so may one in ten tokens
  ])('is taken with %i tokens and %i tags', async (tokens, tags) => {
    expect((await read(tokens, tags)).vocab.labels).toHaveLength(tags);
  });
});

const TYPES = 'Anna Person\nBrook Person\nleft O\nto O\nOslo Location\n. O\n\nit O\nwas O\nfine O\n';

function corpora(train: string, dev: string, data: Record<string, unknown> = {}) {
  const paths = { train: join(folder, 'train.conll'), dev: join(folder, 'dev.conll') };
  writeFileSync(paths.train, train);
  writeFileSync(paths.dev, dev);
  const config = parseConfig([{ source: 'test', values: { data: { ...paths, ...data } } }]);
  return readCorpora(config.data, config.model);
}

describe('readCorpora', () => {
  it('reads bare types beside O as entities, and names them as the file does', async () => {
    const read = await corpora(TYPES, TYPES);
    expect(lossContext(read)).toMatchObject({ labels: ['O', 'Location', 'Person'], counts: [6, 1, 2], outside: 0 });
    expect(summarise(read.train)).toMatchObject({
      scheme: 'io',
      labels: { O: 6, Location: 1, Person: 2 },
      classes: { Person: 1, Location: 1 },
    });
    const { corpus } = read.dev;
    const nothing = scoreCorpus(
      corpus,
      corpus.sentences.map(({ tags }) => tags.map(() => 'O')),
    );
    // scikit-learn over the labels without O: 0, 0, 0
    expect(nothing.entities?.micro.f1).toBe(0);
    expect(nothing.entities?.macro).toMatchObject({ f1: 0, classes: 2 });
    expect(nothing.accuracy).toBeCloseTo(6 / 9);
    expect(nothing.tags.classes.map(({ name }) => name)).toEqual(['Location', 'O', 'Person']);
    expect(nothing.confusion.tags).toEqual(['Location', 'O', 'Person']);
    expect(nothing.confusion.cells).toEqual([[0, 1, 1], [1, 1, 6], [2, 1, 2]]); // prettier-ignore
    expect(nothing.signature).toContain('scheme:io|');
    const right = scoreCorpus(
      corpus,
      corpus.sentences.map(({ tags }) => tags),
    );
    expect(right.entities?.classes.map(({ name, support }) => [name, support])).toEqual([['Location', 1], ['Person', 1]]); // prettier-ignore
  });

  it.each([
    ['O', 'a O\nb O\n\nc O\n'],
    ['NOUN', 'a NOUN\nb NOUN\n\nc NOUN\n'],
  ])('refuses a training file whose every tag is %s', async (tag, text) => {
    await expect(corpora(text, TYPES)).rejects.toThrow(
      new RegExp(`train\\.conll:1: every tag is ${tag}: there is nothing to learn$`),
    );
  });

  it('says before training that dev holds no entity', async () => {
    const { dev } = await corpora(TYPES, 'a O\nb O\n');
    expect(dev.corpus.warnings.map((one) => `${one.line}: ${inOneLine(one)}`)).toEqual([
      '1: no token belongs to an entity: F1 is 0 here, whatever the tagger does; is this the right column?',
    ]);
  });

  it('takes the outside label that the config names', async () => {
    const read = await corpora('a X\nb nix\nc Y\n', 'a nix\n', { outside: 'nix' });
    expect(lossContext(read).labels).toEqual(['nix', 'X', 'Y']);
    expect(read.dev.corpus.tagging).toEqual({ scheme: 'io', spelling: 'bare', outside: 'nix' });
  });
});

describe('corporaReader', () => {
  const lexicon = join(folder, 'lexicon');
  const paths = { train: join(folder, 'kept.conll'), dev: join(folder, 'kept.dev.conll') };
  const configOf = (model: object = {}, data: object = {}) =>
    parseConfig([{ source: 'test', values: { data: { ...paths, ...data }, model } }]);

  it('keeps what it read for as long as files and settings are the same, and nothing else is', async () => {
    writeFileSync(paths.train, TYPES);
    writeFileSync(paths.dev, TYPES);
    writeFileSync(lexicon, 'Oslo\tcity\n');
    const read = corporaReader();
    const ask = (...[model, data]: Parameters<typeof configOf>) => {
      const config = configOf(model, data);
      return read(config.data, config.model);
    };
    const first = await ask();
    expect(await ask({ hidden: 7, head: 'crf', dropout: 0.1 })).toBe(first); // no feature asks for these
    const others = [{ minCount: 2 }, { charDim: 5 }, { lexicon }];
    const made = [];
    for (const model of others) made.push(await ask(model));
    expect(new Set([first, ...made]).size).toBe(4);
    for (const one of made) expect(one.train.corpus).toBe(first.train.corpus); // read once
    expect(await ask({ lexicon })).toBe(made[2]);
    expect(await ask()).toBe(first);
    expect(made[0].vocab.wordCount).toBeLessThan(first.vocab.wordCount);

    writeFileSync(lexicon, 'Oslo\tcity\nAnna\tperson\n');
    expect(await ask({ lexicon })).not.toBe(made[2]);
    expect(await ask()).toBe(first); // that has nothing of the lexicon
    expect((await ask({}, { test: paths.dev })).test?.corpus.tokens).toBe(9);
    writeFileSync(paths.dev, `${TYPES}\nmore O\n`);
    const changed = await ask();
    expect([first.dev.corpus.tokens, changed.dev.corpus.tokens]).toEqual([9, 10]);
  });

  it('gives what readCorpora gives', async () => {
    const { data, model } = configOf({ affixDim: 4, charDim: 3 });
    const plain = (of: unknown): unknown =>
      JSON.parse(JSON.stringify(of, (_, value: unknown) => (ArrayBuffer.isView(value) ? Array.from(value as Int32Array) : value))); // prettier-ignore
    const kept = await corporaReader()(data, model);
    const read = await readCorpora(data, model);
    for (const key of ['train', 'dev', 'reading'] as const) expect(plain(kept[key])).toEqual(plain(read[key]));
    expect(kept.features.toJSON()).toEqual(read.features.toJSON());
  });
});
