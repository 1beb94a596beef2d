import { inspect, nameFiles } from '../../src/inspect';
import { conll, tempFiles } from './corpora';

const files = tempFiles();

/** 10 sentences of 10 tokens: 90 O, 8 B-PER, 2 B-LOC (in 2 sentences). */
const CORPUS = conll(
  ...Array.from({ length: 10 }, (_, i) =>
    [i < 8 ? 'p|B-PER' : 'l|B-LOC', ...Array.from({ length: 9 }, (_, j) => `w${i}${j}|O`)].join(' '),
  ),
);

describe('suggest', () => {
  it('computes class weights by the definitions', async () => {
    const { suggestions } = await inspect(nameFiles({}, [files.write('train', CORPUS)]));
    expect(suggestions).toMatchObject({ tokens: 100, classes: 3 });
    const loc = suggestions.weights.find(({ label }) => label === 'B-LOC');
    expect(loc?.count).toBe(2);
    // (100 / n)^0.25 of 90, 8, 2: 1.0266901, 1.8803015, 2.6591479; their mean over the tokens is 1.1276281
    expect(loc?.weights.power).toBeCloseTo(2.6591479 / 1.1276281, 6);
    expect(suggestions.hints[0]).toMatchObject({ setting: 'loss.weights=power' });
    expect(suggestions.hints[0].arithmetic).toContain('2.59 times the commonest by power, 45 by inverse, 37.1 by lg');
    expect(loc?.weights.lg).toBeCloseTo(Math.log10(98 / 2 + 1), 12); // 1.69897
    expect(loc?.weights.inverse).toBeCloseTo(100 / (3 * 2), 12); // 16.6667
    const raw = [90, 8, 2].map((n) => 0.001 / (1 - 0.999 ** n));
    expect(loc?.weights['class-balanced']).toBeCloseTo((3 * raw[2]) / (raw[0] + raw[1] + raw[2]), 9);
    expect(suggestions.schemes.map(({ example }) => example)).toEqual([
      expect.stringContaining('B-LOC: (100 / 2)^0.25 / '),
      'B-LOC: log10((100 - 2) / 2 + 1) = 1.6990',
      'B-LOC: 100 / (3 x 2) = 16.6667',
      expect.stringContaining('B-LOC: (1 - 0.999) / (1 - 0.999^2) = 0.5003, scaled'),
    ]);
  });

  it('shows the chance that the rarest type is absent from a batch', async () => {
    const { suggestions } = await inspect(nameFiles({}, [files.write('train', CORPUS)]));
    const hint = suggestions.hints.find(({ about }) => about.includes('batch size'));
    // 512 tokens are 51.2 sentences of 10: 0.8^51.2 = 0.000011
    expect(hint?.arithmetic).toContain('(1 - 2 / 10)^(512 / 10.0) = 0.000');
    expect(hint?.setting).toBeNull();
  });

  it('weighs O in the first loss as by hand', async () => {
    const { suggestions } = await inspect(nameFiles({}, [files.write('train', CORPUS)]));
    const hint = suggestions.hints.find(({ about }) => about.startsWith('fl'));
    // 90 * 0.10536 = 9.482; 8 * 2.52573 = 20.206; 2 * 3.91202 = 7.824: 9.482 / 37.512 = 25.28 %
    expect(hint?.arithmetic).toContain('cross-entropy (gamma 0) 25.28 %');
    // 9.482 * 0.1 = 0.948; 20.206 * 0.92 = 18.589; 7.824 * 0.98 = 7.668: 0.948 / 27.205 = 3.49 %
    expect(hint?.arithmetic).toContain('gamma 1: 3.49 %');
    expect(hint?.setting).toBe('loss.gamma=1');
  });
});
