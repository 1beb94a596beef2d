import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readCorpus } from '../../src/data/corpus';
import { UserError } from '../../src/errors';
import { parseShares, splitFile, type SplitOptions, type SplitResult } from '../../src/split';

const NER = resolve(__dirname, '../../data/ner/train.conll');
const POS = resolve(__dirname, '../../data/pos/train.conllu');
const ODD = resolve(__dirname, '../fixtures/odd');

const temporary = (): string => mkdtempSync(join(tmpdir(), 'dsc-split-'));

function split(path: string, more: Partial<SplitOptions> = {}): Promise<SplitResult> {
  return splitFile(path, { shares: [0.8, 0.1, 0.1], seed: 1, out: temporary(), overwrite: false, ...more });
}

const textsOf = ({ parts }: SplitResult): string[] =>
  parts.flatMap(({ paths }) => paths.map((path) => readFileSync(path, 'latin1')));

/** Sentences with everything around them: the reader's notion of a sentence break is a line that holds nothing but blanks. */
const blocksOf = (text: string): string[] => text.match(/(?:[^\n]*\S[^\n]*\n?)+(?:[^\S\n]*\n)*/g) ?? [];

const keyOf = (tokens: readonly string[]): string => tokens.join('\0');

async function sentencesOf(path: string): Promise<string[][]> {
  return (await readCorpus(path)).sentences.map(({ tokens }) => [...tokens]);
}

describe('splitFile', () => {
  it.each([NER, POS])('gives each part its share of %s, within one sentence in a hundred', async (path) => {
    const { whole, parts } = await split(path);
    expect(parts.map(({ name }) => name)).toEqual(['train', 'dev', 'test']);
    for (const { sentences, share } of parts) expect(Math.abs(sentences / whole.sentences - share)).toBeLessThan(0.01);
  });

  it.each([NER, POS])('puts every class of %s on every side, in about its share', async (path) => {
    const { whole, parts, absent } = await split(path);
    expect(absent).toEqual([]);
    expect(Object.keys(whole.classes).length).toBeGreaterThan(3);
    for (const [name, count] of Object.entries(whole.classes)) {
      for (const { classes, share } of parts) {
        expect(classes[name]).toBeGreaterThan(0);
        expect(Math.abs(classes[name] / count - share)).toBeLessThan(2 / count);
      }
    }
  });

  it('gives every part of CoNLL-U Plus the line that names its columns', async () => {
    const path = join(temporary(), 'all.conllup');
    const header = '# global.columns = ID FORM UPOS MY:NER\n';
    const sentences = Array.from({ length: 30 }, (_, i) => `# text = ${i}\n1\tw${i}\tX\tO\n2\tend\tY\tB-V\n\n`);
    writeFileSync(path, `\ufeff${header}${sentences.join('')}`);
    const result = await split(path);
    const texts = textsOf(result);
    for (const text of texts) expect(text.split(header)).toHaveLength(2);
    const rest = texts.map((text) => text.replace('\xef\xbb\xbf', '').replace(header, '')).join('');
    expect((rest.match(/[^\n]*\n/g) ?? []).sort()).toEqual((sentences.join('').match(/[^\n]*\n/g) ?? []).sort());
    const read = await Promise.all(result.parts.flatMap(({ paths }) => paths.map((part) => readCorpus(part))));
    expect(read.map(({ format, tokens }) => [format.name, tokens > 0])).toEqual(Array(3).fill(['conlluplus', true]));
  });

  it('splits a packed file as the plain one, into plain parts', async () => {
    const packed = join(temporary(), 'train.conll.gz');
    writeFileSync(packed, gzipSync(readFileSync(NER)));
    const [plain, fromPacked] = [await split(NER), await split(packed)];
    expect(textsOf(fromPacked)).toEqual(textsOf(plain));
    const names = fromPacked.parts.flatMap(({ paths }) => paths.map((path) => basename(path)));
    expect(names).toEqual(['train.conll', 'dev.conll', 'test.conll']);
  });

  it.each([NER, POS])('writes every line of %s once, byte for byte, in the order of the file', async (path) => {
    const result = await split(path);
    const blocks = blocksOf(readFileSync(path, 'latin1'));
    expect(blocks.join('')).toBe(readFileSync(path, 'latin1'));
    const position = new Map(blocks.map((block, i) => [block, i]));
    const parts = textsOf(result).map(blocksOf);
    expect(parts.flat().sort()).toEqual([...blocks].sort());
    const unique = blocks.length === position.size;
    for (const part of parts) {
      const order = part.map((block) => position.get(block) ?? -1);
      expect(order).not.toContain(-1);
      if (unique) expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    const { whole } = result;
    expect(whole.lines).toBe(readFileSync(path, 'latin1').split('\n').length - 1);
    for (const count of ['lines', 'tokens', 'sentences'] as const) {
      expect(result.parts.reduce((sum, part) => sum + part[count], 0)).toBe(whole[count]);
    }
  });

  it('reads the same sentences from the parts as from the whole', async () => {
    const { parts } = await split(POS);
    const back = (await Promise.all(parts.map(({ paths }) => sentencesOf(paths[0])))).flat().map(keyOf);
    expect(back.sort()).toEqual((await sentencesOf(POS)).map(keyOf).sort());
  });

  it('keeps sentences of the same tokens together, whatever their tags and comments', async () => {
    const folder = temporary();
    const path = join(folder, 'twice.tsv');
    const sentence = (i: number): string => `w${i % 40}\t${i % 3 === 0 ? 'B-PER' : 'O'}\nis\tO\n\n`;
    writeFileSync(path, Array.from({ length: 120 }, (_, i) => `# id = ${i}\n${sentence(i)}`).join(''));
    const { parts, duplicates } = await split(path, { shares: [0.5, 0.5] });
    expect(duplicates).toBe(80);
    const sides = await Promise.all(parts.map(async ({ paths }) => new Set((await sentencesOf(paths[0])).map(keyOf))));
    expect(sides[0].size + sides[1].size).toBe(40); // no key on both sides
    expect(parts.map(({ sentences }) => sentences)).toEqual([60, 60]);
  });

  it('gives the same parts for the same seed and others for another', async () => {
    const first = textsOf(await split(NER));
    expect(textsOf(await split(NER))).toEqual(first);
    expect(textsOf(await split(NER, { seed: 2 }))).not.toEqual(first);
  });

  it('says which class is not on every side, and how often it stands in the file', async () => {
    const path = join(temporary(), 'rare.tsv');
    const rows = Array.from({ length: 60 }, (_, i) => `w${i}\t${i < 2 ? 'B-RARE' : i < 5 ? 'B-THREE' : 'B-PER'}\n\n`);
    writeFileSync(path, rows.join(''));
    const { absent, parts } = await split(path);
    expect(absent).toEqual([{ name: 'RARE', sentences: 2, parts: [expect.stringMatching(/dev|test/)] }]);
    expect(parts.map(({ classes }) => classes.THREE)).toEqual([1, 1, 1]); // by share alone train would have all three
  });

  it('makes folds whose test sides are the file, and whose training sides are the rest', async () => {
    const { parts } = await split(NER, { shares: { folds: 4 } });
    const blocks = blocksOf(readFileSync(NER, 'latin1'));
    const read = (path: string): string[] => blocksOf(readFileSync(path, 'latin1'));
    expect(parts.flatMap(({ paths }) => read(paths[1])).sort()).toEqual([...blocks].sort());
    for (const { paths } of parts) {
      expect(paths[0]).toMatch(/fold-\d\.train\.conll$/);
      expect([...read(paths[0]), ...read(paths[1])].sort()).toEqual([...blocks].sort());
    }
  });

  it('refuses to replace a file, and the input always', async () => {
    const out = temporary();
    await split(NER, { out });
    await expect(split(NER, { out })).rejects.toThrow(/train\.conll: there is such a file already/);
    await expect(split(NER, { out, overwrite: true })).resolves.toBeDefined();
    const input = join(out, 'train.conll');
    const before = readFileSync(input);
    await expect(split(input, { out, overwrite: true })).rejects.toThrow(/would replace the file that is split/);
    expect(readFileSync(input).equals(before)).toBe(true);
  });

  it('refuses more parts than there are different sentences', async () => {
    const path = join(temporary(), 'short.tsv');
    writeFileSync(path, 'a\tO\n\na\tO\n\nb\tB-X\n\n');
    await expect(split(path)).rejects.toThrow(/2 different sentences \(3 in all\) cannot make 3 parts/);
  });
});

describe('odd files', () => {
  const files = readdirSync(ODD).filter((name) => !name.includes('label-only'));
  const outcomes = new Map<string, 'split' | 'refused'>();

  it.each(files)('%s: split without loss, or refused', async (name) => {
    const path = join(ODD, name);
    try {
      const { parts } = await split(path, { shares: [0.5, 0.5] });
      outcomes.set(name, 'split');
      const [first, second] = parts.map(({ paths }) => readFileSync(paths[0]));
      expect(first.length + second.length).toBe(readFileSync(path).length);
      const whole = await readCorpus(path);
      const layout = { format: whole.format.name as 'tsv', scheme: whole.scheme.name as 'iob2' };
      const back = await Promise.all(parts.map(({ paths }) => readCorpus(paths[0], layout)));
      const shown = (corpora: (typeof whole)[]): string[] =>
        corpora.flatMap(({ sentences }) => sentences.map(({ tokens, tags }) => JSON.stringify([tokens, tags]))).sort();
      expect(shown(back)).toEqual(shown([whole]));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      outcomes.set(name, 'refused');
    }
  });

  it('did split the readable ones', () => {
    for (const name of [
      'crlf.tsv',
      'bom.tsv',
      'docstart-2.tsv',
      'ranges-and-empty-nodes.conllu',
      'no-final-newline.tsv',
    ]) {
      const sentences = readFileSync(join(ODD, name), 'latin1').split(/\n[ \t\r]*\n/).length;
      if (sentences > 2) expect([name, outcomes.get(name)]).toEqual([name, 'split']);
    }
    expect([...outcomes.values()].filter((outcome) => outcome === 'split').length).toBeGreaterThan(8);
  });

  it('does not tear apart what only a document start separates', async () => {
    const path = join(temporary(), 'documents.tsv');
    const document = (i: number): string => `-DOCSTART-\tO\nw${i}\tB-PER\nis\tO\n`;
    const text = `${Array.from({ length: 6 }, (_, i) => document(i)).join('')}\n${document(7)}\n${document(8)}`;
    writeFileSync(path, text);
    const result = await split(path, { shares: [0.5, 0.5] });
    const sizes = (await Promise.all(result.parts.map(({ paths }) => sentencesOf(paths[0])))).map(
      (part) => part.length,
    );
    expect(sizes.reduce((a, b) => a + b)).toBe(8);
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(6);
    expect(textsOf(result).join('').length).toBe(text.length);
  });
});

describe('parseShares', () => {
  it('takes fractions and per cent', () => {
    expect(parseShares('0.8,0.1,0.1')).toEqual([0.8, 0.1, 0.1]);
    expect(parseShares('75,25')).toEqual([0.75, 0.25]);
  });

  it.each(['0.8,0.3', '1', '0.8,x', '1.2,-0.2', '1,0', ''])('refuses %j', (text) => {
    expect(() => parseShares(text)).toThrow(UserError);
  });
});
