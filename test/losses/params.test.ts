import { UserError } from '../../src/errors';
import { createLoss, LOSSES, lossSpec, parseLossParams } from '../../src/losses';
import { classWeights } from '../../src/losses/weights';

function problems(name: string, raw: unknown): string[] {
  try {
    parseLossParams(name, raw);
  } catch (error) {
    if (error instanceof UserError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('parseLossParams', () => {
  it('lists all problems at once, with the nearest valid names', () => {
    expect(problems('dsc', { apha: 1, smooth: -3, form: 'sett', square: 'yes', k: Number.NaN })).toEqual([
      "loss.apha: loss dsc has no such parameter; did you mean 'alpha'?",
      `loss.form: "sett" is not valid; expected one of gold, one-vs-rest, set, present, pooled (did you mean 'set'?)`,
      'loss.smooth: -3 is not valid; expected a number from 1e-8 to 1000000',
      'loss.k: null is not valid; expected a number from 1 to 2',
      'loss.square: "yes" is not valid; expected true or false',
    ]);
  });

  it('refuses what float32 cannot hold, where it would count as 0 or infinite', () => {
    expect(problems('fl', { gamma: 1e-50 })).toEqual([
      'loss.gamma: 1e-50 is not valid; expected 0 or a number that float32 holds, 1.2e-38 or more',
    ]);
    for (const weight of [1e-50, 1e39]) {
      expect(problems('wce', { weights: { O: weight } }).join()).toContain('by label that float32 holds');
    }
    expect(problems('fl', { gamma: 0 })).toEqual([]);
  });

  it('refuses a parameter that the others leave without effect, unless it has its default', () => {
    expect(problems('dsc', { form: 'gold', scope: 'sentence' })).toEqual([
      'loss.scope has no effect with form "gold"; it needs form "set" or "present" or "pooled"',
    ]);
    expect(problems('wce', { weights: 'inverse', lgOffset: 2 })).toEqual([
      'loss.lgOffset has no effect with weights "inverse"; it needs weights "lg"',
    ]);
    expect(problems('dsc', { form: 'gold', scope: 'batch' })).toEqual([]);
  });

  it('takes no parameter for a loss that has none, no list for an object, and no unknown loss', () => {
    expect(problems('ce', { gamma: 2 })).toEqual(['loss.gamma: loss ce has no parameters']);
    expect(problems('ce', [])).toEqual(['loss ce: parameters must be an object, found []']);
    expect(() => lossSpec('dscc')).toThrow("no loss 'dscc'; did you mean 'dsc'?");
    expect(() => lossSpec('constructor')).toThrow(UserError);
  });

  it('takes weights by scheme or by label, none below 0', () => {
    expect(parseLossParams('wce', { weights: { O: 0.1 } }).weights).toEqual({ O: 0.1 });
    expect(problems('wce', { weights: { O: -1 } })).toHaveLength(1);
    expect(problems('wce', { weights: 'log' })[0]).toContain("did you mean 'lg'?");
  });
});

describe('classWeights', () => {
  const context = { labels: ['O', 'A', 'B'], counts: [90, 10, 0], outside: 0 };
  const of = (weights: string): number[] => [
    ...(classWeights({ weights: weights as 'lg', exponent: 0.5, lgOffset: 1, balance: 0.9 }, context) ?? []),
  ];

  it('follows each formula; a label never seen counts as seen once', () => {
    const close = (got: number[], want: number[]): void => want.forEach((w, j) => expect(got[j]).toBeCloseTo(w, 6));
    expect(of('none')).toEqual([]);
    // sqrt(101 / n): 1.0593499, 3.1780497, 10.0498756; their mean over 90, 10 and 1 tokens is 1.3581373
    close(of('power'), [0.7800021, 2.3400063, 7.3997495]);
    close(of('lg'), [Math.log10(101 / 90), 1.0043214, 2.0043214]);
    close(of('inverse'), [101 / 270, 101 / 30, 101 / 3]);
    // (1 - 0.9) / (1 - 0.9^n): 0.1000076, 0.1535340, 1; scaled to sum 3.
    close(of('class-balanced'), [0.2393402, 0.3674406, 2.3932193]);
  });

  it('takes weights by the tags of the file, and the mean where several became one label', () => {
    // 1 token B-LOC and 2 tokens S-LOC are the 3 tokens of the label B-LOC
    const bioes = {
      labels: ['O', 'B-LOC', 'I-LOC'],
      counts: [3, 3, 1],
      outside: 0,
      written: [
        { label: 'O', labels: [{ label: 'O', count: 3 }] },
        { label: 'B-LOC', labels: [{ label: 'B-LOC', count: 1 }] },
        { label: 'E-LOC', labels: [{ label: 'I-LOC', count: 1 }] },
        { label: 'S-LOC', labels: [{ label: 'B-LOC', count: 2 }] },
      ],
    };
    const weights = (byName: Record<string, number>) =>
      classWeights({ weights: byName, exponent: 0.5, lgOffset: 1, balance: 0.9 }, bioes);
    expect(weights({ 'S-LOC': 5 })).toEqual([1, (1 * 1 + 2 * 5) / 3, 1]);
    expect(weights({ 'S-LOC': 5, 'B-LOC': 5, O: 0.5 })).toEqual([0.5, 5, 1]);
    expect(weights({ 'I-LOC': 2 })).toEqual([1, 1, 2]); // a label, though no tag
    expect(() => weights({ 'U-LOC': 2 })).toThrow(/does not have: U-LOC$/);
  });

  it('refuses weights for labels that are not there, and ignoreOutside without an outside label', async () => {
    expect(() => classWeights({ weights: { C: 1 }, exponent: 0.5, lgOffset: 1, balance: 0.9 }, context)).toThrow(
      /: C$/,
    );
    const params = parseLossParams('dsc', { ignoreOutside: true });
    await expect(createLoss('dsc', params, { ...context, outside: -1 })).rejects.toThrow('no outside label');
  });
});

describe('the table', () => {
  it('can be read without loading the tensor API', async () => {
    await jest.isolateModulesAsync(async () => {
      jest.doMock('@tensorflow/tfjs-core', () => {
        throw new Error('loaded');
      });
      const table = await import('../../src/losses/index.js');
      expect(Object.keys(table.LOSSES)).toEqual(Object.keys(LOSSES));
    });
    jest.dontMock('@tensorflow/tfjs-core');
  });
});
