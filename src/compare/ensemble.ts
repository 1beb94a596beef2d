import { join } from 'node:path';
import { type PlainCounts, readCounts } from '../analyse/counts';
import { dropVoice, type GoldLabels, scoreEnsemble, type VoiceOf } from '../analyse/ensemble';
import { tagReaderOf } from '../data/tagging';
import { present } from '../errors';
import { exists, writeAtomic } from '../files';
import { readSealed, sealed } from '../files/json';
import { bootstrap } from '../metrics/bootstrap';
import { createRng } from '../rng';
import { corporaReader } from '../run/corpora';
import type { EnsembleResult } from './comparison';
import type { FinishedRun } from './job';
import type { JobResult } from './launch';
import { type Entrant, folderOf, type Plan } from './plan';
import { readPredictions } from './predictions';
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
 * the folder of the loss; what runs have left for it goes then. A loss with a run of which neither that nor the checkpoint is there any
 * more is left out.
 */
export async function ensembleResults(
  plan: Pick<Plan, 'out' | 'resamples'>,
  entrants: readonly Entrant[],
  results: readonly JobResult[],
  split: 'test' | 'dev',
  averages: readonly [string, string],
): Promise<EnsembleResult[]> {
  const found: EnsembleResult[] = [];
  const read = corporaReader();
  let gold: GoldLabels | undefined;
  for (const { label, config } of entrants) {
    const runs = results.flatMap(({ job, run }) =>
      run && labelOf(job) === label
        ? [{ ...run, folder: job.config.out, started: run.result.timing.started, split }]
        : [],
    );
    const path = join(plan.out, folderOf(label), 'ensemble.json');
    const started = runs.map((run) => run.started);
    let file = runs.length < FEWEST ? null : await kept(path, started, split);
    if (runs.length >= FEWEST && !file) {
      gold ??= await goldOf(present(runs[0], 'run'));
      const counts = await scoreEnsemble(config, runs, gold, read);
      file = counts && { started, split, counts }; // a report is made again from runs whose checkpoints were removed, too
      if (file) await writeAtomic(path, `${JSON.stringify(sealed(file))}\n`);
    }
    for (const run of runs) await dropVoice(run);
    if (!file) continue;
    const { resamples } = plan;
    const { micro, macro } = bootstrap(readCounts(file.counts), createRng(0).split('ensemble'), { resamples });
    const score = ({ f1, low, high }: typeof micro) => ({ value: f1, low: low ?? f1, high: high ?? f1 });
    found.push({ label, seeds: runs.length, scores: { [averages[0]]: score(micro), [averages[1]]: score(macro) } });
  }
  return found;
}

/** Gold labels of the split, as a run has written them beside its predictions. */
async function goldOf({ folder, split, result }: FinishedRun & VoiceOf): Promise<GoldLabels> {
  const { inner, toInner } = tagReaderOf((result.data[split] ?? result.data.dev).tagging);
  const { gold } = await readPredictions(join(folder, `${split}.pred.conll`));
  return { gold: gold.map(toInner), inner, task: inner === 'plain' ? 'tags' : 'chunks' };
}

async function kept(path: string, started: readonly string[], split: 'test' | 'dev'): Promise<EnsembleFile | null> {
  if (!(await exists(path))) return null;
  const file = (await readSealed(path, 'remove it: it is computed again')) as EnsembleFile;
  return file.split === split && file.started.join() === started.join() ? file : null;
}
