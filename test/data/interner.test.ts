import fc from 'fast-check';
import { createInterner } from '../../src/data/interner';

describe('createInterner', () => {
  it('gives the string of any bytes, from wherever they stand, also after it has forgotten', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', 'b', '', 'x'.repeat(65)))),
        fc.constantFrom(1, 3, 1000),
        (texts, most) => {
          const { of: text } = createInterner((one) => one, most);
          const whole = texts.filter((one) => Buffer.from(one).toString() === one);
          const bytes = Buffer.from(whole.join(''));
          let at = 0;
          for (const one of whole) expect(text(bytes, at, (at += Buffer.byteLength(one)))).toBe(one);
        },
      ),
    );
  });

  it('holds thousands of strings apart', () => {
    const { of: text } = createInterner((one) => one);
    const texts = Array.from({ length: 20_000 }, (_, i) => `word${i}`);
    for (let round = 0; round < 2; round++)
      expect(texts.filter((one) => text(Buffer.from(one), 0, one.length) !== one)).toEqual([]);
  });

  it('decodes a string once', () => {
    const { of: text } = createInterner((one) => one);
    const bytes = Buffer.from('Berlin Berlin Bern');
    const decode = jest.spyOn(bytes, 'toString');
    expect([text(bytes, 0, 6), text(bytes, 7, 13), text(bytes, 14, 18)]).toEqual(['Berlin', 'Berlin', 'Bern']);
    expect(decode).toHaveBeenCalledTimes(2);
  });
});
