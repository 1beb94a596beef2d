import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { createConllParser } from '../../src/data/conll';
import { lineOf, parseCorpus } from '../../src/data/corpus';
import type { RowOptions } from '../../src/data/layout';
import type { Sentence } from '../../src/data/types';
import { UserError } from '../../src/errors';

/** Small valid files, one of each kind. */
const SEEDS = [
  'EU\tB-ORG\nrejects\tO\nGerman\tB-MISC\n\n#hash\tO\n#\tO\n"\tO\nNew York\tB-LOC\n\t\nç\tO\n',
  '-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\n# sent_id = 4\nPeter NNP B-NP B-PER\nB NNP I-NP I-PER\n',
  'a B-X\nb I-X\nc O\r\n\r\nd O\r\n# B-Y\n',
  [
    '# sent_id = 1',
    '1-2\tdunno\t_\t_\t_\t_\t_\t_\t_\t_',
    '1\tdu\tdo\tAUX\tVBP\t_\t0\troot\t_\t_',
    '2\tnno\tknow\tVERB\tVB\t_\t1\tx\t_\t_',
    '2.1\te\te\tX\tX\t_\t_\t_\t1:x\t_',
    '',
    '1\t😀\t_\tSYM\tSYM\t_\t0\troot\t_\t_',
    '',
  ].join('\n'),
  '#\thttp://x.org\t[2009]\n1\tIm\tO\tO\n2\tHansa\tB-ORG\tO\n3\tRostock\tI-ORG\tB-LOC\n\n#\thttp://y.org\n1\tAnna\tB-PER\tO\n2\tkam\tO\tO\n',
  '0 EU NNP B-ORG\n1 rejects VBZ O\n2 call NN O\n\n0 Bo NNP B-PER\n',
  '# global.columns = ID FORM UPOS X:Y\n1\tHe\tPRON\t*\n1.1\te\tX\t*\n2\tgave\tVERB\t1:V\n\n1-2\tdu\t_\t*\n1\tde\tX\t*\n',
  '#begin document (d); part 0\nd 0 0 In IN (S* - - - s * * -\nd 0 1 Rome NNP * - - - s * * (3)\nd 0 2 rain NN * - - - s * *  -\n\nd 0 0 Yes UH * - - - s * -\n\n#end document\n',
  '1 A a DT x _ 2 det _ _\n2 dog d NN x _ 3 subj _ _\n3 ran r VB x _ 0 root _ _\n',
].map((text) => Buffer.from(text));

const PIECES = [
  ...[
    '\t',
    ' ',
    '\n',
    '\r',
    '\r\n',
    '#',
    '# x = 1\n',
    '\0',
    '-',
    '.',
    'O',
    'B-',
    '_',
    '"',
    '\ufeff',
    '\u00a0',
    '\u2028',
    '9',
    '1',
    '2',
    '*',
    '#begin document x\n',
    '#\t',
    '\n\n',
  ],
].map((text) => Buffer.from(text));
type Change = (bytes: Buffer, at: number, to: number, piece: Buffer) => Buffer[];

const KINDS: readonly Change[] = [
  (bytes, at, _, piece) => [bytes.subarray(0, at), piece, bytes.subarray(at)], // insert
  (bytes, at, to) => [bytes.subarray(0, at), bytes.subarray(to)], // delete
  (bytes, at, to, piece) => [bytes.subarray(0, at), piece, bytes.subarray(to)], // replace
  (bytes, at) => [bytes.subarray(0, at)], // cut off
  (bytes, at, to) => [bytes.subarray(0, to), bytes.subarray(at)], // repeat
  (bytes, at) => [bytes, bytes.subarray(at)], // append a part
];

const BROKEN = [0x80, 0xc3, 0xe4, 0xed, 0xf0, 0xff].map((byte) => Buffer.from([byte]));

/** A valid file, changed in a few places: pieces put in or over, parts cut out, cut off or repeated. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SEEDS),
    fc.array(
      fc.record({
        kind: fc.constantFrom(...KINDS),
        at: fc.nat(1000),
        length: fc.integer({ min: 1, max: 3 }),
        piece: fc.oneof({ weight: 7, arbitrary: fc.constantFrom(...PIECES) }, fc.constantFrom(...BROKEN)),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([seed, edits]) =>
    edits.reduce((bytes, { kind, at, length, piece }) => {
      const from = at % (bytes.length + 1);
      return Buffer.concat(kind(bytes, from, Math.min(bytes.length, from + length), piece));
    }, seed),
  );

const random = fc
  .array(
    fc.oneof(
      fc.constantFrom(...PIECES, ...BROKEN),
      fc.uint8Array({ maxLength: 4 }).map((b) => Buffer.from(b)),
    ),
  )
  .map((pieces) => Buffer.concat(pieces));

const anyFile = fc.oneof({ weight: 5, arbitrary: mutated }, random);
const cuts = fc.array(fc.nat(2000), { maxLength: 6 });

describe('reader of any bytes', () => {
  it('accounts for every line, changes no token, and refuses with line and column', () => {
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(anyFile, (bytes) => {
        expect(check(bytes, outcomes)).toBeUndefined();
      }),
      { numRuns: 10_000 },
    );
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(500); // both sides were tried
  });

  it('reads and refuses the same however the bytes are cut', () => {
    fc.assert(
      fc.property(anyFile, cuts, (bytes, at) => {
        expect(outcome(pieces(bytes, at))).toEqual(outcome([bytes]));
      }),
      { numRuns: 3000 },
    );
  });

  it('makes of ordinary rows what csv-parse makes of them, however they are told to be read', () => {
    const told = fc.record(
      {
        tagged: fc.boolean(),
        tagColumn: fc.constantFrom<string | number | null>(1, 2, 3, 'UPOS', 'MISC:name', null),
        tokenColumn: fc.constantFrom<number | null>(1, 2, null),
        comment: fc.constantFrom('#', 'x', null),
      },
      { requiredKeys: [] },
    );
    let rows = 0;
    fc.assert(
      fc.property(anyFile, told, (bytes, options) => {
        const [plain, whole] = [true, false].map((direct) => outcome([bytes], options, direct));
        if (plain && typeof plain === 'object') rows++;
        expect(plain).toEqual(whole);
      }),
      { numRuns: 6000 },
    );
    expect(rows).toBeGreaterThan(2000);
  });

  it('reads and refuses a packed file as the plain one, in one member or several', () => {
    fc.assert(
      fc.property(anyFile, cuts, (bytes, at) => {
        fc.pre(bytes[0] !== 0x1f || bytes[1] !== 0x8b);
        const packed = Buffer.concat(pieces(bytes, at).map((part) => gzipSync(part, { level: 1 })));
        expect(parsed(packed)).toEqual(parsed(bytes));
      }),
      { numRuns: 1500 },
    );
  });

  it('refuses any bytes that only start like gzip', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        const bytes = Buffer.concat([Buffer.from([0x1f, 0x8b]), tail]);
        expect(parsed(bytes)).toMatch(/^fuzz: damaged gzip file: /);
      }),
      { numRuns: 500 },
    );
  });
});

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

/** All that a reader gives for the bytes. */
function outcome(parts: readonly Buffer[], options: RowOptions = {}, direct = true): unknown {
  try {
    const parser = createConllParser('fuzz', options, direct);
    const sentences = [...parts.flatMap((part) => parser.push(part)), ...parser.end()];
    return { sentences, summary: parser.summary(), problems: messageOf(() => parser.problems.throwIfAny()) };
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** The corpus without the hash, or the refusal. */
function parsed(bytes: Buffer): unknown {
  let corpus: unknown;
  const refusal = messageOf(() => (corpus = { ...parseCorpus(bytes, 'fuzz'), sha256: '' }));
  return refusal ?? corpus;
}

function messageOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** What is wrong with how the reader took this file; undefined when nothing is. */
function check(bytes: Buffer, outcomes: { read: number; refused: number }): string | undefined {
  let refusal: unknown;
  try {
    parseCorpus(bytes, 'fuzz');
    outcomes.read++;
  } catch (error) {
    outcomes.refused++;
    refusal = error;
    if (!(error instanceof UserError)) return `threw ${String(error)}`;
    const places = error.message.split('\n').filter((line) => !/^and \d+ more$/.test(line));
    if (places.length === 0 || !places.every((line) => /^fuzz:[1-9]\d*:[1-9]\d*: \S/.test(line)) || error.note === '') {
      return `says ${error.message} (${error.note})`;
    }
    const beyond = places.find((line) => Number(line.split(':')[1]) > Math.max(1, countLines(bytes)));
    if (beyond !== undefined) return `names a line beyond the end: ${beyond}`;
  }

  const parser = createConllParser('fuzz');
  let sentences: Sentence[];
  try {
    sentences = [...parser.push(bytes), ...parser.end()];
  } catch (error) {
    return error instanceof UserError && refusal !== undefined ? undefined : `the parser threw ${String(error)}`;
  }
  const { layout, counts, bad } = parser.summary();
  const { lines, token, separator, comment, docstart, range, emptyNode } = counts;
  if (lines !== countLines(bytes)) return `${lines} lines of ${countLines(bytes)}`;
  if (token + separator + comment + docstart + range + emptyNode + bad !== lines) return 'lines are not accounted for';
  if (bad > 0 && refusal === undefined) return `${bad} bad lines, and no refusal`;
  if (sentences.reduce((sum, { tokens }) => sum + tokens.length, 0) !== token) return 'tokens were lost';

  const text = bytes
    .toString()
    .replace(/^\ufeff/, '')
    .split('\n');
  for (const sentence of sentences) {
    for (let i = 0; i < sentence.tokens.length; i++) {
      const row = text[lineOf(sentence, i) - 1].replace(/\r$/, '');
      const fields = layout.separator === 'tab' ? row.split('\t') : row.split(/[ \t]+/).filter((field) => field !== '');
      if (
        fields[layout.columns.token - 1] !== sentence.tokens[i] ||
        fields[layout.columns.tag - 1] !== sentence.tags[i]
      ) {
        return `${JSON.stringify(row)} became ${sentence.tokens[i]} ${sentence.tags[i]}`;
      }
    }
  }
  return undefined;
}

function countLines(bytes: Buffer): number {
  const parts = bytes
    .toString('latin1')
    .replace(/^\xef\xbb\xbf$/, '')
    .split('\n');
  return parts.length - (parts[parts.length - 1] === '' ? 1 : 0);
}
