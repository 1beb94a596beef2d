import type { TaggerSpec } from '../../src/model/spec';
import { checkSize } from '../../src/run/tagger';
import { tables } from '../model/toy';

const SPEC: TaggerSpec = {
  tables: tables([10, 4], [2, 2]),
  labels: 3,
  hidden: 3,
  layers: 1,
  dropout: 0,
  head: 'softmax',
};
const WEIGHTS = 10 * 4 + 2 * 2 + 2 * (4 + 2 + 3) * 12 + 2 * 12 + 6 * 3 + 3;

describe('checkSize', () => {
  it('lets a tagger pass that six copies of its weights leave room for, and not a byte less', () => {
    expect(() => checkSize(SPEC, 24 * WEIGHTS)).not.toThrow();
    expect(() => checkSize(SPEC, 24 * WEIGHTS - 1)).toThrow(`the tagger would have ${WEIGHTS} weights`);
  });

  it.each([{ hidden: 100_000 }, { layers: 1e8 }, { layers: 2 ** 53 - 1 }, { tables: tables([10, 2 ** 31], [2, 2]) }])(
    'says weights and memory at once, making nothing of that size: %j',
    (over) => {
      const start = performance.now();
      expect(() => checkSize({ ...SPEC, ...over }, 2 ** 35)).toThrow(
        / weights, and training it takes .* GiB .* has 32 GiB/,
      );
      expect(performance.now() - start).toBeLessThan(1000);
    },
  );

  it('refuses an array that no engine can index, whatever the memory', () => {
    expect(() => checkSize({ ...SPEC, tables: tables([2 ** 30, 4], [2, 2]) }, Infinity)).toThrow(
      'one array would hold 4,294,967,296 numbers',
    );
  });
});
