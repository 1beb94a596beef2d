import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCheckpoint } from '../../src/checkpoint';
import { exportRun } from '../../src/export/write';
import { trainedRun } from './trained';

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** By the format's own words: 8 bytes, JSON, data without holes. */
function readSafetensors(bytes: Buffer) {
  const length = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...entries } = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as {
    readonly __metadata__: Record<string, string>;
  } & Record<string, Entry>;
  const data = bytes.subarray(8 + length);
  let end = 0;
  const tensors = Object.entries(entries).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]) => {
      expect([dtype, from, to - from]).toEqual(['F32', end, 4 * shape.reduce((a, b) => a * b, 1)]);
      end = to;
      const values = Array.from({ length: (to - from) / 4 }, (_, i) => data.readFloatLE(from + 4 * i));
      return { name, shape, values };
    },
  );
  expect([data.length, length % 8]).toEqual([end, 0]);
  return { metadata, tensors };
}

const at = mkdtempSync(join(tmpdir(), 'dsc-safetensors-'));
const file = join(at, 'tagger.safetensors');
let run: string;

beforeAll(async () => {
  run = await trainedRun({ 'model.head': 'crf', 'loss.name': 'nll' });
  await exportRun(run, 'safetensors', file, { overwrite: false, decoding: {} });
});

describe('a file of safetensors', () => {
  it('holds every weight, bit for bit', async () => {
    const { tensors } = readSafetensors(readFileSync(file));
    const { sections } = await readCheckpoint(join(run, 'best.ckpt'));
    expect(tensors.map(({ name }) => `weights/${name}`)).toEqual(sections.map(({ name }) => name));
    expect(tensors.map(({ shape }) => shape)).toEqual(sections.map(({ shape }) => shape));
    expect(tensors.map(({ values }) => values)).toEqual(sections.map(({ values }) => [...values]));
  });

  it('says all that makes the tagger, in texts of JSON', async () => {
    const { metadata } = readSafetensors(readFileSync(file));
    const { meta } = (await readCheckpoint(join(run, 'best.ckpt'))) as { readonly meta: Record<string, unknown> };
    for (const key of ['spec', 'vocab', 'features', 'decoding', 'trainedOn'])
      expect(JSON.parse(metadata[key] ?? '')).toEqual(meta[key]);
    expect(JSON.parse(metadata.config)).toEqual(JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')));
    expect(JSON.parse(metadata.labels)).toContain('B-PER');
    expect(metadata.name).toBe('my run');
  });

  it('says so where the config is not beside the checkpoint', async () => {
    copyFileSync(join(run, 'best.ckpt'), join(at, 'other.ckpt'));
    const told = await exportRun(join(at, 'other.ckpt'), 'safetensors', join(at, 'x'), { overwrite: false, decoding: {} }); // prettier-ignore
    expect(told.notes.join()).toContain('config.json is not beside the checkpoint');
    expect(readSafetensors(readFileSync(join(at, 'x'))).metadata.config).toBe('null');
  });

  const has = (module: string): boolean => {
    try {
      execFileSync('python3', ['-c', `import ${module}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  (has('safetensors') && has('numpy') ? it : it.skip)(
    "is read by Python's safetensors (skipped where it is not installed)",
    () => {
      const script =
        'import sys, json, safetensors.numpy as s; print(json.dumps({k: [list(v.shape), v.ravel().tolist()] for k, v in s.load_file(sys.argv[1]).items()}))';
      const { tensors } = readSafetensors(readFileSync(file));
      const expected = Object.fromEntries(tensors.map(({ name, shape, values }) => [name, [shape, values]]));
      expect(JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }))).toEqual(expected);
    },
  );
});
