import { countBuckets } from '../../src/analyse/facets';
import { bucketResults, bucketVerdict } from '../../src/compare/buckets';
import { type ReadRun, readTrained } from '../../src/compare/scored';
import { parseConfig } from '../../src/config';
import { sentenceCounts } from '../../src/metrics/bootstrap';
import { chunksOf } from '../../src/schemes';
import type { CorpusSummary } from '../../src/run/result';
import { createRng } from '../../src/rng';

const SEEDS = [1, 2, 3, 4, 5];

/** `dsc` finds entities of three tokens that `ce` misses, and as many of one token: 80 of each. */
function runs(): ReadRun[] {
  const rng = createRng(4);
  const gold = Array.from({ length: 160 }, (_, s) =>
    s % 2 === 0 ? ['B-X', 'O', 'O', 'O'] : ['O', 'B-X', 'I-X', 'I-X'],
  );
  const tokens = gold.map((tags) => tags.map(() => 'w'));
  return ['ce', 'dsc'].flatMap((label) =>
    SEEDS.map((seed): ReadRun => {
      const found = (s: number): boolean => rng.float() < (s % 2 === 0 ? 0.7 : label === 'ce' ? 0.2 : 0.9);
      const predicted = gold.map((tags, s) => (found(s) ? tags : tags.map(() => 'O')));
      const facets = new Map(
        (['length', 'sentence'] as const).map((name) => [
          name,
          countBuckets(name, tokens, gold, predicted, chunksOf, null),
        ]),
      );
      return { label, seed, counts: sentenceCounts(gold, predicted), errors: null, facets, decodings: [] };
    }),
  );
}

describe('bucketResults', () => {
  const scored = runs();
  const facets = bucketResults(scored, 'ce', 'chunks', 400);
  const [length] = facets;

  it('has the facets that tell items apart, with gold counts, scores and tests of each bucket', () => {
    expect(facets.map(({ name }) => name)).toEqual(['length']); // all sentences are of one length
    expect(length.buckets).toEqual([
      { name: '1 token', metric: '1 token.f1', support: 80, rare: false },
      { name: '3 tokens', metric: '3 tokens.f1', support: 80, rare: false },
    ]);
    for (const { label, seed, facets: counts } of scored) {
      const { classes, classOf, tp, predicted, support } = counts.get('length') ?? scored[0].counts;
      for (const [k, bucket] of classes.entries()) {
        const sum = (of: Int32Array): number => of.reduce((all, n, e) => (classOf[e] === k ? all + n : all), 0);
        const f1 = (2 * sum(tp)) / (sum(predicted) + sum(support));
        expect(length.scores[label][`${bucket}.f1`].values[SEEDS.indexOf(seed)]).toBeCloseTo(f1, 12);
      }
    }
    expect(Object.keys(length.scores.ce)).toHaveLength(2); // no average
    expect(length.tests.map(({ metric, label }) => `${label} ${metric}`)).toEqual([
      'dsc 1 token.f1',
      'dsc 3 tokens.f1',
    ]);
  });

  it('shows the difference where there is one, corrected over the buckets', () => {
    const [short, long] = length.tests;
    expect(long.verdict).toBe('better');
    expect(long.pHolm).toBeCloseTo(Math.max(2 * long.p, long.p), 12);
    expect(short.verdict).toBe('none');
  });

  it('is told in one line', () => {
    expect(bucketVerdict(facets, 'ce')).toMatch(
      /^where F1 is shown to differ from ce: dsc better at entity length: 3 tokens \(\+\d+\.\d\d\)$/,
    );
    const none = facets.map((facet) => ({ ...facet, tests: facet.tests.map((test) => ({ ...test, verdict: 'none' as const })) })); // prettier-ignore
    expect(bucketVerdict(none, 'ce')).toBeNull();
  });

  it('says once what two facets say of the same items, and how many more there are', () => {
    const [test] = length.tests.slice(1);
    const many = [0, 0, 1, 2, 3, 4].map((i) => ({
      ...length,
      title: `facet ${i}`,
      tests: [{ ...test, difference: -0.1 - i / 100, verdict: 'worse' as const }],
    }));
    expect(bucketVerdict(many, 'ce')).toBe(
      'where F1 is shown to differ from ce: dsc worse at facet 4: 3 tokens (-14.00), facet 3: 3 tokens (-13.00), facet 2: 3 tokens (-12.00) and 2 more',
    );
  });

  it('asks a training file only where it is the one that the runs were trained on', async () => {
    const { data } = parseConfig([]);
    const summary = { sha256: 'another' } as CorpusSummary;
    expect(await readTrained(data, summary, 'chunks')).toBeNull();
    expect(await readTrained({ ...data, train: '/no/such/file' }, summary, 'chunks')).toBeNull();
  });
});
