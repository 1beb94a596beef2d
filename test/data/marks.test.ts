import fc from 'fast-check';
import { createConllParser } from '../../src/data/conll';
import { createMarkFinder, SEARCHED_BYTES } from '../../src/data/marks';
import { UserError } from '../../src/errors';

/** All that a finder finds in a block, without the last of each search, and where it stopped. */
function found(block: Buffer, highest: number) {
  const finder = createMarkFinder(highest);
  const marks: number[] = [];
  const stops: number[] = [];
  for (let from = 0; from < block.length; from = stops[stops.length - 1]) {
    const to = finder.search(block, from);
    stops.push(to);
    const all = finder.marks();
    const end = all.indexOf(to);
    marks.push(...all.subarray(0, end));
  }
  return { marks, stops };
}

describe('createMarkFinder', () => {
  it('finds every byte up to the highest, in whole lines, however long these are', () => {
    const size = fc.oneof(fc.nat(40), fc.integer({ min: SEARCHED_BYTES - 20, max: SEARCHED_BYTES + 20 }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(size, fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 6 }),
        fc.constantFrom(13, 32, 127),
        (parts, highest) => {
          const block = Buffer.from(parts.map(([n, text]) => `${'x'.repeat(n)}${text}\n`).join('') + 'end');
          const { marks, stops } = found(block, highest);
          expect(marks.join()).toBe([...block.keys()].filter((i) => block[i] <= highest).join());
          expect(stops[stops.length - 1]).toBe(block.length);
          expect(stops.slice(0, -1).every((to) => block[to - 1] === 10)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });
});

/** All that a reader gives for the bytes. @param direct as of `createConllParser` */
function outcome(bytes: Buffer, tagged: boolean, direct: boolean): unknown {
  try {
    const parser = createConllParser('x', { tagged }, direct);
    const sentences = [...parser.push(bytes), ...parser.end()];
    parser.problems.throwIfAny();
    return { sentences, summary: parser.summary() };
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

describe('rows by their marks', () => {
  const length = fc.oneof(fc.nat(30), fc.integer({ min: SEARCHED_BYTES - 40, max: SEARCHED_BYTES + 10 }));
  const made: ((x: string) => string)[] = [
    (x) => `${x}w\tx\tB-A`,
    (x) => `w\t${x}\tO`,
    (x) => `w ${x}  O`,
    (x) => `w\t${x}\tO\r`,
    (x) => `# ${x}`,
    (x) => `w\t${x}\r\tO`,
    (x) => `w${x}`,
    () => '',
  ];
  const start = fc.constantFrom('', '# global.columns = FORM\n', '# global.columns = FORM X TAG\n');

  it('are what csv-parse makes of them, whatever their length and columns', () => {
    let [many, read] = [0, 0];
    fc.assert(
      fc.property(
        start,
        fc
          .subarray(made, { minLength: 1, maxLength: 3 })
          .chain((some) => fc.array(fc.tuple(length, fc.constantFrom(...some)), { minLength: 1, maxLength: 40 })),
        fc.constantFrom('', '\n', '\r\n'),
        fc.boolean(),
        (head, rows, last, tagged) => {
          const bytes = Buffer.from(head + rows.map(([n, make]) => make('x'.repeat(n))).join('\n') + last);
          const found = outcome(bytes, tagged, true);
          if (bytes.length > 2 * SEARCHED_BYTES) many++;
          if (typeof found === 'object') read++;
          expect(found).toEqual(outcome(bytes, tagged, false));
        },
      ),
      { numRuns: 300 },
    );
    expect(Math.min(many, read)).toBeGreaterThan(50);
  });
});
