import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finalJobs } from '../../src/compare';
import { shareCores } from '../../src/compare/cores';
import type { ConfigValues } from '../../src/config';
import { type CompareOptions, rehearseCompare } from '../../src/library/compare';
import { train } from '../../src/library/train';
import { compareRehearsalText } from '../../src/report/rehearsal';
import { makePlan } from '../../src/compare/plan';
import { openFolder } from '../../src/compare/planFile';
import { hashData } from '../../src/compare/jobs';
import { COMPARE_DEFAULTS } from '../../src/compare/defaults';
import { cut } from '../cli/binary';

const folder = mkdtempSync(join(tmpdir(), 'dsc-rehearse-'));
const out = join(folder, 'cmp');
const config: ConfigValues = {
  data: { train: cut('ner/train.conll', 30, folder), dev: cut('ner/dev.conll', 10, folder), test: null },
  model: { wordDim: 6, hidden: 5, affixDim: 2 },
  train: { epochs: 2, batchTokens: 100 },
  engine: { name: 'js' },
};
const options: CompareOptions = { losses: 'ce,dsc:alpha=0.1', seeds: 3, out, jobs: 2 };

afterAll(() => rmSync(folder, { recursive: true }));

describe('rehearseCompare', () => {
  it('counts the runs, times each loss, and leaves nothing', async () => {
    const before = readdirSync(folder);
    const found = await rehearseCompare(config, options);
    expect(readdirSync(folder)).toEqual(before);
    const { size, threads } = shareCores(6, 2);
    expect(found).toMatchObject({ folder: out, seeds: [1, 2, 3], done: 0, runs: 6, size, threads, tunes: false });
    expect(found?.losses.map(({ label, left }) => [label, left])).toEqual([['ce', 3], ['dsc:alpha=0.1', 3]]); // prettier-ignore
    const [one, other] = found?.losses.map(({ seconds }) => seconds ?? 0) ?? [];
    expect(one).toBeGreaterThan(0);
    expect(found?.seconds).toBeCloseTo((3 * one + 3 * other) / 2, 9);
    expect(found && compareRehearsalText(found)).toMatch(/^dry run: .*\n2 losses with 3 seeds: 6 runs in .*cmp\nloss +runs left +about each\nce +3 +/); // prettier-ignore
  });

  it('takes what is done out, and says what would be refused', async () => {
    const plan = makePlan([{ source: 'test', values: config }], {
      ...COMPARE_DEFAULTS,
      ...{ losses: 'ce,dsc:alpha=0.1', seeds: '3', out, tune: false },
    });
    await openFolder({ plan, hashes: await hashData(plan.entrants.map((entrant) => entrant.config)) }, false);
    const [first] = finalJobs(plan, plan.entrants).map((job) => job.config);
    await train({ ...first });
    const found = await rehearseCompare(config, options); // its analysis is not there: not whole
    expect(found).toMatchObject({ done: 0, runs: 6 });
    expect(existsSync(join(out, 'ce/1/result.json'))).toBe(true);
    await expect(rehearseCompare(config, { ...options, losses: 'ce,fl' })).rejects.toThrow('loss dsc:alpha=0.1 there, not here'); // prettier-ignore
    expect((await rehearseCompare(config, { ...options, losses: 'ce,fl', overwrite: true }))?.runs).toBe(6);
    expect(existsSync(join(out, 'ce/1/result.json'))).toBe(true);
    mkdirSync(join(folder, 'run'));
    writeFileSync(join(folder, 'run/best.ckpt'), '');
    await expect(rehearseCompare(config, { ...options, out: join(folder, 'run') })).rejects.toThrow('holds a run already'); // prettier-ignore
    const gone = { ...config, data: { ...config.data, train: join(folder, 'none') } } as ConfigValues;
    await expect(rehearseCompare(gone, { ...options, out: join(folder, 'new') })).rejects.toThrow('no such file');
  });

  it('stops when it is told to', async () => {
    expect(await rehearseCompare(config, { ...options, signal: AbortSignal.abort() })).toBeNull();
  });
});
