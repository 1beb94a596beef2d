import fc from 'fast-check';
import { numberIn } from '../../src/vectors/numbers';

const read = (text: string): number => numberIn(Buffer.from(`x${text}y`), 1, 1 + Buffer.byteLength(text));

describe('numberIn', () => {
  it('reads every double as Number does, however it is written', () => {
    const written = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .chain((x) => fc.constantFrom(String(x), x.toExponential(), x.toFixed(6), x.toPrecision(9), `+${Math.abs(x)}`));
    fc.assert(
      fc.property(written, (text) => {
        expect(read(text)).toBe(Number(text));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    '0',
    '-0',
    '007',
    '.5',
    '5.',
    '-0.038194',
    '1e22',
    '1e-22',
    '1E+05',
    '123456789012345',
    '9007199254740993',
    '0.1e3',
    '1e400',
  ])('reads %s', (text) => {
    expect(read(text)).toBe(Number(text));
  });

  it.each([
    '',
    '-',
    '.',
    '1e',
    '1e+',
    'nan',
    'inf',
    'Infinity',
    '0x10',
    '1_000',
    '1,5',
    '1 2',
    '1.2.3',
    '--1',
    'e5',
    '1e5x',
    ' 1',
  ])('refuses %j', (text) => {
    expect(read(text)).toBeNaN();
  });
});
