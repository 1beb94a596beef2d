import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openVectors } from '../../src/vectors';
import { createRng } from '../../src/rng';
import { fileOf, folder, type Rows, WRITERS } from './files';

const ROWS: Rows = Array.from({ length: 300 }, (_, i) => [`word${i}`, [i, -(i + 1) / 3, Math.fround(1 / (i + 1)), 7]]);
const write = WRITERS.glove;

async function rowsOf(path: string) {
  const vectors = await openVectors(path);
  const rows = ROWS.map(([word]) => vectors.find(word)).filter((row) => row >= 0);
  const values = [...(await vectors.read(rows))];
  vectors.close();
  return { values, cache: vectors.cache, sha256: vectors.sha256, rows };
}

describe('the cache of vectors', () => {
  let home: string;
  const before = process.env.DSC_TRAIN_HOME;
  beforeEach(() => (process.env.DSC_TRAIN_HOME = home = folder()));
  afterEach(() => {
    if (before === undefined) delete process.env.DSC_TRAIN_HOME;
    else process.env.DSC_TRAIN_HOME = before;
  });

  it('gives what the file gives, without reading the file', async () => {
    const path = fileOf(write(ROWS));
    utimesSync(path, 5, 5);
    const first = await rowsOf(path);
    expect(first.cache).toBe(`${path}.dsc-vectors`);
    expect(first.values).toEqual(ROWS.flatMap(([, numbers]) => numbers.map(Math.fround)));
    const { size } = statSync(path);
    writeFileSync(path, Buffer.alloc(size, 'x')); // the same size and time: it is not looked at again
    utimesSync(path, 5, 5);
    expect(await rowsOf(path)).toEqual(first);
  });

  it('holds for a copy of another time, and for no other file', async () => {
    const path = fileOf(write(ROWS));
    const first = await rowsOf(path);
    const inode = statSync(first.cache).ino;
    utimesSync(path, 1, 1);
    expect(await rowsOf(path)).toEqual(first);
    expect(statSync(first.cache).ino).toBe(inode);
    writeFileSync(path, write(ROWS.map(([word, numbers]) => [word, numbers.map((x) => -x)])));
    const other = await rowsOf(path);
    expect(other.sha256).not.toBe(first.sha256);
    expect(other.values.slice(4, 8)).toEqual([-1, Math.fround(2 / 3), -0.5, -7]);
  });

  it('lies in our own folder where the other cannot be written', async () => {
    const path = fileOf(write(ROWS));
    mkdirSync(`${path}.dsc-vectors`); // a folder is in the way, for root too
    chmodSync(dirname(path), 0o555);
    mkdirSync(join(home, 'vectors'));
    const { cache, values } = await rowsOf(path);
    expect(dirname(cache)).toBe(join(home, 'vectors'));
    expect(values).toHaveLength(1200);
  });

  it('is made again where it is damaged anywhere, and never wrong', async () => {
    const path = fileOf(write(ROWS));
    const first = await rowsOf(path);
    const bytes = readFileSync(first.cache);
    const rng = createRng(5);
    const damages: ((copy: Buffer) => Buffer)[] = [
      (copy) => {
        copy[rng.int(copy.length)] ^= 1 << rng.int(8);
        return copy;
      },
      (copy) => copy.subarray(0, rng.int(copy.length)),
      (copy) => Buffer.concat([copy, Buffer.alloc(1 + rng.int(30))]),
      (copy) => copy.fill(rng.int(256), rng.int(copy.length)),
      (copy) => {
        const [a, b] = [20 * rng.int(300), 20 * rng.int(300)]; // two rows change places
        copy.copyWithin(a, b, b + 20);
        return copy;
      },
    ];
    for (let n = 0; n < 100; n++) {
      const damage = damages[n % damages.length];
      writeFileSync(first.cache, damage(Buffer.from(bytes)));
      expect(await rowsOf(path)).toEqual(first);
    }
    rmSync(first.cache);
    expect(await rowsOf(path)).toEqual(first);
  });

  it('is whole whoever writes it at the same time', async () => {
    const path = fileOf(write(ROWS));
    const all = await Promise.all(Array.from({ length: 5 }, () => rowsOf(path)));
    for (const one of all) expect(one).toEqual(all[0]);
    expect(await rowsOf(path)).toEqual(all[0]);
  });

  it('is not left where the file is damaged', async () => {
    const path = fileOf('a 1 2\nb 1 x\nc 1 2\n');
    await expect(openVectors(path)).rejects.toThrow("'x' is no number");
    expect(() => statSync(`${path}.dsc-vectors`)).toThrow('ENOENT');
  });
});

describe('a package', () => {
  it('is found from the working folder upwards, by the file that it names', async () => {
    const root = folder();
    const at = join(root, 'node_modules', '@some', 'vectors');
    mkdirSync(at, { recursive: true });
    mkdirSync(join(root, 'deep'));
    writeFileSync(join(at, 'package.json'), '{"main": "./rows.txt"}');
    writeFileSync(join(at, 'rows.txt'), write(ROWS));
    const back = process.cwd();
    try {
      process.chdir(join(root, 'deep'));
      const vectors = await openVectors('npm:@some/vectors');
      expect([vectors.name, vectors.count]).toEqual(['npm:@some/vectors', 300]);
      vectors.close();
      writeFileSync(join(at, 'package.json'), '{"main": "index.js"}');
      await expect(openVectors('npm:@some/vectors')).rejects.toThrow('names no file of vectors');
    } finally {
      process.chdir(back);
    }
  });

  it('that is not installed is an error that says how to install it', async () => {
    await expect(openVectors('npm:no-such-vectors')).rejects.toMatchObject({
      message: expect.stringContaining('npm:no-such-vectors: the package no-such-vectors is not installed') as string,
      note: 'npm install no-such-vectors',
    });
    await expect(openVectors('npm:../up')).rejects.toThrow("'../up' is no name of a package");
  });

  it('or a file that is not there is an error', async () => {
    await expect(openVectors('/no/such/file')).rejects.toThrow('no such file');
    await expect(openVectors(folder())).rejects.toThrow('is a folder');
  });
});
