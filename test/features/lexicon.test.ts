import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseCorpus } from '../../src/data/corpus';
import { encode } from '../../src/data/encode';
import { makeBatches } from '../../src/data/batches';
import { buildVocab } from '../../src/data/vocab';
import { present } from '../../src/errors';
import type { Feature } from '../../src/features';
import { lexicon } from '../../src/features/lexicon';
import { parseLexicon } from '../../src/features/lexiconFile';
import { createRng } from '../../src/rng';

const folder = mkdtempSync(join(tmpdir(), 'dsc-lexicon-'));

async function build(words: string | Buffer, sentences: readonly string[][], longest = 6): Promise<Feature> {
  const path = join(folder, 'words.txt');
  writeFileSync(path, words);
  const train = { sentences: sentences.map((tokens) => ({ tokens, tags: tokens.map(() => 'O'), line: 1 })) };
  const vocab = buildVocab(parseCorpus('x\tO\n', 'x'));
  const settings = { lexicon: path, lexiconDim: 2, lexiconLongest: longest };
  const feature = await lexicon.build({ train }, vocab, settings);
  if (!feature) throw new Error('the feature is off');
  return feature;
}

/** The names of the rows of each token. */
function seen(feature: Feature, tokens: readonly string[]): string[] {
  const [column] = feature.columns;
  const rows = present(column.rowsOf, 'rows')(tokens);
  return rows.map((of) => [...of].map((row) => present(column.names(), 'names')[row]).sort().join(' | ')); // prettier-ignore
}

const CHINESE = '中国\tns\n中国银行\tnt\n银行\tn\n行\tv\n北京大学医学部门\tnt\n';

describe('lexicon', () => {
  it('gives a character the places and classes of all words that cover it, of two characters and more', async () => {
    const feature = await build(CHINESE, [Array.from('我在中国银行')]);
    expect(seen(feature, Array.from('我在中国银行。'))).toEqual([
      'none',
      'none',
      'B ns | B nt',
      'E ns | M nt',
      'B n | M nt',
      'E n | E nt',
      'none',
    ]);
    expect(feature.found?.lines[0]).toMatch(
      /3 words in 3 classes, looked for character by character; 2 are left out, of one character or longer than 6; 66\.67 % of/,
    );
  });

  it('leaves out the digit behind every character, where all have one', async () => {
    const numbered = (text: string): string[] => Array.from(text, (c, i) => `${c}${i % 3}`);
    const feature = await build(CHINESE, [numbered('我在中国银行')]);
    expect(seen(feature, numbered('银行3'))).toEqual(['B n', 'E n', 'none']);
    expect(feature.found?.lines[0]).toContain('without the digit behind it');
  });

  it('matches words over tokens with a blank between, case-folded and composed, and without one in scripts that have none', async () => {
    const words =
      'New York\tLOC\nnew york times\tORG\nTimes\tWORD\ncafe\u0301\tLOC\n中国银行\tORG\nst. john\tPER\tLOC\n';
    const feature = await build(words, [['the', 'New', 'York', 'Times', '.']]);
    expect(seen(feature, ['The', 'NEW', 'York', 'times'])).toEqual([
      'none',
      'B LOC | B ORG',
      'E LOC | M ORG',
      'E ORG | S WORD',
    ]);
    expect(seen(feature, ['Café', '中国', '银行', 'ST.', 'John', 'newyork'])).toEqual([
      'S LOC',
      'B ORG',
      'E ORG',
      'B LOC | B PER',
      'E LOC | E PER',
      'none',
    ]);
    expect(seen(await build(words, [['the', 'New']], 2), ['new', 'york', 'times'])).toEqual([
      'B LOC',
      'E LOC',
      'S WORD',
    ]);
  });

  it('equals a look at every span, whatever the sentence', async () => {
    const rng = createRng(1);
    const draw = (length: number): string => Array.from({ length }, () => 'ab'.charAt(rng.int(2))).join('');
    const words = new Map(Array.from({ length: 12 }, () => [draw(2 + rng.int(3)), `c${rng.int(3)}`]));
    const feature = await build([...words].map(([word, of]) => `${word}\t${of}\n`).join(''), [['a', 'b']]);
    for (let k = 0; k < 50; k++) {
      const text = draw(1 + rng.int(12));
      const wanted = Array.from(text, () => new Set<string>());
      for (let i = 0; i < text.length; i++)
        for (let j = i + 1; j <= text.length; j++) {
          const of = words.get(text.slice(i, j));
          if (of === undefined) continue;
          for (let t = i; t < j; t++) wanted[t].add(`${t === i ? 'B' : t === j - 1 ? 'E' : 'M'} ${of}`);
        }
      const texts = wanted.map((names) => (names.size === 0 ? 'none' : [...names].sort().join(' | ')));
      expect(seen(feature, Array.from(text))).toEqual(texts);
    }
  });

  it('is packed token by token into a batch, in the order of its rows', async () => {
    const feature = await build(CHINESE, [Array.from('我在中国银行')]);
    const corpus = parseCorpus('中\tO\n国\tO\n\n我\tO\n银\tO\n行\tO\n', 'x');
    const encoded = encode(corpus, buildVocab(corpus), feature.columns);
    const [batch] = makeBatches(encoded, { batchTokens: 9 }); // rows: 我 中 银 国 行
    const names = present(feature.columns[0], 'column').names();
    const rows = Array.from(batch.inputs.get('lexicon') ?? [], (row) => names[row]);
    const owners = Array.from(batch.owners?.get('lexicon') ?? []);
    expect(rows.map((name, k) => `${owners[k]} ${name}`)).toEqual(['0 none', '1 B ns', '2 B n', '3 E ns', '4 E n']);
  });

  it('is read packed, with a mark, and as jieba writes it; classes of one word are put together', async () => {
    const jieba = '\uFEFFAT&T 3 nz\r\n中国 12 ns\r\n\r\n中国 1 n\r\n';
    const entries = [...parseLexicon(Buffer.from(jieba), 'x')].map(([word, of]) => [word, [...of]]);
    expect(entries).toEqual([['at&t', ['nz']], ['中国', ['ns', 'n']]]); // prettier-ignore
    const feature = await build(gzipSync(jieba), [['中', '国']]);
    expect(seen(feature, ['中', '国'])).toEqual(['B n | B ns', 'E n | E ns']);
  });

  it.each([
    ['', 'x: the lexicon holds no word'],
    ['plain\n', 'x:1:1: found "plain", expected a word, a tab and a class'],
    ['a\tN\nb N\n', 'x:2:1: found "b N", expected a word, a tab and a class'],
    ['a\tN\nb\t\n', 'x:2:1: found "b\\t", expected'],
    ['a\tN\n\tN\n', 'x:2:1: found "\\tN", expected'],
    ['a 3 n\nb n\n', 'x:2:1: found "b n", expected word, frequency and tag, as in the lines before'],
    ['a\tN\nb\xff\tN\n', 'x:2:1: a lexicon is UTF-8 text'],
    [
      Array.from({ length: 1001 }, (_, i) => `w${i}\t${i}\n`).join(''),
      'x: 1,001 different classes (0, 1, 2, 3, 4 and 996 more)',
    ],
  ])('refuses %j', (text, message) => {
    expect(() => parseLexicon(Buffer.from(text, 'latin1'), 'x')).toThrow(message);
  });

  it.each([
    { width: 2, longest: 6, unit: 'word', numbered: false, classes: ['n'], words: [] },
    { width: 2, longest: 6, unit: 'token', numbered: false, classes: ['n', 'n'], words: [] },
    { width: 2, longest: 6, unit: 'token', numbered: false, classes: ['n'], words: [[[1], 'a']] },
    { width: 2, longest: 6, unit: 'token', numbered: false, classes: ['n'], words: [[[0], 3]] },
  ])('refuses to be made from %j', (json) => {
    expect(() => lexicon.load(json, buildVocab(parseCorpus('x\tO\n', 'x')))).toThrow('the words are damaged');
  });
});
