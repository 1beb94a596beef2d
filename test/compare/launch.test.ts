import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '../../src/compare/job';
import { locally } from '../../src/compare/launch';
import { parseConfig } from '../../src/config';
import { UserError } from '../../src/errors';
import { sealed } from '../../src/files/json';
import { VERSION } from '../../src/package';

const folder = mkdtempSync(join(tmpdir(), 'dsc-launch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Leaves its process's id beside each job, and no result; of some jobs it dies. */
const FAKE = join(folder, 'fake.js');
writeFileSync(
  FAKE,
  `const { writeFileSync } = require('node:fs');
   require('node:readline').createInterface({ input: process.stdin }).on('line', (path) => {
     console.log('{"job":"begun"}');
     writeFileSync(path.replace('job.json', 'pid'), String(process.pid));
     if (path.includes('/killed/')) process.kill(process.pid, 'SIGKILL');
     else if (path.includes('/faulty/')) { console.error('error: loss is NaN'); process.exit(3); }
     else console.log('{"job":"done"}');
   });`,
);

const job = (name: string, values: object = {}): Job => {
  const given = { data: { train: 'a', dev: 'b' }, engine: { name: 'js' }, ...values };
  const config = { ...parseConfig([{ source: 'test', values: given }]), out: join(folder, name) };
  return { id: `${name}/1`, config, analyse: false };
};

const launchStage = () =>
  locally({
    command: [process.execPath, FAKE],
    plan: { reference: 'a', until: null },
    jobs: 1,
    signal: new AbortController().signal,
    listen: () => undefined,
  });

async function launch(jobs: readonly Job[]) {
  const results = await launchStage()('runs', jobs, new Map());
  return {
    messages: results?.map(({ outcome }) => (outcome.status === 'failed' ? outcome.message : outcome.status)),
    pids: jobs.map(({ config }) => Number(readFileSync(join(config.out, 'pid'), 'utf8'))),
  };
}

const NO_RESULT = expect.stringContaining('it ended without a result') as string; // the fake leaves none

describe('locally', () => {
  it('does the jobs of one place in one process, and those after one that failed in another', async () => {
    const { messages, pids } = await launch(['a', 'b', 'killed', 'c', 'faulty', 'd', 'e'].map((name) => job(name)));
    const killed = expect.stringContaining('killed by SIGKILL') as string;
    expect(messages).toEqual([NO_RESULT, NO_RESULT, killed, NO_RESULT, 'loss is NaN', NO_RESULT, NO_RESULT]);
    const [a, b, k, c, f, d, e] = pids;
    expect([b, k, f, e]).toEqual([a, a, c, d]);
    expect(new Set(pids).size).toBe(3);
    for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false); // nobody is left behind
  });

  it("gives a run with code of a person's own a process of its own", async () => {
    const own = { model: { features: './mine.mjs' } };
    const { pids } = await launch([job('f'), job('g', own), job('h', own), job('i')]);
    expect(pids[3]).toBe(pids[0]);
    expect(new Set(pids).size).toBe(3);
  });

  it.each<[string, Error | null, string | null]>([
    ['what needs no other run', null, null],
    ['nothing more where a run is damaged', new UserError('damaged', ''), null],
    ['and hides no fault', new TypeError('a fault'), 'a fault'],
  ])('does ahead of a run that is finished %s', async (_, error, thrown) => {
    const done = job('done');
    const result = { version: VERSION, config: done.config, data: { train: { path: 'a', sha256: '1' }, dev: { path: 'b', sha256: '2' }, test: null }, warnings: [] }; // prettier-ignore
    mkdirSync(done.config.out, { recursive: true });
    writeFileSync(join(done.config.out, 'result.json'), JSON.stringify(sealed(result)));
    const ahead: string[] = [];
    const stage = launchStage()('runs', [done, job('open')], new Map([['a', '1'], ['b', '2']]), async ({ job: { id }, run }) => {
      await Promise.resolve();
      ahead.push(`${id} ${String(run !== null)}`);
      if (error) throw error;
    }); // prettier-ignore
    if (thrown === null) expect(await stage).toHaveLength(2);
    else await expect(stage).rejects.toThrow(thrown);
    expect(ahead[0]).toBe('done/1 true');
  });
});
