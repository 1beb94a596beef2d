import { BIASES, bestBias, fitBias } from '../../src/metrics/bias';

describe('bestBias', () => {
  const points = (scores: Record<string, number>) =>
    Object.entries(scores).map(([bias, score]) => ({ bias: Number(bias), score }));
  it.each([
    [{ '-1': 0.5, '0': 0.4, '1': 0.6 }, 1],
    [{ '-1': 0.5, '0': 0.5, '1': 0.5 }, 0],
    [{ '-2': 0.6, '-1': 0.5, '2': 0.6 }, -2],
  ])('%j: %d', (scores, bias) => {
    expect(bestBias(points(scores))).toBe(bias);
  });

  it('is 0 of nothing', () => {
    expect(bestBias([])).toBe(0);
  });
});

describe('fitBias', () => {
  it.each([
    ['a peak on the coarse steps', (bias: number) => -Math.abs(bias - 1.25), { bias: 1.25, plain: -1.25, biased: -0 }],
    ['a peak between them', (bias: number) => -Math.abs(bias + 0.9), { bias: -0.9, plain: -0.9, biased: -0 }],
    [
      'a plateau: the end nearest to 0',
      (bias: number) => (bias <= -0.8 && bias > -4 ? 1 : 0),
      { bias: -0.8, plain: 0, biased: 1 },
    ],
    ['nothing better than 0', (bias: number) => (Math.abs(bias) < 3 ? 0.5 : 0), { bias: 0, plain: 0.5, biased: 0.5 }],
    ['no score at all', () => 0, { bias: 0, plain: 0, biased: 0 }],
  ])('%s', (_, scoreAt, expected) => {
    expect(fitBias(scoreAt)).toEqual(expected);
  });
});

it('tries biases in quarters from -6 to 6, with 0', () => {
  expect([BIASES.at(0), BIASES.at(-1), BIASES.includes(0)]).toEqual([-6, 6, true]);
  expect(BIASES.slice(1).every((bias, i) => bias - (BIASES[i] ?? NaN) === 0.25)).toBe(true);
});
