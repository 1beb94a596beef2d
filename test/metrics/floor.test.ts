import { againstFloor, createLookUp, floorOf } from '../../src/metrics/floor';
import { score } from '../../src/metrics/scores';
import { createRng } from '../../src/rng';

const split = (...sentences: string[]): string[][] => sentences.map((s) => s.split(' '));
const IOB2 = { scheme: 'iob2', version: '0' };

describe('the longest match of training entities', () => {
  const lookUp = createLookUp(
    split('New York beats York', 'York won', 'in New York City', 'Ajax won'),
    split('B-LOC I-LOC O B-ORG', 'B-LOC O', 'O B-LOC I-LOC I-LOC', 'B-ORG O'),
    'iob2',
  );

  it('takes the longest entity from the left, and goes on behind it', () => {
    expect(lookUp('New York City York New Ajax won'.split(' '))).toEqual(
      'B-LOC I-LOC I-LOC B-ORG O B-ORG O'.split(' '),
    );
  });

  it('falls back to a shorter one where the longer breaks off, at the end of a sentence too', () => {
    expect(lookUp(['New', 'York', 'city'])).toEqual(['B-LOC', 'I-LOC', 'O']);
    expect(lookUp(['New'])).toEqual(['O']);
  });

  it('takes the most frequent type, of equally frequent ones the first in training', () => {
    expect(lookUp(['York'])).toEqual(['B-ORG']); // ORG once and LOC once
    const more = createLookUp(split('a', 'a', 'a'), split('B-X', 'B-Y', 'B-Y'), 'iob2');
    expect(more(['a'])).toEqual(['B-Y']);
  });

  it('knows words and types by the names that every object has', () => {
    const odd = createLookUp([['__proto__', 'constructor']], [['B-toString', 'I-toString']], 'iob2');
    expect(odd(['__proto__', 'constructor', 'toString'])).toEqual(['B-toString', 'I-toString', 'O']);
  });

  it('finds the same as trying every span of every length', () => {
    const rng = createRng(3);
    const words = ['a', 'b', 'c'];
    const draw = (pool: string[], n: number): string[] => Array.from({ length: n }, () => pool[rng.int(pool.length)]);
    const tokens = Array.from({ length: 30 }, () => draw(words, 6));
    const tags = tokens.map(() => draw(['O', 'O', 'O', 'B-X', 'I-X'], 6));
    const texts = new Set<string>();
    tokens.forEach((sentence, s) => {
      for (let i = 0; i < 6; i++) {
        if (tags[s][i] === 'O' || (tags[s][i] === 'I-X' && i > 0 && tags[s][i - 1] !== 'O')) continue;
        let end = i + 1;
        while (end < 6 && tags[s][end] === 'I-X') end++;
        texts.add(sentence.slice(i, end).join(' '));
      }
    });
    const slow = (sentence: readonly string[]): string[] => {
      const found = sentence.map(() => 'O');
      for (let i = 0; i < sentence.length; i++) {
        for (let end = sentence.length; end > i; end--) {
          if (!texts.has(sentence.slice(i, end).join(' '))) continue;
          found.fill('I-X', i, end);
          found[i] = 'B-X';
          i = end - 1;
          break;
        }
      }
      return found;
    };
    const fast = createLookUp(tokens, tags, 'iob2');
    for (let n = 0; n < 200; n++) {
      const sentence = draw([...words, 'd'], 9);
      expect(fast(sentence)).toEqual(slow(sentence));
    }
  });
});

describe('the most frequent tag of each word', () => {
  it('gives unseen words the most frequent of all', () => {
    const lookUp = createLookUp(split('run a run', 'run dogs'), split('VERB DET NOUN', 'NOUN NOUN'), 'plain');
    expect(lookUp(['run', 'a', 'cat'])).toEqual(['NOUN', 'DET', 'NOUN']);
  });

  it('of equally frequent tags takes the first in training', () => {
    expect(createLookUp(split('a a'), split('Z B'), 'plain')(['a', 'b'])).toEqual(['Z', 'Z']);
  });
});

describe('a floor beside a report', () => {
  it('is counted as the report is', () => {
    const gold = split('B-X O B-Y', 'O B-X I-X');
    const guessed = split('B-X O O', 'O B-X O');
    const floor = floorOf(score(gold, guessed, IOB2));
    expect(floor.method).toBe('longest-match');
    expect([floor.table.micro.tp, floor.table.micro.predicted, floor.table.micro.support]).toEqual([1, 2, 3]);
    expect(floor.accuracy).toBe(4 / 6);
    expect(againstFloor({ ...score(gold, gold, IOB2), floor })).toEqual({ scored: 1, floor: 2 / 5 });
    expect(againstFloor(score(gold, gold, IOB2))).toBeNull();
  });

  it('compares plain tags by accuracy', () => {
    const plain = { scheme: 'plain', version: '0' };
    const floor = floorOf(score(split('A B'), split('A A'), plain));
    expect(againstFloor({ ...score(split('A B'), split('A B'), plain), floor })).toEqual({ scored: 1, floor: 0.5 });
    expect(floor.method).toBe('most-frequent-tag');
  });
});
