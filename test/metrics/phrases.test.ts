import { createPhrases, forUnlabelled } from '../../src/metrics/phrases';

const phrasesOf = (...texts: readonly string[]) => {
  const phrases = createPhrases<{ readonly text: string }>();
  for (const text of texts) {
    const tokens = text.split(' ');
    phrases.of(tokens, 0, tokens.length, () => ({ text }));
  }
  return phrases;
};

describe('phrases', () => {
  const tokens = 'in New York City today'.split(' ');
  const phrases = phrasesOf('New York', 'New York City Hall', 'City');

  it('are found by their beginning, the longest that is whole', () => {
    expect(phrases.longestAt(tokens, 1)).toEqual({ end: 3, value: { text: 'New York' } });
    expect(phrases.longestAt('a New York City Hall'.split(' '), 1)?.end).toBe(5);
    expect(phrases.longestAt(tokens, 0)).toBeUndefined();
    expect(phrases.longestAt(tokens, 2)).toBeUndefined();
  });

  it('end at a limit, and never begin beyond it', () => {
    expect(phrases.longestAt('New York City Hall'.split(' '), 0, 3)?.end).toBe(2);
    expect(phrases.longestAt('New York City Hall'.split(' '), 0, 1)).toBeUndefined();
  });

  it('are visited where no token has a label: a label within a longer one leaves the shorter one', () => {
    const found = (text: string, tags: string) => {
      const all: [string, number][] = [];
      forUnlabelled(phrases, text.split(' '), tags.split(' '), (value, start) => all.push([value.text, start]));
      return all;
    };
    expect(found('in New York City today', 'O O O O O')).toEqual([['New York', 1], ['City', 3]]); // prettier-ignore
    expect(found('New York City Hall', 'O O O O')).toEqual([['New York City Hall', 0]]);
    expect(found('New York City Hall', 'O O O B-ORG')).toEqual([['New York', 0], ['City', 2]]); // prettier-ignore
    expect(found('New York City', 'O B-LOC O')).toEqual([['City', 2]]);
    expect(found('New York City', 'B-LOC I-LOC I-LOC')).toEqual([]);
  });
});
