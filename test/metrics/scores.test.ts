import { UserError } from '../../src/errors';
import { score } from '../../src/metrics/scores';

const split = (...sentences: string[]): string[][] => sentences.map((s) => s.split(' '));
const SETTINGS = { scheme: 'IOB2', version: '1.2.3', dataHash: 'ab12' };

// Gold: PER 2, LOC 2, ORG 1. Predicted: PER 2 (1 right), LOC 1 (right), MISC 1 (wrong type for ORG).
const GOLD = split('B-PER I-PER O B-LOC O', 'B-ORG O B-PER B-LOC O');
const PREDICTED = split('B-PER I-PER O B-LOC O', 'B-MISC O B-PER I-PER O');

describe('score', () => {
  const report = score(GOLD, PREDICTED, SETTINGS);
  const entity = (name: string) => report.entities?.classes.find((c) => c.name === name);

  it('counts entities by class', () => {
    expect(report.entities?.classes.map((c) => [c.name, c.tp, c.predicted, c.support])).toEqual([
      ['LOC', 1, 1, 2],
      ['MISC', 0, 1, 0],
      ['ORG', 0, 0, 1],
      ['PER', 1, 2, 2],
    ]);
  });

  it('computes precision, recall and F1 by hand arithmetic', () => {
    expect(entity('LOC')).toMatchObject({ precision: 1, recall: 0.5, f1: 2 / 3, zeroDivision: false });
    expect(entity('PER')).toMatchObject({ precision: 0.5, recall: 0.5, f1: 0.5 });
    expect(report.entities?.micro).toMatchObject({ precision: 2 / 4, recall: 2 / 5, f1: 4 / 9, support: 5, tp: 2 });
  });

  it('takes macro means over the classes in gold only: MISC is left out', () => {
    const { macro } = report.entities ?? { macro: null };
    expect(macro?.classes).toBe(3);
    expect(macro?.precision).toBeCloseTo((1 + 0 + 0.5) / 3, 15);
    expect(macro?.recall).toBeCloseTo((0.5 + 0 + 0.5) / 3, 15);
    expect(macro?.f1).toBeCloseTo((2 / 3 + 0 + 0.5) / 3, 15);
  });

  it('sets zero division to 0 and flags it', () => {
    expect(entity('MISC')).toMatchObject({ precision: 0, recall: 0, f1: 0, zeroDivision: true });
    expect(entity('ORG')).toMatchObject({ precision: 0, recall: 0, f1: 0, zeroDivision: true });
  });

  it('scores tokens by full tag, with O in a row but in no average', () => {
    expect(report.accuracy).toBe(8 / 10);
    const tag = (name: string) => report.tags.classes.find((c) => c.name === name);
    expect(tag('O')).toMatchObject({ tp: 4, predicted: 4, support: 4 });
    expect(tag('I-PER')).toMatchObject({ tp: 1, predicted: 2, support: 1, precision: 0.5, recall: 1 });
    // micro without O: right B-PER 2, I-PER 1, B-LOC 1; predicted 6; gold 6
    expect(report.tags.micro).toMatchObject({ tp: 4, predicted: 6, support: 6 });
    expect(report.tags.macro.classes).toBe(4); // B-PER I-PER B-LOC B-ORG
  });

  it('counts the confusion of tokens', () => {
    const { tags, cells } = report.confusion;
    const at = (g: string, p: string) => cells.find((cell) => tags[cell[0]] === g && tags[cell[1]] === p)?.[2] ?? 0;
    expect(tags).toEqual(['B-LOC', 'B-MISC', 'B-ORG', 'B-PER', 'I-PER', 'O']);
    expect(at('B-ORG', 'B-MISC')).toBe(1);
    expect(at('B-LOC', 'I-PER')).toBe(1);
    expect(at('B-PER', 'B-PER')).toBe(2);
    expect(at('B-PER', 'O')).toBe(0);
    expect(cells.reduce((sum, [, , n]) => sum + n, 0)).toBe(10);
  });

  it('holds as many cells as there are confusions, however many tags there are', () => {
    const tags = Array.from({ length: 20_000 }, (_, i) => `T${i}`);
    const many = score([tags], [[...tags.slice(1), tags[0]]], { scheme: 'plain', version: '0' });
    expect(many.confusion.cells).toHaveLength(20_000);
    expect(JSON.stringify(many).length).toBeLessThan(10_000_000);
  });

  it('signs the score with all it depends on', () => {
    expect(report.signature).toBe('scheme:IOB2|convention:conlleval|macro:gold-classes|data:ab12|dsc-train:1.2.3');
    expect(score(GOLD, PREDICTED, { scheme: 'IOB2', version: '1.2.3' }).signature).toContain('data:-');
  });

  it('treats O as a tag like any other where tags are plain', () => {
    const plain = score(split('N V O'), split('N V N'), { scheme: 'plain', version: '0' });
    expect(plain.entities).toBeNull();
    expect(plain.convention).toBe('token');
    expect(plain.accuracy).toBe(2 / 3);
    expect(plain.tags.micro.f1).toBe(plain.accuracy);
    expect(plain.tags.macro.f1).toBeCloseTo((2 / 3 + 1 + 0) / 3, 15);
  });

  it.each([
    ['no sentences', [], []],
    ['empty sentences', [[], []], [[], []]],
    ['no entities anywhere', split('O O'), split('O O')],
    ['none predicted', split('B-A O'), split('O O')],
    ['none in gold', split('O O'), split('B-A O')],
  ])('is free of NaN: %s', (_case, gold, predicted) => {
    const result = score(gold, predicted, SETTINGS);
    expect(JSON.stringify(result)).not.toContain('null');
    expect(result.entities?.micro).toMatchObject({ f1: 0, zeroDivision: true });
  });

  it('refuses sequences that are not aligned, and says where', () => {
    expect(() => score(split('O'), [], SETTINGS)).toThrow('gold has 1 sentence, the prediction 0');
    expect(() => score(split('O', 'O O'), split('O', 'O'), SETTINGS)).toThrow(
      new UserError('sentence 2: gold has 2 tokens, the prediction 1'),
    );
  });
});

/** One sentence a scheme, all entities right but the last, which loses its last token. */
const SCHEMES: Readonly<Record<string, [gold: string, predicted: string]>> = {
  IOB1: ['I-A I-A B-A O I-B I-B', 'I-A I-A B-A O I-B O'],
  IOB2: ['B-A I-A B-A O B-B I-B', 'B-A I-A B-A O B-B O'],
  BIOES: ['B-A E-A S-A O B-B E-B', 'B-A E-A S-A O S-B O'],
  BILOU: ['B-A L-A U-A O B-B L-B', 'B-A L-A U-A O U-B O'],
  BMES: ['B-A E-A S-A O B-B E-B', 'B-A E-A S-A O S-B O'],
};

describe('score, over schemes', () => {
  it.each(Object.entries(SCHEMES))('%s gives the same entity scores', (scheme, [gold, predicted]) => {
    const { entities } = score(split(gold), split(predicted), { scheme, version: '0' });
    expect(entities?.classes.map((c) => [c.name, c.tp, c.predicted, c.support])).toEqual([
      ['A', 2, 2, 2],
      ['B', 0, 1, 1],
    ]);
    expect(entities?.micro.f1).toBe(2 / 3);
  });
});
