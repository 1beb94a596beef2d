import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const BINARY = resolve(__dirname, '../../bin/dsc-train.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as a user does. `env` comes on top of ours. */
export function dsc(args: readonly string[], env: NodeJS.ProcessEnv = {}): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BINARY, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { code: status, stdout, stderr };
}

export interface Files {
  readonly train: string;
  readonly dev: string;
  readonly test: string;
}

/** The first sentences of the bundled corpus as three small files. */
export function writeCorpora(folder: string): Files {
  const write = (split: string, size: number): string => {
    const text = readFileSync(resolve(__dirname, `../../data/ner/${split}.conll`), 'utf8');
    const path = join(folder, `${split}.conll`);
    writeFileSync(path, `${text.split('\n\n').slice(0, size).join('\n\n')}\n\n`);
    return path;
  };
  return { train: write('train', 80), dev: write('dev', 40), test: write('test', 40) };
}

/** A comparison of ce and dsc with two seeds that takes a few seconds. */
export function compareArguments({ train, dev, test }: Files, out: string): string[] {
  const small = ['--epochs=2', '--set=train.batchTokens=128', '--set=model.hidden=8', '--resamples=100'];
  return ['compare', '--losses=ce,dsc', '--seeds=2', `--train=${train}`, `--dev=${dev}`, `--test=${test}`, `--out=${out}`, ...small]; // prettier-ignore
}
