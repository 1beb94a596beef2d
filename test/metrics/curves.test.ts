import { tagCurves } from '../../src/metrics/curves';

describe('tagCurves', () => {
  it('counts by hand', () => {
    // three tokens, gold X X Y; probability of X 0.9, 0.4, 0.6
    const p = Float32Array.from([0.9, 0.1, 0.4, 0.6, 0.6, 0.4]);
    const [x, y, ...none] = tagCurves(p, Int32Array.from([0, 0, 1]), ['X', 'Y', 'Z'].slice(0, 2));
    const at = (curve: typeof x, threshold: number) => curve.points.find((point) => point.at === threshold);
    expect(at(x, 0.5)).toEqual({ at: 0.5, precision: 1 / 2, recall: 1 / 2 });
    expect(at(x, 0.3)).toEqual({ at: 0.3, precision: 2 / 3, recall: 1 });
    expect(at(x, 0.95)).toBeUndefined();
    expect(at(y, 0.3)).toEqual({ at: 0.3, precision: 1 / 2, recall: 1 });
    expect(none).toEqual([]);
    expect(tagCurves(p, Int32Array.from([0, 0, -1]), ['X', 'Y']).map(({ name }) => name)).toEqual(['X']);
  });
});
