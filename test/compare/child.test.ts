import { type ChildEvent, runChild } from '../../src/compare/child';

const script = (text: string): string[] => [process.execPath, '-e', text];
const run = (text: string, signal = new AbortController().signal, events: ChildEvent[] = []) =>
  runChild(script(text), { signal, listen: (event) => void events.push(event) });

describe('runChild', () => {
  it('hands on what the child tells, line by line, and nothing else', async () => {
    const events: ChildEvent[] = [];
    const text = `console.log('{"epoch":1}'); console.log('by the way'); process.stdout.write('{"epo'); setTimeout(() => console.log('ch":2}'), 20)`;
    expect(await run(text, undefined, events)).toEqual({ status: 'done' });
    expect(events).toEqual([{ epoch: 1 }, { epoch: 2 }]);
  });

  it('takes a child that dies in the middle of a line as any other that fails', async () => {
    const events: ChildEvent[] = [];
    const text = `process.stdout.write('{"epoch":1}\\n{"epo', () => process.exit(9))`;
    expect(await run(text, undefined, events)).toEqual({ status: 'failed', message: 'ended with exit code 9' });
    expect(events).toEqual([{ epoch: 1 }]);
  });

  it.each([
    ["console.error('warning: x\\nerror: loss is NaN\\nnote: y'); process.exit(3)", 'loss is NaN'],
    ["console.error('first\\nlast words'); process.exit(70)", 'ended with exit code 70: last words'],
    ['process.exit(9)', 'ended with exit code 9'],
    ["process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 1e4)", 'killed by SIGTERM'],
    [
      "process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 1e4)",
      'killed by SIGKILL: most often the machine ran out of memory (try fewer --jobs)',
    ],
  ])('%s fails with its reason', async (text, message) => {
    expect(await run(text)).toEqual({ status: 'failed', message });
  });

  it('says so when there is no such program', async () => {
    const outcome = await runChild(['/no/such/program'], {
      signal: new AbortController().signal,
      listen: () => undefined,
    });
    expect(outcome).toEqual({
      status: 'failed',
      message: expect.stringContaining('cannot start /no/such/program') as string,
    });
  });

  it('stops a child by closing its stdin, and once only', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    const text = "process.stdin.resume().on('end', () => process.exit(130)); setTimeout(() => process.exit(0), 20000)";
    expect(await run(text, stop.signal)).toEqual({ status: 'interrupted' });
  });

  it('counts as done what ended well just as it was stopped', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    expect(await run("process.stdin.resume().on('end', () => process.exit(0))", stop.signal)).toEqual({
      status: 'done',
    });
  });
});
