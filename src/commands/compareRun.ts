import { createInterface } from 'node:readline';
import type { AddCommand, Proc } from './context';
import { interruptible } from './context';

/** The hidden command that `compare` starts for its runs, as many at a time as there are to be; a Slurm task calls it for one. */
export const addCompareRun: AddCommand = (program, context) => {
  program
    .command('compare-run', { hidden: true })
    .description('do runs of a comparison, and tell their progress on stdout, a JSON object a line')
    .argument('<jobs>', 'JSON file with a list of jobs; or -: lines of standard input name files, and its end stops')
    .option('--index <n>', 'which of them, from 0', '0')
    .action(async (path: string, { index }: { index: string }) => {
      const { readJob } = await import('../compare/jobs.js');
      const { runJob, runJobs } = await import('../compare/worker.js');
      const { stdin, stdout } = context.proc;
      const send = (event: object): void => void stdout.write(`${JSON.stringify(event)}\n`);
      const finished = await interruptible(context, async (signal) => {
        if (path !== '-') return runJob(await readJob(path, Number(index)), { signal, send });
        const { next, ended, close } = linesOf(stdin);
        return runJobs(next, { signal: AbortSignal.any([signal, ended]), send }).finally(close);
      });
      if (!finished && context.exitCode === 0) context.exitCode = 130;
    });
};

/** Lines one by one; `ended` is raised as soon as the input ends, whoever waits for a line or not. */
function linesOf(input: Proc['stdin']): {
  readonly next: () => Promise<string | null>;
  readonly ended: AbortSignal;
  readonly close: () => void;
} {
  const end = new AbortController();
  const lines: string[] = [];
  let wake: () => void = () => undefined;
  const reader = createInterface({ input });
  reader.on('line', (line) => {
    lines.push(line);
    wake();
  });
  reader.on('close', () => {
    end.abort();
    wake();
  });
  return {
    async next() {
      while (lines.length === 0 && !end.signal.aborted) await new Promise<void>((woken) => (wake = woken));
      return end.signal.aborted ? null : (lines.shift() ?? null);
    },
    ended: end.signal,
    close: () => reader.close(), // an open stdin keeps a process alive
  };
}
