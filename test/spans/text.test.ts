import fc from 'fast-check';
import { isGlued, joined, lengthIn, offsetsOf, sentencesIn, TOKENISERS } from '../../src/spans/text';

const text = fc.string({ unit: 'binary' }); // lone characters of every plane
const running = fc
  .array(
    fc.constantFrom('Ann', 'saw', 'U.S.', "don't", '🙂', '字', ' ', '  ', '\n', '\r\n', '. ', ', ', '3.5 ', '-', 'é'),
  )
  .map((parts) => parts.join(''));

describe('offsets', () => {
  it('count code points as Python does, or code units, there and back', () => {
    fc.assert(
      fc.property(text, (some) => {
        const points = Array.from(some);
        const [byPoint, byUnit] = [offsetsOf(some, 'codepoints'), offsetsOf(some, 'utf16')];
        expect([byPoint.length, byUnit.length]).toEqual([points.length, some.length]);
        expect(lengthIn(some, 'codepoints')).toBe(points.length);
        for (let k = 0, index = 0; k <= points.length; index += points[k++]?.length ?? 0) {
          expect([byPoint.of(index), byPoint.at(k)]).toEqual([k, index]);
          expect([byUnit.of(index), byUnit.at(index)]).toEqual([index, index]);
        }
      }),
    );
  });

  it('are none outside of the text, or inside a character', () => {
    for (const wrong of [-1, 3, 1.5, NaN]) expect(offsetsOf('a🙂', 'codepoints').at(wrong)).toBeUndefined();
    for (const wrong of [-1, 2, 4, 0.5]) expect(offsetsOf('a🙂', 'utf16').at(wrong)).toBeUndefined();
    for (const wrong of [-1, 3]) expect(offsetsOf('ab', 'utf16').at(wrong)).toBeUndefined();
  });
});

describe('tokens', () => {
  it.each(Object.entries(TOKENISERS))('%s lose nothing but blanks, and stand in order', (_, { split }) => {
    fc.assert(
      fc.property(running, (some) => {
        const places = split(some);
        expect(places.map(({ start, end }) => some.slice(start, end)).join('')).toBe(some.replace(/\s+/g, ''));
        places.forEach(({ start, end }, i) => {
          expect(start).toBeLessThan(end);
          expect(start).toBeGreaterThanOrEqual(places[i - 1]?.end ?? 0);
        });
      }),
    );
  });

  it('are what their names say', () => {
    const of = (name: keyof typeof TOKENISERS, some: string): string[] =>
      TOKENISERS[name].split(some).map(({ start, end }) => some.slice(start, end));
    expect(of('words', "She didn't pay $3.50, Ann-Marie.")).toEqual(
      ['She', "didn't", 'pay', '$', '3.50', ',', 'Ann', '-', 'Marie', '.'], // prettier-ignore
    );
    expect(of('blanks', ' in\tBerlin. ')).toEqual(['in', 'Berlin.']);
    expect(of('characters', 'né 🇩🇪')).toEqual(['n', 'é', '🇩🇪']);
  });

  it('are joined by blanks but where one is glued to the next, each at its place', () => {
    const { text: made, places } = joined(['Berlin', '.', 'New York'], (i) => i === 0);
    expect(made).toBe('Berlin. New York');
    expect(places.map(({ start, end }) => made.slice(start, end))).toEqual(['Berlin', '.', 'New York']);
    expect(
      ['a\tSpaceAfter=No', 'a\tb=c|SpaceAfter=No|d=e\r', 'SpaceAfter=Nope', 'a SpaceAfter=No'].map(isGlued),
    ).toEqual(
      [true, true, false, false], // prettier-ignore
    );
  });
});

describe('sentences', () => {
  it('hold every character that is no blank, none twice', () => {
    fc.assert(
      fc.property(running, (some) => {
        const found = sentencesIn(some);
        expect(
          found
            .map(({ start, end }) => some.slice(start, end))
            .join('')
            .replace(/\s/g, ''),
        ).toBe(some.replace(/\s/g, ''));
        for (const { start, end } of found) expect(some.slice(start, end)).toMatch(/^\S[^]*\S$|^\S$/);
      }),
    );
  });

  it('end at a full stop, not at a line end', () => {
    const some = 'Ann saw\nit. Then she\r\nleft! ';
    expect(sentencesIn(some).map(({ start, end }) => some.slice(start, end))).toEqual([
      'Ann saw\nit.',
      'Then she\r\nleft!',
    ]);
  });
});
