import { runProgram } from '../machine/program';
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

/** Runs a command as a child, which is stopped by closing its stdin: that reaches it also when the parent is killed. */
export async function runChild(command: readonly string[], { signal, listen }: ChildOptions): Promise<Outcome> {
  const [program = '', ...args] = command;
  const line = (text: string): void => {
    const event = eventOf(text);
    if (event) listen(event);
  };
  try {
    const { code, killedBy, complaints } = await runProgram(program, args, {
      signal,
      line,
      env: { FORCE_COLOR: '0' }, // what it complains of is read, not shown
    });
    if (code === 0) return { status: 'done' };
    if (signal.aborted) return { status: 'interrupted' };
    return { status: 'failed', message: failure(code, killedBy, complaints) };
  } catch (error) {
    return { status: 'failed', message: `cannot start ${program}: ${(error as Error).message}` };
  }
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
  return said?.[1] ?? `ended with exit code ${String(code)}${tail(errors)}`;
}

function tail(errors: string): string {
  const last = errors.trim().split('\n').at(-1) ?? '';
  return last === '' ? '' : `: ${last}`;
}
