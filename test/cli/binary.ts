import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
export const BINARY = join(ROOT, 'bin/dsc-train.js');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  /** Sent once, when stderr first matches. */
  readonly signal?: { readonly when: RegExp; readonly name: NodeJS.Signals };
}

/** Runs the program as a user would. */
export function dscTrain(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [BINARY, ...args], { cwd: options.cwd ?? ROOT });
    let stdout = '';
    let stderr = '';
    let { signal } = options;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (!signal?.when.test(stderr)) return;
      child.kill(signal.name);
      signal = undefined;
    });
    child.on('error', fail).on('close', (code) => done({ code, stdout, stderr }));
    child.stdin.end(options.input ?? '');
  });
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'dsc-train-'));
}

/** The first sentences of a bundled file, as a file of their own. */
export function cut(name: string, sentences: number, folder: string, label = name): string {
  const text = readFileSync(join(ROOT, 'data', name), 'utf8');
  const path = join(folder, label.replace(/\W/g, '-'));
  writeFileSync(path, `${text.split('\n\n').slice(0, sentences).join('\n\n')}\n\n`);
  return path;
}
