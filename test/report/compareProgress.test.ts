import { PassThrough } from 'node:stream';
import type { FinishedRun, Job } from '../../src/compare/job';
import type { CompareEvent } from '../../src/compare/launch';
import { advance, labelOf, NO_STAGE, stageSecondsLeft } from '../../src/compare/progress';
import { parseConfig } from '../../src/config';
import { createCompareProgress } from '../../src/report/compareProgress';
import type { ProgressStream } from '../../src/report/progress';

const job = (id: string): Job => ({
  id,
  config: { ...parseConfig([]), seed: Number(id.split('/').at(-1)), out: id },
  analyse: true,
});
const JOBS = ['ce/1', 'ce+dsc/1', 'ce/2', 'ce+dsc/2'].map(job);

const runOf = (dev: number, test: number): FinishedRun =>
  ({
    result: {
      best: { score: dev },
      test: { entities: { micro: { f1: test } } },
      timing: { seconds: 10 },
      engine: { threads: 2 },
    },
    analysis: null,
  }) as unknown as FinishedRun;

const BY = { reference: 'ce', grows: false };

/** ce/1 was on disk; ce+dsc/1 takes 10 s, ce/2 fails after 4 s more, half of ce+dsc/2 takes 5 s. */
const STORY: readonly [seconds: number, CompareEvent][] = [
  [0, { kind: 'stage', title: 'runs', jobs: JOBS, done: ['ce/1'], damaged: [], size: 1, ...BY }],
  [0, { kind: 'done', job: JOBS[0], run: runOf(0.8, 0.7) }],
  [0, { kind: 'start', job: JOBS[1] }],
  [5, { kind: 'progress', job: JOBS[1], event: { epoch: 3, epochs: 4, share: 0, devScore: 0.5, tokensPerSecond: 9 } }],
  [10, { kind: 'done', job: JOBS[1], run: runOf(0.6, 0.5) }],
  [10, { kind: 'start', job: JOBS[2] }],
  [14, { kind: 'failed', job: JOBS[2], message: 'loss is NaN' }],
  [14, { kind: 'start', job: JOBS[3] }],
  [19, { kind: 'progress', job: JOBS[3], event: { epoch: 2, epochs: 4, share: 1, devScore: 0.6, tokensPerSecond: 9 } }],
];

function play(isTTY: boolean, quiet = false, story = STORY): string {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 120, rows: 40 }) as PassThrough & ProgressStream;
  let now = 0;
  const { listen, end } = createCompareProgress(stream, quiet, () => 1000 * now);
  for (const [seconds, event] of story) {
    now = seconds;
    listen(event);
  }
  end();
  return String(stream.read() ?? '');
}

describe('createCompareProgress', () => {
  it('writes a plain line for each run that ends off a terminal, and a sign of life where none does for long', () => {
    expect(play(false)).toBe(
      [
        'runs: 4, 1 done already, 1 at a time',
        'ce+dsc/1: done  dev 60.00  test 50.00  10 s  (2/4, about 20 s left, 40 s of processors so far)',
        'failed: ce/2: loss is NaN',
        '',
      ].join('\n'),
    );
  });

  it('draws a bar over all, one a loss with its scores and one a running job on a terminal', () => {
    const text = play(true);
    expect(text).toMatch(/^runs: 4, 1 done already, 1 at a time\n/);
    expect(text).toMatch(/all runs +█+░+ 3\/4 +about 5 s left, 40 s of processors so far/);
    expect(text).toMatch(/ce +█+░+ 1\/2 +dev 80\.00 {2}scored 70\.00/);
    expect(text).toMatch(/ce\+dsc +█+░+ 1\/2 +dev 60\.00 {2}scored 50\.00 {2}-20\.00 against ce/);
    expect(text).toContain('failed: ce/2: loss is NaN\n');
    expect(text).toMatch(/ce\+dsc\/2 +█+░+ 50 % {2}epoch 2\/4 {2}dev 60\.00/);
  });

  it('says after each seed what is known of every loss, and what is decided whatever comes', () => {
    const scores = { ce: [50, 50, 50, 50, 50], dsc: [51, 54, 51, 52, 53], tl: [49, 51, 52, 50, 51] };
    const jobs = [1, 2, 3, 4, 5].flatMap((seed) => Object.keys(scores).map((label) => job(`${label}/${seed}`)));
    const story: [number, CompareEvent][] = [
      [0, { kind: 'stage', title: 'runs', jobs, done: [], damaged: [], size: 1, ...BY }],
      ...jobs.map((one, i): [number, CompareEvent] => {
        const [label, seed] = one.id.split('/');
        const score = scores[label as keyof typeof scores][Number(seed) - 1] / 100;
        return [i, { kind: 'done', job: one, run: runOf(score, score) }];
      }),
    ];
    const lines = play(false, false, story).split('\n');
    const told = lines.filter((line) => line.startsWith('after '));
    expect(told).toEqual([
      // differences 1 and 4 points: mean 2.5, deviation of the mean 1.5, t of one degree 12.706
      'after 2 of 5 seeds, micro-F1 against ce: dsc +2.50 (-16.56..21.56), open; tl +0.00 (-12.71..12.71), decided: its seeds disagree, so that no difference can be shown',
      'after 3 of 5 seeds, micro-F1 against ce: dsc +2.00 (-2.30..6.30), open; tl +0.67 (-3.13..4.46), decided: its seeds disagree, so that no difference can be shown',
      'after 4 of 5 seeds, micro-F1 against ce: dsc +2.00 (-0.25..4.25), open; tl +0.50 (-1.55..2.55), decided: its seeds disagree, so that no difference can be shown',
    ]);
    expect(lines.filter((line) => line.includes('no verdict yet'))).toEqual([
      '  no verdict yet: that is drawn with the last seed, by sentences as well; these intervals, 95 %, are of the spread of the seeds so far',
    ]);
    const bars = play(true, false, story.slice(0, -3));
    expect(bars).toContain('+2.00 (-0.25..4.25) against ce');
    expect(bars).toContain('+0.50 (-1.55..2.55) against ce, none can be shown');
    expect(play(false, true, story)).toBe('');
    const [[, stage], ...rest] = story;
    const grown = play(false, false, [[0, { ...stage, grows: true } as CompareEvent], ...rest]);
    expect(grown).toContain('that is drawn at the looks of --until-decided alone');
    expect(grown).not.toContain('decided:');
    const tuned = play(false, false, [[0, { ...stage, reference: null } as CompareEvent], ...rest]);
    expect(tuned).not.toContain('against');
  });

  it('says what is under way where no run has ended for a minute', () => {
    const [stage, , start, progress] = STORY;
    const at = (seconds: number): [number, CompareEvent] => [seconds, progress[1]];
    const other: [number, CompareEvent] = [0, { kind: 'start', job: JOBS[3] }];
    const lines = play(false, false, [stage, start, other, at(59), at(61), at(62), at(130)]).split('\n');
    expect(lines.slice(1)).toEqual([
      'under way: ce+dsc/1, epoch 3/4  dev 50.00 and 1 other run  (0/4, about 6 min 06 s left)',
      'under way: ce+dsc/1, epoch 3/4  dev 50.00 and 1 other run  (0/4, about 13 min 00 s left)',
      '',
    ]);
  });

  it('writes a line for each loss that is through a round of tuning, whatever its runs are', () => {
    const jobs = ['ce/1/1', 'ce/1/2', 'ce+dsc/1/1', 'ce+dsc/1/2'].map((id) => job(`tune/${id}`));
    const done = (i: number, dev: number): [number, CompareEvent] => [i, { kind: 'done', job: jobs[i], run: runOf(dev, dev) }]; // prettier-ignore
    const lines = play(false, false, [
      [0, { kind: 'stage', title: 'tuning 1 of 3', jobs, done: ['tune/ce/1/1'], damaged: [], size: 2, reference: null, grows: false }], // prettier-ignore
      done(0, 0.5),
      done(1, 0.625),
      done(2, 0.25),
      [3, { kind: 'failed', job: jobs[3], message: 'loss is NaN' }],
    ]).split('\n');
    expect(lines).toEqual([
      'tuning 1 of 3: 4, 1 done already, 2 at a time',
      'tuning 1 of 3: ce: 2 runs, best epochs on dev 50.00..62.50  (2/4, 40 s of processors so far)',
      'failed: tune/ce+dsc/1/2: loss is NaN',
      'tuning 1 of 3: ce+dsc: 2 runs, best epochs on dev 25.00..25.00, 1 failed  (4/4, 1 min 00 s of processors so far)',
      '',
    ]);
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
