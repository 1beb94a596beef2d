import { UserError } from '../errors';
import { sha256, writeAtomic } from '../files';
import { isLossFile } from '../losses';
import { readSealed, sealed } from '../files/json';
import { corpusPath } from '../run/corpora';
import { checkpointOf } from '../run/folder';
import type { Config } from '../config';
import type { DataHashes, Job } from './job';

/** Writes a list of jobs for `compare-run`. */
export async function writeJobs(path: string, jobs: readonly Job[]): Promise<void> {
  await writeAtomic(path, `${JSON.stringify(sealed({ jobs }), null, 2)}\n`);
}

/** One job of a list that `writeJobs` wrote. @throws UserError where there is no such job */
export async function readJob(path: string, index: number): Promise<Job> {
  const { jobs } = (await readSealed(path, 'a list of jobs is written by dsc-train compare')) as {
    readonly jobs: readonly Job[];
  };
  const job = jobs.at(index);
  if (!Number.isInteger(index) || index < 0 || !job) {
    throw new UserError(`${path}: no job ${index}; it holds jobs 0 to ${jobs.length - 1}`);
  }
  return job;
}

/** Hashes every corpus and every file of code that the configs name, and the checkpoint of every run that training begins from. @throws UserError where one cannot be read */
export async function hashData(configs: readonly Config[]): Promise<DataHashes> {
  const paths = new Set(
    configs.flatMap(({ data }) => [data.train, data.dev, ...(data.test === null ? [] : [data.test])]),
  );
  for (const { loss, model } of configs) {
    if (isLossFile(loss.name)) paths.add(loss.name);
    if (model.features !== null) paths.add(model.features);
  }
  const runs = new Set(configs.flatMap(({ model }) => (model.initFrom === null ? [] : [model.initFrom])));
  const hashes = new Map<string, string>();
  for (const path of paths) hashes.set(path, await sha256(corpusPath(path)));
  for (const run of runs) hashes.set(run, await sha256(await checkpointOf(run)));
  return hashes;
}
