import { calibration, entityCalibration, tagCalibration } from '../../src/metrics/calibration';
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

describe('calibration of answers', () => {
  it('takes the probability of the tag that was given, and counts labels that nobody can give as wrong', () => {
    const probabilities = Float32Array.of(0.75, 0.25, 0.5, 0.5, 0.125, 0.875); // (3, 2)
    const [guess, gold] = [Int32Array.of(0, 1, 1), Int32Array.of(0, -1, 0)];
    expect(tagCalibration(guess, probabilities, gold)).toEqual(calibration([0.75, 0.5, 0.875], [1, 0, 0]));
    expect(tagCalibration(guess, probabilities, gold, (token) => guess[token] === 1)).toEqual(
      calibration([0.5, 0.875], [0, 0]),
    );
    expect(tagCalibration(new Int32Array(0), new Float32Array(0), new Int32Array(0)).count).toBe(0);
  });

  it('calls an entity right that gold has from the same token to the same one, of the same type', () => {
    const entity = (type: string, start: number, end: number, probability: number) => ({
      type,
      start,
      end,
      probability,
    });
    const predicted = [
      [entity('PER', 0, 2, 0.9), entity('LOC', 3, 4, 0.6)],
      [entity('PER', 0, 1, 0.7), entity('ORG', 1, 2, 0.8)],
      [],
    ];
    const gold = [['B-PER', 'I-PER', 'O', 'B-ORG'], ['B-PER', 'I-PER', 'O'], ['B-PER']];
    expect(entityCalibration(predicted, gold)).toEqual(calibration([0.9, 0.6, 0.7, 0.8], [1, 0, 0, 0]));
  });
});
