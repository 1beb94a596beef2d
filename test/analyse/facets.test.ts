import { countBuckets, FACETS, type FacetName, facetsOf, indexTraining } from '../../src/analyse/facets';
import { seenUnseen } from '../../src/metrics/seen';
import { tagSpans } from '../../src/metrics/intervals';
import { chunksOf } from '../../src/schemes';

const TRAINING = [
  { tokens: ['Paris', 'met', 'New', 'York'], tags: ['B-PER', 'O', 'B-LOC', 'I-LOC'] },
  { tokens: ['Paris', 'is', 'far', 'from', 'New', 'York'], tags: ['B-LOC', 'O', 'O', 'O', 'O', 'O'] },
  { tokens: ['New', 'York'], tags: ['B-LOC', 'I-LOC'] },
  { tokens: ['the', 'New', 'Yorker'], tags: ['O', 'O', 'O'] },
];
const trained = indexTraining(TRAINING, chunksOf);

describe('indexTraining', () => {
  it('counts how often a text is labelled, whatever its type', () => {
    expect(['Paris', 'New York', 'New', 'Yorker'].map(trained.mentions)).toEqual([2, 2, 0, 0]);
  });

  it('knows which share of the places of a text has a label', () => {
    expect(trained.consistency(['Paris'], 'LOC')).toBe(0.5);
    expect(trained.consistency(['New', 'York'], 'LOC')).toBeCloseTo(2 / 3, 12); // of three places one is not labelled
    expect(trained.consistency(['New', 'York'], 'PER')).toBe(0);
    expect(trained.consistency(['New'], 'LOC')).toBe(0); // four places, none an entity of its own
    expect(trained.consistency(['York', 'is'], 'LOC')).toBeNull();
    expect(trained.consistency(['constructor'], 'LOC')).toBeNull();
  });
});

/** Twelve tokens and three: */
const TOKENS = [
  ['Paris', 'and', 'New', 'York', 'and', 'Rome', 'are', 'not', 'the', 'same', 'at', 'all'],
  ['Oslo', 'is', 'cold'],
];
const GOLD = [
  ['B-LOC', 'O', 'B-LOC', 'I-LOC', 'O', 'B-LOC', 'O', 'O', 'O', 'O', 'O', 'O'],
  ['B-LOC', 'O', 'O'],
];
/** Paris is right, of New York one token is found, Rome has another type, Oslo is missed, and cold is spurious. */
const PREDICTED = [
  ['B-LOC', 'O', 'B-LOC', 'O', 'O', 'B-PER', 'O', 'O', 'O', 'O', 'O', 'O'],
  ['O', 'O', 'B-LOC'],
];

/** By bucket: right, predicted, gold. */
function counted(name: FacetName, tokens = TOKENS, gold = GOLD, predicted = PREDICTED): Record<string, number[]> {
  const found = countBuckets(name, tokens, gold, predicted, chunksOf, trained);
  const sums: Record<string, number[]> = {};
  found.classOf.forEach((k, e) => {
    const sum = (sums[found.classes[k]] ??= [0, 0, 0]);
    [found.tp, found.predicted, found.support].forEach((of, i) => (sum[i] += of[e]));
  });
  return sums;
}

describe('countBuckets, by hand', () => {
  const cases: [FacetName, Record<string, number[]>][] = [
    ['length', { '1 token': [1, 4, 3], '2 tokens': [0, 0, 1] }],
    ['seen', { seen: [1, 1, 2], unseen: [0, 3, 2] }],
    ['frequency', { '2 to 4': [1, 1, 2], never: [0, 3, 2] }],
    // Paris as LOC: half; New York as LOC: two of three; New alone: never; Rome, Oslo and cold stand nowhere
    ['consistency', { 'half at most': [1, 1, 1], 'more than half': [0, 0, 1], never: [0, 1, 0], 'not in training': [0, 2, 2] }],
    ['sentence', { '11 to 20 tokens': [1, 3, 3], '1 to 10 tokens': [0, 1, 1] }],
    // four of twelve tokens, one of three
    ['density', { '25 to 50 %': [1, 4, 4] }],
  ]; // prettier-ignore

  it.each(cases)('%s', (name, counts) => expect(counted(name)).toEqual(counts));

  it('has every facet of the table', () => expect(cases.map(([name]) => name)).toEqual(Object.keys(FACETS)));

  it('puts the ends of buckets where they say', () => {
    const lengths = [1, 2, 3, 4, 9].map((n) => ['B-X', ...Array.from({ length: n - 1 }, () => 'I-X')]);
    const words = lengths.map((tags) => tags.map((_, i) => `w${i}`));
    expect(counted('length', words, lengths, lengths)).toEqual({
      '1 token': [1, 1, 1],
      '2 tokens': [1, 1, 1],
      '3 tokens': [1, 1, 1],
      '4 tokens or more': [2, 2, 2],
    });
    const sizes = [10, 11, 20, 21, 40, 41].map((n) => ['B-X', ...Array.from({ length: n - 1 }, () => 'O')]);
    const texts = sizes.map((tags) => tags.map(() => 'w'));
    expect(Object.values(counted('sentence', texts, sizes, sizes)).map(([tp]) => tp)).toEqual([1, 2, 2, 1]);
    // one of 10 is 10 %, one of 11 less
    expect(counted('density', texts, sizes, sizes)).toEqual({ '10 % at most': [6, 6, 6] });
  });

  it('agrees with the scores of seen and unseen entities', () => {
    const surfaces = new Set(['Paris', 'New York']);
    const { classes } = seenUnseen(TOKENS, GOLD, PREDICTED, surfaces);
    const own = counted('seen');
    for (const { name, tp, predicted, support } of classes) expect(own[name]).toEqual([tp, predicted, support]);
  });

  it('counts predictions in sentences without an entity apart', () => {
    expect(counted('density', [['a', 'b']], [['O', 'O']], [['B-X', 'O']])).toEqual({ none: [0, 1, 0] });
  });
});

describe('facetsOf', () => {
  it('leaves out what a task has not, and what only training tells where that is gone', () => {
    expect(facetsOf('chunks', trained)).toEqual(Object.keys(FACETS));
    expect(facetsOf('chunks', null)).toEqual(['length', 'sentence', 'density']);
    expect(facetsOf('tags', trained)).toEqual(['seen', 'frequency', 'consistency', 'sentence']);
  });

  it('takes every token of plain tags as an item', () => {
    const words = indexTraining([{ tokens: ['run', 'run', 'a'], tags: ['NOUN', 'VERB', 'DET'] }], tagSpans);
    expect(words.mentions('run')).toBe(2);
    expect(words.consistency(['run'], 'NOUN')).toBe(0.5);
    const { classes, support } = countBuckets('seen', [['run', 'fast']], [['NOUN', 'ADV']], [['VERB', 'ADV']], tagSpans, words); // prettier-ignore
    expect([...classes]).toEqual(['seen', 'unseen']);
    expect([...support]).toEqual([1, 1]);
  });
});
