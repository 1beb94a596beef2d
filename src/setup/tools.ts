import { spawn } from 'node:child_process';
import { env as processEnv } from 'node:process';
import { UserError } from '../errors';

/** Programs that setting up calls, by path or by name on the PATH. */
export interface Tools {
  readonly node: string;
  readonly npm: string;
  readonly python: string;
  /** A C++ compiler that takes the options of GCC and Clang. */
  readonly compiler: string;
}

export interface Run {
  readonly cwd: string;
  /** What the program's work is good for, and what to do when it fails: the note of the error. */
  readonly mend: string;
  /** Shows what the program prints, on our stderr, as it prints it; otherwise it is returned. */
  readonly show?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Longest part of a program's complaints that goes into an error. */
const TAIL_LINES = 12;

/**
 * Runs a program to its end.
 * @returns what it printed, unless shown
 * @throws UserError with the end of its complaints when it is not there or fails
 */
export async function runTool(program: string, args: readonly string[], run: Run): Promise<string> {
  return new Promise((resolve, reject) => {
    const { cwd, env } = run;
    const stdio = ['ignore', run.show ? 2 : 'pipe', 'pipe'] as const;
    const child = spawn(program, args, { cwd, stdio: [...stdio], env: { ...processEnv, ...env } });
    let printed = '';
    let complaints = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-20_000)));
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new UserError(`${program}: there is no such program`, run.mend) : error);
    });
    child.on('close', (code, killedBy) => {
      if (code === 0) {
        resolve(printed);
        return;
      }
      const lines = `${run.show ? '' : printed}\n${complaints}`.trim().split('\n');
      const tail = lines
        .filter((line) => !/^(npm )?warn/i.test(line))
        .slice(-TAIL_LINES)
        .join('\n');
      reject(
        new UserError(
          `${program} ${args.slice(0, 3).join(' ')}: failed (${killedBy ?? `exit code ${code}`})\n${tail}`,
          run.mend,
        ),
      );
    });
  });
}
