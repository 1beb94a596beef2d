import { BIASES, bestBias, biasedLabels } from '../../src/metrics/bias';

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

describe('biasedLabels', () => {
  // two labels and outside, which is the last: by hand, ln 0.6 / 0.3 = 0.69, ln 0.2 / 0.7 = -1.25
  const labelsAt = biasedLabels(Float32Array.from([0.6, 0.1, 0.3, 0.1, 0.2, 0.7]), 3, 2);
  it.each([
    [0, [0, 2]],
    [0.69, [0, 2]],
    [0.7, [2, 2]],
    [-1.25, [0, 2]],
    [-1.26, [0, 1]],
  ])('%d', (bias, ids) => {
    expect([...labelsAt(bias)]).toEqual(ids);
  });

  it('is outside everywhere where there is no other label', () => {
    expect([...biasedLabels(Float32Array.from([1, 1]), 1, 0)(-6)]).toEqual([0, 0]);
  });
});

it('tries biases in quarters from -6 to 6, with 0', () => {
  expect([BIASES.at(0), BIASES.at(-1), BIASES.includes(0)]).toEqual([-6, 6, true]);
  expect(BIASES.slice(1).every((bias, i) => bias - (BIASES[i] ?? NaN) === 0.25)).toBe(true);
});
