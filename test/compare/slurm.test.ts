import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Job } from '../../src/compare/job';
import { arrayScript } from '../../src/compare/slurm';
import { parseConfig } from '../../src/config';
import { compareArguments, dsc, writeCorpora } from './binary';

const job: Job = { id: 'ce/1', config: { ...parseConfig([]), out: 'x' }, analyse: true };

describe('arrayScript', () => {
  const slurm = {
    command: ['/usr/bin/node', "/it's here/dsc-train.js"],
    jobs: 4,
    options: ['--partition=gpu'],
    out: '/data/cmp',
  };

  it('is one task a run, in plain Slurm', () => {
    const script = arrayScript([job, job, job], '/data/cmp/slurm/a b.json', slurm);
    expect(script).toMatch(/^#!\/bin\/bash\n#SBATCH --job-name/);
    for (const line of [
      '#SBATCH --array=0-2%4',
      '#SBATCH --cpus-per-task=1',
      '#SBATCH --output=/data/cmp/slurm/%A_%a.out',
      '#SBATCH --partition=gpu',
      `exec /usr/bin/node '/it'\\''s here/dsc-train.js' compare-run '/data/cmp/slurm/a b.json' --index "$SLURM_ARRAY_TASK_ID"`,
    ]) {
      expect(script.split('\n')).toContain(line);
    }
  });

  it('leaves the number at a time to Slurm, and asks for the threads of the config', () => {
    const threaded = { ...job, config: { ...job.config, engine: { ...job.config.engine, threads: 6 } } };
    const script = arrayScript([threaded], 'j.json', { ...slurm, jobs: null });
    expect(script).toContain('\n#SBATCH --array=0-0\n');
    expect(script).toContain('\n#SBATCH --cpus-per-task=6\n');
  });

  it('is what bash reads back word for word', () => {
    const odd = ['printf', '%s\\n', "a'b", 'c d', '$HOME', '`x`', '*', ''];
    const script = arrayScript([job], 'j.json', { ...slurm, command: odd });
    const printed = execFileSync('bash', ['--norc', '-c', script.replace(/^exec /m, '')], { encoding: 'utf8', env: { SLURM_ARRAY_TASK_ID: '7', PATH: process.env.PATH } }); // prettier-ignore
    expect(printed.split('\n')).toEqual([
      "a'b",
      'c d',
      '$HOME',
      '`x`',
      '*',
      '',
      'compare-run',
      'j.json',
      '--index',
      '7',
      '',
    ]);
  });
});

const folder = mkdtempSync(join(tmpdir(), 'dsc-slurm-'));
const script = (name: string): string => resolve(__dirname, '../slurm', name);
const port = 20_000 + (process.pid % 20_000);
const started = spawnSync(script('start.sh'), [join(folder, 'slurm')], {
  encoding: 'utf8',
  env: { ...process.env, SLURM_TEST_PORT: String(port) },
});
const describeOnSlurm: (name: string, body: () => void) => void =
  started.status === 0
    ? describe
    : (name, body) => describe.skip(`${name} [skipped: no Slurm starts here: ${started.stdout.trim()}]`, body);

afterAll(() => {
  spawnSync(script('stop.sh'), [join(folder, 'slurm')]);
  rmSync(folder, { recursive: true, force: true });
});

describeOnSlurm('compare --launcher slurm', () => {
  const env = { SLURM_CONF: join(folder, 'slurm', 'slurm.conf') };
  const slurm = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  const untilEmpty = async (): Promise<void> => {
    while (slurm('squeue', '--noheader') !== '') await new Promise((later) => setTimeout(later, 300));
  };

  it('submits what is open, refuses to submit it twice, and collects it', async () => {
    const out = join(folder, 'compare');
    const args = [...compareArguments(writeCorpora(folder), out), '--launcher', 'slurm', '--slurm-option=--time=5'];
    const first = dsc(args, env);
    expect(first.stderr).toMatch(/^runs: submitted 4 of 4 runs as Slurm job \d+ /);
    expect(first).toMatchObject({ code: 0, stdout: '' });
    const again = dsc(args, env);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/error: .*: Slurm job \d+ still has \d tasks?\n/);

    await untilEmpty();
    const collected = dsc(['compare', '--collect', out], env);
    expect(collected).toMatchObject({ code: 0 });
    expect(collected.stdout).toContain('dsc');
    const done = dsc(args, env); // nothing is left to submit: the report at once
    expect(done.code).toBe(0);
    expect(done.stdout).toBe(collected.stdout);
    expect(slurm('squeue', '--noheader')).toBe('');
  }, 120_000);
});

it('says so where there is no sbatch', () => {
  const args = [...compareArguments(writeCorpora(folder), join(folder, 'none')), '--launcher', 'slurm'];
  const { code, stderr } = dsc(args, { PATH: '/nonexistent' });
  expect(code).toBe(1);
  expect(stderr).toContain('error: --launcher slurm: there is no sbatch on this machine\n');
});
