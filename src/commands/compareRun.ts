import type { AddCommand } from './context';
import { interruptible } from './context';

/** The hidden command that `compare` starts once for each run; a Slurm task calls it too. */
export const addCompareRun: AddCommand = (program, context) => {
  program
    .command('compare-run', { hidden: true })
    .description('do one run of a comparison, and tell its progress on stdout, a JSON object a line')
    .argument('<jobs>', 'JSON file with a list of jobs')
    .option('--index <n>', 'which of them, from 0', '0')
    .option('--watch-stdin', 'stop when standard input ends')
    .action(async (path: string, { index, watchStdin }: { index: string; watchStdin?: true }) => {
      const { readJob } = await import('../compare/jobs.js');
      const { runJob } = await import('../compare/worker.js');
      const { stdin, stdout } = context.proc;
      const job = await readJob(path, Number(index));
      const finished = await interruptible(context, (signal) => {
        const stop = new AbortController();
        if (watchStdin) stdin.on('end', () => stop.abort()).resume();
        const either = AbortSignal.any([signal, stop.signal]);
        const send = (event: object): void => void stdout.write(`${JSON.stringify(event)}\n`);
        return runJob(job, { signal: either, send }).finally(() => stdin.pause()); // an open stdin keeps a process alive
      });
      if (!finished && context.exitCode === 0) context.exitCode = 130;
    });
};
