import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { run } from '../../src/cli';
import type { Examination } from '../../src/doctor/diagnose';
import { ENGINES } from '../../src/engine';
import { ALL_OPS } from '../../src/kernels';

const refusals = JSON.parse(process.env.DSC_TRAIN_REFUSALS ?? '{}') as Record<string, string>;

async function doctor(...flags: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const argv = ['node', 'dsc-train', 'doctor', ...flags];
  const proc = { argv, stdin: new PassThrough(), stdout, stderr, on: () => proc, off: () => proc };
  const code = await run(proc);
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

describe('dsc-train doctor', () => {
  it('tests every kernel of an engine and trains for a while, as JSON', async () => {
    const { code, out } = await doctor('--engine', 'js', '--seconds', '0.01', '--json');
    const found = JSON.parse(out) as Examination;
    expect(code).toBe(0);
    expect(found).toMatchObject({ asked: 'js', works: true, machine: { node: process.version.slice(1) } });
    const [js] = found.engines;
    expect(js).toMatchObject({ engine: 'js', works: true, threads: 1 });
    expect(js.kernels).toHaveLength(ALL_OPS.flatMap(([, { gradient }]) => (gradient ? [0, 1] : [0])).length);
    const { tokensPerSecond = 0, stepMilliseconds = 0, steps } = js.speed ?? {};
    expect(steps).toBeGreaterThanOrEqual(3);
    expect(tokensPerSecond * stepMilliseconds).toBeGreaterThan(0.99 * 720_000); // 720 tokens a step
    expect(tokensPerSecond * stepMilliseconds).toBeLessThan(1.01 * 720_000);
  });

  it('says the same in words, and nothing of speed when it may not train', async () => {
    const { code, out } = await doctor('--engine', 'js', '--seconds', '0');
    expect(code).toBe(0);
    for (const [, { forward }] of ALL_OPS) expect(out).toMatch(new RegExp(`${forward.name} .* ok`));
    expect(out).toContain('engine js: works');
    expect(out).not.toContain('tokens/s');
  });

  it('tries all engines in processes of their own, and takes the one that auto takes', async () => {
    const { code, out, err } = await doctor('--seconds', '0', '--json');
    const found = JSON.parse(out) as Examination;
    expect(code).toBe(0);
    expect(found.engines.map(({ engine }) => engine)).toEqual(Object.keys(ENGINES));
    for (const name of Object.keys(ENGINES)) expect(err).toContain(`trying ${name}`);
    for (const { engine, works, problem } of found.engines) {
      expect(works).toBe(!(engine in refusals));
      if (!works) expect(problem?.note).not.toBe('');
    }
  });

  for (const [name, why] of Object.entries(refusals)) {
    it(`ends with exit code 1 for ${name}, which does not open here, and says why`, async () => {
      const { code, out } = await doctor('--engine', name);
      expect(code).toBe(1);
      expect(out).toContain(why.split('\n')[0]);
      expect(out).toContain(`engine ${name}: does not work`);
    });
  }

  it('refuses a time that is none, and an engine that there is not', async () => {
    for (const seconds of ['-1', 'ten', '']) {
      const { code, err } = await doctor('--engine', 'js', '--seconds', seconds);
      expect(code).toBe(1);
      expect(err).toContain(`--seconds is '${seconds}'`);
    }
    expect((await doctor('--engine', 'gpu')).code).toBe(1);
  });
});
