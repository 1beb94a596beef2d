import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { encode } from '../../src/data/encode';
import { openEngine } from '../../src/engine';
import { loadTagger, type LoadedTagger } from '../../src/library';
import { createOwner } from '../../src/run/disposal';
import { openTagger } from '../../src/run/tagger';
import { predictProbabilities, predictTags } from '../../src/train/predict';
import { refusals } from '../engine/each';
import { toyRun, type ToyRun } from '../run/toy';

const ENTITIES = 'Anna\tB-PER\nSmith\tI-PER\nlives\tO\nin\tO\nNew\tB-LOC\nYork\tI-LOC\n\nOld\tO\nBerlin\tB-LOC\n';
const PLAIN = 'Anna\tNOUN\nlives\tVERB\nhere\tADV\n\nBerlin\tNOUN\n';
const TEXT = [['Anna', 'lives', 'in', 'York'], [], ['Berlin', 'Smith', 'in', 'New', 'York', 'Anna', 'Smith'], ['Old']];

let entities: ToyRun;
let plain: ToyRun;
beforeAll(async () => {
  entities = await toyRun(ENTITIES);
  plain = await toyRun(PLAIN, { scheme: 'plain' });
});

/** What the network itself says: tags and the probability of each. */
async function expected(run: string, text: readonly (readonly string[])[]): Promise<[string, string, number][][]> {
  const owner = createOwner();
  const saved = await openTagger(join(run, 'best.ckpt'), owner, 'js');
  const { labels } = saved.vocab;
  const answers = text.map((tokens): [string, string, number][] => {
    if (tokens.length === 0) return [];
    const encoded = encode({ sentences: [{ tokens, tags: [], line: 0 }] }, saved.vocab, saved.features.columns);
    const [tags] = predictTags(saved.tagger, encoded, labels, saved.decoding);
    const p = predictProbabilities(saved.tagger, encoded);
    return tokens.map((token, i) => [token, tags[i], p[i * labels.length + labels.indexOf(tags[i])]]);
  });
  owner.dispose();
  return answers;
}

const told = async (tagger: LoadedTagger): Promise<[string, string, number][][]> =>
  (await tagger.tag(TEXT)).map(({ tokens }) => tokens.map(({ token, tag, probability }) => [token, tag, probability]));

function expectClose(got: [string, string, number][][], want: [string, string, number][][]): void {
  expect(got.map((s) => s.map(([token, tag]) => [token, tag]))).toEqual(
    want.map((s) => s.map(([token, tag]) => [token, tag])),
  );
  const off = got.flatMap((s, i) => s.map(([, , p], j) => Math.abs(p - want[i][j][2])));
  expect(Math.max(...off)).toBeLessThan(1e-5);
}

describe('a loaded tagger', () => {
  it('gives every token the tag of its run and the probability of it, from a folder, a file or bytes', async () => {
    const want = await expected(entities.path, TEXT);
    for (const source of [
      entities.path,
      join(entities.path, 'best.ckpt'),
      readFileSync(join(entities.path, 'best.ckpt')),
    ]) {
      const tagger = await loadTagger(source, { engine: 'js' });
      expectClose(await told(tagger), want);
      tagger.dispose();
    }
  });

  it('gives the entities that its tags hold, and none of plain tags', async () => {
    const tagger = await loadTagger(entities.path, { engine: 'js' });
    const answers = await tagger.tag(TEXT);
    for (const { tokens, entities: found } of answers) {
      const rebuilt = tokens.map(() => 'O');
      for (const { start, end, type } of found)
        for (let i = start; i < end; i++) rebuilt[i] = `${i === start ? 'B' : 'I'}-${type}`;
      expect(rebuilt).toEqual(tokens.map(({ tag }) => tag));
    }
    const all = answers.flatMap((sentence) => sentence.entities);
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter(({ probability }) => !(probability > 0 && probability <= 1))).toEqual([]);
    tagger.dispose();
    const other = await loadTagger(plain.path, { engine: 'js' });
    expect((await other.tag([['Anna', 'lives']]))[0].entities).toEqual([]);
    expect(other.labels).toEqual(['NOUN', 'VERB', 'ADV'].sort());
    other.dispose();
  });

  it('has no more to say of a sentence among many than of it alone', async () => {
    const tagger = await loadTagger(entities.path, { engine: 'js' });
    const many = await tagger.tag(Array.from({ length: 1200 }, (_, i) => TEXT[i % TEXT.length]));
    const alone = await Promise.all(TEXT.map(async (tokens) => (await tagger.tag([tokens]))[0]));
    many.forEach(({ tokens }, i) =>
      expect(tokens.map(({ tag }) => tag)).toEqual(alone[i % TEXT.length].tokens.map(({ tag }) => tag)),
    );
    expect(many).toHaveLength(1200);
    tagger.dispose();
  });

  it.each([
    [['Anna', 'lives'], 'tag: sentence 1 is a text, expected a list of tokens'],
    ['Anna lives', 'tag: found a text, expected a list of sentences'],
    [[['Anna', '']], 'tag: token 2 of sentence 1 is empty, expected a text'],
    [[['Anna'], ['x', 3]], 'tag: token 2 of sentence 2 is number, expected a text'],
  ])('refuses %j', async (given, message) => {
    const tagger = await loadTagger(entities.path, { engine: 'js' });
    await expect(tagger.tag(given as string[][])).rejects.toMatchObject({ name: 'UserError', message });
    expect(await tagger.tag([])).toEqual([]); // it goes on
    tagger.dispose();
    await expect(tagger.tag([])).rejects.toThrow('disposed');
    tagger.dispose(); // twice is no harm
  });

  it('is refused where the bytes are damaged', async () => {
    const bytes = readFileSync(join(entities.path, 'best.ckpt'));
    await expect(loadTagger(bytes.subarray(0, 100), { engine: 'js' })).rejects.toThrow('checkpoint: is cut short');
    await expect(loadTagger('nowhere', { engine: 'js' })).rejects.toThrow('there is no such folder');
  });
});

describe('several taggers', () => {
  const second = ['native', 'tensorflow'].filter((name) => !(name in refusals));

  it.each([['js', 'js'], ...second.map((name) => ['js', name]), ...second.map((name) => [name, name])])(
    'on %s and %s answer in turn and at once, and one lives on without the other',
    async (first, other) => {
      const [wantEntities, wantPlain] = [await expected(entities.path, TEXT), await expected(plain.path, TEXT)];
      const [one, two] = await Promise.all([
        loadTagger(entities.path, { engine: first }),
        loadTagger(plain.path, { engine: other, threads: 1 }),
      ]);
      expect([one.engine.name, two.engine.name]).toEqual([first, other]);
      for (let i = 0; i < 2; i++) {
        expectClose(await told(one), wantEntities);
        expectClose(await told(two), wantPlain);
      }
      const both = await Promise.all([told(one), told(two), told(one), told(two)]);
      both.forEach((got, i) => expectClose(got, i % 2 === 0 ? wantEntities : wantPlain));
      one.dispose();
      expectClose(await told(two), wantPlain);
      two.dispose();
    },
  );

  it('leave nothing behind', async () => {
    const before = tf.memory().numTensors;
    const taggers = await Promise.all(Array.from({ length: 3 }, () => loadTagger(entities.path, { engine: 'js' })));
    await Promise.all(taggers.map((tagger) => tagger.tag(TEXT)));
    taggers.forEach((tagger) => tagger.dispose());
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('an engine', () => {
  it('stays open until the last who opened it lets go', async () => {
    const [one, two] = [await openEngine('js'), await openEngine('js')];
    one.dispose();
    one.dispose(); // counts once
    two.activate();
    expect(tf.add(1, 2).dataSync()[0]).toBe(3);
    two.dispose();
    expect(() => two.activate()).not.toThrow(); // plain JavaScript registers itself again
  });
});
