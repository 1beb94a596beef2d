import { createPlateau } from '../../src/train/plateau';

const options = { learningRate: 1, patience: 4, decayFactor: 0.5, decayPatience: 2 };

describe('createPlateau', () => {
  it('decays after every second epoch without a better score and gives up after the fourth', () => {
    const observe = createPlateau(options);
    const verdicts = [0.5, 0.4, 0.5, 0.3, 0.2].map(observe);
    expect(verdicts.map((v) => v.isBest)).toEqual([true, false, false, false, false]);
    expect(verdicts.map((v) => v.learningRate)).toEqual([1, 1, 0.5, 0.5, 0.25]);
    expect(verdicts.map((v) => v.exhausted)).toEqual([false, false, false, false, true]);
  });

  it('starts counting again at a better score and keeps the decayed rate', () => {
    const observe = createPlateau(options);
    const verdicts = [0, 0, 0, 0.1, 0.1].map(observe);
    expect(verdicts.map((v) => v.learningRate)).toEqual([1, 1, 0.5, 0.5, 0.5]);
    expect(verdicts.map((v) => v.isBest)).toEqual([true, false, false, true, false]);
    expect(verdicts.some((v) => v.exhausted)).toBe(false);
  });
});
