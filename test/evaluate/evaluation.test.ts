import { evaluateTags, type Tagged } from '../../src/evaluate/evaluation';
import { UserError } from '../../src/errors';
import { CONVENTION_NAMES, CONVENTIONS } from '../../src/metrics/conventions';

const split = (...sentences: string[]): string[][] => sentences.map((s) => s.split(' '));

const NER: Tagged = {
  tokens: split('Ann Lee saw Rome and Bob', 'Jo met Al', 'Rome fell'),
  gold: split('B-PER I-PER O B-LOC O B-PER', 'O O B-PER', 'B-LOC O'),
  predicted: split('I-PER O O B-PER O O', 'I-LOC O B-PER', 'B-LOC O'),
  scheme: 'iob2',
  dataHash: 'abc',
};

const POS: Tagged = {
  tokens: split('the cat sat', 'the dog'),
  gold: split('DET NOUN VERB', 'DET NOUN'),
  predicted: split('DET VERB VERB', 'DET NOUN'),
  scheme: 'plain',
  dataHash: '-',
};

describe('evaluateTags', () => {
  it('gives what the counts by hand give', () => {
    // gold: Ann Lee, Rome, Bob, Al, Rome; predicted: Ann (boundary), Rome (type), Jo (spurious), Al and Rome (right); Bob missed
    const { report, errors, invalid } = evaluateTags(NER);
    expect(report.entities?.micro).toMatchObject({ tp: 2, predicted: 5, support: 5, f1: 0.4 });
    expect(errors?.kinds).toEqual({ type: 1, boundary: 1, both: 0, missed: 1, spurious: 1 });
    expect(invalid.map(({ sentence, tag }) => [sentence, tag])).toEqual([
      [0, 'I-PER'],
      [1, 'I-LOC'],
    ]);
    expect(report.signature).toContain('scheme:iob2|convention:conlleval|');
    expect(report.signature).toContain('|data:abc|');
  });

  it.each(CONVENTION_NAMES.filter((name) => CONVENTIONS[name].covers('iob2')))(
    'scores by %s what the spread says, with intervals around its own F1',
    (convention) => {
      const { report, spread } = evaluateTags(NER, { convention, resamples: 100 });
      expect(report.convention).toBe(convention);
      expect(spread.find((s) => s.convention === convention)?.f1).toBeCloseTo(report.entities?.micro.f1 ?? NaN, 12);
      expect(report.intervals?.entities?.micro.f1).toBeCloseTo(report.entities?.micro.f1 ?? NaN, 12);
    },
  );

  it('draws the same intervals from the same seed, others from another, none from no resamples', () => {
    const draw = (seed: number) => evaluateTags(NER, { seed, resamples: 30 }).report.intervals;
    expect(draw(1)).toEqual(draw(1));
    expect(draw(2)).not.toEqual(draw(1));
    expect(evaluateTags(NER, { resamples: 0 }).report).not.toHaveProperty('intervals');
  });

  it('tells entities of the training file from others', () => {
    const training = { tokens: split('Rome Bob'), tags: split('B-LOC B-PER') };
    const { seen } = evaluateTags(NER, { training });
    const rows = Object.fromEntries(seen?.classes.map(({ name, tp, support }) => [name, [tp, support]]) ?? []);
    expect(rows).toEqual({ seen: [1, 3], unseen: [1, 2] }); // Rome, Bob, Rome; Ann Lee, Al
  });

  it('scores plain tags by accuracy, words by whether training had them', () => {
    const { report, spread, errors, seen } = evaluateTags(POS, {
      training: { tokens: split('the dog'), tags: split('DET NOUN') },
    });
    expect(report.accuracy).toBe(0.8);
    expect([spread, errors]).toEqual([[], null]);
    expect(report.intervals?.entities).toBeNull();
    expect(report.intervals?.tags.micro.f1).toBe(0.8);
    const rows = Object.fromEntries(seen?.classes.map(({ name, tp, support }) => [name, [tp, support]]) ?? []);
    expect(rows).toEqual({ seen: [3, 3], unseen: [1, 2] });
  });

  it('refuses a convention for plain tags, one for another scheme, and one that is none', () => {
    expect(() => evaluateTags(POS, { convention: 'strict' })).toThrow(/no rule for plain tags/);
    expect(() => evaluateTags(NER, { convention: 'conlleval-script' })).toThrow(/no rule for iob2 tags/);
    expect(() => evaluateTags(NER, { convention: 'strikt' })).toThrow(UserError);
  });
});
