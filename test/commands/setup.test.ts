import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { run } from '../../src/cli';

async function setup(...flags: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const argv = ['node', 'dsc-train', 'setup', ...flags];
  const proc = { argv, stdin: new PassThrough(), stdout, stderr, on: () => proc, off: () => proc };
  const code = await run(proc);
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

// The work itself is tested in test/setup.
describe('dsc-train setup', () => {
  let home: string;
  const before = process.env.DSC_TRAIN_HOME;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'dsc-train-command-'));
    process.env.DSC_TRAIN_HOME = home;
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
    if (before === undefined) delete process.env.DSC_TRAIN_HOME;
    else process.env.DSC_TRAIN_HOME = before;
  });

  it('refuses what it does not know', async () => {
    const { code, err } = await setup('pytorch');
    expect(code).toBe(1);
    expect(err).toContain("there is no 'pytorch' to set up");
    expect(err).toContain('note: dsc-train setup tensorflow');
  });

  it('removes the build that is asked for, in the folder that DSC_TRAIN_HOME names', async () => {
    for (const build of ['tensorflow', 'tensorflow-gpu', 'tensorflow-gpu.partial']) {
      mkdirSync(join(home, build));
      writeFileSync(join(home, build, 'file'), '');
    }
    expect(await setup('tensorflow', '--remove')).toEqual({
      code: 0,
      out: `removed ${join(home, 'tensorflow')}\n`,
      err: '',
    });
    expect(existsSync(join(home, 'tensorflow-gpu', 'file'))).toBe(true);
    const { out } = await setup('tensorflow', '--gpu', '--remove');
    expect(out.trim().split('\n')).toHaveLength(2);
    expect(existsSync(join(home, 'tensorflow-gpu'))).toBe(false);
    expect((await setup('tensorflow', '--remove')).out).toBe('nothing was set up\n');
  });

  it('says of a folder without anything in it what should be there', async () => {
    const program = join(home, 'npm');
    writeFileSync(program, '#!/bin/sh\nmkdir -p node_modules/@tensorflow/tfjs-node-gpu\n', { mode: 0o755 });
    const path = process.env.PATH ?? '';
    process.env.PATH = `${home}:${path}`;
    try {
      const { code, err } = await setup('tensorflow', '--from', home);
      expect(code).toBe(1);
      expect(err).toContain('[1/4]');
      expect(err).toContain(`error: ${home}: neither a wheel nor a libtensorflow is here`);
      expect(existsSync(join(home, 'tensorflow'))).toBe(false);
    } finally {
      process.env.PATH = path;
    }
  });
});
