import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createConllParser } from '../../src/data/conll';
import { parseCorpus, readCorpus, streamSentences } from '../../src/data/corpus';
import { MAX_LINE_BYTES } from '../../src/data/lines';
import type { Sentence } from '../../src/data/types';
import { UserError } from '../../src/errors';

const NER = resolve(__dirname, '../../data/ner/train.conll');

const refusal = (content: string | Uint8Array): UserError => {
  try {
    parseCorpus(content, 'x');
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('packed files', () => {
  it('are read as plain ones from a path, whatever its name, and from bytes; the hash is of the bytes as they stand', async () => {
    const text = readFileSync(NER);
    const packed = Buffer.concat([gzipSync(text.subarray(0, 5000)), gzipSync(text.subarray(5000))]);
    const path = join(mkdtempSync(join(tmpdir(), 'packed-')), 'train.conll');
    writeFileSync(path, packed);
    const plain = parseCorpus(text, path);
    const sha256 = createHash('sha256').update(packed).digest('hex');
    expect(await readCorpus(path)).toEqual({ ...plain, sha256 });
    expect(parseCorpus(packed, path)).toEqual({ ...plain, sha256 });
    const streamed: Sentence[] = [];
    for await (const sentence of streamSentences(path)) streamed.push(sentence);
    expect(streamed).toEqual(plain.sentences);
  });

  it('that are damaged are refused with their path, UTF-16 inside keeps its message', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'packed-')), 'train.conll.gz');
    writeFileSync(path, gzipSync(readFileSync(NER)).subarray(0, 9000));
    await expect(readCorpus(path)).rejects.toThrow(`${path}: damaged gzip file: it ends too early`);
    writeFileSync(path, gzipSync(Buffer.from('\ufeffa\tO\n', 'utf16le')));
    await expect(readCorpus(path)).rejects.toThrow(
      `${path}:1:1: byte 0xFF at offset 0 is not valid UTF-8: this is a UTF-16`,
    );
  });
});

describe('createConllParser', () => {
  it('gives the same sentences and counts however the bytes are cut', () => {
    const text = '\ufeff-DOCSTART-\tO\r\n\r\nÄpfel\tB-X\r\n😀\tO\r\n\n# id = 1\n#\tO\nende\tO';
    const bytes = Buffer.from(text);
    const inPieces = (size: number): [Sentence[], unknown] => {
      const parser = createConllParser('x');
      const sentences: Sentence[] = [];
      for (let i = 0; i < bytes.length; i += size) sentences.push(...parser.push(bytes.subarray(i, i + size)));
      sentences.push(...parser.end());
      return [sentences, parser.summary().counts];
    };
    const whole = inPieces(bytes.length);
    expect(whole[0].map(({ tokens }) => tokens)).toEqual([
      ['Äpfel', '😀'],
      ['#', 'ende'],
    ]);
    for (let size = 1; size < bytes.length; size++) expect(inPieces(size)).toEqual(whole);
  });

  it('keeps order and lines over many blocks', () => {
    const words = Array.from({ length: 200_000 }, (_, i) => `w${i}\tO\n${i % 10 === 9 ? '\n' : ''}`);
    const parser = createConllParser('x');
    const bytes = Buffer.from(words.join(''));
    const sentences: Sentence[] = [];
    for (let i = 0; i < bytes.length; i += 100_003) sentences.push(...parser.push(bytes.subarray(i, i + 100_003)));
    sentences.push(...parser.end());
    expect(sentences).toHaveLength(20_000);
    expect(sentences.flatMap(({ tokens }) => tokens).every((token, i) => token === `w${i}`)).toBe(true);
    expect(sentences.every(({ line }, s) => line === s * 11 + 1)).toBe(true);
  });

  it('refuses a line that is too long, in one piece or many, and reads on', () => {
    const bytes = Buffer.concat([
      Buffer.from('a\tO\n'),
      Buffer.alloc(3 * MAX_LINE_BYTES, 'x'),
      Buffer.from('\nb\tO\nc\n'),
    ]);
    const problems: string[] = [];
    for (const size of [bytes.length, 1 << 16]) {
      const parser = createConllParser('x');
      const sentences: Sentence[] = [];
      for (let i = 0; i < bytes.length; i += size) sentences.push(...parser.push(bytes.subarray(i, i + size)));
      sentences.push(...parser.end());
      expect(sentences.flatMap(({ tokens }) => tokens)).toEqual(['a', 'b']);
      expect(parser.summary()).toMatchObject({ bad: 2, counts: { lines: 4, token: 2 } });
      try {
        parser.problems.throwIfAny();
      } catch (error) {
        problems.push(String(error));
      }
    }
    const expected = `UserError: x:2:1: line is longer than ${MAX_LINE_BYTES} bytes\nx:4:2: row has 1 column, expected 2: "c"`;
    expect(problems).toEqual([expected, expected]);
  });

  it('lists 20 problems and counts the rest', () => {
    const { message, note } = refusal('ok\tO\n'.repeat(50) + 'bad\n'.repeat(31));
    const lines = message.split('\n');
    expect(lines).toHaveLength(21);
    expect(lines[0]).toBe('x:51:4: row has 1 column, expected 2: "bad"');
    expect(lines[19]).toBe('x:70:4: row has 1 column, expected 2: "bad"');
    expect(lines[20]).toBe('and 11 more');
    expect(note).toBe('separate token and tag by one tab; a blank line ends a sentence');
  });

  it('lists problems of rows, bytes and tags together in the order of the file', () => {
    const bytes = Buffer.from('a\tB-X\nb\tO\nc\nd\tB_X\n?\tO\ne\tO\nf\tO\n');
    bytes[bytes.indexOf('?')] = 0xff;
    expect(
      refusal(bytes)
        .message.split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(['x:3:2:', 'x:4:3:', 'x:5:1:']);
  });

  it('counts columns in characters, not in bytes or UTF-16 units', () => {
    expect(refusal('a\tO\n😀é\n').message).toBe('x:2:3: row has 1 column, expected 2: "😀é"');
  });

  it('cuts a long row in its message', () => {
    expect(refusal(`a\tO\n${'y'.repeat(500)}\n`).message.length).toBeLessThan(130);
  });
});
