import { biasResult, meanCalibration, meanClasses, sumConfusions, sumErrors } from '../../src/compare/average';
import type { Analysis, SplitAnalysis } from '../../src/analyse';
import type { LossResult } from '../../src/compare/comparison';
import { sharesByClass, sharesByDifficulty } from '../../src/compare/gradientTable';
import { calibration } from '../../src/metrics/calibration';
import { score } from '../../src/metrics/scores';
import type { GradientShares } from '../../src/train/events';

describe('means over runs', () => {
  it('has precision and recall of every class, 0 where a run never saw it', () => {
    const gold = [['B-A', 'B-B']];
    const report = (tags: string[]) => score(gold, [tags], { scheme: 'iob2', version: '0' });
    const means = meanClasses([report(['B-A', 'B-B']), report(['B-A', 'B-C'])]);
    expect(means).toContainEqual({ name: 'A', precision: 1, recall: 1 });
    expect(means).toContainEqual({ name: 'B', precision: 0.5, recall: 0.5 });
    expect(means).toContainEqual({ name: 'C', precision: 0, recall: 0 });
  });

  it('puts the reliability bins of all runs together', () => {
    const [a, b] = [[0.9, 0.4, 0.95], [0.92, 0.3]]; // prettier-ignore
    const [rightA, rightB] = [[1, 0, 1], [0, 1]]; // prettier-ignore
    const split = (confidence: number[], correct: number[]): SplitAnalysis => ({
      calibration: { all: calibration(confidence, correct), entities: null },
      curves: [],
      sweep: [],
      counts: [],
    });
    const together = calibration([...a, ...b], [...rightA, ...rightB]);
    const mean = meanCalibration([split(a, rightA), split(b, rightB)]);
    mean?.bins.forEach((bin, i) => {
      expect(bin.count).toBe(together.bins[i].count);
      expect(bin.confidence).toBeCloseTo(together.bins[i].confidence, 12);
      expect(bin.accuracy).toBeCloseTo(together.bins[i].accuracy, 12);
    });
    expect(mean?.ece).toBeCloseTo((calibration(a, rightA).ece + calibration(b, rightB).ece) / 2, 12);
    expect(mean?.eceEntities).toBeNull();
    expect(mean?.eceSpans).toBeNull(); // as of a run that was analysed before it was measured
    const spans = [calibration([0.5], [1]), calibration([0.25], [1])];
    const measured = spans.map((of) => ({ ...split(a, rightA), calibration: { all: of, entities: null, spans: of } }));
    expect(meanCalibration(measured)?.eceSpans).toBe(0.625);
    expect(meanCalibration(measured)?.spanBins?.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    expect(meanCalibration([])).toBeNull();
  });

  it('sums errors of entities over the types of all, and keeps what was missed and spurious apart from them', () => {
    const kinds = { type: 1, boundary: 0, both: 0, missed: 2, spurious: 3 };
    const sum = sumErrors([
      { kinds, confusion: { types: ['B'], cells: [[0, 0, 5], [0, 1, 2], [1, 0, 3]] } }, // prettier-ignore
      null,
      { kinds, confusion: { types: ['A', 'B'], cells: [[0, 1, 1], [1, 2, 2], [2, 0, 3]] } }, // prettier-ignore
    ]);
    expect(sum?.kinds).toEqual({ type: 2, boundary: 0, both: 0, missed: 4, spurious: 6 });
    expect(sum?.confusion.types).toEqual(['A', 'B']);
    expect(sum?.confusion.cells).toEqual([[0, 1, 1], [1, 1, 5], [1, 2, 4], [2, 0, 3], [2, 1, 3]]); // prettier-ignore
    expect(sumErrors([null])).toBeNull();
  });

  it('applies to test the bias that was best on dev, run by run', () => {
    const sweep = (scores: Record<string, number>) =>
      Object.entries(scores).map(([bias, value]) => ({ bias: Number(bias), score: value, micro: 0, macro: 0 }));
    const run = (dev: Record<string, number>, test: Record<string, number>): Analysis => {
      const split = (of: Record<string, number>): SplitAnalysis => ({
        calibration: { all: calibration([], []), entities: null },
        curves: [],
        sweep: sweep(of),
        counts: [],
      });
      return { dev: split(dev), test: split(test), decodings: [], metric: 'micro-f1' };
    };
    const result = biasResult([
      run({ '-1': 0.7, '0': 0.5, '1': 0.2 }, { '-1': 0.3, '0': 0.6, '1': 0.9 }),
      run({ '-1': 0.1, '0': 0.4, '1': 0.6 }, { '-1': 0.0, '0': 0.2, '1': 0.4 }),
    ]);
    expect(result).toMatchObject({ metric: 'micro-f1', biases: [-1, 1] });
    expect(result?.dev.plain).toBeCloseTo(0.45, 12);
    expect(result?.dev.biased).toBeCloseTo(0.65, 12);
    expect(result?.test?.plain).toBeCloseTo(0.4, 12);
    expect(result?.test?.biased).toBeCloseTo(0.35, 12); // 0.3 and 0.4: test's own best is not asked
    expect(biasResult([])).toBeNull();
  });

  it('adds confusions up over the tags of all', () => {
    const sum = sumConfusions([
      { tags: ['A', 'O'], cells: [[0, 0, 1], [0, 1, 2], [1, 0, 3], [1, 1, 4]] }, // prettier-ignore
      { tags: ['B', 'O'], cells: [[0, 0, 5], [0, 1, 6], [1, 0, 7], [1, 1, 8]] }, // prettier-ignore
    ]);
    const cells = [[0, 0, 1], [0, 2, 2], [1, 1, 5], [1, 2, 6], [2, 0, 3], [2, 1, 7], [2, 2, 12]]; // prettier-ignore
    expect(sum).toEqual({ tags: ['A', 'B', 'O'], cells });
    expect(sumConfusions([])).toBeNull();
  });
});

describe('gradient shares', () => {
  const share = (tokens: number, gradient: number) => ({ tokens, gradient });
  const epoch = (o: number): GradientShares => ({
    labels: { O: share(0.8, o), 'B-A': share(0.1, 0.6 - o), 'I-A': share(0.05, 0.3), 'B-B': share(0.05, 0.1) },
    easy: share(0.7, 0.1),
    middle: share(0.2, 0.2),
    hard: share(0.1, 0.7),
  });
  const loss = (...runs: (GradientShares | null)[][]): LossResult =>
    ({ runs: runs.map((run) => ({ history: run.map((gradients, i) => ({ epoch: i + 1, gradients })) })) }) as unknown as LossResult; // prettier-ignore

  it('puts the tags of a class together, the other classes too, and takes the mean over the runs that got there', () => {
    const shares = sharesByClass(loss([epoch(0.2), epoch(0.4)], [epoch(0.4)]), ['O', 'A']);
    expect(shares?.epochs).toEqual([1, 2]);
    expect([...(shares?.parts.keys() ?? [])]).toEqual(['O', 'A', 'other']);
    const close = (name: string, values: number[]) =>
      values.forEach((value, i) => { expect(shares?.parts.get(name)?.gradient[i]).toBeCloseTo(value, 12); }); // prettier-ignore
    close('O', [0.3, 0.4]);
    close('A', [0.6, 0.5]);
    close('other', [0.1, 0.1]);
    expect(shares?.parts.get('A')?.tokens[0]).toBeCloseTo(0.15, 12);
    expect([...(sharesByDifficulty(loss([epoch(0.2)]))?.parts ?? [])].map(([name, { gradient }]) => [name, gradient])).toEqual([['easy', [0.1]], ['middle', [0.2]], ['hard', [0.7]]]); // prettier-ignore
  });

  it('leaves out epochs without a gradient, and parts that never occur', () => {
    const nothing = { labels: { O: share(1, 0) }, easy: share(1, 0), middle: share(0, 0), hard: share(0, 0) };
    expect(sharesByClass(loss([nothing, epoch(0.2)]), ['O', 'A', 'B'])?.epochs).toEqual([2]);
    const names = (shares: ReturnType<typeof sharesByClass>) => [...(shares?.parts.keys() ?? [])];
    expect(names(sharesByClass(loss([epoch(0.2)]), ['O', 'A', 'B', 'C']))).toEqual(['O', 'A', 'B']);
    const odd = { ...epoch(0.2), labels: { O: share(0.9, 0.5), 'B-constructor': share(0.1, 0.5), 7: share(0, 0) } };
    expect(names(sharesByClass(loss([odd]), ['O', 'constructor', '__proto__']))).toEqual(['O', 'constructor']);
    expect(sharesByClass(loss([nothing, null]), ['O'])).toBeNull();
  });
});
