import { isDeepStrictEqual } from 'node:util';
import { present } from '../errors';
import { groupBy } from '../order';
import type { DecodingResult } from './comparison';
import type { JobResult } from './launch';
import { labelOf } from './progress';
import type { Resampler } from './resample';
import type { ReadRun } from './scored';
import { type ComparedClass, type ScoredRun, type Statistics, statistics } from './statistics';

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

/**
 * A way of decoding by which both losses score as they do by their configs has the tests of the comparison, with what all its looks say: of
 * one question there is one verdict.
 */
export function withOwn({ tests, ...decoding }: DecodingResult, own: Statistics): DecodingResult {
  const isOwn = (label: string, metric: string): boolean =>
    isDeepStrictEqual(decoding.scores[label]?.[metric]?.values, own.summaries[label]?.[metric]?.values);
  return {
    ...decoding,
    tests: tests.map((test) => {
      const { label, metric, reference } = test;
      const same = own.tests.find((one) => one.label === label && one.metric === metric);
      return same && isOwn(label, metric) && isOwn(reference, metric) ? same : test;
    }),
  };
}
