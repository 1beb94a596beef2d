import { present } from '../errors';
import { groupBy } from '../order';
import type { DecodingResult } from './comparison';
import type { JobResult } from './launch';
import { labelOf } from './progress';
import type { Resampler } from './resample';
import type { ReadRun } from './scored';
import { type ComparedClass, type ScoredRun, statistics } from './statistics';

/**
 * The averages of every loss, and its tests against the reference, by each way of decoding that the runs were asked with. A loss whose
 * gain is gone when both sides are decoded otherwise has moved its operating point, and learned nothing that the reference did not.
 * @param scored the finished ones of the results
 * @param classes of the split, as in `statistics`
 */
export function decodingResults(
  results: readonly JobResult[],
  scored: readonly ReadRun[],
  reference: string,
  averages: readonly [string, string],
  classes: readonly ComparedClass[],
  resampler: Resampler,
): DecodingResult[] {
  const read = new Map(scored.map(({ label, seed, decodings }) => [`${label}/${seed}`, decodings]));
  const asked = results.flatMap(({ job, run }) =>
    (run?.analysis?.decodings ?? []).map(({ name, outsideBias }, d) => ({
      name,
      outsideBias,
      run: {
        label: labelOf(job),
        seed: job.config.seed,
        counts: present(read.get(job.id)?.[d], `counts of ${job.id}`),
      } satisfies ScoredRun,
    })),
  );
  return [...groupBy(asked, ({ name }) => name)].map(([name, of]) => {
    const runs = of.map(({ run }) => run);
    const known = new Set(classes.map((one) => one.name));
    const others = new Set(runs.flatMap(({ counts }) => counts.classes).filter((one) => !known.has(one)));
    const all = [...classes, ...[...others].map((one) => ({ name: one, support: 0 }))];
    const { summaries, tests } = statistics(runs, reference, averages, all, resampler, []);
    return {
      name,
      biases: [...groupBy(of, ({ run }) => run.label)].map(([label, its]) => ({
        label,
        values: its.map(({ outsideBias }) => outsideBias),
      })),
      scores: summaries,
      tests,
    };
  });
}
