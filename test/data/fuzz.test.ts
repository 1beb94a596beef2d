import { createConllParser } from '../../src/data/conll';
import { lineOf, parseCorpus } from '../../src/data/corpus';
import type { Sentence } from '../../src/data/types';
import { UserError } from '../../src/errors';
import { createRng, type Rng } from '../../src/rng';

const ROUNDS = 24_000;

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
    '\n\n',
  ],
].map((text) => Buffer.from(text));
const BROKEN = [0x80, 0xc3, 0xe4, 0xed, 0xf0, 0xff].map((byte) => Buffer.from([byte]));

describe('reader under mutated files', () => {
  it(`accounts for every line of ${ROUNDS} files, changes no token, and refuses with line and column`, () => {
    const rng = createRng(2024);
    const outcomes = { read: 0, refused: 0 };
    const wrong: string[] = [];
    for (let round = 0; round < ROUNDS && wrong.length < 5; round++) {
      const bytes = mutate(SEEDS[rng.int(SEEDS.length)], rng);
      const fault = check(bytes, rng, outcomes);
      if (fault !== undefined) wrong.push(`round ${round}: ${fault}: ${JSON.stringify(bytes.toString('latin1'))}`);
    }
    expect(wrong).toEqual([]);
    expect(outcomes.read + outcomes.refused).toBe(ROUNDS);
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(ROUNDS / 10); // both sides were tried
  });
});

function mutate(seed: Buffer, rng: Rng): Buffer {
  let bytes = seed;
  for (let edits = 1 + rng.int(3); edits > 0; edits--) {
    const at = rng.int(bytes.length + 1);
    const to = Math.min(bytes.length, at + 1 + rng.int(3));
    const piece = rng.int(8) === 0 ? BROKEN[rng.int(BROKEN.length)] : PIECES[rng.int(PIECES.length)];
    const kinds = [
      () => [bytes.subarray(0, at), piece, bytes.subarray(at)], // insert
      () => [bytes.subarray(0, at), bytes.subarray(to)], // delete
      () => [bytes.subarray(0, at), piece, bytes.subarray(to)], // replace
      () => [bytes.subarray(0, at)], // cut off
      () => [bytes.subarray(0, to), bytes.subarray(at)], // repeat
      () => [bytes, bytes.subarray(at)], // append a part
    ];
    bytes = Buffer.concat(kinds[rng.int(kinds.length)]());
  }
  return bytes;
}

/** What is wrong with how the reader took this file; undefined when nothing is. */
function check(bytes: Buffer, rng: Rng, outcomes: { read: number; refused: number }): string | undefined {
  const cut = rng.int(bytes.length + 1);
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

  // The same bytes in two pieces: whatever was kept or refused, each line is accounted for once.
  const parser = createConllParser('fuzz');
  let sentences: Sentence[];
  try {
    sentences = [...parser.push(bytes.subarray(0, cut)), ...parser.push(bytes.subarray(cut)), ...parser.end()];
  } catch (error) {
    return error instanceof UserError && refusal instanceof UserError
      ? undefined
      : `in two pieces threw ${String(error)}`;
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
