import type { LossResult, RunSummary } from '../../src/compare/comparison';
import { makePlan, type PlanOptions } from '../../src/compare/plan';
import { warningsOf } from '../../src/compare/warnings';
import type { Tuned } from '../../src/compare/tune';
import type { RunResult } from '../../src/run/result';
import { inOneLine, type Warning, warning } from '../../src/warnings';
import { madeUpComparison } from '../report/comparison';

const [, loss] = madeUpComparison().losses;
const done = loss.runs.filter(({ status }) => status === 'done');
const fiveDone = [1, 2, 3, 4, 5].map((seed): RunSummary => ({ ...done[0], seed, learned: true }));
const good: LossResult = { ...loss, runs: fiveDone, unpredicted: [] };

const options: PlanOptions = {
  out: 'cmp',
  losses: 'ce,dsc',
  seeds: '5',
  reference: 'ce',
  tune: false,
  candidates: 8,
  resamples: 100,
};
const on = (name: string, device: string, warnings: readonly Warning[] = []) =>
  ({ engine: { name, device }, warnings }) as RunResult;
const { metrics } = madeUpComparison();
const inLines = (warnings: readonly Warning[]): string[] => warnings.map(inOneLine);

const warn = (result: LossResult, split: 'test' | 'dev' = 'test', seeds = '5', finished: RunResult[] = []): string[] =>
  inLines(
    warningsOf({ losses: [result], split, metrics, floor: null }, finished, makePlan([], { ...options, seeds }), null),
  );

describe('warningsOf', () => {
  it('has nothing to say of five good runs on test', () => {
    expect(warn(good)).toEqual([]);
  });

  it('names classes that no seed ever predicted', () => {
    expect(warn({ ...good, unpredicted: ['LOC', 'ORG'] })).toEqual([
      expect.stringMatching(/^dsc: never predicted on test with any seed, though in training: LOC, ORG; .* dsc hardly/),
    ]);
  });

  it('names runs that failed, are missing or learned nothing, and no classes where no run learned anything', () => {
    const runs = fiveDone.map(
      (run, i): RunSummary =>
      i === 0 ? { ...run, status: 'failed', message: 'loss is NaN', learned: false } : i === 1 ? { ...run, status: 'missing', learned: false } : { ...run, learned: false }, // prettier-ignore
    );
    expect(warn({ ...good, runs, unpredicted: ['LOC'] })).toEqual([
      'dsc, seed 1: failed: loss is NaN',
      'dsc, seed 2: not finished; the same compare command goes on with it',
      expect.stringMatching(
        /^dsc: learned nothing \(dev score 0\) with seed 3, 4, 5; .*try --set train\.warmupEpochs=2/,
      ),
    ]);
  });

  it('says where not one candidate of the tuning learned anything', () => {
    const plan = makePlan([], options);
    const tuned = (scores: (number | null)[], last: number): Tuned => ({
      entrant: plan.entrants[1],
      changes: {},
      runs: 3,
      epochs: 9,
      final: null,
      rungs: [scores, [last]].map((of) => ({
        epochs: 3,
        seeds: [6],
        candidates: of.map((score) => ({ changes: {}, score })),
      })),
    });
    const of = (scores: (number | null)[], last = 0): string[] =>
      inLines(warningsOf({ losses: [good], split: 'test', metrics, floor: null }, [], plan, [tuned(scores, last)]));
    expect(of([0, null, 0])).toEqual(['dsc: none of its 3 tuning candidates learned anything']);
    expect(of([0.1, null, 0])).toEqual([]);
    expect(of([0, null, 0], 0.2)).toEqual([]); // with another seed
  });

  it('tells once what the runs say of files and machine, and leaves the rest to the losses', () => {
    const unseen = warning('unseen-labels', { file: 'test', labels: ['B-X (2)'] });
    const threads = warning('more-threads-than-cores', { threads: 4, cores: 2 });
    const of = (epochs: number) => [unseen, threads, warning('only-outside', { epochs })];
    expect(warn(good, 'test', '5', [on('js', 'CPU', of(3)), on('js', 'CPU', of(4))])).toEqual(
      [unseen, threads].map(inOneLine),
    );
  });

  it('says where Holm leaves no difference of a class to be shown', () => {
    const classes = Array.from({ length: 6 }, (_, i) => ({
      ...metrics[0],
      name: `C${i}.f1`,
      kind: 'class' as const,
      support: 10,
    }));
    const of = (resamples: number, seeds: string): string[] =>
      inLines(
        warningsOf(
          { losses: [good, good], split: 'test', metrics: classes, floor: null },
          [],
          makePlan([], { ...options, seeds, resamples }),
          null,
        ),
      );
    // 6 questions: 6 / (1 + 118) is more than 0.05, 6 / (1 + 119) is not
    expect(of(118, '5')).toEqual([
      '6 questions of classes at once: with 118 resamples none can be shown, however large; --resamples 300 can',
    ]);
    expect(of(119, '5')).toEqual([]);
    expect(of(118, '4').join()).not.toContain('questions');
  });

  it('says that scores of dev flatter, that seeds are few, and that engines differ', () => {
    expect(warn(good, 'dev', '2', [on('js', 'CPU'), on('native', 'CPU'), on('js', 'CPU')])).toEqual([
      'the scores are of dev, which chose the best epoch too: they flatter every loss; give --test',
      '2 seeds: too few to tell losses from luck, so no verdict; 5 or more can (--seeds 5)',
      'the runs were made on different engines: js (CPU); native (CPU); name one with --engine',
    ]);
  });
});
