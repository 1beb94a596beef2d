import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UserError } from '../src/errors';
import * as files from '../src/files';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'files-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]): string => join(folder, ...names);

async function refusal(act: Promise<unknown>): Promise<UserError> {
  const error: unknown = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UserError)) throw new Error(`expected a UserError, got ${String(error)}`);
  return error;
}

const TEXT = Buffer.from('EU\tB-ORG\nrejects\tO\n\n'.repeat(400));
const PACKED = gzipSync(TEXT);

async function unpacked(bytes: Buffer, size: number): Promise<Buffer> {
  async function* chunks(): AsyncGenerator<Buffer> {
    await Promise.resolve();
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const parts: Buffer[] = [];
  for await (const part of files.unpack(chunks(), 'x.gz')) parts.push(part);
  return Buffer.concat(parts);
}

describe.each([1, 3, 17, 1 << 20])('unpacking in pieces of %i bytes', (size) => {
  it.each<[string, Buffer, Buffer]>([
    ['one member', PACKED, TEXT],
    [
      'several members',
      Buffer.concat([PACKED, gzipSync(''), gzipSync('end\n')]),
      Buffer.concat([TEXT, Buffer.from('end\n')]),
    ],
    ['zeros after the last member', Buffer.concat([PACKED, Buffer.alloc(512)]), TEXT],
    ['nothing in it', gzipSync(''), Buffer.alloc(0)],
    ['plain text', TEXT, TEXT],
    ['no byte', Buffer.alloc(0), Buffer.alloc(0)],
    ['one byte that gzip starts with', Buffer.from([0x1f]), Buffer.from([0x1f])],
  ])('%s', async (_, bytes, expected) => {
    expect((await unpacked(bytes, size)).equals(expected)).toBe(true);
    expect(files.unpackBytes(bytes, 'x.gz').equals(expected)).toBe(true);
  });

  it.each<[string, Buffer, RegExp]>([
    ['cut off', PACKED.subarray(0, PACKED.length - 3), /ends too early/],
    ['cut off in its header', PACKED.subarray(0, 2), /ends too early/],
    ['cut off in its second member', Buffer.concat([PACKED, PACKED.subarray(0, 30)]), /ends too early/],
    ['with a flipped bit', PACKED.map((byte, i) => (i === PACKED.length - 6 ? byte ^ 1 : byte)) as Buffer, /incorrect/],
    ['with text after it', Buffer.concat([PACKED, Buffer.from('more')]), /incorrect header check/],
    ['with zeros and text after it', Buffer.concat([PACKED, Buffer.from('\0\0more')]), /followed by something else/],
  ])('refuses a file %s', async (_, bytes, what) => {
    for (const error of [
      await refusal(unpacked(bytes, size)),
      await refusal(Promise.resolve().then(() => files.unpackBytes(Buffer.from(bytes), 'x.gz'))),
    ]) {
      expect(error.message).toMatch(/^x\.gz: damaged gzip file: /);
      expect(error.message).toMatch(what);
      expect(error.exitCode).toBe(1);
    }
  });
});

it('passes on what the source of packed bytes throws, and closes the source when the reader stops', async () => {
  let closed = 0;
  async function* broken(fault: Error): AsyncGenerator<Buffer> {
    try {
      yield PACKED.subarray(0, 20);
      await Promise.resolve();
      throw fault;
    } finally {
      closed++;
    }
  }
  const fault = new Error('the disk is gone');
  await expect(files.unpack(broken(fault), 'x').next()).rejects.toBe(fault);
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield await Promise.resolve(PACKED);
    } finally {
      closed++;
    }
  }
  for await (const part of files.unpack(endless(), 'x')) if (part.length > 0) break;
  for (let turns = 0; closed < 2 && turns < 100; turns++) await new Promise((done) => setImmediate(done));
  expect(closed).toBe(2);
});

describe('reading', () => {
  it('gives bytes, text without its byte order mark, size and hash', async () => {
    const bytes = Buffer.from('\ufeffÄ\n');
    writeFileSync(at('a'), bytes);
    expect(await files.readBytes(at('a'))).toEqual(bytes);
    expect(await files.readText(at('a'))).toBe('Ä\n');
    expect(await files.sizeOf(at('a'))).toBe(6);
    expect(await files.sha256(at('a'))).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('streams a file in order, at most 256 KiB at a time', async () => {
    const bytes = Buffer.from(Array.from({ length: 700_001 }, (_, i) => i % 251));
    writeFileSync(at('big'), bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of files.readChunks(at('big'))) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(1 << 18);
    expect(chunks.length).toBeGreaterThan(2);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['readBytes', () => files.readBytes(at('no'))],
    ['readText', () => files.readText(at('no'))],
    ['readChunks', () => files.readChunks(at('no')).next()],
    ['sha256', () => files.sha256(at('no'))],
    ['list', () => files.list(at('no'))],
    ['sizeOf', () => files.sizeOf(at('no'))],
  ])('%s says which file is missing, and what to check', async (_, act) => {
    const error = await refusal(act());
    expect(error.message).toBe(`${at('no')}: no such file or folder`);
    expect(error.note).toMatch(/spelling/);
  });

  it('says that a folder is no file', async () => {
    expect((await refusal(files.readText(folder))).message).toBe(`${folder}: is a folder, not a file`);
    expect((await refusal(files.readChunks(folder).next())).message).toBe(`${folder}: is a folder, not a file`);
  });
});

describe('writeAtomic', () => {
  it('replaces a file and leaves nothing else behind', async () => {
    await files.writeAtomic(at('a'), 'one');
    await files.writeAtomic(at('a'), [Buffer.from('t'), Buffer.from('wo')]);
    expect(readFileSync(at('a'), 'utf8')).toBe('two');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('keeps the old file and removes the temporary one when a part cannot be written', async () => {
    await files.writeAtomic(at('a'), 'old');
    const broken = [Buffer.from('half'), 7 as unknown as Buffer];
    await expect(files.writeAtomic(at('a'), broken)).rejects.toThrow('must be of type string');
    expect(readFileSync(at('a'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('removes the temporary file when the rename is refused', async () => {
    mkdirSync(at('a', 'inside'), { recursive: true });
    expect((await refusal(files.writeAtomic(at('a'), 'x'))).message).toMatch(/: is a folder, not a file$/);
    expect(readdirSync(folder)).toEqual(['a']);
    expect(readdirSync(at('a'))).toEqual(['inside']);
  });

  it('never shows a reader half a file while it is rewritten', async () => {
    const [a, b] = ['a'.repeat(300_000), 'b'.repeat(300_000)];
    await files.writeAtomic(at('x'), a);
    const seen = new Set<string>();
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await files.writeAtomic(at('x'), i % 2 === 0 ? b : a);
    })();
    for (let i = 0; i < 40; i++) seen.add(await files.readText(at('x')));
    await writing;
    expect([...seen].every((text) => text === a || text === b)).toBe(true);
  });

  it('says that a full disk is full', async () => {
    const error = await refusal(files.appendLine('/dev/full', 'x'));
    expect(error.message).toBe('/dev/full: no space left on the disk');
  });

  const asRoot = process.getuid?.() === 0;
  (asRoot ? it.skip : it)('says that a folder may not be written', async () => {
    mkdirSync(at('locked'));
    chmodSync(at('locked'), 0o500);
    expect((await refusal(files.writeAtomic(at('locked', 'a'), 'x'))).message).toMatch(/: permission denied$/);
  });
});

describe('folders and lines', () => {
  it('appends whole lines', async () => {
    await files.appendLine(at('log.jsonl'), '{"a":1}');
    await files.appendLine(at('log.jsonl'), '{"a":2}');
    expect(readFileSync(at('log.jsonl'), 'utf8')).toBe('{"a":1}\n{"a":2}\n');
  });

  it('makes folders, lists them and knows what exists', async () => {
    await files.ensureDir(at('x', 'y'));
    await files.ensureDir(at('x', 'y'));
    await files.writeAtomic(at('x', 'b'), '');
    expect(await files.list(at('x'))).toEqual(['b', 'y']);
    expect([await files.exists(at('x', 'b')), await files.exists(at('x', 'z'))]).toEqual([true, false]);
    expect((await refusal(files.ensureDir(at('x', 'b', 'c')))).message).toMatch(/is a file, not a folder$/);
  });
});
