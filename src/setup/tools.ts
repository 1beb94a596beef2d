import { UserError } from '../errors';
import { type Ended, type ProgramOptions, runProgram } from '../machine/program';

/** Programs that setting up calls, by path or by name on the PATH. */
export interface Tools {
  readonly node: string;
  readonly npm: string;
  readonly python: string;
  /** A C++ compiler that takes the options of GCC and Clang. */
  readonly compiler: string;
}

export interface Run extends Pick<ProgramOptions, 'env' | 'path' | 'show'> {
  readonly cwd: string;
  /** What the program's work is good for, and what to do when it fails: the note of the error. */
  readonly mend: string;
}

/** Longest part of a program's complaints that goes into an error. */
const TAIL_LINES = 12;

/**
 * Runs a program to its end.
 * @returns what it printed, unless shown
 * @throws UserError with the end of its complaints when it is not there or fails
 */
export async function runTool(program: string, args: readonly string[], { mend, ...run }: Run): Promise<string> {
  const ended = await runProgram(program, args, run).catch((error: unknown) => {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw missing ? new UserError(`${program}: there is no such program`, mend) : error;
  });
  if (ended.code === 0) return ended.printed;
  const { code, killedBy } = ended;
  const what = `${program} ${args.slice(0, 3).join(' ')}: failed (${killedBy ?? `exit code ${code}`})`;
  throw new UserError(`${what}\n${tail(ended)}`, mend);
}

function tail({ printed, complaints }: Ended): string {
  const lines = `${printed}\n${complaints}`.trim().split('\n');
  return lines
    .filter((line) => !/^(npm )?warn/i.test(line))
    .slice(-TAIL_LINES)
    .join('\n');
}
