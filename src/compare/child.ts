import { runProgram } from '../machine/program';
import type { Outcome } from './pool';

/** What a child process tells its parent of the job in hand: a JSON object a line on stdout. */
export interface ChildEvent {
  readonly epoch: number;
  readonly epochs: number;
  /** Share of the epoch's batches that are done. */
  readonly share: number;
  /** Of the last epoch; null before the first one ends. */
  readonly devScore: number | null;
  readonly tokensPerSecond: number;
}

/** Beside that: it has begun with a job, or has done it. */
export interface ChildSign {
  readonly job: 'begun' | 'done';
}

/**
 * A child process that does one job after the other, each a line on its stdin: what the jobs share it reads once. A job that fails takes
 * the process with it, so that no other one meets what it may have left.
 */
export interface Child {
  /** It takes no more jobs. */
  readonly isGone: boolean;
  /**
   * Does the job that a file holds, one at a time.
   * @returns null where the child was gone before it began: another may do it
   */
  work(path: string, listen: (event: ChildEvent) => void): Promise<Outcome | null>;
  /** Lets it go; resolves when it has ended. */
  end(): Promise<void>;
}

interface Work {
  readonly listen: (event: ChildEvent) => void;
  readonly settle: (outcome: Outcome | null) => void;
  hasBegun: boolean;
}

/**
 * Starts a command as a child, which is stopped by closing its stdin: that reaches it also when the parent is killed.
 * @param signal raised to stop the child after the batch it has in hand
 */
export function startChild(command: readonly string[], signal: AbortSignal): Child {
  const [program = '', ...args] = command;
  const over = new AbortController();
  let say: (line: string) => void = () => undefined;
  let job: Work | null = null;
  let [isGone, hasWorked] = [false, false];

  function settle(outcome: Outcome | null): void {
    const { settle: told } = job ?? {};
    job = null;
    told?.(outcome);
  }

  function line(text: string): void {
    const event = eventOf(text);
    if (!event || !job) return;
    if (!('job' in event)) job.listen(event);
    else if (event.job === 'begun') job.hasBegun = true;
    else {
      hasWorked = true;
      settle({ status: 'done' });
    }
  }

  const ended = runProgram(program, args, {
    signal: AbortSignal.any([signal, over.signal]),
    line,
    talk: (to) => (say = to),
    env: { FORCE_COLOR: '0' }, // what it complains of is read, not shown
  })
    .then(
      ({ code, killedBy, complaints }): Outcome =>
        signal.aborted ? { status: 'interrupted' } : { status: 'failed', message: failure(code, killedBy, complaints) },
      (error: unknown): Outcome => ({
        status: 'failed',
        message: `cannot start ${program}: ${(error as Error).message}`,
      }),
    )
    .then((outcome) => {
      isGone = true;
      // one that has worked and ends between two jobs says nothing of the next
      settle(hasWorked && job?.hasBegun === false && !signal.aborted ? null : outcome);
    });

  return {
    get isGone() {
      return isGone;
    },
    work(path, listen) {
      if (isGone) return Promise.resolve(null);
      return new Promise((told) => {
        job = { listen, settle: told, hasBegun: false };
        say(path);
      });
    },
    async end() {
      over.abort();
      await ended;
    },
  };
}

/** Null for what is no event: other output, and the half line that a killed child may leave. */
function eventOf(line: string): ChildEvent | ChildSign | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as ChildEvent | ChildSign;
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
