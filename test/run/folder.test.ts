import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ownName } from '../../src/files';
import { checkpointOf, type NamedCheckpoint, openRunFolder } from '../../src/run/folder';

const base = mkdtempSync(join(tmpdir(), 'dsc-folder-'));
const now = new Date('2026-01-31T23:59:58.123Z');
const config = (out: string | null) => ({ out, seed: 7, loss: { name: 'dsc' } });
const fresh = { overwrite: false, now };
const over = { overwrite: true, now };
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

const checkpoints = (text: string, isBest: boolean): NamedCheckpoint[] =>
  [...(isBest ? ['best'] : []), 'last'].map((name) => ({ name, pieces: [Buffer.from(text)] }));

/** A finished run of one epoch, with `mark` in every file. */
async function finish(out: string, mark: string, options = fresh): Promise<void> {
  const folder = await openRunFolder(config(out), options);
  folder.log({ mark });
  await folder.saveEpoch(checkpoints(mark, true));
  await folder.savePredictions('dev', mark);
  await folder.saveResult({ mark }, ['best', 'last']);
  await folder.close();
}

/** What a killed process leaves: its name in that of the hidden folder is that of a process that has ended. */
function asIfKilled(out: string): string {
  const [claim] = readdirSync(out).filter((name) => name.endsWith('.run'));
  const ended = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
  const name = claim.replace(`-${process.pid}-`, `-${ended}-`);
  renameSync(join(out, claim), join(out, name));
  return join(out, name);
}

describe('openRunFolder', () => {
  it('writes every file whole, and leaves nothing else', async () => {
    const folder = await openRunFolder(config(join(base, 'a')), fresh);
    folder.log({ kind: 'one' });
    folder.log({ kind: 'two' });
    await folder.saveEpoch(checkpoints('weights', true));
    expect(JSON.parse(readFileSync(join(base, 'a/config.json'), 'utf8'))).toEqual(config(join(base, 'a')));
    expect(readFileSync(join(base, 'a/log.jsonl'), 'utf8')).toBe('{"kind":"one"}\n{"kind":"two"}\n');
    folder.log({ kind: 'three' });
    await folder.saveEpoch(checkpoints('worse', false));
    await folder.savePredictions('dev', 'a\tO\tO\n');
    await folder.saveResult({ done: true }, ['best', 'last']);
    await folder.close();
    expect(contents(join(base, 'a'))).toMatchObject({
      'best.ckpt': 'weights',
      'last.ckpt': 'worse',
      'dev.pred.conll': 'a\tO\tO\n',
      'log.jsonl': '{"kind":"one"}\n{"kind":"two"}\n{"kind":"three"}\n',
      'result.json': '{\n  "done": true\n}\n',
    });
    expect(readdirSync(join(base, 'a'))).toHaveLength(6);
  });

  it.each(['config.json', 'log.jsonl', 'last.ckpt', 'test.pred.conll', 'result.json', 'job.json', 'analysis.json'])(
    'refuses a folder that holds no more than %s',
    async (name) => {
      const out = join(base, `lone-${name}`);
      mkdirSync(out);
      writeFileSync(join(out, name), 'mine');
      await expect(openRunFolder(config(out), fresh)).rejects.toThrow(`${out}: holds a run already (${name})`);
      expect(contents(out)).toEqual({ [name]: 'mine' });
    },
  );

  it('takes a folder of the user that holds no run, and leaves what is in it', async () => {
    const out = join(base, 'c');
    mkdirSync(out);
    writeFileSync(join(out, 'notes.txt'), 'mine');
    await finish(out, 'new');
    expect(contents(out)).toMatchObject({ 'notes.txt': 'mine', 'last.ckpt': 'new' });
  });

  it('names a run by date, loss and seed, and those that begin in the same second by numbers behind it', async () => {
    const cwd = process.cwd();
    process.chdir(base);
    try {
      const opened = await Promise.all([1, 2, 3, 4].map(() => openRunFolder(config(null), fresh)));
      const name = join('runs', '20260131-235958-dsc-7');
      expect(opened.map(({ path }) => path).sort()).toEqual([name, `${name}-2`, `${name}-3`, `${name}-4`]);
      for (const folder of opened) await folder.close();
      expect(readdirSync('runs')).toEqual([]); // they came to nothing
    } finally {
      process.chdir(cwd);
    }
  });

  it('finds the checkpoint of a folder, and takes a checkpoint file as it is', async () => {
    expect(await checkpointOf(join(base, 'a'))).toBe(join(base, 'a/best.ckpt'));
    expect(await checkpointOf('x/last.ckpt')).toBe('x/last.ckpt');
    await expect(checkpointOf(base)).rejects.toThrow('holds no best.ckpt');
  });
});

describe('a run over another one', () => {
  it.each(['plan.json', 'compare.json'])(
    'refuses a folder with the %s of a comparison, whatever is asked',
    async (name) => {
      const path = mkdtempSync(join(tmpdir(), 'dsc-folder-'));
      writeFileSync(join(path, name), '{}');
      await expect(openRunFolder(config(path), over)).rejects.toThrow(`${path}: holds a comparison`);
      expect(readdirSync(path)).toEqual([name]);
    },
  );

  it('touches nothing before its first checkpoint, then removes all of the old one and nothing of the user', async () => {
    const out = join(base, 'over');
    await finish(out, 'old');
    for (const name of ['test.pred.conll', 'analysis.json', 'job.json']) writeFileSync(join(out, name), 'old');
    writeFileSync(join(out, 'notes.txt'), 'mine');
    const before = contents(out);
    const folder = await openRunFolder(config(out), over);
    folder.log({ mark: 'new' });
    for (const [name, text] of Object.entries(before)) expect(readFileSync(join(out, name), 'utf8')).toBe(text);
    await folder.saveEpoch(checkpoints('new', true));
    const visible = readdirSync(out).filter((name) => !name.endsWith('.run'));
    expect(visible).toEqual(['best.ckpt', 'config.json', 'last.ckpt', 'log.jsonl', 'notes.txt']);
    await folder.close();
    expect(contents(out)).toMatchObject({ 'best.ckpt': 'new', 'log.jsonl': '{"mark":"new"}\n', 'notes.txt': 'mine' });
  });

  it('leaves the old one as it was when it fails or is stopped before the end of an epoch', async () => {
    const out = join(base, 'stopped');
    await finish(out, 'old');
    const before = contents(out);
    const folder = await openRunFolder(config(out), over);
    await folder.saveUnfinished([Buffer.from('half')]);
    expect(folder.isThere).toBe(false);
    await folder.close();
    expect(contents(out)).toEqual(before);
  });

  it('keeps the last batch of a stopped run where there was none before', async () => {
    const out = join(base, 'first');
    const folder = await openRunFolder(config(out), over);
    await folder.saveUnfinished([Buffer.from('half')]);
    expect(folder.isThere).toBe(true);
    await folder.close();
    expect(readdirSync(out)).toEqual(['config.json', 'last.ckpt', 'log.jsonl']);
  });

  it('keeps what was laid there for it', async () => {
    const out = join(base, 'job');
    await finish(out, 'old');
    writeFileSync(join(out, 'job.json'), 'job');
    const folder = await openRunFolder(config(out), { ...over, keep: ['job.json'] });
    await folder.saveEpoch(checkpoints('new', true));
    await folder.close();
    expect(contents(out)).toMatchObject({ 'job.json': 'job', 'last.ckpt': 'new' });
    expect(existsSync(join(out, 'result.json'))).toBe(false);
  });

  it('refuses a folder that another run is writing, before and after its first checkpoint', async () => {
    const out = join(base, 'busy');
    const first = await openRunFolder(config(out), over);
    const refused = { message: `${out}: process ${process.pid} is writing a run here` };
    await expect(openRunFolder(config(out), over)).rejects.toMatchObject(refused);
    await first.saveEpoch(checkpoints('first', true));
    await expect(openRunFolder(config(out), over)).rejects.toMatchObject(refused);
    await first.close();
    await finish(out, 'second', over);
    expect(contents(out)).toMatchObject({ 'last.ckpt': 'second' });
  });

  it('ends what a killed run began, at whatever moment it was killed', async () => {
    const old = ['best.ckpt', 'config.json', 'dev.pred.conll', 'last.ckpt', 'log.jsonl', 'result.json'];
    const begun = ['best.ckpt', 'config.json', 'last.ckpt', 'log.jsonl'];
    // how many of the old files were removed, and then of the new ones moved
    for (const [removed, moved] of [...old.map((_, n) => [n, 0]), ...[...begun, ''].map((_, n) => [6, n])]) {
      const out = join(base, `killed-${removed}-${moved}`);
      await finish(out, 'old');
      const claim = join(out, ownName('.run'));
      const at = join(claim, removed < 6 ? 'ready' : 'moving');
      mkdirSync(at, { recursive: true });
      for (const name of old.slice(0, removed)) renameSync(join(out, name), join(base, `gone-${name}`));
      begun.forEach((name, n) => writeFileSync(join(n < moved ? out : at, name), 'new'));
      asIfKilled(out);
      expect(readFileSync(await checkpointOf(out), 'utf8')).toBe(removed === 0 ? 'old' : 'new');
      await expect(openRunFolder(config(out), fresh)).rejects.toThrow('holds a run already');
      expect(contents(out)).toEqual(Object.fromEntries(begun.map((name) => [name, 'new'])));
    }
  });

  it('removes what a run left that was killed before its first checkpoint, and only then', async () => {
    const out = join(base, 'early');
    await openRunFolder(config(out), fresh);
    const left = asIfKilled(out);
    expect(readdirSync(join(left, 'staged'))).toEqual(['config.json', 'log.jsonl']);
    await finish(out, 'next');
    expect(readdirSync(out)).not.toContain(basename(left));
    expect(contents(out)).toMatchObject({ 'last.ckpt': 'next' });
  });
});
