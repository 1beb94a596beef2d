import { type Child, type ChildEvent, startChild } from '../../src/compare/child';

const never = new AbortController().signal;

/** A child that begins with each job and does what `text` says with its path, `job`. */
const worker = (text: string, signal = never): Child =>
  startChild(
    [
      process.execPath,
      '-e',
      `const say = (sign) => console.log(JSON.stringify(sign));
       require('node:readline').createInterface({ input: process.stdin }).on('line', (job) => { say({ job: 'begun' }); ${text} });`,
    ],
    signal,
  );

/** One job of a child of its own. */
async function once(text: string, signal = never, events: ChildEvent[] = []) {
  const child = worker(text, signal);
  const outcome = await child.work('x', (event) => void events.push(event));
  await child.end();
  return outcome;
}

describe('a child', () => {
  it('does one job after the other, and hands on what it tells of each, line by line, and nothing else', async () => {
    const child = worker(
      `say({ epoch: 1, job: undefined }); console.log('by the way ' + job); process.stdout.write('{"epo');
       setTimeout(() => { console.log('ch":2}'); say({ job: 'done', pid: process.pid }); }, 20)`,
    );
    for (const job of ['a', 'b']) {
      const events: ChildEvent[] = [];
      expect(await child.work(job, (event) => void events.push(event))).toEqual({ status: 'done' });
      expect(events).toEqual([{ epoch: 1 }, { epoch: 2 }]);
    }
    expect(child.isGone).toBe(false);
    await child.end();
    expect(child.isGone).toBe(true);
    expect(await child.work('c', () => undefined)).toBeNull();
  });

  it('takes one that dies in the middle of a line as any other that fails', async () => {
    const events: ChildEvent[] = [];
    const text = `process.stdout.write('{"epoch":1}\\n{"epo', () => process.exit(9))`;
    expect(await once(text, never, events)).toEqual({ status: 'failed', message: 'ended with exit code 9' });
    expect(events).toEqual([{ epoch: 1 }]);
  });

  it.each([
    ["console.error('warning: x\\nerror: loss is NaN\\nnote: y'); process.exit(3)", 'loss is NaN'],
    ["console.error('first\\nlast words'); process.exit(70)", 'ended with exit code 70: last words'],
    ['process.exit(9)', 'ended with exit code 9'],
    ['process.exit(0)', 'ended with exit code 0'],
    ["process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 1e4)", 'killed by SIGTERM'],
    [
      "process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 1e4)",
      'killed by SIGKILL: most often the machine ran out of memory (try fewer --jobs)',
    ],
  ])('%s fails the job with its reason', async (text, message) => {
    expect(await once(text)).toEqual({ status: 'failed', message });
  });

  it('blames no job for an end between two', async () => {
    const child = worker("say({ job: 'done' }); process.stdin.pause(); setTimeout(() => process.exit(9), 300)"); // never sees another
    expect(await child.work('a', () => undefined)).toEqual({ status: 'done' });
    expect(await child.work('b', () => undefined)).toBeNull();
    await child.end();
  });

  it('says so when there is no such program', async () => {
    const child = startChild(['/no/such/program'], never);
    expect(await child.work('x', () => undefined)).toEqual({
      status: 'failed',
      message: expect.stringContaining('cannot start /no/such/program') as string,
    });
  });

  it('is stopped by closing its stdin, and once only', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    const text = "process.stdin.on('end', () => process.exit(130)); setTimeout(() => process.exit(0), 20000)";
    expect(await once(text, stop.signal)).toEqual({ status: 'interrupted' });
  });

  it('counts as done what was done just as it was stopped', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    const text = "process.stdin.on('end', () => { say({ job: 'done' }); process.exitCode = 0 })";
    expect(await once(text, stop.signal)).toEqual({ status: 'done' });
  });
});
