import { believe, type Evidence, type Told } from '../../src/compare/believed';
import { resampleScores, sentenceDegrees } from '../../src/compare/resample';
import type { SentenceCounts } from '../../src/metrics/bootstrap';
import { createRng, type Rng } from '../../src/rng';

const told = (changes: Partial<Told>, between = 3e-4, degrees = 1): Told => {
  const own = { between, within: 1e-4, shared: 2e-5 };
  return { own, evidence: { ...own, degrees }, others: [], isAverage: false, seeds: 2, sentences: null, ...changes };
};
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Student's t with four degrees of freedom. */
const student = (rng: Rng): number => rng.normal() / Math.sqrt(chiSquare(rng, 4) / 4);
function chiSquare(rng: Rng, df: number): number {
  let sum = 0;
  for (let i = 0; i < df; i++) sum += rng.normal() ** 2;
  return sum;
}
/** log r of a question whose comparison has such a centre. */
const drawn = (rng: Rng, centre: number): number => centre + 0.6 * student(rng);
const centreOf = (rng: Rng): number => Math.log(1.25) + 0.6 * rng.normal();

describe('believe', () => {
  it('ranks the true spread between seeds evenly where worlds are as is usual: Talts et al. 2018, simulation-based calibration', () => {
    const rng = createRng(8);
    const trials = 300;
    const ranks: number[] = [];
    const within = 1e-4;
    for (let trial = 0; trial < trials; trial++) {
      const centre = centreOf(rng);
      const evidenceOf = (variance: number, degrees: number): Evidence => ({ between: (variance * chiSquare(rng, degrees)) / degrees, within, degrees }); // prettier-ignore
      const truth = within * (1 + Math.exp(drawn(rng, centre)));
      const evidence = evidenceOf(truth, 1 + (trial % 4));
      const others = Array.from({ length: trial % 3 }, () =>
        evidenceOf(within * (1 + Math.exp(drawn(rng, centre))), 4),
      );
      const own = { between: evidence.between, within, shared: 0 };
      const believed = believe({ own, evidence, others, isAverage: false, seeds: 2, sentences: null });
      ranks.push(mean(believed.map(({ between }) => Number(between < truth))));
    }
    // uniform on 0..1: 3 standard errors of the mean are 0.05, of a share of 0.2 they are 0.07
    expect(Math.abs(mean(ranks) - 0.5)).toBeLessThan(0.05);
    for (let fifth = 0; fifth < 5; fifth++) {
      const share = mean(
        ranks.map((rank) => Number(rank >= fifth / 5 - 1e-9 && (rank < (fifth + 1) / 5 || fifth === 4))),
      );
      expect(Math.abs(share - 0.2)).toBeLessThan(0.075);
    }
  });

  it('weighs what is usual by what was seen, as drawing worlds and weighing them by their likelihood does', () => {
    const others = [{ between: 9e-4, within: 1e-4, degrees: 4 }];
    const rng = createRng(3);
    const likelihood = ({ between, within, degrees }: Evidence, r: number): number =>
      (within * (1 + r)) ** (-degrees / 2) * Math.exp((-degrees * between) / (2 * within * (1 + r)));
    let [sum, weights] = [0, 0];
    for (let i = 0; i < 60_000; i++) {
      const centre = centreOf(rng);
      const r = Math.exp(drawn(rng, centre));
      const weight = likelihood(told({}).evidence, r) * likelihood(others[0], Math.exp(drawn(rng, centre)));
      sum += weight * Math.log(1 + r);
      weights += weight;
    }
    const found = mean(believe(told({ others })).map(({ between, within }) => Math.log(between / within)));
    expect(Math.abs(found - sum / weights)).toBeLessThan(0.03);
    const average = mean(
      believe(told({ others, isAverage: true })).map(({ between, within }) => Math.log(between / within)),
    );
    expect(average).toBeGreaterThan(found);
    const alone = mean(believe(told({})).map(({ between, within }) => Math.log(between / within)));
    expect(found - alone).toBeGreaterThan(0.1); // the other class says that seeds differ more here than is usual
  });

  it('believes many seeds, whatever is usual, and never in less than the sentences alone make', () => {
    const many = believe(told({}, 40e-4, 400)).map(({ between }) => between);
    expect(Math.min(...many)).toBeGreaterThan(40e-4 * 0.8);
    expect(Math.max(...many)).toBeLessThan(40e-4 * 1.25);
    expect(Math.min(...believe(told({}, 0)).map(({ between }) => between))).toBeGreaterThanOrEqual(1e-4);
  });

  it('is a scaled inverse chi-square where sentences make no difference, and of what all seeds share', () => {
    const own = { between: 4e-4, within: 0, shared: 1e-5 };
    const alone = believe({
      own,
      evidence: { ...own, degrees: 4 },
      others: [],
      isAverage: false,
      seeds: 2,
      sentences: 9,
    });
    // scipy: 4 / chi2.isf([0.01, 0.49], 4) and 9 / chi2.isf([0.01, 0.49], 9): the first and the twenty-fifth of fifty
    expect(alone[0].between / 4e-4).toBeCloseTo(0.30128, 5);
    expect(alone[24].between / 4e-4).toBeCloseTo(1.169267, 5);
    const shared = alone.map((one) => one.shared).sort((a, b) => a - b);
    expect(shared[0] / 1e-5).toBeCloseTo(0.415398, 5);
    expect(shared[24] / 1e-5).toBeCloseTo(1.065725, 5);
    expect(new Set(believe(told({})).map((one) => one.shared)).size).toBe(1);
  });
});

describe('sentenceDegrees', () => {
  /** One class, one entity a sentence, found or not; what is predicted besides. */
  const run = (found: readonly number[], predicted = found): SentenceCounts => ({
    classes: ['A'],
    offsets: Int32Array.from({ length: found.length + 1 }, (_, s) => s),
    classOf: new Int32Array(found.length),
    tp: Int32Array.from(found),
    predicted: Int32Array.from(predicted),
    support: new Int32Array(found.length).fill(1),
  });

  it('is few where few sentences differ, and goes without the resamples’ luck where those are many', () => {
    const ones = new Array<number>(100).fill(1);
    const but = (n: number) => run(ones.map((_, s) => (s < n ? 0 : 1)));
    const of = (n: number, resamples = 1e9) => sentenceDegrees([run(ones), but(n)], ['A'], 2, [1], [0], resamples);
    // by hand, 10 of 100 missed: F1 180/190, influence of a miss (0 - 0.947 * 1) / 190, of a hit (2 - 0.947 * 2) / 190
    const [miss, hit] = [-180 / 190 / 190, (2 - (180 / 190) * 2) / 190];
    const [squares, fourths] = [10 * miss ** 2 + 90 * hit ** 2, 10 * miss ** 4 + 90 * hit ** 4];
    expect(of(10)).toBeCloseTo(2 / (fourths / squares ** 2 - 0.01), 4);
    expect(of(3)).toBeLessThan(of(10));
    expect(of(10, 200)).toBeLessThan(of(10));
    expect(sentenceDegrees([run(ones), run(ones)], ['A'], 0, [1], [0], 100)).toBe(Infinity);
  });

  it.each([0, 1, 2])(
    'tells how far the variance over sentences of metric %i is off, where one is predicted in each',
    (metric) => {
      const rng = createRng(4);
      const ones = new Array<number>(60).fill(1);
      const [variances, relative]: [number[], number[]] = [[], []];
      for (let trial = 0; trial < 120; trial++) {
        const make = () => Array.from({ length: 60 }, () => Number(rng.float() < 0.7));
        const runs = [run(make(), ones), run(make(), ones)];
        const { drawn } = resampleScores(runs, ['A'], 400, rng);
        const shifts = Array.from({ length: 400 }, (_, r) => drawn[1][3 * r + metric] - drawn[0][3 * r + metric]);
        const centre = mean(shifts);
        variances.push(mean(shifts.map((x) => (x - centre) ** 2)));
        relative.push(2 / sentenceDegrees(runs, ['A'], metric, [1], [0], 400));
      }
      const centre = mean(variances);
      const seen = mean(variances.map((x) => (x / centre - 1) ** 2));
      expect(seen / mean(relative)).toBeGreaterThan(0.6);
      expect(seen / mean(relative)).toBeLessThan(1.6);
    },
  );
});
