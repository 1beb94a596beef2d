import { type Outcome, runPool } from '../../src/compare/pool';

const done: Outcome = { status: 'done' };
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('runPool', () => {
  it('keeps at most so many under way, and all of them busy', async () => {
    let under = 0;
    let most = 0;
    const order: number[] = [];
    const outcomes = await runPool([30, 1, 1, 1, 1], 2, new AbortController().signal, async (ms) => {
      most = Math.max(most, ++under);
      await later(ms);
      order.push(ms);
      under--;
      return done;
    });
    expect(most).toBe(2);
    expect(order).toEqual([1, 1, 1, 1, 30]); // the long one holds up nobody
    expect(outcomes).toEqual([done, done, done, done, done]);
  });

  it('goes on after a failure, outcomes in the order of the jobs', async () => {
    const failed: Outcome = { status: 'failed', message: 'no' };
    const outcomes = await runPool(['a', 'b', 'c'], 1, new AbortController().signal, (job) =>
      Promise.resolve(job === 'b' ? failed : done),
    );
    expect(outcomes).toEqual([done, failed, done]);
  });

  it('starts nothing more once stopped', async () => {
    const stop = new AbortController();
    const started: number[] = [];
    const outcomes = await runPool([1, 2, 3], 1, stop.signal, (job) => {
      started.push(job);
      stop.abort();
      return Promise.resolve(done);
    });
    expect(started).toEqual([1]);
    expect(outcomes).toEqual([done, { status: 'interrupted' }, { status: 'interrupted' }]);
  });
});
