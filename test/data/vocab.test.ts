import { parseCorpus } from '../../src/data/corpus';
import { encode } from '../../src/data/encode';
import { shapeOf, SHAPES } from '../../src/data/shapes';
import { buildVocab, UNKNOWN_LABEL, UNKNOWN_WORD, vocabFromJson } from '../../src/data/vocab';

const TRAIN = parseCorpus('The\tO\nEU\tB-ORG\nthe\tO\n\neu\tB-MISC\nZu\tI-MISC\n<unknown>\tO\n', 'train');
const DEV = parseCorpus('THE\tO\nNew\tB-PER\nzu\tB-ORG\nYork\tB-PER\n', 'dev');

describe('buildVocab', () => {
  it('folds case, orders by count and keeps 0 for the unknown word, even from a token of that name', () => {
    const vocab = buildVocab(TRAIN);
    expect(['the', 'EU', '<unknown>', 'zu'].map(vocab.wordId)).toEqual([2, 1, 3, 4]);
    expect(vocab.wordId('never')).toBe(UNKNOWN_WORD);
    expect([...vocab.wordCounts]).toEqual([0, 2, 2, 1, 1]);
    expect(vocab.wordCount).toBe(5);
  });

  it('makes rare words unknown and counts them', () => {
    const vocab = buildVocab(TRAIN, { minCount: 2 });
    expect(['the', 'eu', 'zu'].map(vocab.wordId)).toEqual([2, 1, UNKNOWN_WORD]);
    expect([...vocab.wordCounts]).toEqual([2, 2, 2]);
  });

  it('orders labels with O first, then by name, with their counts', () => {
    const vocab = buildVocab(TRAIN);
    expect(vocab.labels).toEqual(['O', 'B-MISC', 'B-ORG', 'I-MISC']);
    expect([...vocab.labelCounts]).toEqual([3, 1, 1, 1]);
    expect(vocab.labelId('B-PER')).toBe(UNKNOWN_LABEL);
  });

  it('survives JSON, words such as __proto__ included', () => {
    const vocab = buildVocab(parseCorpus('__proto__\tO\nconstructor\tB-X\n', 'x'));
    const copy = vocabFromJson(JSON.parse(JSON.stringify(vocab)), Error);
    expect(copy.toJSON()).toEqual(vocab.toJSON());
    expect(['__PROTO__', 'constructor', 'toString'].map(copy.wordId)).toEqual([1, 2, 0]);
    expect([copy.labels, copy.wordCounts, copy.labelCounts]).toEqual([
      vocab.labels,
      vocab.wordCounts,
      vocab.labelCounts,
    ]);
  });

  it.each([
    null,
    {},
    { minCount: 1, words: [['a', -1]], unknown: 0, labels: [] },
    {
      minCount: 1,
      words: [
        ['a', 1],
        ['a', 1],
      ],
      unknown: 0,
      labels: [],
    },
    { minCount: 1, words: [], unknown: 0, labels: [{ label: 3, count: 1 }] },
  ])('refuses the damaged vocabulary %j', (value) => {
    expect(() => vocabFromJson(value, (what) => new RangeError(what))).toThrow(RangeError);
  });
});

describe('encode', () => {
  it('lays the corpus out flat and reports what training never saw', () => {
    const vocab = buildVocab(TRAIN);
    const encoders = [
      { name: 'words', encode: vocab.wordId },
      { name: 'shapes', encode: shapeOf },
    ];
    const dev = encode(DEV, vocab, encoders);
    expect([...dev.offsets]).toEqual([0, 4]);
    const ids = (name: string): number[] => [...dev.types].map((type) => dev.inputs.get(name)?.[type] ?? NaN);
    expect(ids('words')).toEqual([2, 0, 4, 0]);
    expect([...dev.labels]).toEqual([0, -1, 2, -1]);
    expect(ids('shapes').map((id) => SHAPES[id].name)).toEqual(['CAPITALS', 'Capitalised', 'lower', 'Capitalised']);
    expect(dev.unknownLabels).toEqual([{ label: 'B-PER', count: 2 }]);
    expect([dev.unknownWords, dev.longest, dev.size]).toEqual([2, 4, 1]);
    expect(encode(TRAIN, vocab, encoders).unknownLabels).toEqual([]);
  });
});

describe('shapes', () => {
  it.each([
    ['word', 'lower'],
    ['Straße', 'Capitalised'],
    ['ÉU', 'CAPITALS'],
    ['I', 'Initial'],
    ['J.', 'Initial'],
    ['2024', 'digits'],
    ['٣٤', 'digits'],
    ['-3,141.5%', 'number'],
    ['...', 'punctuation'],
    ['😀', 'symbols'],
    ['$', 'symbols'],
    ['https://t.co/x', 'link'],
    ['#now', '#hashtag'],
    ['@you', '@mention'],
    ['MP3', 'letters and digits'],
    ["don't", 'lower, with marks'],
    ['Mary-Jane', 'Capitalised, with marks'],
    ['iPhone', 'mIxed case'],
    ['科', 'letters without case'],
    ['٣x', 'letters and digits'],
    ['\ufffd', 'symbols'],
  ])('%s is %s', (token, name) => {
    expect(SHAPES[shapeOf(token)].name).toBe(name);
  });

  it('has a row for every token, and is quick on a long one', () => {
    const start = performance.now();
    for (const unit of ['a', 'A', '1', '.', '1.', 'a.', '科', '\0', '¹']) {
      const id = shapeOf(unit.repeat(100_000));
      expect(id).toBeGreaterThanOrEqual(0);
      expect(id).toBeLessThan(SHAPES.length);
    }
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
