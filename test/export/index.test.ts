import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXPORTS, type ExportFormat } from '../../src/export';
import { onnx } from '../../src/export/onnx';
import { openSource } from '../../src/export/source';
import { exportRun } from '../../src/export/write';
import { trainedRun } from './trained';

/** What holds for every row of the table. */

const ROWS: [string, ExportFormat][] = Object.entries(EXPORTS);
const OPTIONS = { overwrite: false, decoding: {} } as const;
const folder = (): string => mkdtempSync(join(tmpdir(), 'dsc-exported-'));

let run: string;
beforeAll(async () => {
  run = await trainedRun({});
});

describe.each(ROWS)('export --to %s', (name, { title, beside = [], decodes }) => {
  it('writes its files, the same each time, and nothing else', async () => {
    expect(title).toMatch(/^[^\n]{10,160}$/);
    const [one, other] = [folder(), folder()];
    const { files } = await exportRun(run, name, join(one, 'x'), OPTIONS);
    await exportRun(join(run, 'best.ckpt'), name, join(other, 'x'), OPTIONS);
    const names = ['x', ...beside.map((end) => `x${end}`)];
    expect(files.map(({ path }) => path)).toEqual(names.map((file) => join(one, file)));
    expect(readdirSync(one).sort()).toEqual(names);
    for (const [i, file] of names.entries()) {
      const bytes = readFileSync(join(one, file));
      expect(files[i]?.bytes).toBe(bytes.length);
      expect(bytes.equals(readFileSync(join(other, file)))).toBe(true);
    }
  });

  it('replaces none of its files without --overwrite', async () => {
    for (const end of ['', ...beside]) {
      const at = folder();
      writeFileSync(join(at, `x${end}`), 'mine');
      await expect(exportRun(run, name, join(at, 'x'), OPTIONS)).rejects.toThrow(
        `${join(at, `x${end}`)}: there is such a file already`,
      );
      expect(readdirSync(at)).toEqual([`x${end}`]);
      expect(readFileSync(join(at, `x${end}`), 'utf8')).toBe('mine');
      await exportRun(run, name, join(at, 'x'), { ...OPTIONS, overwrite: true });
      expect(readFileSync(join(at, `x${end}`), 'utf8')).not.toBe('mine');
    }
  });

  it('never replaces the checkpoint, by whatever path', async () => {
    const before = readFileSync(join(run, 'best.ckpt'));
    const link = join(folder(), 'link');
    symlinkSync(join(run, 'best.ckpt'), link);
    for (const path of [join(run, 'best.ckpt'), join(run, '../my run/best.ckpt'), link])
      await expect(exportRun(run, name, path, { ...OPTIONS, overwrite: true })).rejects.toThrow(
        'is the checkpoint that is exported',
      );
    expect(readFileSync(join(run, 'best.ckpt')).equals(before)).toBe(true);
  });

  it('leaves nothing where one of its files cannot be written', async () => {
    const at = folder();
    await expect(exportRun(run, name, join(at, 'none', 'x'), OPTIONS)).rejects.toThrow('there is no folder');
    expect(existsSync(join(at, 'none'))).toBe(false);
  });

  it('takes decoding only where it chooses tags', async () => {
    const asked = exportRun(run, name, join(folder(), 'x'), { ...OPTIONS, decoding: { method: 'argmax' } });
    if (decodes) expect((await asked).files.length).toBeGreaterThan(0);
    else await expect(asked).rejects.toThrow('chooses no tags');
  });
});

describe('export', () => {
  it('names the nearest format, and the run that is missing', async () => {
    const at = join(folder(), 'x');
    await expect(exportRun(run, 'safetensor', at, OPTIONS)).rejects.toThrow("did you mean 'safetensors'?");
    await expect(exportRun(run, 'toString', at, OPTIONS)).rejects.toThrow('there is no such format');
    await expect(exportRun(join(run, 'none'), 'safetensors', at, OPTIONS)).rejects.toThrow('there is no such folder');
    expect(existsSync(at)).toBe(false);
  });

  it('makes a card of the tagger alone that was scored', async () => {
    const [at, other] = [join(folder(), 'x'), folder()];
    const last = exportRun(join(run, 'last.ckpt'), 'card', at, OPTIONS);
    await expect(last).rejects.toThrow('those of a run are of its best.ckpt');
    copyFileSync(join(run, 'best.ckpt'), join(other, 'best.ckpt'));
    await expect(exportRun(other, 'card', at, OPTIONS)).rejects.toThrow('the run has no result.json');
    const result = readFileSync(join(run, 'result.json'), 'utf8');
    writeFileSync(join(other, 'result.json'), result.replace('"seed": 1', '"seed": 2'));
    await expect(exportRun(other, 'card', at, OPTIONS)).rejects.toThrow('is damaged');
    expect(existsSync(at)).toBe(false);
  });

  it('refuses a network with a feature that no data describe', async () => {
    const source = await openSource(run);
    const { features } = source.tagger;
    const columns = features.columns.map(({ recipe, ...column }) =>
      column.name === 'chars' ? column : { ...column, recipe },
    );
    const tagger = { ...source.tagger, features: { ...features, columns: columns as typeof features.columns } };
    expect(() => onnx({ ...source, tagger }, OPTIONS)).toThrow('chars is a feature that no other program knows');
  });
});
