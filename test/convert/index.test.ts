import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertFile, type Conversion } from '../../src/convert';
import type { ConvertOptions } from '../../src/convert/options';
import { UserError } from '../../src/errors';
import { conversionText } from '../../src/report/convert';
import { type Chunk, chunksOf, SCHEMES } from '../../src/schemes';
import { SPAN_FORMATS, type SpanFormatName } from '../../src/spans/formats';

const folder = mkdtempSync(join(tmpdir(), 'convert-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DEFAULTS: ConvertOptions = {
  ...{ from: 'auto', to: 'same', toScheme: null, mapTypes: new Map(), keepTypes: null, repair: false, merge: false },
  ...{ overlap: 'error', cut: 'error', tokens: null, fromOffsets: null, offsets: null, withTokens: true },
};

function convert(content: string | Buffer, options: Partial<ConvertOptions> = {}): Promise<Conversion> {
  const path = join(folder, 'in');
  writeFileSync(path, content);
  return convertFile(path, { ...DEFAULTS, ...options });
}

const textOf = async (content: string, options: Partial<ConvertOptions> = {}): Promise<string> =>
  (await convert(content, options)).text;

/** Message and note of a refusal, the file called `in`. */
async function refusal(content: string, options: Partial<ConvertOptions> = {}): Promise<string> {
  const error: unknown = await convert(content, options).catch((caught: unknown) => caught);
  if (!(error instanceof UserError)) throw new Error(`expected a refusal, got ${JSON.stringify(error)}`);
  return `${error.message}\n${error.note}`.replaceAll(join(folder, 'in'), 'in');
}

type SchemeName = NonNullable<ConvertOptions['toScheme']>;
const schemes = (Object.keys(SCHEMES) as (SchemeName | 'plain')[]).filter(
  (name): name is SchemeName => name !== 'plain',
);

const word = fc.constantFrom('Ann', 'saw', 'U.S.', "don't", '🙂', '字', '#', '.', 'New York', '"', '[', '{');
/** Tokens and chunks of them; never two of a type side by side where `apart`. */
const sentence = (apart: boolean) =>
  fc
    .array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom('', 'PER', 'LOC', 'creative-work'), word), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => {
      const chunks: Chunk[] = [];
      const tokens = ['Once']; // tokens that are all one would be refused
      for (const [length, type, token] of parts) {
        const last = chunks.at(-1);
        const touches = last?.end === tokens.length && last.type === type;
        if (type !== '' && !(apart && touches))
          chunks.push({ type, start: tokens.length, end: tokens.length + length });
        for (let i = 0; i < length; i++) tokens.push(token);
      }
      return { tokens, chunks };
    });

/** Tags by the letters of the definition, written for this test alone. */
function tagsIn(scheme: SchemeName, length: number, chunks: readonly Chunk[]): string[] {
  const tags = new Array<string>(length).fill(scheme === 'brackets' ? '*' : 'O');
  let before: Chunk | undefined;
  const [begin, inside, end, single] = {
    ...{ iob1: 'IIII', iob2: 'BIIB', io: 'IIII', bioes: 'BIES', bilou: 'BILU', bmes: 'BMES', brackets: '    ' },
  }[scheme];
  for (const chunk of chunks) {
    const size = chunk.end - chunk.start;
    for (let i = 0; i < size; i++) {
      const letter = size === 1 ? single : i === 0 ? begin : i === size - 1 ? end : inside;
      tags[chunk.start + i] = `${letter}-${chunk.type}`;
      if (scheme === 'brackets')
        tags[chunk.start + i] =
          size === 1 ? `(${chunk.type})` : i === 0 ? `(${chunk.type}*` : i === size - 1 ? '*)' : '*';
    }
    if (scheme === 'iob1' && before?.end === chunk.start && before.type === chunk.type)
      tags[chunk.start] = `B-${chunk.type}`;
    before = chunk;
  }
  return tags;
}

const fileOf = (
  scheme: SchemeName,
  sentences: readonly { tokens: readonly string[]; chunks: readonly Chunk[] }[],
): string =>
  sentences
    .map(({ tokens, chunks }) => {
      const tags = tagsIn(scheme, tokens.length, chunks);
      return `${tokens.map((token, i) => `${token}\t${tags[i]}\n`).join('')}\n`;
    })
    .join('');

describe('from scheme to scheme', () => {
  it('every valid sequence comes out as the definition of the target has it, and back as it was', async () => {
    const corpora = fc
      .tuple(fc.constantFrom(...schemes), fc.constantFrom(...schemes))
      .chain(([from, to]) =>
        fc.tuple(
          fc.constant(from),
          fc.constant(to),
          fc.array(sentence(from === 'io' || to === 'io'), { minLength: 1, maxLength: 4 }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(corpora, async ([from, to, sentences]) => {
        const [source, target] = [fileOf(from, sentences), fileOf(to, sentences)];
        expect(await textOf(source, { scheme: from, toScheme: to })).toBe(target);
        expect(await textOf(target, { scheme: to, toScheme: from })).toBe(source);
      }),
      { numRuns: 150 },
    );
  });

  it('changes nothing but tags: other columns, comments, line ends, blanks, and the spelling stay', async () => {
    const crlf = '\uFEFF-DOCSTART- -X- O\r\n\r\nAnn  NNP per-b\r\nLee  NNP per-i\r\nran VBD o';
    expect(await textOf(crlf, { toScheme: 'bioes' })).toBe(crlf.replace('per-i', 'per-e'));
    const row = (id: string, form: string, misc: string) => `${id}\t${form}${'\t_'.repeat(7)}\t${misc}\n`;
    const conllu = `# sent_id = 1\n${row('1-2', 'AnnLee', '_')}${row('1', 'Ann', 'SpaceAfter=No|NE=B-PER')}${row('2', 'Lee', 'NE=I-PER|x=y')}${row('2.1', 'e', '_')}\n`;
    expect(await textOf(conllu, { tagColumn: 'MISC:NE', toScheme: 'bilou', to: 'conllu' })).toBe(
      conllu.replace('I-PER', 'L-PER'),
    );
  });

  it('reads invalid tags only where it is told to, as conlleval does, and counts them', async () => {
    const bad = 'a\tO\nb\tI-PER\nc\tI-LOC\n\nd\tB-LOC\ne\tI-PER\n';
    expect(await refusal(bad, { scheme: 'iob2', toScheme: 'bioes' })).toMatch(
      /^in:2:3: I-PER after O is invalid in iob2\nin:3:3: I-LOC after I-PER .*\nin:6:3: I-PER after B-LOC .*\n--repair reads/,
    );
    const { text, summary } = await convert(bad, { scheme: 'iob2', repair: true });
    expect(text).toBe('a\tO\nb\tB-PER\nc\tB-LOC\n\nd\tB-LOC\ne\tB-PER\n');
    expect(summary.repaired).toEqual({ 'inside-without-begin': 1, 'inside-of-other-type': 2 });
    expect(conversionText(summary)).toMatch(
      /repaired, as conlleval reads it, 1 time: inside tag where no chunk is open\n/,
    );
    const any = fc.array(fc.constantFrom('O', 'B-A', 'I-A', 'E-A', 'S-A', 'I-B', 'E-B'), {
      minLength: 1,
      maxLength: 9,
    });
    await fc.assert(
      fc.asyncProperty(any, async (tags) => {
        const made = await textOf(tags.map((tag, i) => `w${i % 2}\t${tag}\n`).join(''), {
          scheme: 'bioes',
          toScheme: 'iob2',
          repair: true,
        });
        const again = made.trim().split('\n').map((line) => line.split('\t')[1]); // prettier-ignore
        expect(chunksOf(again)).toEqual(chunksOf(tags));
        expect(SCHEMES.iob2.invalid(again)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('renames types and keeps some, after which two may be one', async () => {
    const file = 'a\tB-PER\nb\tB-LOC\nc\tI-LOC\nd\tB-GPE\n';
    const mapTypes = new Map([['GPE', 'LOC']]);
    const { text, summary } = await convert(file, {
      mapTypes,
      keepTypes: new Set(['LOC']),
      toScheme: 'iob1',
      scheme: 'iob2',
    });
    expect(text).toBe('a\tO\nb\tI-LOC\nc\tI-LOC\nd\tB-LOC\n');
    expect(summary).toMatchObject({ dropped: 1, types: { LOC: 2 }, sentences: 1, tokens: 4 });
    expect(await refusal(file, { mapTypes: new Map([['GEP', 'X']]) })).toMatch(
      /--map-types: in has no type 'GEP'\ndid you mean 'GPE'/,
    );
    expect(await refusal(file, { mapTypes, keepTypes: new Set(['GPE']) })).toMatch(
      /--keep-types: in has no type 'GPE'/,
    );
    expect(await textOf('a\tNN\nb\tVB\n', { mapTypes: new Map([['VB', 'VERB']]), scheme: 'plain' })).toBe(
      'a\tNN\nb\tVERB\n',
    );
  });
});

describe('from rows to spans and back', () => {
  const formats = Object.keys(SPAN_FORMATS) as SpanFormatName[];

  it.each(formats)('%s gives the rows back as they were, offsets in either unit', async (to) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sentence(false), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(null, 'codepoints', 'utf16'),
        async (sentences, offsets) => {
          const rows = fileOf('iob2', sentences);
          const spans = await textOf(rows, { scheme: 'iob2', to, offsets });
          expect(await textOf(spans, { to: 'conll', fromOffsets: offsets })).toBe(rows);
          for (const other of formats) {
            const moved = await textOf(spans, { from: to, to: other, fromOffsets: offsets });
            expect(await textOf(moved, { from: other, to: 'conll' })).toBe(rows);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('writes what the other programs write', async () => {
    const rows = '🙂\tO\nAnn\tB-PER\nLee\tI-PER\n\n';
    const documents = async (to: SpanFormatName) => (await textOf(rows, { to, withTokens: false })).trim();
    expect(await documents('doccano')).toBe('{"text":"🙂 Ann Lee","label":[[2,9,"PER"]]}');
    expect(await documents('entities')).toBe('["🙂 Ann Lee",{"entities":[[2,9,"PER"]]}]');
    expect(await documents('spacy')).toBe('{"text":"🙂 Ann Lee","ents":[{"start":2,"end":9,"label":"PER"}]}');
    expect(JSON.parse(await documents('labelstudio'))).toEqual([
      {
        data: { text: '🙂 Ann Lee' },
        annotations: [
          {
            result: [
              {
                ...{ id: 'span-1', from_name: 'label', to_name: 'text', type: 'labels' },
                value: { start: 3, end: 10, text: 'Ann Lee', labels: ['PER'] },
              },
            ],
          },
        ],
      },
    ]);
  });

  it('keeps what stands beside a document on the way to its own format, and says what it leaves out on others', async () => {
    const file = '{"id":7,"text":"Ann ran","label":[[0,3,"PER"]],"meta":{"by":"me"}}\n';
    expect(JSON.parse(await textOf(file, { mapTypes: new Map([['PER', 'P']]) }))).toEqual(
      { id: 7, text: 'Ann ran', label: [[0, 3, 'P']], meta: { by: 'me' } }, // prettier-ignore
    );
    const own = await convert(
      JSON.stringify([{ id: 1, data: { sentence: 'Ann', n: 2 }, annotations: [{ id: 9, result: [] }] }]),
    );
    expect(JSON.parse(own.text)).toEqual([{ id: 1, data: { text: 'Ann', n: 2 }, annotations: [{ result: [] }] }]);
    expect(own.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /left out.*: id of annotations \(1 document\), that the text is called sentence \(1 document\)$/,
      ),
    ]);
    const related = '{"text":"Ann","entities":[{"id":3,"start_offset":0,"end_offset":3,"label":"PER"}],"relations":[]}';
    expect((await convert(related)).warnings[0].message).toMatch(/: id of spans \(1 document\)$/);
    const { warnings } = await convert(file, { to: 'conll' });
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/left out.*: id \(1 document\), meta \(1 document\)$/),
    ]);
    const rows = await convert('# x = 1\nAnn NNP B-PER\nran VBD O\n', { to: 'doccano' });
    expect(rows.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/left out.*: column POS, 1 comment$/),
    ]);
  });

  it('writes CoNLL-U with entities in MISC, which reads as it was', async () => {
    const file = '{"text":"Ann Lee ran. She won.","label":[[0,7,"PER"]]}\n';
    const made = await textOf(file, { to: 'conllu', toScheme: 'bioes' });
    expect(made).toContain(
      '# text = Ann Lee ran.\n1\tAnn\t_\t_\t_\t_\t_\t_\t_\tNE=B-PER\n2\tLee\t_\t_\t_\t_\t_\t_\t_\tNE=E-PER\n',
    );
    expect(made).toContain('3\tran\t_\t_\t_\t_\t_\t_\t_\tNE=O|SpaceAfter=No\n');
    const back = await textOf(made, { tagColumn: 'MISC:NE', to: 'doccano', withTokens: false });
    expect(back).toBe('{"text":"Ann Lee ran.","label":[[0,7,"PER"]]}\n{"text":"She won.","label":[]}\n');
  });
});

describe('running text with spans', () => {
  const doccano = (text: string, ...label: [number, number, string][]): string =>
    `${JSON.stringify({ text, label })}\n`;

  it('becomes words and sentences, none of which ends inside an entity', async () => {
    const text = 'Dr. Lee saw it. She left.\n\nBerlin';
    expect(await textOf(doccano(text, [0, 7, 'PER'], [27, 33, 'LOC']), { to: 'conll' })).toBe(
      'Dr\tB-PER\n.\tI-PER\nLee\tI-PER\nsaw\tO\nit\tO\n.\tO\n\nShe\tO\nleft\tO\n.\tO\n\nBerlin\tB-LOC\n\n',
    );
    expect(await textOf(doccano('in Berlin\nnow', [3, 9, 'LOC']), { to: 'conll', tokens: 'blanks' })).toBe(
      'in\tO\nBerlin\tB-LOC\n\nnow\tO\n\n',
    );
  });

  it('takes spans that tags cannot hold as it is told', async () => {
    const nested = doccano('New York Times', [0, 8, 'LOC'], [0, 14, 'ORG']);
    const { text, summary } = await convert(nested, { to: 'conll', overlap: 'longest' });
    expect([text, summary.overlapping]).toEqual(['New\tB-ORG\nYork\tI-ORG\nTimes\tI-ORG\n\n', 1]);
    const cut = doccano('ex-Berliner', [3, 9, 'LOC']);
    const grown = await convert(cut, { to: 'conll', cut: 'grow', tokens: 'blanks' });
    expect([grown.text, grown.summary.grown]).toEqual(['ex-Berliner\tB-LOC\n\n', 1]);
    const split = await convert(cut, { to: 'conll', cut: 'split', tokens: 'blanks' });
    expect([split.text, split.summary.split]).toEqual(['ex-\tO\nBerlin\tB-LOC\ner\tO\n\n', 2]);
    const blank = '{"text":"New York","label":[[0,3,"A"]],"tokens":[[0,8]]}';
    expect(await textOf(blank, { to: 'conll', cut: 'split' })).toBe('New\tB-A\nYork\tO\n\n');
    const adjacent = await convert('a\tB-X\nb\tB-X\n', { toScheme: 'io', merge: true });
    expect([adjacent.text, adjacent.summary.merged]).toEqual(['a\tI-X\nb\tI-X\n', 1]);
  });

  it('keeps a token that begins as a file with a byte order mark does', async () => {
    const document = '{"text": "\\uFEFFAnn saw", "label": [[0, 4, "PER"]], "tokens": [[0, 4], [5, 8]]}';
    const rows = await textOf(document, { to: 'conll' });
    expect(rows).toBe('\uFEFF\uFEFFAnn\tB-PER\nsaw\tO\n\n');
    expect(JSON.parse(await textOf(rows, { to: 'doccano' }))).toEqual({
      text: '\uFEFFAnn saw',
      label: [[0, 4, 'PER']],
      tokens: [
        [0, 4],
        [5, 8],
      ],
    });
  });

  it('keeps a byte order mark where the tags are in the first column, and counts columns without it', async () => {
    const rows = '\uFEFFB-PER Anna\nI-PER Lee\nO saw\nB-LOC Bonn\n';
    const columns = { tokenColumn: 2, tagColumn: 1 };
    expect(await textOf(rows, { ...columns, toScheme: 'bioes' })).toBe(
      '\uFEFFB-PER Anna\nE-PER Lee\nO saw\nS-LOC Bonn\n',
    );
    expect(await refusal(rows.replace('B-PER', 'I-PER').replace('O', 'B-PER'), { ...columns, scheme: 'iob2' })).toMatch(
      /^in:1:1: I-PER at the start of a sentence/,
    );
  });

  it.each<[string, string, Partial<ConvertOptions>, RegExp]>([
    [
      'half of a character, which has no UTF-8',
      '{"text": "a \\ud800b", "label": [[0, 1, "X"]]}',
      { to: 'conll', tokens: 'blanks' },
      /^in:1:1: no row can hold the token "\\ud800b"/,
    ],
    [
      'NUL',
      '{"text": "a\\u0000 b", "label": []}',
      { to: 'conll', tokens: 'blanks' },
      /^in:1:1: no row can hold the token/,
    ],
    [
      'a token that would be a comment',
      '{"text": "# a = b", "label": [], "tokens": [[0, 7]]}',
      { to: 'conll' },
      /^in:1:1: no row can hold the token "# a = b"/,
    ],
    [
      'a type with half of a character',
      '{"text": "a b", "label": [[0, 1, "X\\udc00"]]}',
      { to: 'conll' },
      /^in:1:1: no column of iob2 can hold the tag/,
    ],
    [
      'adjacent entities in IO',
      'Ann\tB-PER\nLee\tB-PER\n',
      { toScheme: 'io' },
      /^in:2:5: io cannot tell PER "Ann" from PER "Lee" behind it\n.*--merge/,
    ],
    [
      'nested spans',
      `\n${doccano('New York', [0, 3, 'A'], [0, 8, 'B'])}`,
      { to: 'conll' },
      /^in:2:1: spans B "New York" and A "New" overlap.*\n--overlap longest/,
    ],
    [
      'a span that cuts a token',
      doccano('Berliner', [0, 6, 'LOC']),
      { to: 'conll' },
      /^in:1:1: span LOC "Berlin" cuts the token "Berliner"\n--cut grow .*--cut split/,
    ],
    ['a span of blanks', doccano('a  b', [1, 3, 'X']), { to: 'conll' }, /^in:1:1: span X " {2}" holds no token/],
    [
      'a span outside of the text',
      doccano('ab', [1, 9, 'X']),
      {},
      /^in:1:1: span "\[1,9,\\"X\\"\]" is no part of its text of 2 characters/,
    ],
    ['an empty span', doccano('ab', [1, 1, 'X']), {}, /^in:1:1: span .* is no part of its text/],
    ['a span without a label', '{"text":"ab","label":[[0,1]]}', {}, /^in:1:1: span "\[0,1\]" has no label/],
    ['a discontinuous span', '{"text":"ab","label":[[[0,1],[1,2],"X"]]}', {}, /^in:1:1: span .* is no part/],
    ['a document without a text', '{"label":[]}', {}, /^in:1:1: the document has no text/],
    ['broken JSON', '{"text":"a","label":[]}\n{"text":', {}, /^in:2:/],
    [
      'JSON that is something else',
      '{"a":1}',
      {},
      /^in:1:1: .* is no document of labelstudio, prodigy, .*\n--from says/,
    ],
    [
      'plain tags as spans',
      'a\tNN\nb\tVB\n',
      { to: 'doccano', scheme: 'plain' },
      /its tags are plain .*: doccano holds spans/,
    ],
    [
      'plain tags in a scheme',
      'a\tNN\nb\tVB\n',
      { toScheme: 'bioes', scheme: 'plain' },
      /no scheme of entities can hold them/,
    ],
    [
      'a type that a column cannot hold',
      'Ann B-PER\nran O\n',
      { mapTypes: new Map([['PER', 'a person']]) },
      /^in:1:5: no column of iob2 can hold the tag "B-a person"/,
    ],
    [
      'a type that brackets cannot hold',
      'a\tB-X(Y)\nb\tO\n',
      { toScheme: 'brackets' },
      /^in:1:3: X\(Y\) "a" would be read as something else in brackets\n.*--map-types/,
    ],
    [
      'a token that rows cannot hold',
      '{"text":"a\\nb","label":[],"tokens":[[0,3]]}',
      { to: 'conll' },
      /^in:1:1: no row can hold the token "a\\nb"/,
    ],
    [
      'tokens out of order',
      '{"text":"a b","label":[],"tokens":[[2,3],[0,1]]}',
      {},
      /^in:1:1: its tokens overlap, or are not in order/,
    ],
    ['a scheme of spans', doccano('ab', [0, 2, 'X']), { toScheme: 'bioes' }, /--to-scheme: doccano holds spans/],
    [
      'a scheme of spans that it writes',
      'a\tB-X\nb\tO\n',
      { to: 'spacy', toScheme: 'io' },
      /--to-scheme: spacy holds spans/,
    ],
    [
      'to keep some plain tags',
      'a\tNN\nb\tVB\n',
      { keepTypes: new Set(['NN']), scheme: 'plain' },
      /--keep-types: .* are plain/,
    ],
    ['nothing', '[]', {}, /^in:1:1: the file holds no document/],
  ])('refuses %s', async (_, content, options, message) => {
    expect(await refusal(content, options)).toMatch(message);
  });
});

describe('Label Studio', () => {
  const region = (start: number, end: number, text: string, ...labels: string[]) => ({
    ...{ type: 'labels', from_name: 'l', to_name: 't' },
    value: { start, end, text, labels },
  });
  const task = (result: object[], ...more: object[]) => ({
    id: 5,
    data: { text: '🙂 Ann ran' },
    annotations: [{ result }, ...more],
  });

  it('counts UTF-16 units, or code points where its own texts show that', async () => {
    const rows = '🙂\tO\nAnn\tB-PER\nran\tO\n\n';
    expect(await textOf(JSON.stringify([task([region(3, 6, 'Ann', 'PER')])]), { to: 'conll' })).toBe(rows);
    const points = JSON.stringify([task([region(2, 5, 'Ann', 'PER')])], null, 2);
    expect(await textOf(points, { to: 'conll' })).toBe(rows);
    const min = JSON.stringify([{ text: '🙂 Ann ran', label: [{ start: 3, end: 6, text: 'Ann', labels: ['PER'] }] }]);
    expect(await textOf(min, { to: 'conll' })).toBe(rows);
  });

  it('refuses what is not said, with the place of the task', async () => {
    const fine = task([region(3, 6, 'Ann', 'PER')]);
    const of = (wrong: object): Promise<string> => refusal(JSON.stringify([fine, wrong], null, 1));
    const line = JSON.stringify([fine], null, 1).split('\n').length;
    expect(await of(task([region(3, 6, 'Ann', 'PER', 'ORG')]))).toMatch(
      new RegExp(`^in:${line}:2: span .* has 2 labels\\n`),
    );
    expect(await of(task([], { result: [] }))).toMatch(new RegExp(`^in:${line}:2: 2 annotations of one text`));
    expect(await of(task([region(3, 6, 'Bob', 'PER')]))).toMatch(/covers "Ann", the file says "Bob"/);
  });

  it('takes no annotation that was cancelled, and says so as of results of another kind', async () => {
    const choices = { type: 'choices', value: { choices: ['good'] } };
    const { text, warnings } = await convert(
      JSON.stringify([task([region(3, 6, 'Ann', 'PER'), choices], { was_cancelled: true, result: [] })]),
      { to: 'doccano' },
    );
    expect(text).toBe('{"text":"🙂 Ann ran","label":[[2,5,"PER"]]}\n');
    expect(warnings[0].message).toMatch(
      /id \(1 document\), results of type choices \(1 document\), annotations that were cancelled \(1 document\)$/,
    );
  });
});
