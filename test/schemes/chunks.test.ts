import { chunksOf, sharedChunks, splitTag } from '../../src/schemes';

/** Chunks as `type[start,end)` words, to read at a glance. */
const read = (tags: string): string =>
  chunksOf(tags === '' ? [] : tags.split(' '))
    .map((c) => `${c.type}[${c.start},${c.end})`)
    .join(' ');

describe('splitTag', () => {
  it.each([
    ['B-PER', 'B', 'PER'],
    ['B-creative-work', 'B', 'creative-work'],
    ['O', 'O', ''],
    ['B_PER', 'B_PER', ''],
    ['B-', 'B', ''],
    ['-PER', '', 'PER'],
  ])('splits %s at the first hyphen', (tag, letter, type) => {
    expect(splitTag(tag)).toMatchObject({ letter, type });
  });
});

/** One sentence in every scheme: a one-token, a two-token and a three-token entity, the last two of one type and adjacent. */
const SENTENCE: Readonly<Record<string, string>> = {
  IOB1: 'I-LOC O I-PER I-PER B-PER I-PER I-PER O',
  IOB2: 'B-LOC O B-PER I-PER B-PER I-PER I-PER O',
  IOE1: 'I-LOC O I-PER E-PER I-PER I-PER I-PER O',
  IOE2: 'E-LOC O I-PER E-PER I-PER I-PER E-PER O',
  BIOES: 'S-LOC O B-PER E-PER B-PER I-PER E-PER O',
  BILOU: 'U-LOC O B-PER L-PER B-PER I-PER L-PER O',
  BMES: 'S-LOC O B-PER E-PER B-PER M-PER E-PER O',
};

describe('chunksOf', () => {
  it.each(Object.entries(SENTENCE))('reads the same three chunks from %s', (_scheme, tags) => {
    expect(read(tags)).toBe('LOC[0,1) PER[2,4) PER[4,7)');
  });

  it.each([
    // what conlleval makes of sequences no scheme allows
    ['IOB2: I- after O starts', 'O I-PER I-PER O', 'PER[1,3)'],
    ['IOB2: I- at the start starts', 'I-PER O', 'PER[0,1)'],
    ['IOB2: I- of another type starts', 'B-PER I-LOC I-LOC', 'PER[0,1) LOC[1,3)'],
    ['IOB2: I- after a chunk of its type goes on', 'B-PER I-PER I-PER', 'PER[0,3)'],
    ['IOB2: O between two I- makes two', 'I-PER O I-PER', 'PER[0,1) PER[2,3)'],
    ['IOB1: B- after another type starts as I- would', 'I-PER B-LOC', 'PER[0,1) LOC[1,2)'],
    ['IOE: E after O starts and ends', 'O E-PER O', 'PER[1,2)'],
    ['IOE: E after E is a new chunk', 'E-PER E-PER', 'PER[0,1) PER[1,2)'],
    ['BIOES: B without E ends at O', 'B-PER O', 'PER[0,1)'],
    ['BIOES: E alone is a chunk', 'O E-PER I-PER', 'PER[1,2) PER[2,3)'],
    ['BIOES: I after S is a new chunk', 'S-PER I-PER', 'PER[0,1) PER[1,2)'],
    ['BIOES: S inside cuts', 'B-PER S-PER E-PER', 'PER[0,1) PER[1,2) PER[2,3)'],
    ['BIOES: B inside cuts', 'B-PER I-PER B-PER E-PER', 'PER[0,2) PER[2,4)'],
    ['BILOU: L after O starts and ends', 'O L-PER L-PER', 'PER[1,2) PER[2,3)'],
    ['BMES: M after O starts', 'O M-PER E-PER', 'PER[1,3)'],
    ['no sentence end is needed', 'B-PER I-PER', 'PER[0,2)'],
    ['tags without a type', 'B I O I', '[0,2) [3,4)'],
    ['an unknown letter counts by its type', 'X-PER X-PER O', 'PER[0,2)'],
    ['a word that is no tag is no chunk', 'PER PER O', ''],
    ['nothing', '', ''],
    ['only O', 'O O O', ''],
  ])('%s', (_rule, tags, chunks) => {
    expect(read(tags)).toBe(chunks);
  });
});

describe('sharedChunks', () => {
  it('wants start, end and type all equal', () => {
    const gold = chunksOf('B-A I-A O B-B O B-C I-C O B-D'.split(' '));
    const predicted = chunksOf('B-A I-A O B-A O B-C O O B-D'.split(' '));
    expect(sharedChunks(gold, predicted).map((c) => c.type)).toEqual(['A', 'D']);
    expect(sharedChunks(gold, [])).toEqual([]);
    expect(sharedChunks([], predicted)).toEqual([]);
    expect(sharedChunks(gold, gold)).toEqual(gold);
  });
});
