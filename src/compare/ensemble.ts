import { join } from 'node:path';
import { type PlainCounts, readCounts } from '../analyse/counts';
import { exists, writeAtomic } from '../files';
import { readSealed, sealed } from '../files/json';
import { bootstrap } from '../metrics/bootstrap';
import { createRng } from '../rng';
import { type CorporaReader, corporaReader } from '../run/corpora';
import type { EnsembleResult } from './comparison';
import type { JobResult } from './launch';
import { type Entrant, folderOf, type Plan } from './plan';
import { labelOf } from './progress';

/** What the file says: `started` ties it to the results of the runs that it is of. */
interface EnsembleFile {
  readonly started: readonly string[];
  readonly split: 'test' | 'dev';
  readonly counts: PlainCounts;
}

/** Fewer taggers have no average. */
const FEWEST = 2;

/**
 * Of every loss the one tagger that all its seeds make together, by the mean of their probabilities. It is computed once and kept in
 * the folder of the loss. A loss whose checkpoints are not all there any more is left out.
 */
export async function ensembleResults(
  plan: Pick<Plan, 'out' | 'resamples'>,
  entrants: readonly Entrant[],
  results: readonly JobResult[],
  split: 'test' | 'dev',
  averages: readonly [string, string],
): Promise<EnsembleResult[]> {
  const found: EnsembleResult[] = [];
  let read: CorporaReader | undefined;
  for (const { label, config } of entrants) {
    const runs = results.flatMap(({ job, run }) => (run && labelOf(job) === label ? [{ job, run }] : []));
    if (runs.length < FEWEST) continue;
    const path = join(plan.out, folderOf(label), 'ensemble.json');
    const started = runs.map(({ run }) => run.result.timing.started);
    const folders = runs.map(({ job }) => job.config.out);
    let file = await kept(path, started, split);
    if (!file) {
      const checkpoints = await Promise.all(folders.map((folder) => exists(join(folder, 'best.ckpt'))));
      if (checkpoints.includes(false)) continue; // a report is made again from runs whose checkpoints were removed, too
      const { scoreEnsemble } = await import('../analyse/ensemble.js');
      read ??= corporaReader();
      file = { started, split, counts: await scoreEnsemble(config, folders, split, read) };
      await writeAtomic(path, `${JSON.stringify(sealed(file))}\n`);
    }
    const { resamples } = plan;
    const { micro, macro } = bootstrap(readCounts(file.counts), createRng(0).split('ensemble'), { resamples });
    const score = ({ f1, low, high }: typeof micro) => ({ value: f1, low: low ?? f1, high: high ?? f1 });
    found.push({ label, seeds: runs.length, scores: { [averages[0]]: score(micro), [averages[1]]: score(macro) } });
  }
  return found;
}

async function kept(path: string, started: readonly string[], split: 'test' | 'dev'): Promise<EnsembleFile | null> {
  if (!(await exists(path))) return null;
  const file = (await readSealed(path, 'remove it: it is computed again')) as EnsembleFile;
  return file.split === split && file.started.join() === started.join() ? file : null;
}
