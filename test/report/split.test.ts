import { splitText } from '../../src/report/split';
import type { SplitResult } from '../../src/split';

const part = (name: string, share: number, sentences: number, classes: Record<string, number>) => ({
  name,
  share,
  paths: [`out/${name}.tsv`],
  sentences,
  tokens: 10 * sentences,
  lines: 11 * sentences,
  classes,
});

const RESULT: SplitResult = {
  path: 'a.tsv',
  sha256: '',
  seed: 3,
  scheme: { name: 'iob2', why: 'as told' },
  task: 'chunks',
  whole: { sentences: 8, tokens: 80, lines: 88, classes: { PER: 5, LOC: 1, ORG: 4 } },
  parts: [part('train', 0.75, 6, { PER: 4, LOC: 1, ORG: 4 }), part('test', 0.25, 2, { PER: 1 })],
  duplicates: 2,
  absent: [
    { name: 'LOC', sentences: 1, parts: ['test'] },
    { name: 'ORG', sentences: 3, parts: ['test'] },
  ],
  warnings: [],
};

describe('splitText', () => {
  const lines = splitText(RESULT).split('\n');

  it('shows counts of the whole and of each part, 0 where a class is not', () => {
    const cells = lines.map((line) => line.trim().split(/\s{2,}/));
    expect(cells).toContainEqual(['all', 'train', 'test']);
    expect(cells).toContainEqual(['sentences', '8', '6', '2']);
    expect(cells).toContainEqual(['% of all', '75.00', '25.00']);
    expect(cells).toContainEqual(['lines', '88', '66', '22']);
    expect(cells).toContainEqual(['LOC', '1', '1', '0']);
    expect(cells).toContainEqual(['PER', '5', '4', '1']);
  });

  it('names the files, and the sentences that are there twice', () => {
    expect(lines).toContain('wrote out/train.tsv');
    expect(lines).toContain('2 sentences with the tokens of an earlier one: each went where that one is');
    expect(splitText({ ...RESULT, duplicates: 0 })).toContain('no two sentences have the same tokens\n');
  });
});
