import { chunksOf } from '../../src/schemes';
import { countEntities } from '../../src/metrics/entities';
import { analyseErrors, pairSpans } from '../../src/metrics/error-analysis';
import { seenUnseen, surfacesOf } from '../../src/metrics/seen';
import { createRng } from '../../src/rng';
import { randomPair } from './random-tags';

const split = (...sentences: string[]): string[][] => sentences.map((s) => s.split(' '));

describe('analyseErrors', () => {
  const gold = split('B-A I-A O B-B O B-A O', 'B-A I-A I-A B-B');
  const predicted = split('B-A O O B-A O O B-B', 'B-A I-A I-A O');
  const { wrong, kinds, confusion } = analyseErrors(gold, predicted);

  it('names what is wrong with every span', () => {
    expect(wrong.map((w) => [w.sentence, w.kind, w.gold?.start ?? null, w.predicted?.start ?? null])).toEqual([
      [0, 'boundary', 0, 0],
      [0, 'type', 3, 3],
      [0, 'missed', 5, null],
      [0, 'spurious', null, 6],
      [1, 'missed', 3, null],
    ]);
    expect(kinds).toEqual({ type: 1, boundary: 1, both: 0, missed: 2, spurious: 1 });
  });

  it('counts types against types, with a row and a column for none', () => {
    expect(confusion).toEqual({
      types: ['A', 'B'],
      cells: [
        [0, 0, 2], // gold A: A (one of them with a wrong boundary)
        [0, 2, 1], // missed
        [1, 0, 1], // gold B: taken for A
        [1, 2, 1], // missed
        [2, 1, 1], // spurious B
      ],
    });
  });

  it('pairs the best first, each span once', () => {
    const kindsOf = (g: string, p: string) =>
      pairSpans(chunksOf(g.split(' ')), chunksOf(p.split(' '))).map((x) => x.kind);
    expect(kindsOf('B-A I-A', 'B-A B-A')).toEqual(['boundary', 'spurious']);
    expect(kindsOf('B-A B-A', 'B-A I-A')).toEqual(['boundary', 'missed']);
    expect(kindsOf('B-A I-A', 'B-B O')).toEqual(['both']);
    expect(kindsOf('B-A I-A I-A', 'B-B B-A I-A')).toEqual(['boundary', 'spurious']);
  });

  it('accounts for every gold and every predicted span, and finds as many right as the score does', () => {
    const rng = createRng(60);
    for (let n = 0; n < 1000; n++) {
      const pair = randomPair(rng, 'IOB2');
      const counts = [...countEntities([pair.gold], [pair.predicted]).values()];
      const sum = (key: 'tp' | 'predicted' | 'support') => counts.reduce((total, c) => total + c[key], 0);
      const pairs = pairSpans(chunksOf(pair.gold), chunksOf(pair.predicted));
      expect(pairs.filter((p) => p.gold).length).toBe(sum('support'));
      expect(pairs.filter((p) => p.predicted).length).toBe(sum('predicted'));
      expect(pairs.filter((p) => p.kind === 'right').length).toBe(sum('tp'));
    }
  });
});

describe('seenUnseen', () => {
  it('sorts gold and predictions by whether their surface form was in training', () => {
    const trained = surfacesOf(split('New York is big', 'Ann'), split('B-LOC I-LOC O O', 'B-PER'));
    expect([...trained]).toEqual(['New York', 'Ann']);
    const tokens = split('Ann saw New York and Bob', 'new york');
    const gold = split('B-PER O B-LOC I-LOC O B-PER', 'B-LOC I-LOC');
    const predicted = split('B-LOC O B-LOC I-LOC O B-PER', 'O B-LOC');
    const rows = seenUnseen(tokens, gold, predicted, trained).classes;
    expect(rows.map((c) => [c.name, c.tp, c.predicted, c.support])).toEqual([
      ['seen', 1, 2, 2], // Ann (wrong type), New York
      ['unseen', 1, 2, 2], // Bob; new york, of which only `york` was found
    ]);
  });
});
