import { createResampler, estimate, resampleScores } from '../../src/compare/resample';
import { bootstrap, sentenceCounts } from '../../src/metrics/bootstrap';
import { pairedBootstrap } from '../metrics/paired-bootstrap';
import { createRng } from '../../src/rng';
import { simulate } from '../metrics/simulated-system';

const systems = [
  { recall: 0.8, spurious: 0.1 },
  { recall: 0.7, spurious: 0.2 },
];

describe('resampleScores and estimate', () => {
  const { gold, predicted } = simulate(createRng(1), 60, systems);
  const [a, b] = predicted.map((tags) => sentenceCounts(gold, tags));

  it('is the bootstrap of one system for one run', () => {
    const sampled = resampleScores([a], ['A'], 200, createRng(2));
    const { micro, macro, classes } = bootstrap(a, createRng(2), { resamples: 200 });
    [micro, macro, classes[0]].forEach(({ f1, low, high }, m) => {
      const { value, ...ends } = estimate(sampled, m, [0], null, createRng(3));
      expect(value).toBe(f1);
      expect(ends).toMatchObject({ low, high });
    });
  });

  it('is the paired bootstrap for one seed, to the digit', () => {
    const sampled = resampleScores([a, b], ['A'], 300, createRng(4));
    const { value, low, high, p } = estimate(sampled, 0, [0], [1], createRng(5));
    const paired = pairedBootstrap(a, b, createRng(4), { resamples: 300 });
    expect({ difference: value, low, high, p }).toEqual({
      difference: paired.difference,
      low: paired.low,
      high: paired.high,
      p: paired.p,
    });
  });

  it('numbers the classes of every run alike', () => {
    const sentences = [['B-X', 'B-Y'], ['B-Y']];
    const both = sentenceCounts(sentences, sentences);
    const onlyY = sentenceCounts(sentences, [['O', 'B-Y'], ['B-Y']]);
    const swapped = sentenceCounts([...sentences].reverse(), [['B-Y'], ['B-X', 'B-Y']]); // finds Y first
    const { whole } = resampleScores([both, onlyY, swapped], ['Y', 'X', 'Z'], 1, createRng(1));
    expect(whole.map((m) => [...m])).toEqual([
      [1, 1, 1, 1, NaN],
      [0.8, 0.5, 1, 0, NaN],
      [1, 1, 1, 1, NaN],
    ]);
  });

  it('takes the mean over seeds, and spreads with seeds that differ where sentences do not', () => {
    // one sentence: every resample of sentences is the set itself, so all spread is of the seeds
    const gold = [['B-A', 'B-A']];
    const right = sentenceCounts(gold, gold);
    const half = sentenceCounts(gold, [['B-A', 'O']]); // F1 2/3
    const none = sentenceCounts(gold, [['O', 'O']]);
    const sampled = resampleScores([right, half, none], ['A'], 4000, createRng(6));
    const { value, low, high } = estimate(sampled, 0, [0, 1, 2], null, createRng(7));
    expect(value).toBeCloseTo((1 + 2 / 3) / 3, 12);
    expect([low, high]).toEqual([0, 1]); // two draws of three: both the lowest in 1/9 of the resamples
    // means of two draws have the variance of the three over 2 = s^2 / 3 for the sample variance s^2
    const two = estimate(sampled, 0, [0, 1], null, createRng(8));
    expect([two.low, two.high]).toEqual([2 / 3, 1]);
    const paired = estimate(sampled, 0, [0, 1], [1, 2], createRng(9)); // differences 1/3 and 2/3
    expect(paired.value).toBeCloseTo(0.5, 12);
    expect(paired.p).toBeCloseTo(1 / 4001, 9); // no draw is as far from 1/2 as 1/2
  });

  describe('has an interval over seeds that', () => {
    /** Scores of three or two runs on the whole set, and on two resamples; draws of seeds in the order given. */
    const interval = (whole: number[], drawn: number[][], draws: number[]) => {
      const sampled = {
        resamples: 2,
        metrics: 1,
        whole: whole.map((x) => Float64Array.of(x)),
        drawn: whole.map((_, run) => Float64Array.from(drawn, (scores) => scores[run])),
      };
      let next = 0;
      const rng = { ...createRng(1), int: () => draws[next++ % draws.length] };
      const { low, high } = estimate(sampled, 0, [...whole.keys()], null, rng, 1); // level 1: lowest and highest
      return { low, high };
    };

    it('draws one seed less than there are', () => {
      // sentences change nothing; one of two seeds is drawn: 0.2, then 0.6. Two draws would give their mean, 0.4, both times
      const { low, high } = interval([0.2, 0.6], [[0.2, 0.6], [0.2, 0.6]], [0, 1]); // prettier-ignore
      expect(low).toBeCloseTo(0.2, 12);
      expect(high).toBeCloseTo(0.6, 12);
    });

    it('leaves out of their spread what comes and goes with the sentences', () => {
      // variance between seeds 0.2^2 + 0.2^2 = 0.08, within 2 e^2 = 0.06: a quarter is theirs, half of the deviation
      const e = Math.sqrt(0.03);
      const { low, high } = interval([0.2, 0.6], [[0.2 + e, 0.6 - e], [0.2 - e, 0.6 + e]], [0, 1]); // prettier-ignore
      expect(low).toBeCloseTo(0.4 - 0.5 * 0.2, 12);
      expect(high).toBeCloseTo(0.4 + 0.5 * 0.2, 12);
      const noisy = interval([0.2, 0.6], [[0.6, 0.2], [0.2, 0.6]], [0, 1]); // prettier-ignore
      expect(noisy.low).toBeCloseTo(0.4, 12); // more within than between: nothing is theirs
      expect(noisy.high).toBeCloseTo(0.4, 12);
    });

    it('takes that part from residuals whose mean was taken off', () => {
      // between (0.3^2 + 0.3^2) / 2 = 0.09; residuals e, -e, 0 have mean square 2 e^2 / 3, of two degrees of freedom in three:
      // within e^2 = 0.0675, so that half of the deviation is left
      const e = Math.sqrt(0.0675);
      const { low, high } = interval([0, 0.3, 0.6], [[e, 0.3 - e, 0.6], [-e, 0.3 + e, 0.6]], [0, 0, 2, 2]); // prettier-ignore
      expect(low).toBeCloseTo(0.3 - 0.5 * 0.3, 12);
      expect(high).toBeCloseTo(0.3 + 0.5 * 0.3, 12);
    });
  });

  it('refuses runs with a class that is not asked for', () => {
    const counts = sentenceCounts([['B-X']], [['B-Y']]);
    expect(() => resampleScores([counts], ['X'], 1, createRng(1))).toThrow('class Y is not among X');
  });

  it('has no difference where a class is in neither', () => {
    const empty = sentenceCounts([['O']], [['O']]);
    const sampled = resampleScores([empty, empty], ['A'], 50, createRng(1));
    expect(estimate(sampled, 2, [0], [1], createRng(2))).toMatchObject({ value: 0, low: 0, high: 0, p: 1 });
    expect(estimate(sampled, 2, [0], null, createRng(2))).toMatchObject({ value: 0, low: 0, high: 0 });
  });
});

describe('createResampler', () => {
  const { gold, predicted } = simulate(createRng(3), 50, systems);
  const other = gold.map((tags) => tags.map((tag) => tag.replace('A', 'C')));
  const runs = [
    sentenceCounts(gold, predicted[0]),
    sentenceCounts(other, predicted[1]), // has a class more, and counts something else of the same sentences
    sentenceCounts(gold, predicted[1]),
  ];
  const classes = ['A', 'B', 'C'];
  const whole = resampleScores(runs, classes, 60, createRng(0).split('compare').split('sentences'));

  it.each([
    ['all are kept', undefined],
    ['none is', { scores: 0, draws: 0 }],
    ['one is', { scores: 60 * 5, draws: 0 }],
  ])('gives the same whenever runs are added, where %s', async (_, room) => {
    const resampler = createResampler(60, room);
    await resampler.add([runs[1]]);
    await resampler.add([runs[0], runs[1]]);
    for (let again = 0; again < 2; again++) expect(resampler.scores(runs, classes)).toEqual(whole);
    expect(resampler.scores([runs[2]], ['A']).drawn[0]).toEqual(
      whole.drawn[2].filter((_score, i) => i % 5 < 3), // micro, macro, A
    );
  });
});
