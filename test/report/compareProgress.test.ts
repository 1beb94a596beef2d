import { PassThrough } from 'node:stream';
import type { FinishedRun, Job } from '../../src/compare/job';
import type { CompareEvent } from '../../src/compare/launch';
import { advance, labelOf, NO_STAGE, stageSecondsLeft } from '../../src/compare/progress';
import { parseConfig } from '../../src/config';
import { createCompareProgress } from '../../src/report/compareProgress';
import type { ProgressStream } from '../../src/report/progress';

const job = (id: string): Job => ({ id, config: { ...parseConfig([]), out: id }, analyse: true });
const JOBS = ['ce/1', 'ce+dsc/1', 'ce/2', 'ce+dsc/2'].map(job);

const runOf = (dev: number, test: number): FinishedRun =>
  ({
    result: { best: { score: dev }, test: { entities: { micro: { f1: test } } }, timing: { seconds: 10 } },
    analysis: null,
  }) as unknown as FinishedRun;

/** ce/1 was on disk; ce+dsc/1 takes 10 s, ce/2 fails after 4 s more, half of ce+dsc/2 takes 5 s. */
const STORY: readonly [seconds: number, CompareEvent][] = [
  [0, { kind: 'stage', title: 'runs', jobs: JOBS, done: ['ce/1'], damaged: [], size: 1 }],
  [0, { kind: 'done', job: JOBS[0], run: runOf(0.8, 0.7) }],
  [0, { kind: 'start', job: JOBS[1] }],
  [5, { kind: 'progress', job: JOBS[1], event: { epoch: 3, epochs: 4, share: 0, devScore: 0.5, tokensPerSecond: 9 } }],
  [10, { kind: 'done', job: JOBS[1], run: runOf(0.6, 0.5) }],
  [10, { kind: 'start', job: JOBS[2] }],
  [14, { kind: 'failed', job: JOBS[2], message: 'loss is NaN' }],
  [14, { kind: 'start', job: JOBS[3] }],
  [19, { kind: 'progress', job: JOBS[3], event: { epoch: 2, epochs: 4, share: 1, devScore: 0.6, tokensPerSecond: 9 } }],
];

function play(isTTY: boolean, quiet = false): string {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 120, rows: 40 }) as PassThrough & ProgressStream;
  let now = 0;
  const { listen, end } = createCompareProgress(stream, quiet, () => 1000 * now);
  for (const [seconds, event] of STORY) {
    now = seconds;
    listen(event);
  }
  end();
  return String(stream.read() ?? '');
}

describe('createCompareProgress', () => {
  it('writes a plain line for each thing that happens off a terminal', () => {
    expect(play(false)).toBe(
      [
        'runs: 4, 1 done already, 1 at a time',
        'ce+dsc/1: started',
        'ce+dsc/1: done  dev 60.00  test 50.00  10 s  (2/4, about 20 s left)',
        'ce/2: started',
        'failed: ce/2: loss is NaN',
        'ce+dsc/2: started',
        '',
      ].join('\n'),
    );
  });

  it('draws a bar over all, one a loss with its scores and one a running job on a terminal', () => {
    const text = play(true);
    expect(text).toMatch(/^runs: 4, 1 done already, 1 at a time\n/);
    expect(text).toMatch(/all runs +█+░+ 3\/4 +about 5 s left/);
    expect(text).toMatch(/ce +█+░+ 1\/2 +dev 80\.00 {2}scored 70\.00/);
    expect(text).toMatch(/ce\+dsc +█+░+ 1\/2 +dev 60\.00 {2}scored 50\.00/);
    expect(text).toContain('failed: ce/2: loss is NaN\n');
    expect(text).toMatch(/ce\+dsc\/2 +█+░+ 50 % {2}epoch 2\/4 {2}dev 60\.00/);
  });

  it('is silent when asked, but for failures', () => {
    expect(play(false, true)).toBe('failed: ce/2: loss is NaN\n');
    expect(play(true, true)).toBe('failed: ce/2: loss is NaN\n');
  });
});

describe('the state of a stage', () => {
  it('adds up the events', () => {
    let stage = NO_STAGE;
    const left: (number | null)[] = [];
    for (const [seconds, event] of STORY) {
      stage = advance(stage, event, 1000 * seconds);
      left.push(stageSecondsLeft(stage, 1000 * seconds));
    }
    // nothing known; half of the epochs took 5 s: 5 + 2 * 10; then by the finished run's 10 s
    expect(left).toEqual([null, null, null, 25, 20, 20, 10, 10, 5]);
    expect(stage).toMatchObject({ total: 4, done: 2, failed: 1, finished: [10] });
    expect([...stage.running.keys()]).toEqual(['ce+dsc/2']);
    expect(advance(stage, { kind: 'interrupted', job: JOBS[3] }, 0).running.size).toBe(0);
  });

  it.each([
    ['ce/1', 'ce'],
    ['dsc:form=one-vs-rest/12', 'dsc:form=one-vs-rest'],
    ['tune/ce+dsc/1/4', 'ce+dsc'],
  ])('%s is a run of %s', (id, label) => {
    expect(labelOf(job(id))).toBe(label);
  });
});
