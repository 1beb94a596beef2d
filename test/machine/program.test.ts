import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProgramOptions, runProgram } from '../../src/machine/program';

const run = (text: string, options?: ProgramOptions) => runProgram(process.execPath, ['-e', text], options);

describe('runProgram', () => {
  it('returns what a program printed, its complaints and how it ended', async () => {
    const text = "console.log('out'); console.error('err'); process.exitCode = 3";
    expect(await run(text)).toEqual({ code: 3, killedBy: null, printed: 'out\n', complaints: 'err\n' });
    expect(await run("process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 1e4)")).toMatchObject({
      code: null,
      killedBy: 'SIGKILL',
    });
  });

  it('keeps the end of the complaints', async () => {
    const { complaints } = await run("process.stderr.write('x'.repeat(50000) + 'last')");
    expect(complaints).toHaveLength(20_000);
    expect(complaints.endsWith('last')).toBe(true);
  });

  it('gives a program an empty stdin', async () => {
    const { printed } = await run("process.stdin.on('data', () => {}).on('end', () => console.log('ended'))");
    expect(printed).toBe('ended\n');
  });

  it('hands lines on as they come, and then returns none of them', async () => {
    const lines: string[] = [];
    const { printed } = await run("process.stdout.write('a\\nb')", { line: (text) => void lines.push(text) });
    expect(lines).toEqual(['a', 'b']);
    expect(printed).toBe('');
  });

  it('adds to the environment, and to the front of PATH', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'program-'));
    writeFileSync(join(folder, 'hello'), '#!/bin/sh\necho "$GREETING"\n');
    chmodSync(join(folder, 'hello'), 0o755);
    const text = "process.stdout.write(require('node:child_process').execFileSync('hello'))";
    expect((await run(text, { path: folder, env: { GREETING: 'hi' } })).printed).toBe('hi\n');
    expect((await run(text, { env: { GREETING: 'hi' } })).code).not.toBe(0);
  });

  it('passes the refusal of the system on where there is no such program', async () => {
    await expect(runProgram('/no/such/program', [])).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('closes the stdin when the signal is raised, also when it was before', async () => {
    const text = "process.stdin.resume().on('end', () => process.exit(130)); setTimeout(() => {}, 2e4)";
    for (const signal of [AbortSignal.timeout(50), AbortSignal.abort()])
      expect(await run(text, { signal })).toMatchObject({ code: 130 });
  });
});
