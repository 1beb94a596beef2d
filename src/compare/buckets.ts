import { FACETS } from '../analyse/facets';
import { present } from '../errors';
import { groupBy } from '../order';
import { signedPercent, someOf } from '../wording';
import { type FacetResult, RARE } from './comparison';
import type { Resampler } from './resample';
import type { ReadRun } from './scored';
import { statistics } from './statistics';

/**
 * F1 of every loss by what entities are like, and its tests against the reference: where does it win? Holm's correction is over the
 * buckets of a facet and all losses. Buckets without a gold item are no question.
 * @param runs with counts by the facets of the task
 */
export function bucketResults(
  runs: readonly ReadRun[],
  reference: string,
  task: 'chunks' | 'tags',
  by: number | Resampler,
): FacetResult[] {
  const names = [...new Set(runs.flatMap(({ facets }) => [...facets.keys()]))];
  return names.flatMap((name): FacetResult[] => {
    const { buckets, titles } = FACETS[name];
    const counted = runs.map((run) => ({ ...run, counts: present(run.facets.get(name), name) }));
    const support = new Map<string, number>();
    const known = new Set<string>();
    for (const [r, { counts }] of counted.entries()) {
      counts.classes.forEach((bucket) => known.add(bucket));
      if (r > 0) continue; // gold is that of every run
      counts.classOf.forEach((k, e) => {
        const bucket = present(counts.classes[k], 'bucket');
        support.set(bucket, (support.get(bucket) ?? 0) + (counts.support[e] ?? 0));
      });
    }
    const all = buckets
      .filter((bucket) => known.has(bucket))
      .map((bucket) => ({ name: bucket, support: support.get(bucket) ?? 0 }));
    const told = all.filter((bucket) => bucket.support > 0);
    if (told.length < 2) return []; // one bucket is the average
    const { summaries, tests } = statistics(counted, reference, ['micro', 'macro'], all, by, told);
    const metrics = new Set(told.map((bucket) => metricOf(bucket.name)));
    return [
      {
        name,
        title: present(titles[task] ?? undefined, name),
        buckets: told.map((bucket) => ({ ...bucket, metric: metricOf(bucket.name), rare: bucket.support < RARE })),
        scores: Object.fromEntries(
          Object.entries(summaries).map(([label, scores]) => [
            label,
            Object.fromEntries(Object.entries(scores).filter(([metric]) => metrics.has(metric))),
          ]),
        ),
        tests: tests.filter(({ metric }) => metrics.has(metric)),
      },
    ];
  });
}

/** As `statistics` names F1 of a class. */
const metricOf = (bucket: string): string => `${bucket}.f1`;

/** Buckets that are named of a loss. */
const NAMED = 3;

/** Where losses are shown to differ from the reference, in one line; null where nowhere. */
export function bucketVerdict(facets: readonly FacetResult[], reference: string): string | null {
  const shown = facets.flatMap(({ title, buckets, tests }) =>
    tests
      .filter(({ verdict }) => verdict === 'better' || verdict === 'worse')
      .map((test) => ({
        test,
        where: `${title}: ${
          present(
            buckets.find(({ metric }) => metric === test.metric),
            'bucket',
          ).name
        }`,
      })),
  );
  if (shown.length === 0) return null;
  const parts = [...groupBy(shown, ({ test }) => `${test.label} ${test.verdict}`)].map(([start, of]) => {
    const alone = new Map(of.map((one) => [`${one.test.difference} ${one.test.low}`, one])); // unseen is never labelled
    const places = [...alone.values()]
      .toSorted((a, b) => Math.abs(b.test.difference) - Math.abs(a.test.difference))
      .map(({ test, where }) => `${where} (${signedPercent(test.difference)})`);
    return `${start} at ${someOf(places, NAMED)}`;
  });
  return `where F1 is shown to differ from ${reference}: ${parts.join('; ')}`;
}
