import { parseCorpus } from '../../src/data/corpus';
import { buildVocab } from '../../src/data/vocab';
import { affix } from '../../src/features/affix';

const ROWS: [token: string, prefix1: string, prefix3: string, suffix3: string, form: string][] = [
  ['London', 'l', 'lon', 'don', 'Xxxxx'],
  ['EU', 'e', 'eu', 'eu', 'XX'],
  ['1996-08-22', '1', '199', '-22', 'dddd-dd-dd'],
  ['😀bé', '😀', '😀bé', '😀bé', '😀xx'],
  ['a😀😀😀😀', 'a', 'a😀😀', '😀😀😀', 'x😀😀😀😀'],
  ['😀😀😀😀😀', '😀', '😀😀😀', '😀😀😀', '😀😀😀😀'],
  ['科学', '科', '科学', '科学', 'cc'],
  ['a.b.c.d.e.f.g.h', 'a', 'a.b', 'g.h'.slice(-3), 'x.x.x.x.x.x.'],
  ['aaaaaaaaXXXXXXXX1111', 'a', 'aaa', '111', 'xxxxXXXXdddd'],
  ['', '', '', '', ''],
];

describe('affixes', () => {
  it.each(ROWS)('of %j', async (token, ...expected) => {
    const corpus = { sentences: [{ tokens: [token, '%'], tags: ['O', 'O'], line: 1 }] };
    const feature = await affix.build({ train: corpus }, buildVocab(parseCorpus('x\tO\n', 'x')), { affixDim: 2 });
    const { prefix1, prefix3, suffix3, form } = feature?.toJSON() as Record<string, string[]>;
    expect([prefix1[0], prefix3[0], suffix3[0], form[0]]).toEqual(expected);
    expect(
      feature?.columns.map(({ name, rows, width, encode }) => [name, rows, width, encode?.(token), encode?.('~~~~')]),
    ).toEqual(['prefix1', 'prefix3', 'suffix3', 'form'].map((part) => [`affix.${part}`, 3, 2, 1, 0]));
  });

  it('are left out at width 0, and start at zero for what training never saw', async () => {
    const corpus = parseCorpus('ab\tO\n', 'x');
    expect(affix.build({ train: corpus }, buildVocab(corpus), { affixDim: 0 })).toBeNull();
    const values = Float32Array.of(1, 2, 3, 4);
    (await affix.build({ train: corpus }, buildVocab(corpus), { affixDim: 2 }))?.columns[0].initial?.(values);
    expect([...values]).toEqual([0, 0, 3, 4]);
  });

  it.each([
    { width: 2 },
    { width: 2, prefix1: ['a', 'a'], prefix3: [], suffix3: [], form: [] },
    { width: 2, prefix1: 'a', prefix3: [], suffix3: [], form: [] },
  ])('refuse the damaged values %j', (json) => {
    expect(() => affix.load(json, buildVocab(parseCorpus('x\tO\n', 'x')))).toThrow('prefix1 is damaged');
  });
});
