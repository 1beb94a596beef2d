import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { UserError } from '../errors';
import { ensureDir, exists, writeAtomic } from '../files';
import { readSealed, sealed } from '../files/json';
import { runProgram } from '../machine/program';
import { quotedForShell } from '../wording';
import { type Job, withThreads } from './job';
import { writeJobs } from './jobs';
import { onDisk, type RunStage } from './launch';

export interface SlurmOptions {
  /** Folder of the comparison. */
  readonly out: string;
  /** How this program is started: `node dsc-train.js`. */
  readonly command: readonly string[];
  /** Tasks at a time; null leaves it to Slurm. */
  readonly jobs: number | null;
  /** Lines for sbatch, such as `--partition=gpu`. */
  readonly options: readonly string[];
  /** Told what was submitted. */
  readonly say: (text: string) => void;
}

/** What is written down of a submission. */
interface Submission {
  readonly id: string;
  readonly title: string;
  readonly tasks: number;
}

/**
 * Hands the jobs of a stage that are not done yet to Slurm, as one array of a task each, and answers null: the results are not there.
 * Where none is open, it answers with the results on disk.
 */
export function onSlurm(slurm: SlurmOptions): RunStage {
  return async (title, jobs, hashes) => {
    const again = ({ message }: UserError): void => slurm.say(`${message}; it is made again\n`);
    const results = await onDisk(jobs, hashes, again);
    const open = results.flatMap(({ job, run }) => (run ? [] : [job]));
    if (open.length === 0) return results;
    await refuseTwice(slurm.out);
    const { id, script } = await submit(slurm, title, open);
    slurm.say(
      `${title}: submitted ${open.length} of ${jobs.length} runs as Slurm job ${id} (${script})\n` +
        `squeue --job ${id} shows it; once it has ended, the same command goes on, and --collect ${slurm.out} makes the report\n`,
    );
    return null;
  };
}

/** The array script: plain Slurm, to read, to change and to submit by hand. */
export function arrayScript(
  jobs: readonly Job[],
  jobsPath: string,
  { command, jobs: atOnce, options, out }: Omit<SlurmOptions, 'say'>,
): string {
  const threads = jobs.at(0)?.config.engine.threads ?? 1;
  const limit = atOnce === null ? '' : `%${atOnce}`;
  return [
    '#!/bin/bash',
    '#SBATCH --job-name=dsc-train',
    `#SBATCH --array=0-${jobs.length - 1}${limit}`,
    '#SBATCH --ntasks=1',
    `#SBATCH --cpus-per-task=${threads}`,
    `#SBATCH --output=${resolve(out)}/slurm/%A_%a.out`,
    `#SBATCH --chdir=${resolve('.')}`,
    ...options.map((option) => `#SBATCH ${option}`),
    '',
    '# One task, one run. A task that is done is skipped by the next submission, not by this script.',
    `exec ${[...command, 'compare-run', jobsPath].map(quotedForShell).join(' ')} --index "$SLURM_ARRAY_TASK_ID"`,
    '',
  ].join('\n');
}

async function submit(
  slurm: SlurmOptions,
  title: string,
  open: readonly Job[],
): Promise<{ id: string; script: string }> {
  const folder = join(slurm.out, 'slurm');
  await ensureDir(folder);
  const jobs = open.map((job) => withThreads(job, 1));
  // An array still reads its list while it runs: another list gets another name.
  const name = createHash('sha256').update(JSON.stringify(jobs)).digest('hex').slice(0, 8);
  const jobsPath = resolve(folder, `${name}.json`);
  const script = join(folder, `${name}.sbatch`);
  await writeJobs(jobsPath, jobs);
  await writeAtomic(script, arrayScript(jobs, jobsPath, slurm));
  const [id = ''] = (await slurmCommand('sbatch', ['--parsable', script])).split(';');
  const submission: Submission = { id, title, tasks: jobs.length };
  await writeAtomic(join(folder, 'submitted.json'), `${JSON.stringify(sealed(submission))}\n`);
  return { id, script };
}

/** Two arrays would write into the same folders. @throws UserError while tasks of the last submission are there */
async function refuseTwice(out: string): Promise<void> {
  const path = join(out, 'slurm', 'submitted.json');
  if (!(await exists(path))) return;
  const { id } = (await readSealed(
    path,
    'it is written by --launcher slurm; without it, check squeue by hand',
  )) as Submission;
  const left = await slurmCommand('squeue', ['--noheader', '--array', '--format=%i', '--job', id]).catch(
    (error: unknown) => {
      if (error instanceof UserError && /invalid job id/i.test(error.message)) return ''; // forgotten, so it has ended
      throw error;
    },
  );
  const tasks = left.split('\n').filter((line) => line !== '').length;
  if (tasks > 0) {
    throw new UserError(
      `${out}: Slurm job ${id} still has ${tasks} task${tasks === 1 ? '' : 's'}`,
      `wait for it (squeue --job ${id}) or end it (scancel ${id}), then try again`,
    );
  }
}

/** What a Slurm command printed. @throws UserError with its own words where it fails */
async function slurmCommand(program: string, args: readonly string[]): Promise<string> {
  const { code, killedBy, printed, complaints } = await runProgram(program, args).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? new UserError(
          `--launcher slurm: there is no ${program} on this machine`,
          'run it on a login node, or leave --launcher out',
        )
      : new UserError(`${program}: ${String(error)}`, `${program} ${args.join(' ')}`);
  });
  if (code === 0) return printed.trim();
  const said = complaints.trim();
  const how = killedBy === null ? `ended with exit code ${code}` : `killed by ${killedBy}`;
  throw new UserError(`${program}: ${said === '' ? how : said}`, `${program} ${args.join(' ')}`);
}
