import { calibration } from '../../src/metrics/calibration';
import { createRng } from '../../src/rng';

describe('calibration', () => {
  it('is by hand on six predictions in two bins', () => {
    // (0, 0.5]: 0.2 wrong, 0.4 right: confidence 0.3, accuracy 0.5. (0.5, 1]: 0.6 right, 0.8 wrong, 1 right, 1 right: 0.85, 0.75.
    const { ece, mce, bins, count } = calibration([0.2, 0.4, 0.6, 0.8, 1, 1], [0, 1, 1, 0, 1, 1], 2);
    expect(count).toBe(6);
    expect(bins.map((b) => b.count)).toEqual([2, 4]);
    expect(bins[0]).toMatchObject({ low: 0, high: 0.5, accuracy: 0.5 });
    expect(bins[0].confidence).toBeCloseTo(0.3, 12);
    expect(bins[1].confidence).toBeCloseTo(0.85, 12);
    expect(ece).toBeCloseTo((2 / 6) * 0.2 + (4 / 6) * 0.1, 12);
    expect(mce).toBeCloseTo(0.2, 12);
  });

  it('closes bins on the right, and has 0 in the first', () => {
    expect(calibration([0, 0.25, 0.5, 0.75, 1], [1, 1, 1, 1, 1], 4).bins.map((b) => b.count)).toEqual([2, 1, 1, 1]);
  });

  it('is about 0 for confidences that are true, and 0.4 for 0.9 that are right half the time', () => {
    const rng = createRng(100);
    const confidence = Float32Array.from({ length: 50_000 }, () => rng.float());
    const correct = Uint8Array.from(confidence, (c) => Number(rng.float() < c));
    expect(calibration(confidence, correct).ece).toBeLessThan(0.01);
    const sure = new Float64Array(1000).fill(0.9);
    expect(
      calibration(
        sure,
        Uint8Array.from(sure, (_, i) => i % 2),
      ).ece,
    ).toBeCloseTo(0.4, 12);
  });

  it('is free of NaN for nothing', () => {
    expect(calibration([], [])).toMatchObject({ count: 0, ece: 0, mce: 0 });
    expect(calibration([], []).bins).toHaveLength(15);
  });

  it('refuses what is no confidence', () => {
    expect(() => calibration([1.1], [1])).toThrow('confidence 1.1 at 0 is not in [0, 1]');
    expect(() => calibration([NaN], [1])).toThrow(RangeError);
    expect(() => calibration([0.5], [])).toThrow('1 confidences, but 0 outcomes');
  });
});
