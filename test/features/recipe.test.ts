import fc from 'fast-check';
import { SHAPES } from '../../src/data/shapes';
import { portable } from '../../src/features/recipe';

const EXPRESSIONS = [
  ...SHAPES.map(({ name, pattern }) => [name, pattern] as const),
  ['a class of a script', /^[\p{sc=Han}\p{sc=Thai}ー]$/u] as const,
  ['one class', /^\p{C}$/u] as const,
];

const ofWhole = (pattern: RegExp): RegExp => new RegExp(`^(?:${portable(pattern)})$`, 'u');

describe('a portable pattern', () => {
  it.each(EXPRESSIONS)('%s: names no class, and fits what the expression fits, of characters', (_, pattern) => {
    const own = ofWhole(pattern);
    expect(own.source).not.toContain('\\p');
    let differing = '';
    for (let code = 0; code < 0x110000; code += code < 0x3100 ? 1 : 61) {
      if (code >= 0xd800 && code < 0xe000) continue; // halves of pairs are in no text
      const one = String.fromCodePoint(code);
      if (pattern.test(one) !== own.test(one)) differing += one;
    }
    expect(differing).toBe('');
  });

  it('fits the same words', () => {
    const character = fc.constantFrom(
      ...Array.from('aAzZ019.,:-−+/°%#@ _\n\r\u2028\u0301éÉǅßΣσς科あ😀İı\u200bſK'),
      'http://',
      'WWW.',
      'wWw',
    );
    const word = fc.array(character, { maxLength: 8 }).map((parts) => parts.join(''));
    const own = EXPRESSIONS.map(([, pattern]) => [pattern, ofWhole(pattern)] as const);
    fc.assert(
      fc.property(word, (text) => own.every(([pattern, whole]) => pattern.test(text) === whole.test(text))),
      { numRuns: 3000 },
    );
  });

  it('refuses what it cannot say', () => {
    expect(() => portable(/^a/m)).toThrow('flags');
    expect(() => portable(/a/)).toThrow('begin');
  });
});
