import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { createInterface } from 'node:readline';

/** How the command line of this package is started in a process of its own. */
export const ownProgram = (): string[] => [execPath, join(__dirname, '../../bin/dsc-train.js')];

/** What is kept of the end of a program's complaints, in characters. */
const KEPT = 20_000;

export interface ProgramOptions {
  readonly cwd?: string;
  /** On top of our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A folder that is searched for programs before those of PATH. */
  readonly path?: string;
  /** Shows what it prints, on our stderr, as it prints it; otherwise it is returned. */
  readonly show?: boolean;
  /** Takes what it prints line by line; then nothing of it is returned. */
  readonly line?: (text: string) => void;
  /**
   * Raised, it closes the program's stdin: a program that watches it stops, also where we were killed. With one the program runs in a
   * process group of its own, so that a Ctrl-C in the terminal reaches us alone; without one its stdin is empty.
   */
  readonly signal?: AbortSignal;
  /** With `signal`: given a function that writes a line to the program's stdin. */
  readonly talk?: (say: (line: string) => void) => void;
}

/** How a program ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly killedBy: string | null;
  readonly printed: string;
  /** The end of its stderr. */
  readonly complaints: string;
}

/** Runs a program to its end. @throws the system's error where it cannot be started, as with code ENOENT */
export function runProgram(program: string, args: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  const { cwd, path, show = false, line, signal, talk } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...env, ...(path !== undefined && { PATH: `${path}:${env.PATH ?? ''}` }), ...options.env },
      detached: signal !== undefined,
      stdio: [signal ? 'pipe' : 'ignore', show ? 2 : 'pipe', 'pipe'],
    });
    const stop = (): void => void child.stdin?.end();
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });

    let [printed, complaints] = ['', ''];
    child.stdin?.on('error', () => undefined); // the child is gone already
    talk?.((text) => {
      if (child.stdin?.writable) child.stdin.write(`${text}\n`);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-KEPT)));
    if (child.stdout && line) createInterface(child.stdout).on('line', line);
    else child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));

    child.on('error', (error) => {
      signal?.removeEventListener('abort', stop);
      reject(error);
    });
    child.on('close', (code, killedBy) => {
      signal?.removeEventListener('abort', stop);
      resolve({ code, killedBy, printed, complaints });
    });
  });
}
