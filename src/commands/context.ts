import type { Command } from 'commander';
import { type ExitCode, explain } from '../errors';

/** The part of `process` that the program uses, handed in so that tests can run it in their own. */
export interface Proc {
  readonly argv: string[];
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

export interface Context {
  readonly proc: Proc;
  exitCode: ExitCode;
}

/** Adds one command to the program. Its action loads what it needs; adding it loads nothing. */
export type AddCommand = (program: Command, context: Context) => void;

/** Shell convention: 128 + the signal's number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const satisfies Record<string, ExitCode>;

/** Writes to standard output and waits until it is taken. @throws what `explain` makes of it when it cannot be */
export async function print({ proc }: Context, text: string): Promise<void> {
  const error = await new Promise<Error | null | undefined>((done) => proc.stdout.write(text, done));
  if (error) throw explain(error, STDOUT);
}

/** What standard output is called in messages. */
export const STDOUT = 'standard output';

/**
 * Runs a task that stops early when its signal is raised. The first Ctrl-C lets it finish what it has in hand; after that the
 * handlers are gone, so a second one ends the process at once.
 */
export async function interruptible<T>(context: Context, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { proc } = context;
  const controller = new AbortController();
  const handlers = Object.entries(SIGNALS).map(([name, code]) => {
    const handler = (): void => {
      context.exitCode = code;
      proc.stderr.write(`\n${name}: finishing the batch in hand, then saving; once more stops at once\n`);
      controller.abort();
      remove();
    };
    proc.on(name as NodeJS.Signals, handler);
    return [name as NodeJS.Signals, handler] as const;
  });
  const remove = (): void => {
    for (const [name, handler] of handlers) proc.off(name, handler);
  };
  try {
    return await task(controller.signal);
  } finally {
    remove();
  }
}
