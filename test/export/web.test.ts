import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportRun } from '../../src/export/write';
import { loadTagger } from '../../src/library';
import { trainedRun } from './trained';

const TEXT = [['Professor', 'Anna', 'Berg', 'of', 'the', 'report', 'in', 'Lisbon', '.']];

let run: string;
beforeAll(async () => {
  run = await trainedRun({});
});

async function exported(
  of: string,
  decoding = {},
): Promise<{ markup: string; bytes: Buffer; notes: readonly string[] }> {
  const file = join(mkdtempSync(join(tmpdir(), 'dsc-page-')), 'page.html');
  const { notes } = await exportRun(of, 'web', file, { overwrite: false, decoding });
  const markup = readFileSync(file, 'utf8');
  const [, base64 = ''] =
    /<script type="application\/octet-stream" id="checkpoint">([^<]*)<\/script>/.exec(markup) ?? [];
  return { markup, bytes: Buffer.from(base64, 'base64'), notes };
}

it('carries the checkpoint to the byte, and lets its own script run and nothing else', async () => {
  const { markup, bytes, notes } = await exported(run);
  expect(bytes.equals(readFileSync(join(run, 'best.ckpt')))).toBe(true);
  const scripts = [...markup.matchAll(/<script>(.*?)<\/script>/gs)].map(([, code = '']) => code);
  expect(scripts).toHaveLength(1);
  const [, allowed] = /script-src '([^']*)'/.exec(markup) ?? [];
  expect(allowed).toBe(`sha256-${createHash('sha256').update(scripts[0]).digest('base64')}`);
  expect(markup).toContain("default-src 'none'");
  expect(notes).toEqual([]);
});

it('shows the scores of every class, of dev where there is no test file', async () => {
  const { markup } = await exported(run);
  const { dev } = JSON.parse(readFileSync(join(run, 'result.json'), 'utf8')) as {
    dev: { entities: { classes: { name: string; f1: number; support: number }[] } };
  };
  expect(markup).toContain('On the development file');
  for (const { name, f1, support } of dev.entities.classes) {
    const [row = ''] = new RegExp(`<th scope="row"[^>]*>${name}</th>.*?</tr>`, 's').exec(markup) ?? [];
    expect(row).toContain(`>${(100 * f1).toFixed(2)}<`);
    expect(row).toContain(`>${support}<`);
  }
});

it('chooses tags as it is told, and says so beside the scores', async () => {
  const { markup, bytes } = await exported(run, { method: 'argmax', outsideBias: -9 });
  expect(markup).toContain('Here tags are chosen by <code>argmax,outside-9</code>, other than when these were scored.');
  const [carried, told] = [
    await loadTagger(bytes, { engine: 'js' }),
    await loadTagger(run, { engine: 'js', decoding: { method: 'argmax', outsideBias: -9 } }),
  ];
  const [own, same] = [await carried.tag(TEXT), await told.tag(TEXT)];
  expect(own).toEqual(same);
  expect(own[0]?.tokens.filter(({ tag }) => tag === 'O')).toEqual([]);
  carried.dispose();
  told.dispose();
});

it('leaves the training of last.ckpt behind, and says that it has no scores', async () => {
  const { markup, bytes, notes } = await exported(join(run, 'last.ckpt'));
  const last = readFileSync(join(run, 'last.ckpt'));
  expect(bytes.length).toBeLessThan(0.6 * last.length);
  expect(bytes.includes('"training"')).toBe(false);
  expect(last.includes('"training"')).toBe(true);
  const tagger = await loadTagger(bytes, { engine: 'js' });
  expect((await tagger.tag(TEXT))[0]?.tokens).toHaveLength(TEXT[0].length);
  tagger.dispose();
  expect(markup).not.toContain('Scores of the run');
  expect(notes).toEqual([expect.stringContaining('there are no scores of this tagger')]);
});
