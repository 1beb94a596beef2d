import { createHash } from 'node:crypto';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ClosedPipe, explain, UserError } from '../../src/errors';
import * as files from '../../src/files';

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

  const asRoot = process.getuid?.() === 0;
  (asRoot ? it.skip : it)('says that a folder may not be written', async () => {
    mkdirSync(at('locked'));
    chmodSync(at('locked'), 0o500);
    expect((await refusal(files.writeAtomic(at('locked', 'a'), 'x'))).message).toMatch(/: permission denied$/);
  });
});

describe('what an output may be', () => {
  it('follows links to the file they mean, there or not, and leaves them links', async () => {
    mkdirSync(at('real', 'deep'), { recursive: true });
    mkdirSync(at('other'));
    symlinkSync(at('real', 'deep'), at('other', 'folder'));
    symlinkSync('../target', at('real', 'deep', 'link')); // to real/target, not to other/target
    symlinkSync(at('other', 'folder', 'link'), at('first'));
    for (const text of ['new', 'newer']) {
      await files.writeAtomic(at('first'), text);
      expect(readFileSync(at('real', 'target'), 'utf8')).toBe(text);
    }
    expect(lstatSync(at('first')).isSymbolicLink()).toBe(true);
    expect(readlinkSync(at('real', 'deep', 'link'))).toBe('../target');
    expect(readdirSync(at('real'))).toEqual(['deep', 'target']);
    expect(readdirSync(at('other'))).toEqual(['folder']);
  });

  it('says so where links go round', async () => {
    symlinkSync('b', at('a'));
    symlinkSync('a', at('b'));
    expect((await refusal(files.writeAtomic(at('a'), 'x'))).message).toBe(`${at('a')}: too many symbolic links`);
    expect(readlinkSync(at('a'))).toBe('b');
  });

  it.each([0o600, 0o640, 0o755, 0o4711])('keeps mode %i of a file', async (mode) => {
    writeFileSync(at('a'), 'old');
    chmodSync(at('a'), mode);
    await files.writeAtomic(at('a'), 'new');
    expect(statSync(at('a')).mode & 0o7777).toBe(mode);
    expect(readFileSync(at('a'), 'utf8')).toBe('new');
  });

  const asRoot = process.getuid?.() === 0;
  (asRoot ? it : it.skip)('keeps the owner of a file', async () => {
    writeFileSync(at('a'), 'old');
    chownSync(at('a'), 1234, 2345);
    await files.writeAtomic(at('a'), 'new');
    expect(statSync(at('a'))).toMatchObject({ uid: 1234, gid: 2345 });
  });

  it('writes to a device, and never replaces it', async () => {
    await files.writeAtomic('/dev/null', 'gone');
    await files.appendSection('/dev/null', 'gone');
    symlinkSync('/dev/full', at('full'));
    for (const path of ['/dev/full', at('full')]) {
      expect((await refusal(files.writeAtomic(path, 'x'))).message).toBe(`${path}: no space left on the disk`);
      expect((await refusal(files.appendSection(path, 'x'))).message).toBe(`${path}: no space left on the disk`);
    }
    for (const device of ['/dev/null', '/dev/full']) expect(statSync(device).isCharacterDevice()).toBe(true);
  });

  it('gives a pipe to its reader, however much and however slow', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const text = 'line\n'.repeat(100_000); // more than a pipe holds
    const reader = spawn('sh', ['-c', 'sleep 0.2; cat "$0"', at('pipe')]);
    let read = '';
    reader.stdout.on('data', (chunk: Buffer) => (read += chunk.toString()));
    const ended = new Promise((done) => reader.on('close', done));
    await files.writeAtomic(at('pipe'), text);
    await ended;
    expect(read === text).toBe(true);
    expect(statSync(at('pipe')).isFIFO()).toBe(true);
  });

  it('says so where nobody reads a pipe, or listens at a socket', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const start = performance.now();
    const error = await refusal(files.writeAtomic(at('pipe'), 'x'));
    expect(error.message).toBe(`${at('pipe')}: nobody reads at its other end`);
    expect(performance.now() - start).toBeLessThan(10_000);
    const server = createServer().listen(at('socket'));
    await new Promise((done) => server.once('listening', done));
    expect((await refusal(files.writeAtomic(at('socket'), 'x'))).message).toMatch(/nobody reads at its other end$/);
    expect(lstatSync(at('socket')).isSocket()).toBe(true);
    await new Promise((done) => server.close(done));
  });

  it('knows a reader that is gone from any other trouble', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const reader = spawn('head', ['-c', '1', at('pipe')]);
    await expect(files.writeAtomic(at('pipe'), 'x'.repeat(1_000_000))).rejects.toThrow(ClosedPipe);
    reader.kill();
  });

  it.each(['/dev/fd', '/proc/self/fd', '/proc/thread-self/fd'])(
    'writes where an open file of %s stands',
    async (fds) => {
      const fd = openSync(at('open'), 'w');
      writeFileSync(fd, 'before ');
      await files.writeAtomic(`${fds}/${fd}`, 'inside ');
      writeFileSync(fd, 'after');
      closeSync(fd);
      expect(readFileSync(at('open'), 'utf8')).toBe('before inside after');
      expect(readdirSync(folder)).toEqual(['open']);
    },
  );

  it.each<[string, () => string, RegExp]>([
    ['a folder', () => folder, /: is a folder, not a file$/],
    ['a name with a slash behind it', () => `${at('a')}/`, /: is a folder, not a file$/],
    ['a folder that is not there', () => at('no', 'a'), /: there is no folder to write it to$/],
    ['a file as folder', () => at('file', 'a'), /: a part of this path is a file, not a folder$/],
    ['too long a name', () => at('x'.repeat(300)), /: the name is too long$/],
    ['a name that no path can hold', () => at('a\0b'), /: no path can hold a null character$/],
    ['/proc', () => '/proc/x', /^\/proc\/x: /],
    ['an open file that is not open', () => '/dev/fd/987', /^\/dev\/fd\/987: /],
  ])('refuses %s, before the work as after it', async (_, path, message) => {
    writeFileSync(at('file'), '');
    expect((await refusal(files.writeAtomic(path(), 'x'))).message).toMatch(message);
    if (!path().startsWith('/proc')) expect((await refusal(files.checkOutput(path()))).message).toMatch(message);
  });

  it('takes a name as long as the disk does', async () => {
    await files.writeAtomic(at('x'.repeat(255)), 'long');
    expect(readFileSync(at('x'.repeat(255)), 'utf8')).toBe('long');
  });

  it('checks an output without touching it', async () => {
    writeFileSync(at('a'), 'old');
    await files.checkOutput(at('a'));
    await files.checkOutput(at('b'));
    expect(readdirSync(folder)).toEqual(['a']);
    expect(readFileSync(at('a'), 'utf8')).toBe('old');
  });

  it('appends a section below an empty line', async () => {
    for (const text of ['one\n', 'two', 'three\n\n', 'four\n']) await files.appendSection(at('a'), text);
    expect(readFileSync(at('a'), 'utf8')).toBe('one\n\ntwo\n\nthree\n\nfour\n');
  });
});

describe('what an output would replace', () => {
  it('is a file that is there, links followed; nothing that is written through, and no folder', async () => {
    writeFileSync(at('file'), 'x');
    symlinkSync(at('file'), at('link'));
    symlinkSync('/dev/stdout', at('stdout'));
    mkdirSync(at('folder'));
    const replaced = ['file', 'link', 'stdout', 'folder', 'none', 'none/file'].map((name) =>
      files.isReplaced(at(name)),
    );
    expect(await Promise.all([...replaced, files.isReplaced('/dev/null')])).toEqual([true, true, false, false, false, false, false]); // prettier-ignore
    expect(await files.isSameFile(at('link'), at('folder', '..', 'file'))).toBe(true);
    expect(await files.isSameFile(at('file'), at('folder'))).toBe(false);
    expect(await files.isSameFile(at('none'), at('none'))).toBe(false);
  });
});

describe('what killed processes leave', () => {
  const ended = (): number => spawnSync('true').pid;
  const named = (pid: number, suffix = '.tmp'): string => files.ownName(suffix).replace(`-${process.pid}-`, `-${pid}-`);

  it('is removed where the next one writes; what lives stays, and so does what others made', async () => {
    const living = files.ownName('.tmp');
    const dead = named(ended());
    const reused = files.ownName('.tmp').replace(/-\d+-([0-9a-f]{8}\.tmp)$/, '-1-$1'); // this number, at another time
    const elsewhere = living.replace(/^\.dsc-train-[0-9a-f]{8}/, '.dsc-train-00000000');
    const boot = living.replace(/^(\.dsc-train-[0-9a-f]{8})-[0-9a-f]{8}/, '$1-00000000');
    for (const name of [living, dead, reused, elsewhere, boot, '.a.tmp']) writeFileSync(at(name), '');
    await files.writeAtomic(at('a'), 'x');
    expect(readdirSync(folder).sort()).toEqual([living, elsewhere, '.a.tmp', 'a'].sort());
  });

  it('tells of each process whether it lives', async () => {
    const child = spawn('sleep', ['60']);
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1');
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const other = named(child.pid ?? 0, '.run').replace(/-\d+-([0-9a-f]{8}\.run)$/, `-${start}-$1`);
    const dead = named(ended(), '.run');
    const mine = files.ownName('.run');
    for (const name of [other, mine, dead]) mkdirSync(at(name));
    const left = async (): Promise<[string, boolean][]> =>
      (await files.leftIn(folder, '.run')).map(({ name, dead: gone }): [string, boolean] => [name, gone]);
    expect(new Map(await left())).toEqual(new Map([[other, false], [mine, false], [dead, true]])); // prettier-ignore
    const closed = new Promise((done) => child.on('close', done));
    child.kill('SIGKILL');
    await closed;
    expect(new Map(await left()).get(other)).toBe(true);
    expect(await files.leftIn(at('no'), '.run')).toEqual([]);
  });
});

describe('openLines', () => {
  it('keeps whole lines in memory for a second at the most', async () => {
    const log = files.openLines(at('log'));
    log.add('one');
    log.add('two');
    expect(readFileSync(at('log'), 'utf8')).toBe('');
    await new Promise((done) => setTimeout(done, 1300));
    expect(readFileSync(at('log'), 'utf8')).toBe('one\ntwo\n');
    log.add('three');
    log.flush();
    expect(readFileSync(at('log'), 'utf8')).toBe('one\ntwo\nthree\n');
    for (let i = 0; i < 30_000; i++) log.add('four');
    expect(statSync(at('log')).size).toBeGreaterThan(65_000); // however many in that second
    log.close();
    expect(readFileSync(at('log'), 'utf8').split('\n')).toHaveLength(30_004);
  });

  it.each([
    ['', ''],
    ['whole\n', 'whole\n'],
    ['whole\nhal', 'whole\n'],
    ['half', ''],
    [`whole\n${'half'.repeat(50_000)}`, 'whole\n'],
    ['x'.repeat(200_000), ''],
  ])('cuts off half a line that a killed process left', (before, after) => {
    writeFileSync(at('log'), before);
    const log = files.openLines(at('log'));
    log.add('next');
    log.close();
    expect(readFileSync(at('log'), 'utf8')).toBe(`${after}next\n`);
  });

  it('says that the disk is full, at once or with the next line', async () => {
    const message = '/dev/full: no space left on the disk';
    const log = files.openLines('/dev/full');
    log.add('x');
    expect(() => {
      log.flush();
    }).toThrow(message);
    log.add('y');
    await new Promise((done) => setTimeout(done, 1300)); // written by the clock: nobody to tell
    expect(() => {
      log.add('z');
    }).toThrow(message);
    expect(() => {
      log.close();
    }).toThrow(message);
  });
});

describe('folders and lines', () => {
  it('makes folders, lists them and knows what exists', async () => {
    await files.ensureDir(at('x', 'y'));
    await files.ensureDir(at('x', 'y'));
    await files.writeAtomic(at('x', 'b'), '');
    expect(await files.list(at('x'))).toEqual(['b', 'y']);
    expect([await files.exists(at('x', 'b')), await files.exists(at('x', 'z'))]).toEqual([true, false]);
    expect((await refusal(files.ensureDir(at('x', 'b', 'c')))).message).toMatch(/is a file, not a folder$/);
  });

  it('makes a folder once, whoever asks first', async () => {
    const made = await Promise.all([1, 2, 3, 4].map(() => files.makeDir(at('p', 'once'))));
    expect(made.filter(Boolean)).toHaveLength(1);
  });

  it('says at once where no folder can be made, on a dangling link too', async () => {
    const start = performance.now();
    for (const path of ['/proc/x', '/proc/x/run', '/proc/self/x/y/z', '/sys/x/y']) {
      expect((await refusal(files.ensureDir(path))).message).toMatch(/^\/(proc|sys)\//);
    }
    expect(performance.now() - start).toBeLessThan(1000);
    symlinkSync('nowhere', at('dangling'));
    expect((await refusal(files.ensureDir(at('dangling', 'a')))).message).toMatch(/in the way of a folder$/);
    expect(existsSync(at('nowhere'))).toBe(false);
  });
});

describe('explain', () => {
  it('turns every refusal of the system into words, also those that have none of their own', () => {
    const error = Object.assign(new Error("EXDEV: cross-device link not permitted, rename 'a' -> 'b'"), {
      code: 'EXDEV',
      syscall: 'rename',
      path: 'a',
    });
    expect(explain(error)).toMatchObject({ name: 'UserError', message: 'a: cross-device link not permitted (EXDEV)' });
    expect(explain(error, 'c')).toMatchObject({ message: 'c: cross-device link not permitted (EXDEV)' });
    const bug = new TypeError('x is not a function');
    expect(explain(bug, 'c')).toBe(bug);
  });
});

describe('patterns', () => {
  it('give the files that fit, sorted and once, and leave what is there by its name', async () => {
    for (const name of ['b.conll', 'a.conll', 'c.txt', 'odd[1].conll']) writeFileSync(at(name), '');
    mkdirSync(at('deep', 'er'), { recursive: true });
    writeFileSync(at('deep', 'er', 'd.conll'), '');
    const expand = async (...patterns: string[]): Promise<string[]> =>
      (await files.expand(patterns.map((one) => at(one)))).map((path) => path.slice(folder.length + 1));
    expect(await expand('?.conll')).toEqual(['a.conll', 'b.conll']);
    expect(await expand('b.conll', '?.conll', 'none.conll')).toEqual(['b.conll', 'a.conll', 'none.conll']);
    expect(await expand('odd[1].conll')).toEqual(['odd[1].conll']);
    expect(await expand('**/*.{txt,conll}')).toEqual(
      ['a.conll', 'b.conll', 'c.txt', 'deep/er/d.conll', 'odd[1].conll'], // prettier-ignore
    );
    expect(await files.expand(['-'])).toEqual(['-']);
    expect((await refusal(files.expand([at('*.gz')]))).message).toMatch(/\*\.gz: no file fits this pattern$/);
  });
});
