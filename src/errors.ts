/** A mistake the user can mend: what is wrong, and under it what would be right. Printed without a stack, exit code 1. */
export class UserError extends Error {
  override readonly name = 'UserError';

  /**
   * @param message one line, or one line per problem, each starting with `path:line:column:` where a place is known
   * @param note    what would be right, or what to try; empty when the message says it all
   * @param exitCode process exit code: 1 for bad input, 3 when training failed to learn
   */
  constructor(
    message: string,
    readonly note = '',
    readonly exitCode: 1 | 3 = 1,
  ) {
    super(message);
  }
}

/** Something else than was due, from a caller: `evaluate: run: found undefined, expected the path of a run folder`. */
export const mistaken = (what: string, found: unknown, expected: string): UserError =>
  new UserError(`${what}: found ${kindOf(found)}, expected ${expected}`);

/** A value in a word or two, whatever it is. */
function kindOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}

/** What the program's exit codes say. The help, the manual page and the documents have them from here. */
export const EXIT_CODES = {
  0: 'done, and every floor was reached',
  1: 'a mistake in the input, the config or the command line; the message says where, and what would be right',
  2: 'a floor was missed (`--fail-under`, `--baseline`), or there was a warning (`--strict`)',
  3: 'training failed to learn: the loss was no longer finite, or the best dev score is 0; of a comparison, a run did not come to its end',
  70: 'a bug in `dsc-train`',
  129: 'stopped by SIGHUP, as when a terminal is closed; the checkpoints are on disk',
  130: 'stopped by Ctrl-C (SIGINT); the checkpoints are on disk',
  141: 'the reader of the output is gone, as behind `| head`',
  143: 'stopped by SIGTERM; the checkpoints are on disk',
} as const;

export type ExitCode = keyof typeof EXIT_CODES;

/**
 * What must be there, as an item is at an index below the length.
 * @param what its name in the message
 * @throws Error where it is not: a fault of the program, not of the user
 */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`no ${what} where there must be one`);
  return value;
}

/** The first line of what was thrown says what went wrong; those below it are for whoever mends the program. */
export function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return line;
}

/** Whoever read what we write is gone, as behind `| head`: nothing to say, and nobody to say it to. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}

/** What the system's refusals mean to a person, and what to do about them. */
const REFUSALS: Readonly<Record<string, readonly [what: string, note: string]>> = {
  ENOENT: ['no such file or folder', 'check the spelling; a relative path starts at the folder the command runs in'],
  EACCES: ['permission denied', 'check the owner and mode of the file and of its folder'],
  EPERM: ['operation not permitted', 'check the owner and mode of the file and of its folder'],
  EISDIR: ['is a folder, not a file', 'name a file inside it'],
  ENOTDIR: ['a part of this path is a file, not a folder', 'choose another path, or move that file away'],
  EEXIST: ['a file of this name is in the way of a folder', 'choose another path, or move that file away'],
  ENOSPC: ['no space left on the disk', 'free some space or choose another disk'],
  EDQUOT: ['disk quota exceeded', 'free some space or choose another disk'],
  EROFS: ['the disk is read-only', 'choose a folder that can be written'],
  EMFILE: ['too many open files', 'raise the limit (ulimit -n) or close other programs'],
  EFBIG: ['the file may not grow any larger', 'raise the limit (ulimit -f) or choose another disk'],
  EBADF: ['no such open file, or it is not open this way', 'check the redirections of the command'],
  ENXIO: ['nobody reads at its other end', 'start what reads it first'],
  EIO: ['the device failed', 'check the disk and the cable'],
  EBUSY: ['is in use by the system', 'choose another path'],
  ENAMETOOLONG: ['the name is too long', 'choose a shorter path'],
  ELOOP: ['too many symbolic links', 'check the links on this path'],
  ERR_INVALID_ARG_VALUE: ['no path can hold a null character', 'check the path'],
  ERR_FS_FILE_TOO_LARGE: ['the file is too large to read at once', 'files of 2 GiB and more must be split'],
  ERR_STRING_TOO_LONG: ['the file is too large to read as one text', 'split the file'],
};

/**
 * A refusal of the system, such as ENOSPC, as an error for people; anything else is a bug and passes as it is.
 * @param path what was read or written; by default what the error itself names
 */
export function explain(error: unknown, path?: string): unknown {
  // Not `instanceof Error`: the system's errors may come from another realm, as they do under a test runner.
  if (typeof error !== 'object' || error === null || !('code' in error)) return error;
  const { code, syscall, message, path: named } = error as NodeJS.ErrnoException;
  const subject = path ?? named ?? String(syscall);
  if (code === 'EPIPE') return new ClosedPipe(subject);
  if (code !== undefined && Object.hasOwn(REFUSALS, code)) {
    const [what, note] = present(REFUSALS[code], code);
    return new UserError(`${subject}: ${what}`, note);
  }
  if (syscall === undefined || !/^E[A-Z0-9]+$/.test(code ?? '')) return error;
  // `EXDEV: cross-device link not permitted, rename 'a' -> 'b'`: the system's own words for what has none above.
  const [, words = String(code)] = /^E[A-Z0-9]+: (.*?), /.exec(message) ?? [];
  return new UserError(`${subject}: ${words} (${String(code)})`);
}
