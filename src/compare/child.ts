import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Outcome } from './pool';

/** What a child process tells its parent: a JSON object a line on stdout. */
export interface ChildEvent {
  readonly epoch: number;
  readonly epochs: number;
  /** Share of the epoch's batches that are done. */
  readonly share: number;
  /** Of the last epoch; null before the first one ends. */
  readonly devScore: number | null;
  readonly tokensPerSecond: number;
}

export interface ChildOptions {
  /** Raised to stop the child after the batch it has in hand. */
  readonly signal: AbortSignal;
  readonly listen: (event: ChildEvent) => void;
}

/** Bytes of stderr that are kept of a child. */
const KEPT = 8192;

/**
 * Runs a command as a child in a process group of its own, so that a Ctrl-C in the terminal reaches the parent alone. The child
 * is stopped by closing its stdin: that reaches it also when the parent is killed.
 */
export function runChild(command: readonly string[], { signal, listen }: ChildOptions): Promise<Outcome> {
  return new Promise((resolve) => {
    const [program, ...args] = command;
    const child = spawn(program, args, { detached: true, stdio: 'pipe' });
    const stop = (): void => void child.stdin.end();
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });

    let errors = '';
    child.stdin.on('error', () => undefined); // the child is gone already
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-KEPT)));
    createInterface(child.stdout).on('line', (line) => {
      const event = eventOf(line);
      if (event) listen(event);
    });

    const end = (outcome: Outcome): void => {
      signal.removeEventListener('abort', stop);
      resolve(outcome);
    };
    child.on('error', (error) => end({ status: 'failed', message: `cannot start ${program}: ${error.message}` }));
    child.on('close', (code, killedBy) => {
      if (code === 0) end({ status: 'done' });
      else if (signal.aborted) end({ status: 'interrupted' });
      else end({ status: 'failed', message: failure(code, killedBy, errors) });
    });
  });
}

/** Null for what is no event: other output, and the half line that a killed child may leave. */
function eventOf(line: string): ChildEvent | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as ChildEvent;
  } catch {
    return null;
  }
}

/** Why a child failed, in one line: its own words where it had any. */
function failure(code: number | null, killedBy: string | null, errors: string): string {
  if (killedBy === 'SIGKILL') return 'killed by SIGKILL: most often the machine ran out of memory (try fewer --jobs)';
  if (killedBy !== null) return `killed by ${killedBy}${tail(errors)}`;
  const said = /^error: (.*)$/m.exec(errors);
  return said ? said[1] : `ended with exit code ${String(code)}${tail(errors)}`;
}

function tail(errors: string): string {
  const last = errors.trim().split('\n').at(-1) ?? '';
  return last === '' ? '' : `: ${last}`;
}
