import { isDeepStrictEqual } from 'node:util';
import { countEntities } from '../../src/metrics/entities';
import { originalChunksOf } from '../../src/metrics/original';
import { createRng } from '../../src/rng';
import { EXTENDED, naiveConlleval, ORIGINAL, type NaiveCounts } from './naive-conlleval';
import { randomPair, SCHEMES } from './random-tags';

const SEQUENCES = 5000;

describe('the conlleval rules, twice', () => {
  it('the second program gives what the original script printed on a case by hand', () => {
    // conlleval, fed these two sentences: 9 tokens, 4 phrases; found 6; correct 2; precision 33.33, recall 50.00, FB1 40.00
    const gold = ['B-PER I-PER O B-LOC O'.split(' '), 'I-LOC I-LOC B-LOC O'.split(' ')];
    const guess = ['B-PER I-PER O I-PER B-LOC'.split(' '), 'I-LOC O B-LOC I-PER'.split(' ')];
    const total = { tp: 0, predicted: 0, support: 0 };
    for (const counts of Object.values(naiveConlleval(gold, guess, ORIGINAL))) {
      total.tp += counts.tp;
      total.predicted += counts.predicted;
      total.support += counts.support;
    }
    expect(total).toEqual({ tp: 2, predicted: 6, support: 4 });
  });

  it.each(SCHEMES)('agree on 5000 random sequences of %s letters, each alone and all as one corpus', (scheme) => {
    const rng = createRng(20).split(scheme);
    const gold: string[][] = [];
    const predicted: string[][] = [];
    const different: unknown[] = [];
    for (let n = 0; n < SEQUENCES; n++) {
      const pair = randomPair(rng, scheme);
      const expected = naiveConlleval([pair.gold], [pair.predicted], EXTENDED);
      const actual = counted(countEntities([pair.gold], [pair.predicted]));
      if (!isDeepStrictEqual(actual, expected)) different.push({ ...pair, actual, expected });
      gold.push(pair.gold);
      predicted.push(pair.predicted);
    }
    expect(different).toEqual([]);
    const whole = naiveConlleval(gold, predicted, EXTENDED);
    expect(Object.values(whole).reduce((sum, c) => sum + c.tp, 0)).toBeGreaterThan(SEQUENCES); // not vacuous
    expect(counted(countEntities(gold, predicted))).toEqual(whole);
    const original = naiveConlleval(gold, predicted, ORIGINAL);
    expect(counted(countEntities(gold, predicted, originalChunksOf))).toEqual(original);
    // the extension changes nothing for the letters that the original knows, and much for those it does not
    if (scheme.startsWith('IOB')) expect(original).toEqual(whole);
    else expect(original).not.toEqual(whole);
  });

  it('agree with the original rules on IOE sequences too', () => {
    const rng = createRng(21);
    const tag = () => ['O', 'I-A', 'E-A', 'I-B', 'E-B'][rng.int(5)];
    const gold = Array.from({ length: SEQUENCES }, () => Array.from({ length: 8 }, tag));
    const predicted = gold.map((tags) => tags.map((t) => (rng.float() < 0.7 ? t : tag())));
    expect(counted(countEntities(gold, predicted))).toEqual(naiveConlleval(gold, predicted, ORIGINAL));
  });
});

function counted(counts: ReturnType<typeof countEntities>): NaiveCounts {
  return Object.fromEntries(counts);
}
