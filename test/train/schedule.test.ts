import fc from 'fast-check';
import { patienceOf, rateAt, type RateOptions, type ScheduleName, SCHEDULES } from '../../src/train/schedule';

const NAMES = Object.keys(SCHEDULES) as ScheduleName[];

/** The rates of all updates where every epoch has as many batches. */
function rates(options: RateOptions, batches: number): number[] {
  return Array.from({ length: options.epochs * batches }, (_, update) => {
    const epoch = Math.floor(update / batches) + 1;
    return rateAt(0.01, { epoch, batch: update % batches, batches, update }, options);
  });
}

describe('rateAt', () => {
  it.each([
    ['plateau', [1, 1, 1, 1, 1, 1]],
    ['linear', [1, 0.902, 0.804, 0.706, 0.608, 0.51, 0.412, 0.314, 0.216, 0.118]], // 1 - 0.98 k/10
    ['cosine', [1, 0.9343524478543749, 0.755, 0.51, 0.265, 0.0856475521456251]], // cos of 0, 30, 60, ... degrees
  ] as const)('%s: the factors worked out by hand', (schedule, factors) => {
    const found = rates({ schedule, warmupSteps: 0, epochs: 2 }, factors.length / 2);
    found.forEach((rate, k) => expect(rate).toBeCloseTo(0.01 * factors[k], 14));
  });

  it.each(NAMES)('%s: grows evenly over the warm-up, update by update', (schedule) => {
    const [warm, cold] = [5, 0].map((warmupSteps) => rates({ schedule, warmupSteps, epochs: 3 }, 4));
    warm.forEach((rate, k) => expect(rate).toBeCloseTo(cold[k] * Math.min(1, (k + 1) / 5), 14));
  });

  it.each(NAMES)('%s: is positive and at most the rate, whatever the place', (schedule) => {
    const place = fc.record({ epoch: fc.integer({ min: 1, max: 99 }), batches: fc.integer({ min: 1, max: 999 }), batch: fc.nat(998), update: fc.nat() }); // prettier-ignore
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 50 }), fc.nat(1000), (at, epochs, warmupSteps) => {
        const rate = rateAt(1, { ...at, batch: at.batch % at.batches }, { schedule, warmupSteps, epochs });
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('patienceOf', () => {
  it('stops early by itself only where the schedule follows dev', () => {
    expect(NAMES.map((name) => patienceOf(name, null))).toEqual([5, Infinity, Infinity]);
    expect(NAMES.map((name) => patienceOf(name, 3))).toEqual([3, 3, 3]);
  });
});
