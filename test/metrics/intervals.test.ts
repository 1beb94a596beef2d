import { bootstrap, sentenceCounts } from '../../src/metrics/bootstrap';
import { CONVENTION_NAMES, CONVENTIONS } from '../../src/metrics/conventions';
import { countEntities } from '../../src/metrics/entities';
import { intervalOf, intervalsOf } from '../../src/metrics/intervals';
import { metricNames, metricValue } from '../../src/metrics/metric';
import { score } from '../../src/metrics/scores';
import { createRng } from '../../src/rng';
import { randomPair, SCHEMES } from './random-tags';

const pairs = SCHEMES.map((scheme) => {
  const rng = createRng(3).split(scheme);
  const drawn = Array.from({ length: 60 }, () => randomPair(rng, scheme));
  return { scheme, gold: drawn.map((pair) => pair.gold), predicted: drawn.map((pair) => pair.predicted) };
});

const cases = pairs.flatMap((pair) =>
  CONVENTION_NAMES.filter((name) => CONVENTIONS[name].covers(pair.scheme)).map((convention) => ({
    ...pair,
    convention,
  })),
);

describe('intervalsOf', () => {
  it.each(cases)(
    '$scheme by $convention: stands around every F1 of the report',
    ({ scheme, gold, predicted, convention }) => {
      const report = score(gold, predicted, { scheme, convention, version: '-' });
      const intervals = intervalsOf(gold, predicted, report, createRng(1), { resamples: 50 });
      const named = { ...report, intervals };
      const f1 = metricNames(report).filter((name) => name.endsWith('f1') && !name.startsWith('O.'));
      expect(f1.length).toBeGreaterThan(6);
      for (const name of f1) {
        const found = intervalOf(intervals, name);
        expect(found?.f1).toBeCloseTo(metricValue(named, name), 12);
        expect(found?.low).toBeLessThanOrEqual(found?.high ?? NaN);
      }
      expect(intervals.entities?.micro.low).toBeLessThan(report.entities?.micro.f1 ?? NaN);
      expect(intervals.entities?.micro.high).toBeGreaterThan(report.entities?.micro.f1 ?? NaN);
      expect(intervalOf(intervals, 'accuracy')).toBeUndefined();
      expect(intervalOf(intervals, 'PER.recall')).toBeUndefined();
    },
  );

  it('is the plain bootstrap for the default convention', () => {
    const { gold, predicted } = pairs[1];
    const { entities } = intervalsOf(gold, predicted, { scheme: 'iob2', convention: 'conlleval' }, createRng(9));
    const expected = bootstrap(sentenceCounts(gold, predicted), createRng(9).split('bootstrap'));
    expect(entities?.micro).toEqual(expected.micro);
    expect(entities?.classes).toEqual(expect.arrayContaining([...expected.classes]));
  });

  it('of plain tags is around the accuracy', () => {
    const { gold, predicted } = pairs[0];
    const report = score(gold, predicted, { scheme: 'plain', version: '-' });
    const intervals = intervalsOf(gold, predicted, report, createRng(1));
    expect(intervals.entities).toBeNull();
    expect(intervalOf(intervals, 'accuracy')?.f1).toBeCloseTo(report.accuracy, 12);
  });
});

describe('the spans of a convention', () => {
  it.each(cases)(
    '$scheme by $convention: counted as wholes they give its score',
    ({ scheme, gold, predicted, convention }) => {
      const rule = CONVENTIONS[convention];
      const read = rule.spans(scheme);
      expect(read === null).toBe(['type', 'partial'].includes(convention));
      if (!read) return;
      const { classes } = rule.score(gold, predicted, scheme);
      const counted = countEntities(gold, predicted, read);
      const expected = Object.fromEntries(classes.map(({ name, tp, support }) => [name, [tp, support]]));
      counted.forEach(({ tp, support }, name) => expect([name, expected[name]]).toEqual([name, [tp, support]]));
      expect(counted.size).toBe(classes.filter(({ name }) => name !== 'O').length);
    },
  );
});
