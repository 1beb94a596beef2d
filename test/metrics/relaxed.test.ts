import { matchPartial, matchType, overlap, relaxedTable } from '../../src/metrics/relaxed';

const sentence = (tags: string): string[][] => [tags.split(' ')];
const counts = (gold: string, predicted: string, match: typeof matchType): Record<string, number[]> => {
  const { micro, classes } = relaxedTable(sentence(gold), sentence(predicted), match);
  const of = (s: { tp: number; predicted: number; support: number }) => [s.tp, s.predicted, s.support];
  return { micro: of(micro), ...Object.fromEntries(classes.map((c) => [c.name, of(c)])) };
};

describe('relaxedTable', () => {
  // counts that nervaluate gives for these (correct + half of partial, predicted, gold)
  it('type: overlap with the right type counts, with the wrong type does not', () => {
    expect(counts('B-A I-A O B-B', 'B-A O O B-A', matchType)).toEqual({ micro: [1, 2, 2], A: [1, 2, 1], B: [0, 0, 1] });
  });

  it('type: of two gold spans the nearer is taken, and each only once', () => {
    expect(counts('B-A B-A I-A I-A', 'O B-A I-A I-A', matchType).micro).toEqual([1, 1, 2]);
    expect(counts('B-A I-A', 'B-A B-A', matchType).micro).toEqual([1, 2, 1]);
  });

  it('type: a wrong type takes the gold span from a later right one, but not in the rows by class', () => {
    expect(counts('B-A I-A', 'B-B B-A', matchType)).toEqual({ micro: [0, 2, 1], A: [1, 1, 1], B: [0, 1, 0] });
  });

  it('partial: half for overlap, one for equal boundaries, whatever the type', () => {
    expect(counts('B-A I-A O B-B', 'B-B O O B-A', matchPartial).micro).toEqual([1.5, 2, 2]);
    expect(counts('B-A I-A O B-B', 'B-B O O B-A', matchPartial).A).toEqual([0, 1, 1]);
    expect(counts('B-A B-A', 'B-A I-A', matchPartial).micro).toEqual([0.5, 1, 2]);
  });

  it('partial: spans that only touch do not overlap', () => {
    expect(overlap({ type: 'A', start: 0, end: 2 }, { type: 'A', start: 2, end: 3 })).toBe(0);
    expect(overlap({ type: 'A', start: 0, end: 3 }, { type: 'A', start: 1, end: 9 })).toBe(2);
    expect(counts('B-A O', 'O B-A', matchPartial).micro).toEqual([0, 1, 1]);
  });
});
