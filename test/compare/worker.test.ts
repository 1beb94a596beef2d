import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '../../src/compare/job';
import { writeJobs } from '../../src/compare/jobs';
import { runJobs } from '../../src/compare/worker';
import { parseConfig } from '../../src/config';
import { dsc, writeCorpora } from './binary';

const folder = mkdtempSync(join(tmpdir(), 'dsc-worker-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { train, dev, test } = writeCorpora(folder);

/** Runs that share the files, and some their features too. */
const KINDS = {
  'ce/1': {},
  'dsc/1': { loss: { name: 'dsc' } },
  'characters/1': { model: { charDim: 4 } },
  'crf/2': { loss: { name: 'nll' }, model: { head: 'crf' }, seed: 2 },
  'rare/1': { train: { sampling: 'rare', ema: 0.9 } },
  'ce/2': { seed: 2 },
} as const;

async function jobsIn(name: string): Promise<string[]> {
  const small = { train: { epochs: 2, batchTokens: 128 }, model: { hidden: 8 } };
  return Promise.all(
    Object.entries(KINDS).map(async ([id, values], i) => {
      const own = values as { readonly train?: object; readonly model?: object };
      const merged = { ...values, train: { ...small.train, ...own.train }, model: { ...small.model, ...own.model } };
      const given = { data: { train, dev, test }, engine: { name: 'native', threads: 1 }, ...merged };
      const config = { ...parseConfig([{ source: 'test', values: given }]), out: join(folder, name, id) };
      const job: Job = { id, config, analyse: true };
      const path = join(folder, `${name}-${i}.json`);
      await writeJobs(path, [job]);
      return path;
    }),
  );
}

/** All that a run leaves, but for times and the name of its folder. */
function leftBy(name: string, id: string): Record<string, unknown> {
  const at = join(folder, name, id);
  const json = (file: string): unknown =>
    JSON.parse(readFileSync(join(at, file), 'utf8'), (key, value: unknown) =>
      ['timing', 'started', 'checksum', 'out'].includes(key) ? null : value,
    );
  const bytes = (file: string): string => readFileSync(join(at, file), 'latin1');
  return {
    result: JSON.parse(JSON.stringify(json('result.json')).replaceAll(at, 'RUN')),
    analysis: json('analysis.json'),
    files: ['best.ckpt', 'dev.pred.conll', 'test.pred.conll'].map(bytes),
  };
}

it('leaves of every run what a process of its own would leave, to the bit, and no tensor', async () => {
  const paths = await jobsIn('shared');
  const told: object[] = [];
  const signal = new AbortController().signal;
  const finished = await runJobs(() => Promise.resolve(paths.shift() ?? null), { signal, send: (event) => told.push(event) }); // prettier-ignore
  expect(finished).toBe(true);
  expect(told.filter((event) => 'job' in event)).toEqual(
    Object.keys(KINDS).flatMap(() => [{ job: 'begun' }, { job: 'done' }]),
  );
  expect(tf.memory().numTensors).toBe(0);
  expect(Object.keys(tf.engine().registry)).not.toContain('native');

  const alone = await jobsIn('alone');
  for (const [i, id] of Object.keys(KINDS).entries()) {
    if (id !== 'crf/2' && id !== 'ce/2') continue; // each is a process: the later ones have more behind them
    expect(dsc(['compare-run', alone[i]]).code).toBe(0);
    expect(leftBy('shared', id)).toEqual(leftBy('alone', id));
  }
});
