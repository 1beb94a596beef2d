import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseCorpus } from '../../src/data/corpus';
import { createRng } from '../../src/rng';
import { chunksOf } from '../../src/schemes';
import { parseThinning, thinFile, thinUnits } from '../../src/split/thin';

const folder = mkdtempSync(join(tmpdir(), 'dsc-thin-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shares = (text: string) => parseThinning(text).shares.map(({ share }) => share);

describe('parseThinning', () => {
  it('reads a class and falling shares, however they are written', () => {
    expect(parseThinning('PER=1/2,1,0.25')).toEqual({
      name: 'PER',
      shares: [{ text: '1', share: 1 }, { text: '1/2', share: 0.5 }, { text: '0.25', share: 0.25 }], // prettier-ignore
      usual: false,
    });
    expect(shares('PER=1,1/2,1/4,...,1/64')).toEqual(shares('PER'));
    expect(shares('PER=1,1/2,\u2026,1/8')).toEqual([1, 1 / 2, 1 / 4, 1 / 8]);
    expect(shares('PER=1,1/3,...,1/27')).toEqual([1, 1 / 3, 1 / 9, 1 / 27]);
    expect(parseThinning('a=b=1,1/2').name).toBe('a=b');
  });

  it.each([
    ['=1,1/2', 'expected a class'],
    ['PER=1,2', "found '2'"],
    ['PER=1,0', "found '0'"],
    ['PER=1,x', "found 'x'"],
    ['PER=1,1/0', "found '1/0'"],
    ['PER=1', 'two shares or more'],
    ['PER=1,1/2,0.5', '0.5 stands twice'],
    ['PER=1,...,1/8', 'two falling shares'],
    ['PER=1,1/2,...', 'two falling shares'],
    ['PER=', "found ''"],
  ])('refuses %s', (text, what) => {
    expect(() => parseThinning(text)).toThrow(what);
  });
});

describe('thinUnits', () => {
  it.each(Array.from({ length: 20 }, (_, i) => i))(
    'keeps the rest, nests, and comes nearest to each share: seed %i',
    (seed) => {
      const rng = createRng(seed);
      const mentions = Array.from({ length: 5 + rng.int(80) }, () => Math.max(0, rng.int(6) - 2));
      mentions[0] = 1;
      const total = mentions.reduce((a, b) => a + b, 0);
      const asked = [1, 0.5, 0.25, 0.1, 0.01];
      const kept = thinUnits(mentions, asked, createRng(seed).split('a'));
      expect(kept).toEqual(thinUnits(mentions, asked, createRng(seed).split('a')));
      expect(kept[0]).toEqual([...mentions.keys()]);
      kept.forEach((units, i) => {
        expect(units).toEqual(units.toSorted((a, b) => a - b));
        const others = [...mentions.keys()].filter((u) => mentions[u] === 0);
        expect(others.every((u) => units.includes(u))).toBe(true);
        if (i > 0) expect(units.every((u) => kept[i - 1].includes(u))).toBe(true);
        const left = units.reduce((sum, u) => sum + mentions[u], 0);
        expect(left).toBeGreaterThan(0);
        // a sentence holds 3 at most: the nearest front is no more than half of that off, or one sentence
        expect(Math.abs(left - asked[i] * total) <= 1.5 || units.length === others.length + 1).toBe(true);
      });
    },
  );

  it('draws another order with another seed', () => {
    const mentions = new Array<number>(40).fill(1);
    const of = (seed: number) => thinUnits(mentions, [0.25], createRng(seed))[0].join();
    expect(new Set([1, 2, 3].map(of)).size).toBe(3);
  });
});

describe('thinFile', () => {
  const sentences = Array.from({ length: 40 }, (_, i) => {
    const person = i % 2 === 0 ? `Ann${i}\tB-PER\n` : '';
    const place = i % 4 === 0 ? `Rome${i}\tB-LOC\n` : '';
    return `${person}${place}sees${i}\tO\n\n`;
  });
  const text = sentences.join('');
  const path = join(folder, 'train.tsv');
  writeFileSync(path, text);
  const thin = (spec: string, file = path, seed = 1) =>
    thinFile(file, parseThinning(spec), { folder: join(folder, 'out'), seed });
  const mentionsOf = (bytes: Buffer, name: string): number =>
    parseCorpus(bytes, 'x', {}).sentences.flatMap(({ tags }) => chunksOf(tags)).filter(({ type }) => type === name).length; // prettier-ignore

  it('writes what it says, sentence by sentence as it stood', async () => {
    const steps = await thin('PER=1,1/2,1/4,1/20');
    expect(steps.map(({ name, mentions, sentences: n, holding }) => [name, mentions, n, holding])).toEqual([
      ['PER-1', 20, 40, 20],
      ['PER-1of2', 10, 30, 10],
      ['PER-1of4', 5, 25, 5],
      ['PER-1of20', 1, 21, 1],
    ]);
    expect(steps[0].path).toBe(path); // the whole file is not copied
    for (const step of steps.slice(1)) {
      const bytes = readFileSync(step.path);
      expect(mentionsOf(bytes, 'PER')).toBe(step.mentions);
      expect(mentionsOf(bytes, 'LOC')).toBe(step.classes.LOC);
      const parts = bytes.toString().split(/(?<=\n\n)/);
      expect(parts).toHaveLength(step.sentences);
      expect(sentences.filter((one) => parts.includes(one))).toEqual(parts); // whole sentences, in the order of the file
      expect(parts.filter((one) => !one.includes('PER'))).toEqual(sentences.filter((one) => !one.includes('PER')));
    }
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('reads a packed file, and writes plain ones', async () => {
    const packed = join(folder, 'packed.tsv.gz');
    writeFileSync(packed, gzipSync(text));
    const [, half] = await thin('PER=1,1/2', packed);
    expect(half.path.endsWith('PER-1of2.tsv')).toBe(true);
    expect(mentionsOf(readFileSync(half.path), 'PER')).toBe(10);
  });

  it('refuses an unknown class, and shares that leave the same; of the usual ones it leaves those out', async () => {
    await expect(thin('PRE=1,1/2')).rejects.toThrow("train.tsv holds no PRE; did you mean 'PER'?");
    await expect(thin('PER=1,1/20,1/40')).rejects.toThrow('1/20 and 1/40 of 20 mentions leave the same 1');
    expect((await thin('PER')).map(({ mentions }) => mentions)).toEqual([20, 10, 5, 3, 1]);
  });
});
