import fc from 'fast-check';
import { parseCorpus } from '../../src/data/corpus';
import { createRng } from '../../src/rng';
import { groupUnits } from '../../src/split/groups';
import { stratify } from '../../src/split/stratify';
import { cutUnits } from '../../src/split/units';

const word = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 4 })
  .map((text) => text.replace(/[\s\0\ufeff]/gu, 'x'))
  .filter((text) => text !== '' && !text.startsWith('-DOCSTART-') && !text.startsWith('#'));
const tag = fc.constantFrom('O', 'B-PER', 'I-PER', 'B-__proto__', 'B-constructor');
const row = fc.tuple(word, tag).map((fields) => fields.join('\t'));
const gap = fc.array(fc.constantFrom('', ' ', '\t', '-DOCSTART-\tO'), { minLength: 1, maxLength: 3 });
const body = fc
  .array(fc.tuple(fc.array(row, { minLength: 1, maxLength: 4 }), gap), { minLength: 1, maxLength: 8 })
  .map((sentences) => sentences.flatMap(([rows, between]) => [...rows, '', ...between]));
/** A file of two columns as text editors of every kind leave it. */
const file = fc
  .record({ body, bom: fc.boolean(), end: fc.constantFrom('\n', '\r\n'), last: fc.boolean(), ahead: gap })
  .map(({ body, bom, end, last, ahead }) => (bom ? '\ufeff' : '') + [...ahead, ...body].join(end) + (last ? end : ''));

describe('cutting a file', () => {
  it('loses no byte and doubles none, however its lines end', () => {
    fc.assert(
      fc.property(file, (text) => {
        const bytes = Buffer.from(text);
        const corpus = parseCorpus(bytes, 'file', { format: 'tsv', scheme: 'iob2' });
        const units = cutUnits(bytes, corpus);
        expect(Buffer.concat(units.map((unit) => unit.bytes)).equals(bytes)).toBe(true);
        expect(units.reduce((sum, { lines }) => sum + lines, 0)).toBe(corpus.lines.lines);
        expect(units.map(({ from }) => from)).toEqual([0, ...units.slice(0, -1).map(({ to }) => to)]);
        expect(units.at(-1)?.to).toBe(corpus.sentences.length);
      }),
    );
  });

  it('gives every unit to one part, and each reads as it did in the whole', () => {
    fc.assert(
      fc.property(file, fc.nat(), (text, seed) => {
        const bytes = Buffer.from(text);
        const options = { format: 'tsv', scheme: 'iob2' } as const;
        const corpus = parseCorpus(bytes, 'file', options);
        const units = cutUnits(bytes, corpus);
        const { groups } = groupUnits(units, corpus);
        const partOf = stratify(groups, [0.5, 0.5], createRng(seed));
        expect(groups.flatMap((group) => group.units).sort((a, b) => a - b)).toEqual(units.map((_, u) => u));
        const shown = (part: number): string[] => {
          const chosen = groups.flatMap((group, g) => (partOf[g] === part ? group.units : [])).sort((a, b) => a - b);
          if (chosen.length === 0) return [];
          const own = Buffer.concat(chosen.map((u) => units[u].bytes));
          return parseCorpus(own, 'part', options).sentences.map(({ tokens, tags }) => JSON.stringify([tokens, tags]));
        };
        const whole = corpus.sentences.map(({ tokens, tags }) => JSON.stringify([tokens, tags]));
        expect([...shown(0), ...shown(1)].sort()).toEqual(whole.sort());
      }),
    );
  });
});
