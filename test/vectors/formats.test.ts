import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { UserError } from '../../src/errors';
import { openVectors } from '../../src/vectors';
import { type Rows, fileOf, WRITERS } from './files';

const ROWS: Rows = [
  ['the', [-0.038194, -0.24487, 0.72812]],
  ['cat', [1, -2.5, 1e-7]],
  ['科学', [0.5, 0, 3]],
];

/** Every word with its vector, and what is known of the file. */
async function read(data: Buffer | string, words: readonly string[] = ROWS.map(([word]) => word)) {
  const vectors = await openVectors(fileOf(data));
  const rows = words.map((word) => vectors.find(word));
  const known = rows.filter((row) => row >= 0);
  const values = await vectors.read(known);
  vectors.close();
  const { width, count, format, cased, duplicates, unreadable } = vectors;
  const found = words.flatMap((word, i) => {
    const at = known.indexOf(rows[i]);
    return at < 0 ? [] : [[word, [...values.subarray(at * width, (at + 1) * width)]] as const];
  });
  return { found, about: { width, count, format, cased, duplicates, unreadable } };
}

const rounded = (rows: Rows): Rows => rows.map(([word, numbers]) => [word, numbers.map(Math.fround)]);

const refused = async (data: Buffer | string): Promise<string> => {
  const error: unknown = await read(data).catch((thrown: unknown) => thrown);
  if (!(error instanceof UserError)) throw new Error(`read, or broke: ${String(error)}`);
  return error.message.replace(/^.*vectors\.txt/, 'FILE');
};

describe.each(Object.entries(WRITERS))('%s', (_, write) => {
  it.each([
    ['plain', (bytes: Buffer) => bytes],
    ['gzip', (bytes: Buffer) => gzipSync(bytes)],
    [
      'two gzip members',
      (bytes: Buffer) => Buffer.concat([gzipSync(bytes.subarray(0, 9)), gzipSync(bytes.subarray(9))]),
    ],
    ['with a byte order mark', (bytes: Buffer) => Buffer.concat([Buffer.from('\uFEFF'), bytes])],
  ])('%s', async (__, pack) => {
    const { found, about } = await read(pack(write(ROWS)));
    expect(found).toEqual(rounded(ROWS));
    expect(about).toMatchObject({ width: 3, count: 3, duplicates: 0, unreadable: 0, cased: false });
  });

  it('is an error cut short anywhere but at a row of a file that does not say how many there are', async () => {
    const bytes = write(ROWS);
    const isGlove = !/^[\d{]/.test(bytes.toString('latin1'));
    for (let length = 1; length < bytes.length - 1; length += 3) {
      const cut = bytes.subarray(0, length);
      if (cut.toString('latin1').trimEnd() === bytes.toString('latin1').trimEnd()) continue;
      if (
        isGlove &&
        cut
          .toString()
          .split('\n')
          .every((line) => line === '' || /^\S+( -?[\d.e-]*\d){3}$/.test(line))
      )
        continue;
      if (isGlove && length < 30) continue; // the only row says how wide it is
      expect(await refused(cut)).toMatch(/^FILE/);
    }
  });

  it('keeps the first row of a word that comes twice, and says so', async () => {
    if (write === WRITERS['wink JSON']) return; // an object has a key once: below
    const { found, about } = await read(write([...ROWS, ['cat', [9, 9, 9]]]));
    expect(found).toEqual(rounded(ROWS));
    expect(about.duplicates).toBe(1);
  });

  it('is read alike in pieces of any size, from thousands of rows', async () => {
    const many: Rows = Array.from({ length: 3000 }, (__, i) => [
      `w${i}`,
      Array.from({ length: 20 }, (___, j) => Math.fround(Math.sin(i * 20 + j))),
    ]);
    const { found, about } = await read(
      write(many),
      many.map(([word]) => word),
    );
    expect(about.count).toBe(3000);
    expect(found).toEqual(many);
  });
});

it('gives the same rows from text and from binary, whatever the words and numbers', async () => {
  const word = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    .map((text) => `w${text.replace(/[\s\p{C}]/gu, '')}`);
  const number = fc.float({ noNaN: true, noDefaultInfinity: true });
  const table = fc.integer({ min: 2, max: 6 }).chain((width) =>
    fc.uniqueArray(fc.tuple(word, fc.array(number, { minLength: width, maxLength: width })), {
      minLength: 1,
      selector: ([text]) => text,
    }),
  );
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const words = rows.map(([text]) => text);
      const [text, binary] = [
        await read(WRITERS['word2vec text'](rows), words),
        await read(WRITERS['gensim binary'](rows), words),
      ];
      const plain = (found: typeof text.found): unknown => found.map(([w, numbers]) => [w, numbers.map((x) => x + 0)]);
      expect(plain(text.found)).toEqual(plain(rows.map(([w, numbers]) => [w, numbers.map(Math.fround)])));
      expect(plain(binary.found)).toEqual(plain(text.found));
    }),
    { numRuns: 25 },
  );
});

describe('text', () => {
  it('may have CRLF, tabs, empty lines, and words with blanks, as GloVe has some', async () => {
    const { found } = await read('a 1 2 3\r\n. . . 4 5 6\r\n\r\nat name@x.org\t7\t8\t9\r\nb\t1 1 1', [
      'a',
      '. . .',
      'at name@x.org',
      'b',
    ]);
    expect(found).toEqual([
      ['a', [1, 2, 3]],
      ['. . .', [4, 5, 6]],
      ['at name@x.org', [7, 8, 9]],
      ['b', [1, 1, 1]],
    ]);
  });

  it('holds words that are no UTF-8 without being one of any token', async () => {
    const { found, about } = await read(
      Buffer.concat([Buffer.from('a 1 2\n'), Buffer.from([0xff, 0xfe]), Buffer.from(' 3 4\nb 5 6\n')]),
      ['a', 'b'],
    );
    expect(found).toHaveLength(2);
    expect(about).toMatchObject({ count: 3, unreadable: 1 });
  });

  it('is cased where many words have capitals, and not for a marker', async () => {
    const rows = Array.from({ length: 200 }, (_, i): Rows[number] => [`w${i}`, [1, 2]]);
    const glove = WRITERS.glove;
    expect((await read(glove([...rows, ['UNK', [1, 2]]]))).about.cased).toBe(false);
    expect(
      (await read(glove([...rows, ...rows.slice(0, 9).map(([word, numbers]): Rows[number] => [`É${word}`, numbers])])))
        .about.cased,
    ).toBe(true);
  });

  it.each([
    ['a 1 2 3\nb 1 2\nc 1 2 3\n', 'FILE:2:1: 2 numbers where 3 are due: b 1 2'],
    ['a 1 2 3\nb 1 2 3 4\nc 1 2 3\n', 'FILE:2:3: 4 numbers where 3 are due: b 1 2 3 4'],
    ['a 1 2 3\nb 1 nan 3\nc 1 2 3\n', "FILE:2:5: 'nan' is no number that float32 holds"],
    ['a 1 2 3\nb 1 2 inf\nc 1 2 3\n', "FILE:2:7: 'inf' is no number that float32 holds"],
    ['a 1 2 3\nb 1 1e39 3\nc 1 2 3\n', "FILE:2:5: '1e39' is no number that float32 holds"],
    ['a 1 2 3\nb 1 two 3\nc 1 2 3\n', "FILE:2:5: 'two' is no number that float32 holds"],
    ['a 1 2 3\n 1 2 3\nc 1 2 3\n', 'FILE:2:1: a row begins with a blank: no word'],
    ['3 2\na 1 2\nb 3 4\n', 'FILE:1:1: says that there are 3 words, and 2 are there'],
    ['1 2\na 1 2\nb 3 4\n', 'FILE:1:1: says that there are 1 words, and 2 are there'],
    ['2 2\na 1 2 3\nb 3 4\n', 'FILE:2:3: 3 numbers where 2 are due: a 1 2 3'],
    ['2 0\na\nb\n', 'FILE:1:1: says that a word has 0 numbers'],
    ['', 'FILE: the file is empty'],
    ['EU B-ORG\nrejects O\n', 'FILE:1:1: these are no word vectors'],
    ['PK\x03\x04....', 'FILE: is a zip archive'],
  ])('%j is refused', async (text, message) => {
    expect(await refused(text)).toBe(message);
  });
});

describe('binary', () => {
  const write = WRITERS['word2vec binary'];
  it.each([NaN, Infinity])('refuses %d, saying where', async (bad) => {
    expect(await refused(write([...ROWS, ['bad', [1, bad, 2]]]))).toMatch(
      /^FILE: word 4, byte \d+: (NaN|Infinity) is no finite number/,
    );
  });

  it('refuses more rows than it says, and fewer', async () => {
    const bytes = write(ROWS).toString('latin1');
    expect(await refused(Buffer.from(bytes.replace('3 3', '2 3'), 'latin1'))).toMatch('says that there are 2 words');
    expect(await refused(Buffer.from(bytes.replace('3 3', '4 3'), 'latin1'))).toMatch(
      'says that there are 4 words, and 3 are there',
    );
  });
});

describe('JSON', () => {
  const json = (vectors: string, size = 2): string =>
    `{"dimensions": 2,\n "size": ${size}, "words": ["]", {"a}": [1, "\\""]}],\n "vectors": ${vectors}, "unkVector": [0, 0]}\n`;

  it('may be laid out in any way, with escapes', async () => {
    const { found } = await read(json('{ "a\\"\\u00e9" : [ 1 ,\n 2 ] ,\n "]" : [3,4]}'), ['a"é', ']']);
    expect(found).toEqual([
      ['a"é', [1, 2]],
      [']', [3, 4]],
    ]);
  });

  it.each([
    [json('{"a":[1,2],"a":[3,4]}'), { duplicates: 1, count: 1 }],
    [json('{}', 0), { count: 0 }],
  ])('%j', async (text, about) => {
    expect((await read(text)).about).toMatchObject(about);
  });

  it.each([
    [json('{"a":[1,2],"b":[1]}'), "FILE:3:24: 'b' has 1 number where 2 are due"],
    [json('{"a":[1,2],\n"b":[1,null]}'), "FILE:4:8: 'null' is no number that float32 holds"],
    [json('{"a":[1,2],\n"b":[1,"2"]}'), 'FILE:4:8: \'"2"\' is no number that float32 holds'],
    [json('{"a":[1,2]}'), 'FILE:4:1: "size" is 2, and 1 words are there'],
    [json('{"a":[1,2] "b":[1,2]}'), 'FILE:3:24: expected , or }'],
    [json('[1]'), 'FILE:3:13: expected an object of words with their numbers'],
    ['{"vectors":{"a":[1]}}', 'FILE:1:12: "vectors" without a "dimensions" before'],
    ['{"dimensions":2}', 'FILE:1:17: there is no "vectors"'],
    ['{"dimensions":-2}', 'FILE:1:15: dimensions is -2, expected a whole number'],
    [`${json('{"a":[1,2],"b":[1,2]}')}x`, 'FILE:4:1: something stands behind the end of the object'],
  ])('%j is refused', async (text, message) => {
    expect(await refused(text)).toBe(message);
  });
});
