import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimFolder } from '../../src/compare/claim';
import { makePlan } from '../../src/compare/plan';
import { openFolder, readPlan } from '../../src/compare/planFile';
import { UserError } from '../../src/errors';

const root = mkdtempSync(join(tmpdir(), 'dsc-claim-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let n = 0;
const fresh = (): string => join(root, String(n++));

describe('claimFolder', () => {
  it('gives a folder to one comparison at a time', async () => {
    const out = fresh();
    const said: string[] = [];
    const giveBack = await claimFolder(out, (text) => said.push(text));
    await expect(claimFolder(out, (text) => said.push(text))).rejects.toThrow(
      `${out}: a comparison is running here, process ${process.pid}`,
    );
    await giveBack();
    expect(readdirSync(out)).toEqual([]);
    await (
      await claimFolder(out, (text) => said.push(text))
    )();
    expect(said).toEqual([]);
  });

  it('gives it to one of two that begin at once', async () => {
    for (let i = 0; i < 5; i++) {
      const out = fresh();
      const tries = await Promise.allSettled([1, 2].map(() => claimFolder(out, () => undefined)));
      const given = tries.filter(({ status }) => status === 'fulfilled');
      expect(given.length).toBeLessThanOrEqual(1);
      expect(readdirSync(out)).toHaveLength(given.length);
    }
  });

  it('takes over what a killed one left, and says so', async () => {
    const out = fresh();
    await claimFolder(out, () => undefined); // never given back
    const [name] = readdirSync(out);
    const dead = spawnSync('true').pid;
    renameSync(join(out, name), join(out, name.replace(`-${process.pid}-`, `-${dead}-`)));
    const said: string[] = [];
    await (
      await claimFolder(out, (text) => said.push(text))
    )();
    expect(said).toEqual([`${out}: the comparison of process ${dead} was killed; this one goes on with it\n`]);
    expect(readdirSync(out)).toEqual([]);
  });

  it('waits for one on another machine as long as that gives signs of life', async () => {
    const out = fresh();
    await claimFolder(out, () => undefined);
    const [name] = readdirSync(out);
    const foreign = join(out, name.replace(/^\.dsc-train-[0-9a-f]{8}/, '.dsc-train-00000000'));
    renameSync(join(out, name), foreign);
    await expect(claimFolder(out, () => undefined)).rejects.toThrow(UserError);
    utimesSync(foreign, 0, 0);
    await (
      await claimFolder(out, () => undefined)
    )();
  });
});

describe('openFolder', () => {
  const planOf = (out: string, more: object = {}, data: object = {}) =>
    makePlan([{ source: 'test', values: { data: { train: 'a', dev: 'b', test: 'c', ...data } } }], {
      out,
      losses: 'ce,dsc',
      seeds: '2',
      reference: 'ce',
      tune: false,
      candidates: 8,
      resamples: 10,
      ...more,
    });
  const hashes = new Map([['a', '1'], ['b', '2'], ['c', '3'], ['__proto__', '4']]); // prettier-ignore

  it('goes on with its own plan, and lets it grow', async () => {
    const out = fresh();
    await openFolder({ plan: planOf(out), hashes }, false);
    await openFolder({ plan: planOf(out), hashes }, false);
    await openFolder({ plan: planOf(out, { seeds: '5', losses: 'dsc,ce,fl', reference: 'fl' }), hashes }, false);
    const { plan, hashes: kept } = await readPlan(out);
    expect(plan).toEqual(planOf(out, { seeds: '5', losses: 'dsc,ce,fl', reference: 'fl' }));
    expect(kept).toEqual(hashes);
  });

  it.each([
    ['another corpus', {}, { train: 'x' }, hashes, 'data.train: "a" there, "x" here'],
    ['a corpus that changed', {}, {}, new Map([['a', '9']]), 'a: not the file that was compared there, it has changed'],
    ['fewer seeds', { seeds: '1' }, {}, hashes, 'seed 2 there, not here'],
    ['other losses', { losses: 'ce,fl' }, {}, hashes, 'loss dsc there, not here'],
    ['tuning', { tune: true }, {}, hashes, 'tune: null there, {"candidates":8} here'],
  ])('refuses %s, and leaves all as it is', async (_, more, paths, now, difference) => {
    const out = fresh();
    await openFolder({ plan: planOf(out), hashes }, false);
    const opened = openFolder({ plan: planOf(out, more, paths), hashes: now }, false);
    await expect(opened).rejects.toThrow(`${out}: holds another comparison:\n${difference}`);
    await expect(opened).rejects.toThrow(UserError);
    expect((await readPlan(out)).plan).toEqual(planOf(out));
    await openFolder({ plan: planOf(out, more, paths), hashes: now }, true);
    expect((await readPlan(out)).plan).toEqual(planOf(out, more, paths));
  });

  it('removes what was compared, and nothing else, to replace it', async () => {
    const out = fresh();
    await openFolder({ plan: planOf(out), hashes }, false);
    for (const name of ['compare.json', 'compare.csv', 'notes.txt', 'ce', 'dsc']) writeFileSync(join(out, name), '');
    await openFolder({ plan: planOf(out, { losses: 'ce,fl' }), hashes }, true);
    expect(readdirSync(out).sort()).toEqual(['notes.txt', 'plan.json']);
  });

  it('refuses the folder of a run', async () => {
    const out = fresh();
    await openFolder({ plan: planOf(out), hashes }, false);
    rmSync(join(out, 'plan.json'));
    writeFileSync(join(out, 'log.jsonl'), '');
    await expect(openFolder({ plan: planOf(out), hashes }, false)).rejects.toThrow(`${out}: holds a run already (log.jsonl)`); // prettier-ignore
    await expect(openFolder({ plan: planOf(out), hashes }, true)).rejects.toThrow(UserError);
  });
});
