import fc from 'fast-check';
import { detectScheme, type Told } from '../../src/data/detectScheme';
import { SCHEMES, type Scheme, type SchemeName } from '../../src/schemes';
import { SPELLINGS, type SpellingName } from '../../src/data/spellings';
import { type Tagging, tagReaderOf } from '../../src/data/tagging';

const LETTERED = ['iob2', 'iob1', 'bioes', 'bilou', 'bmes'] as const;
const TYPES = ['PER', 'LOC', 'creative-work', 'PER.NOM'];

interface Span {
  type: string;
  from: number;
  to: number;
}

/** Every scheme in every spelling that it may have, with an outside label of its own. */
const TAGGINGS: Tagging[] = [
  ...LETTERED.flatMap((scheme) =>
    (['standard', 'suffix', 'lower', 'lower-suffix'] as const).flatMap((spelling) =>
      ['O', '_', 'OTHER'].map((outside) => ({ scheme, spelling, outside })),
    ),
  ),
  { scheme: 'io', spelling: 'bare', outside: 'O' },
  { scheme: 'io', spelling: 'bare', outside: '0' },
  { scheme: 'io', spelling: 'standard', outside: 'O' },
  { scheme: 'brackets', spelling: 'standard', outside: 'O' },
  { scheme: 'brackets', spelling: 'starred', outside: 'O' },
];

/** Chunks of a sentence, apart where the scheme cannot part neighbours of one type. */
const sentence = (apart: boolean) =>
  fc
    .array(fc.tuple(fc.nat(2), fc.constantFrom(...TYPES), fc.integer({ min: 1, max: 4 })), { maxLength: 6 })
    .map((parts) => {
      const spans: Span[] = [];
      let at = 0;
      for (const [gap, type, length] of parts) {
        const from = at + (apart && spans.at(-1)?.type === type ? Math.max(1, gap) : gap);
        spans.push({ type, from, to: from + length });
        at = from + length;
      }
      return { length: at + 1, spans };
    });

describe.each(Object.entries<Scheme>(SCHEMES))('scheme %s', (_, scheme) => {
  it('describes itself', () => {
    expect(scheme.title.length).toBeGreaterThan(10);
    expect(scheme.isTag('')).toBe(false);
    expect(scheme.forms.every(scheme.isTag)).toBe(true);
    expect(scheme.repair !== '').toBe(scheme.task === 'chunks');
  });
});

describe.each(Object.entries(SPELLINGS))('spelling %s', (_, { title, read, write }) => {
  it('describes itself, and writes what it reads', () => {
    expect(title.length).toBeGreaterThan(10);
    const samples = ['PER-B', 'b-per', 'per-b', 'B-PER', 'PER', '(PER)', '(PER*)', '(A(B*', 'b', 'B', '*', 'x-y-b'];
    for (const tag of samples) {
      const standard = read(tag);
      if (standard !== undefined && read(write(standard)) === standard) continue;
      expect(standard).toBeUndefined();
    }
  });
});

describe.each(TAGGINGS.map((tagging) => [Object.values(tagging).join(' '), tagging] as const))('%s', (_, tagging) => {
  const reader = tagReaderOf(tagging);
  const inner = (length: number, spans: readonly Span[]): string[] =>
    write(reader.inner === 'io' ? 'io' : 'iob2', length, spans);

  it('reads chunks as a second, naive writer spells them, and writes them back', () => {
    fc.assert(
      fc.property(sentence(tagging.scheme === 'io'), ({ length, spans }) => {
        const tags = spell(write(tagging.scheme, length, spans), tagging);
        expect(tags.filter((tag) => !reader.isTag(tag))).toEqual([]);
        expect(reader.invalid(tags)).toEqual([]);
        const labels = reader.toInner(tags);
        expect(labels).toEqual(inner(length, spans));
        expect(conlleval(labels)).toEqual(spans);
        expect(reader.fromInner(labels)).toEqual(tags);
      }),
    );
  });

  it('never throws on tags of whatever kind, and reads each chunk that it writes', () => {
    const tag = fc.oneof(
      fc.constantFrom(
        'O',
        '*',
        '_',
        ')',
        '(',
        '(A',
        '(A(B',
        '*))',
        'B-',
        '-',
        'B',
        'b-x',
        'x-b',
        'constructor',
        '__proto__',
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 8 }), (tags) => {
        const labels = reader.toInner(tags);
        expect(labels).toHaveLength(tags.length);
        for (const { index } of reader.invalid(tags)) expect(tags[index]).toBeDefined();
        expect(conlleval(reader.toInner(reader.fromInner(labels)))).toEqual(conlleval(labels));
      }),
    );
  });
});

describe.each(LETTERED)('random tags in %s', (name) => {
  const scheme: Scheme = SCHEMES[name];
  const { letters } = scheme;
  const tag = fc.oneof(
    { weight: 1, arbitrary: fc.constant('O') },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom(...letters), fc.constantFrom('PER', 'LOC'))
        .map(([letter, type]) => `${letter}-${type}`),
    },
  );
  const tags = fc.array(tag, { minLength: 1, maxLength: 8 });

  it('become the chunks that conlleval sees', () => {
    fc.assert(fc.property(tags, (some) => expect(conlleval(scheme.toInner(some))).toEqual(conlleval(some))));
  });

  it('are valid exactly when writing their chunks anew gives the same tags', () => {
    let valid = 0;
    fc.assert(
      fc.property(tags, (some) => {
        const same = write(name, some.length, conlleval(some)).join(' ') === some.join(' ');
        expect(scheme.invalid(some).length === 0).toBe(same);
        if (same) valid++;
      }),
      { numRuns: 400 },
    );
    expect(valid).toBeGreaterThan(5);
  });

  it.each(['standard', 'suffix', 'lower', 'lower-suffix'] as const)('is detected, spelled %s', (spelling) => {
    const spans = [
      { type: 'PER', from: 0, to: 1 },
      { type: 'PER', from: 1, to: 4 },
      { type: 'LOC', from: 5, to: 7 },
      { type: 'ORG', from: 8, to: 9 },
    ];
    for (const outside of ['O', '_']) {
      const spelled = spell(write(name, 9, spans), { scheme: name, spelling, outside });
      expect(detect([spelled])).toMatchObject({ scheme: name, spelling, outside });
    }
  });
});

describe('invalid tags', () => {
  it.each<[SchemeName, string, string[]]>([
    ['iob2', 'O I-PER I-PER', ['1: I-PER after O']],
    ['iob2', 'I-PER B-LOC I-PER', ['0: I-PER at the start of a sentence', '2: I-PER after B-LOC']],
    ['iob1', 'B-PER I-PER B-PER O B-PER', ['0: B-PER at the start of a sentence', '4: B-PER after O']],
    ['bioes', 'B-PER O', ['1: O after B-PER']],
    ['bioes', 'S-PER I-PER', ['1: I-PER after S-PER', '1: I-PER at the end of a sentence']],
    ['bilou', 'B-PER L-LOC', ['1: L-LOC after B-PER']],
    ['bmes', 'O B-X M-X', ['2: M-X at the end of a sentence']],
  ])('%s: %s', (name, tags, expected) => {
    const found = SCHEMES[name].invalid(tags.split(' '));
    expect(found.map(({ index, what }) => `${index}: ${what}`)).toEqual(expected);
  });

  it('leaves stray I- in IOB2 as they are', () => {
    const tags = ['O', 'I-PER', 'I-LOC'];
    expect(SCHEMES.iob2.toInner(tags)).toBe(tags);
  });
});

describe('detectScheme', () => {
  it.each<[string, string, SchemeName]>([
    ['I- alone is IOB1', 'I-A I-A O I-B', 'iob1'],
    ['a stray I- among many B- is IOB2', 'B-A I-A O B-B O B-C O I-A', 'iob2'],
    ['O alone is IOB2', 'O O', 'iob2'],
    ['part-of-speech tags', 'DET NOUN VERB', 'plain'],
    ['part-of-speech tags with O', 'N V O P O', 'plain'],
    ['Penn tags with brackets', '-LRB- NN -RRB- , .', 'plain'],
    ['bare letters', 'B I O B O', 'iob2'],
    ['bare letters among many O', 'I I O O O O', 'iob1'],
    ['bare BMES without O', 'B M E S S', 'bmes'],
    ['a chunk tag among part-of-speech tags', 'NN B-X VB DT NN IN', 'plain'],
    ['S- and O alone', 'S-A O O', 'bioes'],
    ['U- and O alone', 'U-A O O', 'bilou'],
    ['B/L alone', 'B-A L-A O', 'bilou'],
    ['types with O', 'Person Person O O O O Location O', 'io'],
    ['a single type that is more frequent than O', 'LOC LOC O LOC O', 'io'],
    ['few entities', 'O O O O O O NAME', 'io'],
    ['types with O, less than half', 'Person Person O O Location O Thing', 'io'],
    ['one-letter types with many O', 'P O O O O L O O', 'io'],
    ['types that are named like parts of speech, most tokens O', 'NUM O O O O NOUN O', 'io'],
    ['parts of speech with O the commonest', 'O NOUN O VERB O DET ADJ ADV', 'plain'],
    ['O rare among many tags', 'a1 b1 c1 d1 e1 f1 g1 h1 i1 j1 k1 a1 O', 'plain'],
    ['another outside label', 'Person _ _ _ Location', 'io'],
    ['brackets', '(PER* * *) * (LOC)', 'brackets'],
    ['nested brackets', '(A(B* *) *) *', 'brackets'],
    ['morphology', 'Case=Nom|Number=Sing _ _ Tense=Past|Mood=Ind Number=Plur', 'plain'],
    ['morphology of two keys', 'Case=Nom|Number=Sing Case=Acc|Number=Plur', 'plain'],
    ['morphology of one key', 'Case=Nom Case=Acc Case=Gen', 'plain'],
    ['morphology with a zero', 'Number=Sing|Person=0 Number=Sing|Person=1 _', 'plain'],
    ['types below types', 'place place/city O O O O O', 'io'],
    ['a type that is called as a position', 'UNIT O O O O UNIT', 'io'],
  ])('%s', (_, tags, expected) => {
    const choice = detect([tags.split(' ')]);
    expect(choice.doubt).toBeUndefined();
    expect(choice.scheme).toBe(expected);
    expect(choice.why).not.toBe('');
  });

  it.each<[string, string, RegExp]>([
    ['several labels in one tag', 'B-ORG|B-LOC O O B-PER', /"B-ORG\|B-LOC" looks like several labels/],
    ['several types in one tag', 'ORG|LOC O O O ORG O LOC', /"ORG\|LOC" looks like several labels/],
    ['key=value', 'name=O name=B-PER SpaceAfter=No|name=O', /"name=O" looks like key=value, and the values of name/],
    ['key=type', 'ner=O ner=Person X=y|ner=O', /"ner=O" looks like key=value, and the values of ner like entity types/],
    ['a type in one tag with one that stands alone', 'ORG,LOC O O O O LOC', /"ORG,LOC" looks like several labels/],
    ['an underscore before the letter', 'PER_B PER_I O LOC_B', /"PER_B" looks like a chunk tag/],
    ['words before the type', 'O Begin-PER Inside-PER O O', /"Begin-PER" looks like a chunk tag/],
    ['positions alone', 'OTHER BEGIN INSIDE OTHER OTHER', /"BEGIN" looks like a chunk tag/],
    ['PARSEME', '* 1:VPC * 1 * 2:LVC.full;1', /"1:VPC" looks like PARSEME/],
    ['brackets that are none', '(ORG* * (LOC)*) * (PER)', /"\(LOC\)\*\)" is no bracket tag/],
    ['ids of labels', '0 0 1 2 0 3', /"1" is a number, as all tags are/],
    ['scores', '0.99 0.98 0.5', /"0.99" is a number/],
    [
      'types that are more frequent than O',
      'Brand Brand Product O Brand Size Color Shop Brand Brand Brand',
      /tag "O" may stand outside .*\(9\.1 %/,
    ],
    ['brackets beside O', '(A0* *) (V*) O', /"O" is no bracket tag/],
    ['brackets of coreference', '(1) - - (2 2) -', /"-" is no bracket tag/],
    ['coreference of single words', '(1) - - (2) -', /"-" is no bracket tag/],
    [
      'chunk tags in quotes',
      '"O" "B-PER" "I-PER" "O"',
      /"\\"B-PER\\"" looks like a chunk tag with something around it/,
    ],
    ['chunk tags in square brackets', '[O] [B-PER] [O] [I-PER]', /"\[B-PER\]" looks like a chunk tag with something/],
    ['types in quotes', "'Person' 'O' 'O' 'Place'", /"'Person'" stands in quotes/],
    [
      'several labels with two underscores between',
      'B-ORG__I-LOC O O I-ORG',
      /"B-ORG__I-LOC" looks like several labels/,
    ],
    ['half of the tags with letters', 'B-PER I-PER PERSON PLACE O', /only 2 of 4 tags have the form.*"PERSON" has not/],
  ])('doubts %s', (_, tags, message) => {
    const { doubt } = detect([tags.split(' ')]);
    expect(doubt?.message).toMatch(message);
    expect(doubt?.note).toMatch(/--scheme plain/);
    expect(detect([tags.split(' ')], { scheme: 'plain' })).toMatchObject({ scheme: 'plain', why: 'as told' });
  });

  it.each<[string, Told, Partial<Tagging>]>([
    ['N V O O', { scheme: 'io' }, { scheme: 'io', spelling: 'bare', outside: 'O' }],
    ['N V NIL', { outside: 'NIL' }, { scheme: 'io', spelling: 'bare', outside: 'NIL' }],
    ['B-X NIL I-X', { outside: 'NIL' }, { scheme: 'iob2', spelling: 'standard', outside: 'NIL' }],
    ['I-X O I-Y', { scheme: 'io' }, { scheme: 'io', spelling: 'standard', outside: 'O' }],
    ['X-B _ X-I', { scheme: 'iob1' }, { scheme: 'iob1', spelling: 'suffix', outside: '_' }],
    ['(V*) * (A* *)', { scheme: 'brackets' }, { scheme: 'brackets', spelling: 'starred' }],
    ['X O O O', { scheme: 'plain' }, { scheme: 'plain', spelling: 'standard' }],
  ])('takes what is told: %s, %j', (tags, told, expected) => {
    expect(detect([tags.split(' ')], told)).toMatchObject(expected);
  });
});

function detect(sequences: readonly string[][], told: Told = {}) {
  const counts = new Map<string, number>();
  for (const tag of sequences.flat()) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return detectScheme(
    counts,
    sequences.map((tags) => ({ tokens: tags, tags, line: 1 })),
    told,
  );
}

/** Tags as a file spells them, by each spelling's example and nothing else. */
function spell(tags: readonly string[], { scheme, spelling, outside }: Tagging): string[] {
  return tags.map((tag) => {
    if (tag === 'O') return outside;
    const [letter, type] = [tag[0], tag.slice(2)];
    const spelled: Record<SpellingName, string> = {
      standard: tag,
      suffix: `${type}-${letter}`,
      lower: `${letter.toLowerCase()}-${type}`,
      'lower-suffix': `${type}-${letter.toLowerCase()}`,
      bare: type,
      starred: /^\(.*\)$/.test(tag) ? tag.replace(')', '*)') : tag,
    };
    return scheme === 'brackets' && spelling === 'standard' ? tag : spelled[spelling];
  });
}

/** Spans as tags, by each scheme's definition and nothing else. */
function write(name: string, length: number, spans: readonly Span[]): string[] {
  const brackets = name === 'brackets';
  const tags = new Array<string>(length).fill(brackets ? '*' : 'O');
  for (const { type, from, to } of spans) {
    const touches = spans.some((other) => other.to === from && other.type === type);
    for (let i = from; i < to; i++) {
      const [first, last] = [i === from, i === to - 1];
      const letter = {
        iob1: first && touches ? 'B' : 'I',
        iob2: first ? 'B' : 'I',
        io: 'I',
        bioes: first && last ? 'S' : first ? 'B' : last ? 'E' : 'I',
        bilou: first && last ? 'U' : first ? 'B' : last ? 'L' : 'I',
        bmes: first && last ? 'S' : first ? 'B' : last ? 'E' : 'M',
      }[name];
      tags[i] = brackets
        ? `${first ? `(${type}` : ''}${first && last ? '' : '*'}${last ? ')' : ''}`
        : `${letter ?? '?'}-${type}`;
    }
  }
  return tags;
}

/** The rules of the Python port of conlleval, pair by pair, with L, U and M read as E, S and I. */
function conlleval(tags: readonly string[]): Span[] {
  const same: Record<string, string> = { L: 'E', U: 'S', M: 'I' };
  const spans: Span[] = [];
  let [before, beforeType] = ['O', ''];
  let open = -1;
  [...tags, 'O'].forEach((text, i) => {
    const letter = same[text[0]] ?? text[0];
    const type = text.slice(2);
    const pair = before + letter;
    const ends =
      ['BB', 'BS', 'BO', 'IB', 'IS', 'IO'].includes(pair) ||
      before === 'E' ||
      before === 'S' ||
      (before !== 'O' && beforeType !== type);
    const starts =
      ['EE', 'EI', 'SE', 'SI', 'OE', 'OI'].includes(pair) ||
      letter === 'B' ||
      letter === 'S' ||
      (letter !== 'O' && beforeType !== type);
    if (open >= 0 && ends) {
      spans.push({ type: beforeType, from: open, to: i });
      open = -1;
    }
    if (starts) open = i;
    [before, beforeType] = [letter, type];
  });
  return spans;
}
