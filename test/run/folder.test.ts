import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointOf, openRunFolder } from '../../src/run/folder';

const base = mkdtempSync(join(tmpdir(), 'dsc-folder-'));
const now = new Date('2026-01-31T23:59:58.123Z');
const config = (out: string | null) => ({ out, seed: 7, loss: { name: 'dsc' } });
const fresh = { overwrite: false, now };

describe('openRunFolder', () => {
  it('writes the config at once, and every later file whole', async () => {
    const folder = await openRunFolder(config(join(base, 'a')), fresh);
    expect(JSON.parse(readFileSync(join(base, 'a/config.json'), 'utf8'))).toEqual(config(join(base, 'a')));
    await folder.log({ kind: 'one' });
    await folder.log({ kind: 'two' });
    await folder.saveCheckpoint('best', [Buffer.from('weights')]);
    await folder.savePredictions('dev', 'a\tO\tO\n');
    await folder.saveResult({ done: true });
    expect(readFileSync(join(base, 'a/log.jsonl'), 'utf8')).toBe('{"kind":"one"}\n{"kind":"two"}\n');
    expect(readdirSync(join(base, 'a')).sort()).toEqual([
      'best.ckpt',
      'config.json',
      'dev.pred.conll',
      'log.jsonl',
      'result.json',
    ]);
  });

  it('refuses a folder that holds a run, and starts its log anew when told to replace it', async () => {
    const out = join(base, 'b');
    await (await openRunFolder(config(out), fresh)).log({ kind: 'old' });
    await expect(openRunFolder(config(out), fresh)).rejects.toThrow(`${out}: holds a run already`);
    await openRunFolder(config(out), { overwrite: true, now });
    expect(readFileSync(join(out, 'log.jsonl'), 'utf8')).toBe('');
  });

  it('takes a folder of the user that holds no run, and leaves what is in it', async () => {
    const out = join(base, 'c');
    mkdirSync(out);
    writeFileSync(join(out, 'notes.txt'), 'mine');
    await openRunFolder(config(out), fresh);
    expect(readFileSync(join(out, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('names a run by date, loss and seed, and the second of that second with a number', async () => {
    const cwd = process.cwd();
    process.chdir(base);
    try {
      expect((await openRunFolder(config(null), fresh)).path).toBe(join('runs', '20260131-235958-dsc-7'));
      expect((await openRunFolder(config(null), fresh)).path).toBe(join('runs', '20260131-235958-dsc-7-2'));
    } finally {
      process.chdir(cwd);
    }
  });

  it('finds the checkpoint of a folder, and takes a checkpoint file as it is', async () => {
    expect(await checkpointOf(join(base, 'a'))).toBe(join(base, 'a/best.ckpt'));
    expect(await checkpointOf('x/last.ckpt')).toBe('x/last.ckpt');
    await expect(checkpointOf(join(base, 'c'))).rejects.toThrow('holds no best.ckpt');
  });
});
