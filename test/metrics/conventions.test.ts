import { UserError } from '../../src/errors';
import { CONVENTION_NAMES, CONVENTIONS, conventionFor, byConvention } from '../../src/metrics/conventions';
import { score } from '../../src/metrics/scores';
import { createRng } from '../../src/rng';
import { randomPair, SCHEMES, validTags } from './random-tags';

const CASES = CONVENTION_NAMES.flatMap((name) =>
  SCHEMES.filter((scheme) => CONVENTIONS[name].covers(scheme)).map((scheme) => [name, scheme] as const),
);

describe('CONVENTIONS, over the table', () => {
  it.each(CASES)('%s on %s: perfect is 1, all O is 0, everything else lies between', (name, scheme) => {
    const rng = createRng(40).split(scheme);
    const gold = Array.from({ length: 50 }, () => validTags(rng, scheme));
    const { micro, classes } = CONVENTIONS[name].score(gold, gold, scheme);
    expect(micro).toMatchObject({ precision: 1, recall: 1, f1: 1 });
    expect(classes.length).toBeGreaterThan(2);
    const nothing = gold.map((tags) => tags.map(() => 'O'));
    expect(CONVENTIONS[name].score(gold, nothing, scheme).micro).toMatchObject({ f1: 0, predicted: 0 });
    for (let n = 0; n < 40; n++) {
      const pair = randomPair(rng, scheme);
      const { f1, tp, predicted, support } = CONVENTIONS[name].score([pair.gold], [pair.predicted], scheme).micro;
      expect(f1).toBeGreaterThanOrEqual(0);
      expect(f1).toBeLessThanOrEqual(1);
      expect(tp).toBeLessThanOrEqual(Math.min(predicted, support));
    }
  });

  it.each(CASES)('%s on %s: the order of sentences does not count', (name, scheme) => {
    const rng = createRng(41).split(scheme);
    const pairs = Array.from({ length: 60 }, () => randomPair(rng, scheme));
    const of = (list: typeof pairs) =>
      CONVENTIONS[name].score(
        list.map((p) => p.gold),
        list.map((p) => p.predicted),
        scheme,
      );
    const there = of(pairs);
    expect(of([...pairs].reverse())).toEqual(there);
    expect(there.micro.tp).toBeGreaterThan(0);
  });

  it('has a default, first in the table, that is conlleval', () => {
    expect(CONVENTION_NAMES[0]).toBe('conlleval');
  });

  it('has no row for plain tags', () => {
    expect(CONVENTION_NAMES.filter((name) => CONVENTIONS[name].covers('plain'))).toEqual([]);
  });
});

describe('conventionFor', () => {
  it('says what is wrong', () => {
    expect(() => conventionFor('stric', 'IOB2')).toThrow(
      new UserError("unknown convention 'stric'; did you mean 'strict'?"),
    );
    expect(() => conventionFor('constructor', 'IOB2')).toThrow(UserError);
    expect(() => conventionFor('ncrfpp', 'IOB1')).toThrow(
      new UserError("convention 'ncrfpp' has no rule for IOB1 tags"),
    );
    expect(conventionFor('strict', 'BMES')).toBe(CONVENTIONS.strict);
  });
});

describe('byConvention', () => {
  // Gold A[0,2) B[3,4); prediction: I-A I-A (no B-), B-A over B.
  const gold = [['B-A', 'I-A', 'O', 'B-B']];
  const predicted = [['I-A', 'I-A', 'O', 'B-A']];

  it('is each convention by hand', () => {
    const scores = Object.fromEntries(byConvention(gold, predicted, 'IOB2').map((s) => [s.convention, s.f1]));
    expect(scores).toEqual({
      conlleval: 0.5, // A right, B wrong
      strict: 0, // I-A I-A is nothing: of gold 2 and predicted 1 none is right
      ncrfpp: 0,
      token: 1 / 3, // one of three right
      type: 0.5, // A by overlap; A on B wrong
      partial: 1, // both boundaries right
    });
  });

  it('knows schemes in small letters too', () => {
    expect(byConvention(gold, predicted, 'iob2')).toEqual(byConvention(gold, predicted, 'IOB2'));
    expect(CONVENTIONS.ncrfpp.covers('iob1')).toBe(false);
    expect(CONVENTIONS['conlleval-script'].covers('iob2')).toBe(false);
  });

  it('leaves out what does not cover the scheme', () => {
    expect(byConvention([['I-A']], [['I-A']], 'IOB1').map((s) => s.convention)).not.toContain('ncrfpp');
    expect(byConvention([['N']], [['N']], 'plain')).toEqual([]);
  });

  it('score() takes the convention, and signs with it', () => {
    const strict = score(gold, predicted, { scheme: 'IOB2', convention: 'strict', version: '1' });
    expect(strict.entities?.micro.f1).toBe(0);
    expect(strict.signature).toContain('|convention:strict|');
    expect(() => score(gold, predicted, { scheme: 'IOB2', convention: 'loose', version: '1' })).toThrow(UserError);
  });
});
