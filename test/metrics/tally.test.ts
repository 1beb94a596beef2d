import fc from 'fast-check';
import { metricNames, metricValue } from '../../src/metrics/metric';
import { score, withTagNames } from '../../src/metrics/scores';
import { createTally } from '../../src/metrics/tally';

const tag = fc.constantFrom('O', 'O', 'B-X', 'I-X', 'B-Y', 'I-Z');
const sentences = fc.array(fc.array(tag, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 });

describe('createTally', () => {
  it.each(['iob2', 'plain'])('gives what scoring all again gives, after every change, of %s', (scheme) => {
    const nameOf = (of: string): string => of.replace(/^(.)-(.*)/, '$2_$1');
    const settings = { scheme, version: '0' };
    const changes = fc.array(fc.tuple(fc.nat(), fc.array(tag, { minLength: 6, maxLength: 6 })), { maxLength: 8 });
    fc.assert(
      fc.property(sentences, changes, (gold, all) => {
        const tally = createTally(gold, scheme !== 'plain', nameOf);
        const now = gold.map((tags) => tags);
        const check = (): void => {
          const whole = withTagNames(score(gold, now, settings), nameOf);
          const tables = tally.tables();
          expect(tables).toEqual({ entities: whole.entities, tags: whole.tags, accuracy: whole.accuracy });
          for (const name of metricNames(whole)) expect(metricValue(tables, name)).toBe(metricValue(whole, name));
        };
        check();
        for (const [which, tags] of all) {
          const s = which % gold.length;
          now[s] = tags.slice(0, gold[s].length);
          tally.set(s, now[s]);
          check();
        }
      }),
      { numRuns: 100 },
    );
  });
});
