import type { Warning } from '../../src/warnings';
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { parseCorpus } from '../../src/data/corpus';
import { encode } from '../../src/data/encode';
import { openEngine } from '../../src/engine';
import type { UserError } from '../../src/errors';
import type { Told } from '../../src/run/reading';
import { taggerOf } from '../../src/run/saved';
import { decodeCheckpoint } from '../../src/checkpoint';
import { type Output, TAGS_ALONE } from '../../src/tag';
import { tagStream } from './stream';
import { predictTags } from '../../src/train/predict';
import { toyRun, type ToyRun } from '../run/toy';

let tabs: ToyRun; // token and tag
let blanks: ToyRun; // CoNLL-2003
let pairs: ToyRun; // token and tag, blanks between
let numbered: ToyRun; // GermEval
let conllu: ToyRun;
let keyed: ToyRun; // CoNLL-U, XPOS

const UD = '# text = Ann saw it\n1-2\tAnnsaw\t_\t_\t_\t_\t_\t_\t_\t_\n1\tAnn\t_\tPROPN\tNNP\t_\t_\t_\t_\t_\n2\tsaw\t_\tVERB\tVBD\t_\t_\t_\t_\t_\n2.1\tel\t_\t_\t_\t_\t_\t_\t_\t_\n3\tit\t_\tPRON\tPRP\t_\t_\t_\t_\t_\n\n'; // prettier-ignore

beforeAll(async () => {
  tabs = await toyRun('Anna\tB-PER\nsaw\tO\nNew York\tB-LOC\n\nBerlin\tB-LOC\nslept\tO\n');
  blanks = await toyRun('Anna NNP B-NP B-PER\nsaw VBD B-VP O\n\nBerlin NNP B-NP B-LOC\nand CC O I-LOC\n');
  pairs = await toyRun('Anna B-PER\nsaw O\n\nBerlin B-LOC\nslept O\n');
  numbered = await toyRun('1\tAnna\tB-PER\tO\n2\tsaw\tO\tO\n3\tBerlin\tB-LOC\tO\n\n1\tWe\tO\tO\n2\tslept\tO\tO\n');
  conllu = await toyRun(UD);
  keyed = await toyRun(UD, { tagColumn: 'XPOS' });
});

/** The output for an input in chunks of some size. */
async function tag(
  run: ToyRun,
  input: string | Buffer,
  told: Told = {},
  step = 7,
  output: Partial<Output> = {},
): Promise<string> {
  const bytes = Buffer.from(input);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += step) yield await Promise.resolve(bytes.subarray(at, at + step));
  }
  let out = '';
  for await (const text of tagStream(run.path, chunks(), 'in', {
    engine: 'js',
    told,
    decoding: {},
    output: { ...TAGS_ALONE, ...output },
    warn: () => undefined,
  }))
    out += text;
  return out;
}

const lines = (text: string): string[] => text.split(/(?<=\n)/);

/** The input back from the output: what stands last in every line that changed is taken away. */
function without(output: string, input: string): string {
  const [changed, old] = [lines(output), lines(input)];
  return changed.map((line, i) => (line === old[i] ? line : line.replace(/[\t ][^\t \r\n]+(?=\r?\n?$)/, ''))).join('');
}

const word = fc.stringMatching(/^[A-Za-z0-9é字🙂.,'-]{1,8}$/u).filter((text) => !text.startsWith('-DOCSTART-'));
const between = fc.constantFrom('', '', '', ' ', '\t', '# sent_id = 3', '-DOCSTART-');
const odd = fc.record({
  bom: fc.boolean(),
  feed: fc.constantFrom('\n', '\r\n'),
  final: fc.boolean(),
  step: fc.integer({ min: 1, max: 400 }),
});

function fileOf(rows: readonly string[], { bom, feed, final }: { bom: boolean; feed: string; final: boolean }): string {
  return `${bom ? '\uFEFF' : ''}${rows.join(feed)}${final ? feed : ''}`;
}

describe('tag', () => {
  it.each([
    ['one token a line', () => tabs, word],
    ['token and tag', () => tabs, fc.tuple(fc.oneof(word, fc.constant('New York')), word).map((row) => row.join('\t'))],
    ['the columns of CoNLL-2003', () => blanks, fc.tuple(word, word, word, word).map((row) => row.join(' '))],
    ['those without the tag', () => blanks, fc.tuple(word, word, word).map((row) => row.join('  '))],
    ['one token a line, with blanks behind', () => blanks, word.map((text) => `${text}  `)],
  ] as const)('gives every byte back with one column more: %s', async (_, run, row) => {
    const rows = fc.array(fc.oneof({ weight: 3, arbitrary: row }, between), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(rows, odd, async (some, how) => {
        // A marked comment stands before a sentence: elsewhere it is a row.
        const clean = some.filter((line, i) => !line.startsWith('#') || i === 0 || /^\s*$/.test(some[i - 1]));
        const input = fileOf(clean, how);
        const output = await tag(run(), input, {}, how.step);
        expect(without(output, input)).toBe(input);
        const { token } = parseCorpusCounts(input);
        expect(lines(output).filter((line, i) => line !== lines(input)[i])).toHaveLength(token);
      }),
      { numRuns: 40 },
    );
  });

  function parseCorpusCounts(input: string): { token: number } {
    const isToken = (line: string) => !/^(# sent_id|-DOCSTART-)|^[ \t]*\r?\n?$/.test(line);
    return { token: lines(input.replace('\uFEFF', '')).filter(isToken).length };
  }

  it('puts the tag into the column that was trained where that is CoNLL-U, and changes nothing else', async () => {
    const at = (text: string, column: number) => text.split('\n').map((line) => line.split('\t')[column]);
    const rest = (text: string, column: number) =>
      text.split('\n').map((line) => line.split('\t').filter((__, i) => i !== column));
    for (const [run, column, kinds] of [
      [conllu, 3, /^(PROPN|VERB|PRON)$/],
      [keyed, 4, /^(NNP|VBD|PRP)$/],
    ] as const) {
      const input = UD.replaceAll(/PROPN|VERB|PRON|NNP|VBD|PRP/g, 'X').replaceAll('\n', '\r\n');
      const output = await tag(run, input);
      expect(rest(output, column)).toEqual(rest(input, column));
      const tags = at(output, column);
      expect(tags.filter((text) => kinds.test(text))).toHaveLength(3);
      expect([tags[1], tags[4]]).toEqual(['_', '_']); // a range and an empty node
      expect(parseCorpus(output, 'out', { format: 'conllu', tagColumn: column + 1 }).tokens).toBe(3);
    }
  });

  it('keeps CoNLL-U Plus readable: the tag in its column by name, or in a new one that the header names', async () => {
    const head = '# global.columns = ID FORM';
    const run = await toyRun(`${head} NE\n1\tAnn\tB-PER\n2\tsaw\tO\n\n1\tit\tO\n`);
    const moved = await tag(run, '# global.columns = NE ID FORM\n_\t1\tAnn\n_\t2\tsaw\n');
    expect(moved).toMatch(/^# global\.columns = NE ID FORM\n(B-PER|O)\t1\tAnn\n(B-PER|O)\t2\tsaw\n$/);
    const added = await tag(
      run,
      `${head}\n# text = x\n1-2\tAnnsaw\n1\tAnn\n2\tsaw\n\n1\tit\n`.replaceAll('\n', '\r\n'),
    );
    expect(added).toMatch(/^# global\.columns = ID FORM NE\r\n# text = x\r\n1-2\tAnnsaw\t_\r\n1\tAnn\t(B-PER|O)\r\n/);
    expect(parseCorpus(Buffer.from(added), 'out', { tagColumn: 'NE', scheme: 'iob2' }).tokens).toBe(3);
  });

  it('puts the tag beside the other keys of a column of keys', async () => {
    const row = (id: number, word: string, misc: string) => `${id}\t${word}${'\t_'.repeat(7)}\t${misc}\n`;
    const run = await toyRun(`${row(1, 'Ann', 'SpaceAfter=No|name=B-PER')}${row(2, 'saw', 'name=O')}\n`, {
      tagColumn: 'MISC:name',
    });
    const output = await tag(
      run,
      `${row(1, 'Ann', 'SpaceAfter=No')}${row(2, 'saw', '_')}${row(3, 'it', 'name=B-X|a=b')}\n`,
    );
    expect(output.split('\n').map((line) => line.split('\t')[9])).toEqual([
      expect.stringMatching(/^SpaceAfter=No\|name=(O|B-PER)$/),
      expect.stringMatching(/^name=(O|B-PER)$/),
      expect.stringMatching(/^name=(O|B-PER)\|a=b$/),
      undefined,
      undefined,
    ]);
  });

  it('tags the word, not its number', async () => {
    const [bare, row] = [await tag(conllu, 'saw\n'), await tag(conllu, '1\tsaw\t_\t_\t_\t_\t_\t_\t_\t_\n')];
    expect(row.split('\t')[3]).toBe(bare.trim().split('\t')[1]);
  });

  it('gives the tags that the tagger gives to the whole file, in whatever pieces it comes', async () => {
    const text = 'Anna\nsaw\nBerlin\n\nNew\n\nslept\nAnna\nAnna\n';
    const engine = await openEngine('js');
    const { tagger, vocab, features, decoding } = taggerOf(
      await decodeCheckpoint([tabs.checkpoint], tabs.checkpoint.length, 'x'),
      'x',
    );
    const { sentences } = parseCorpus(text, 'x', { tagged: false, format: 'columns', tokenColumn: 1 });
    const encoded = encode({ sentences }, vocab, features.columns);
    const expected = predictTags(tagger, encoded, vocab.labels, decoding).flat();
    tagger.dispose();
    engine.dispose();
    expect(new Set(expected).size).toBeGreaterThan(1);
    for (const step of [1, 3, 1000]) {
      const rows = (await tag(tabs, text, {}, step)).split('\n').filter((line) => line !== '');
      expect(rows.map((row) => row.split('\t')[1])).toEqual(expected);
    }
  });

  it('answers while the input stays open, as soon as a sentence is complete', async () => {
    let release: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (release = resolve));
    let open = true;
    async function* slow() {
      yield Buffer.from('# sent_id = 1\n');
      yield Buffer.from('Anna\nsaw\n\nBer');
      await answered; // never, unless the first sentence is answered
      open = false;
      yield Buffer.from('lin\n');
    }
    const seen: string[] = [];
    for await (const text of tagStream(tabs.path, slow(), 'in', {
      engine: 'js',
      told: {},
      decoding: {},
      warn: () => undefined,
    })) {
      seen.push(text);
      if (seen.length === 1) expect(open).toBe(true);
      release();
    }
    expect(seen[0]).toMatch(/^# sent_id = 1\nAnna\t\S+\nsaw\t\S+\n\n$/);
    expect(seen.slice(1).join('')).toMatch(/^Berlin\t\S+\n$/);
  });

  it.each([
    [
      'several words a line',
      () => tabs,
      'John lives in London\n',
      /^in:1:1: a row has 4 words, the training file has 2 columns/,
    ],
    ['words where columns were tabs', () => tabs, 'John lives\n', /^in:1:1: a row has 2 words, .*separated by tabs/],
    ['two words of four blank columns', () => blanks, '\nJohn lives\n', /^in:2:1: a row has 2 words/],
    ['too many columns', () => conllu, `${'x\t'.repeat(11)}x\n`, /^in:1:1: a row has 12 columns/],
    ['a row longer than the others', () => tabs, 'Anna\nsaw\n\nNew York\n', /^in:4:\d+: row has 2 columns, expected 1/],
    [
      'word numbers where tokens were',
      () => pairs,
      '1 Anna\n2 saw\n3 Berlin\n',
      /^in:1:1: a row has 2 words, and column 1, where the training file has the token, counts them/,
    ],
    [
      'tokens and tags where word numbers were',
      () => numbered,
      'Anna\tO\nslept\tO\n',
      /^in:1:1: a row has 2 columns, and column 1, where the training file counts words, has "Anna"/,
    ],
    [
      'words where tags were',
      () => pairs,
      'Anna slept\nBerlin saw\n',
      /^in:1:1: a row has 2 words, and "slept" stands where the training file has the tag/,
    ],
    ['bytes that are not UTF-8', () => tabs, Buffer.from('es\nEspa\xf1a\ngrande\n', 'latin1'), /^in:2:5: byte 0xF1/],
  ] as const)('refuses %s before anything comes out', async (_, run, input, message) => {
    let out = '';
    async function* all() {
      yield await Promise.resolve(Buffer.from(input));
    }
    const host = { engine: 'js', told: {}, decoding: {}, warn: () => undefined };
    const taken = (async () => {
      for await (const text of tagStream(run().path, all(), 'in', host)) out += text;
    })();
    await expect(taken).rejects.toThrow(message);
    expect(out).toBe('');
    const error = (await taken.catch((caught: unknown) => caught)) as UserError;
    expect(error.note).toContain('as the training file of the tagger was');
  });

  it.each(['Anna O\nslept O\n', 'Anna _\nslept _\n', 'Anna S-PER\nslept O\n', 'Anna B-ORG\n', 'Anna NNP\nslept VBD\n'])(
    'takes what may be tags for the tag column: %j',
    async (rows) => {
      expect(without(await tag(pairs, rows), rows)).toBe(rows);
    },
  );

  it('reads other columns where it is told to, and says so', async () => {
    const warnings: string[] = [];
    const rows = 'x John 1\nx lives 2\n';
    async function* all() {
      yield await Promise.resolve(Buffer.from(rows));
    }
    let out = '';
    const host = {
      engine: 'js',
      told: { tokenColumn: '2' },
      decoding: {},
      warn: ({ message }: Warning) => void warnings.push(message),
    };
    for await (const text of tagStream(blanks.path, all(), 'in', host)) out += text;
    expect(without(out, rows)).toBe(rows);
    expect(warnings.join()).toMatch(/--token-column 2, as told/);
  });

  it('gives nothing for nothing, a file without a token back, and unpacks gzip', async () => {
    expect(await tag(tabs, '')).toBe('');
    expect(await tag(conllu, '# only = this\n\n')).toBe('# only = this\n\n');
    expect(await tag(tabs, gzipSync('Anna\n\n'))).toMatch(/^Anna\t\S+\n\n$/);
  });
});
