import * as tf from '@tensorflow/tfjs-core';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from '../../src/analyse';
import { type Config, parseConfig } from '../../src/config';
import { evaluate } from '../../src/evaluate';
import { run, type RunHost } from '../../src/run';
import { createOwner } from '../../src/run/disposal';
import { tagStream } from '../tag/stream';
import { toyRun } from './toy';

const TEXT = 'Anna\tB-PER\nsaw\tO\n\nBerlin\tB-LOC\nslept\tO\n\n';

const host = (listen: RunHost['listen']): RunHost => ({
  signal: new AbortController().signal,
  overwrite: true,
  begin: () => undefined,
  listen,
});

/** A toy run, and what the cases do with it. */
async function pieces() {
  const { path } = await toyRun(TEXT);
  const train = join(path, 'train');
  const config = (values: object = {}): Config => {
    const model = { wordDim: 4, shapeDim: 2, hidden: 3 };
    const own = { data: { train, dev: train }, model, engine: { name: 'js' }, out: join(path, 'out'), ...values };
    return parseConfig([{ source: 'test', values: own }]);
  };
  async function* input(...texts: string[]) {
    for (const text of texts) yield await Promise.resolve(Buffer.from(text));
  }
  const tagging = (from: AsyncIterable<Buffer>) =>
    tagStream(path, from, 'in', { engine: 'js', told: {}, decoding: {}, warn: () => undefined });
  const bad = join(path, 'bad');
  writeFileSync(bad, `${TEXT}alone\n\n`);
  writeFileSync(join(path, 'no.ckpt'), 'no checkpoint');
  return { path, train, bad, config, input, tagging };
}

interface Case {
  readonly work: (toy: Awaited<ReturnType<typeof pieces>>) => Promise<unknown>;
  readonly error: string;
}

/** Reads all that is tagged. */
async function drain(tagged: AsyncIterable<string>): Promise<void> {
  for await (const text of tagged) if (text === '') throw new Error('an empty text');
}

const CASES: Readonly<Record<string, Case>> = {
  'training, whose listener throws at a step': {
    work: ({ config }) =>
      run(
        config(),
        host(({ kind }) => {
          if (kind === 'step') throw new Error('full');
        }),
      ),
    error: 'full',
  },
  'training, whose host throws at its beginning': {
    work: ({ config }) =>
      run(config(), {
        ...host(() => undefined),
        begin: () => {
          throw new Error('gone');
        },
      }),
    error: 'gone',
  },
  'evaluating a file with a bad row': {
    work: ({ path, bad }) => evaluate(path, bad, { engine: 'js' }),
    error: 'bad:7:',
  },
  'evaluating what is no checkpoint': {
    work: ({ path, train }) => evaluate(join(path, 'no.ckpt'), train, { engine: 'js' }),
    error: 'no.ckpt',
  },
  'tagging a file with a bad row': {
    work: ({ tagging, input }) => drain(tagging(input(TEXT, '\0alone\tO\n\n'))),
    error: 'in:7:1: NUL character',
  },
  'tagging an input that breaks off': {
    work: ({ tagging }) => {
      async function* broken() {
        yield await Promise.resolve(Buffer.from(TEXT));
        throw new Error('unplugged');
      }
      return drain(tagging(broken()));
    },
    error: 'unplugged',
  },
  'tagging for somebody who stops reading': {
    work: async ({ tagging, input }) => {
      for await (const text of tagging(input(TEXT, TEXT))) throw new Error(`enough after ${text.length}`);
    },
    error: 'enough after',
  },
  'analysing a tagger of another file': {
    work: ({ path, config }) => {
      const other = join(path, 'other');
      writeFileSync(other, 'Anna\tB-PER\nsaw\tO\n\n');
      return analyse(config({ data: { train: other, dev: other } }), path);
    },
    error: 'its tagger was trained on train, and',
  },
  'analysing a folder without a tagger': {
    work: ({ config, path }) => analyse(config(), join(path, 'nowhere')),
    error: 'nowhere',
  },
};

describe('an error leaves no tensor and no engine behind', () => {
  for (const [name, { work, error }] of Object.entries(CASES))
    it(`of ${name}`, async () => {
      const toy = await pieces();
      const before = tf.memory().numTensors;
      await expect(work(toy)).rejects.toThrow(error);
      expect(Object.keys(tf.engine().registry)).toEqual([]);
      expect(tf.memory().numTensors).toBe(before);
    });
});

describe('an owner', () => {
  it('closes in the opposite order what it owns, each once', () => {
    const closed: string[] = [];
    const { own, dispose } = createOwner();
    for (const name of ['engine', 'tagger', 'trainer']) own({ dispose: () => closed.push(name) });
    dispose();
    dispose();
    expect(closed).toEqual(['trainer', 'tagger', 'engine']);
  });

  it('closes the others where one cannot be closed, and says which error that was', () => {
    const closed: string[] = [];
    const { own, dispose } = createOwner();
    own({ dispose: () => closed.push('engine') });
    own({
      dispose: () => {
        throw new Error('stuck');
      },
    });
    expect(dispose).toThrow('stuck');
    expect(closed).toEqual(['engine']);
  });
});
