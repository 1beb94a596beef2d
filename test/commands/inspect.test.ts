import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { run } from '../../src/cli';
import type { Inspection } from '../../src/inspect';
import { conll, DEV, tempFiles, TRAIN } from '../inspect/corpora';

const files = tempFiles();
const train = files.write('train', TRAIN);
const dev = files.write('dev', DEV);
const clean = files.write('clean', conll(...Array.from({ length: 12 }, (_, i) => `p${i}|B-PER ran|O`)));

async function inspect(...flags: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const argv = ['node', 'dsc-train', 'inspect', ...flags];
  const proc = { argv, stdin: new PassThrough(), stdout, stderr, on: () => proc, off: () => proc };
  const code = await run(proc);
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

describe('dsc-train inspect', () => {
  it('takes files by flag and by place, and exits with 0 whatever it finds', async () => {
    const { code, out, err } = await inspect(dev, '--train', train, '--json');
    const { splits } = JSON.parse(out) as Inspection;
    expect(splits.map(({ name, path }) => [name, path])).toEqual([
      ['train', train],
      ['dev', dev],
    ]);
    expect([code, err]).toEqual([0, '']);
  });

  it('writes the page beside the text', async () => {
    const page = files.path('card.html');
    const { code, out } = await inspect(train, '--html', page);
    expect(code).toBe(0);
    expect(out).toContain('6 sentences');
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
  });

  it.each([
    [[train, dev], '--strict=error', 1],
    [[train, dev], '--strict', 1],
    [[train], '--strict=error', 0],
    [[train], '--strict=warning', 1],
    [[clean], '--strict', 0],
    [[clean], '--strict=info', 0],
  ])('%j %s exits with %i', async (paths, flag, expected) => {
    const { code, err } = await inspect(...paths, flag);
    expect(code).toBe(expected);
    expect(err === '').toBe(expected === 0);
  });

  it('refuses what it cannot read, and an unknown severity', async () => {
    const ragged = files.write('ragged', 'Ada\tB-PER\nsings\n');
    expect(await inspect(ragged)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining(`${ragged}:2:`) as string,
    });
    expect(await inspect(train, '--strict=bad')).toMatchObject({
      code: 1,
      err: expect.stringContaining('info, warning, error') as string,
    });
    expect(await inspect()).toMatchObject({ code: 1, err: expect.stringContaining('no file to inspect') as string });
  });
});
