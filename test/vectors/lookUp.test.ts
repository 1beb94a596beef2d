import { coverageOf, createLookUp } from '../../src/vectors/lookUp';
import { createWords } from '../../src/vectors/words';

function lookUpIn(words: readonly string[], cased: boolean) {
  const index = createWords();
  for (const word of words) index.add(Buffer.from(word), 0, Buffer.byteLength(word));
  const lookUp = createLookUp({ cased, find: (word) => index.find(word) });
  return (token: string) => {
    const hit = lookUp(token);
    return hit && [words[hit.row], hit.step];
  };
}

describe('look-up', () => {
  it.each([
    ['the', ['the', 0]],
    ['The', ['the', 1]],
    ['THE', ['the', 1]],
    ['#The', ['the', 2]],
    ['@@the', ['the', 2]],
    ['#the', ['#the', 0], ['the', '#the']],
    ['coool!!!', ['coool', 3], ['coool']],
    ['@coool!!!', ['coool', 3], ['coool']],
    ["don't", ['dont', 3], ['dont']],
    ['snake_case', ['snake_case', 0], ['snake_case']],
    ['naïve.', ['naïve', 3], ['naïve']],
    ['科学。', ['科学', 3], ['科学']],
    ['#', null],
    ['!!!', null],
    ['__proto__', null],
    ['x'.repeat(10_000), null],
    ['', null],
  ])('of %j in lower-case vectors', (token, expected, words = ['the']) => {
    expect(lookUpIn(words, false)(token)).toEqual(expected);
  });

  it.each([
    ['apple', ['apple', 0]],
    ['Apple', ['Apple', 0]],
    ['APPLE', ['apple', 1]],
    ['PARIS', ['Paris', 1]],
    ['paris', ['Paris', 1]],
    ['nasa', ['NASA', 1]],
    ['#Nasa', ['NASA', 2]],
    ['«Paris»', ['Paris', 3]],
    ['ɐ', null],
  ])('of %j in cased vectors', (token, expected) => {
    expect(lookUpIn(['apple', 'Apple', 'Paris', 'NASA'], true)(token)).toEqual(expected);
  });

  it('is of 100,000 words without one mistaken for another', () => {
    const words = createWords();
    const name = (i: number): Buffer => Buffer.from(`w${i * 7}é`);
    const copyOf = (): ReturnType<typeof createWords> => createWords({ bytes: words.bytes, ends: words.ends });
    const all = Array.from({ length: 100_000 }, (_, i) => i);
    expect(all.filter((i) => !words.add(name(i), 0, name(i).length))).toEqual([]);
    expect(all.filter((i) => words.add(name(i), 0, name(i).length))).toEqual([]);
    const copy = copyOf();
    expect(all.filter((i) => copy.find(`w${i * 7}é`) !== i || copy.find(`w${i * 7 + 1}é`) !== -1)).toEqual([]);
  });
});

it('coverage counts tokens and types by step, and lists the commonest without', () => {
  const counts = new Map([
    ['the', 5],
    ['The', 2],
    ['#the', 1],
    ['zz', 4],
    ['yy', 4],
    ['the.', 3],
  ]);
  const find = (word: string): number => (word === 'the' ? 0 : -1);
  const { tokens, types, steps, none, missing } = coverageOf(counts, createLookUp({ cased: false, find }));
  expect([tokens, types]).toEqual([19, 6]);
  expect(steps.map((step) => [step.tokens, step.types])).toEqual([
    [5, 1],
    [2, 1],
    [1, 1],
    [3, 1],
  ]);
  expect([none, missing]).toEqual([
    { tokens: 8, types: 2 },
    [
      ['yy', 4],
      ['zz', 4],
    ],
  ]);
});
