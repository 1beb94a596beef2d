import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkCorpora,
  parseCorpus,
  readCorporaFile,
  readCorporaList,
  writeCorporaList,
} from '../../src/compare/corpora';

const folder = mkdtempSync(join(tmpdir(), 'dsc-corpora-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (text: string): string => {
  const path = join(folder, 'corpora-file.json');
  writeFileSync(path, text);
  return path;
};

describe('parseCorpus', () => {
  it('reads a name and two or three files', () => {
    expect(parseCorpus('a=t,d,e').layers).toEqual([
      { source: '--corpus a', values: { data: { train: 't', dev: 'd', test: 'e' } } },
    ]);
    expect(parseCorpus('a=t,d').layers[0].values).toEqual({ data: { train: 't', dev: 'd', test: null } });
  });

  it.each(['a', 'a=', '=t,d', 'a=t', 'a=t,d,e,f', 'a=t,,e'])('refuses %s', (text) => {
    expect(() => parseCorpus(text)).toThrow('expected name=train,dev,test');
  });
});

describe('readCorporaFile', () => {
  it('takes paths from where the file is, and settings of each corpus', async () => {
    const path = write('{"a": {"train": "t", "dev": "bundled:ner/dev.conll", "set": {"model": {"hidden": 8}}}}');
    const [{ name, layers }] = await readCorporaFile(path);
    expect(name).toBe('a');
    expect(layers.map(({ values }) => values)).toEqual([
      { model: { hidden: 8 } },
      { data: { train: join(folder, 't'), dev: 'bundled:ner/dev.conll', test: null } },
    ]);
  });

  it.each([
    ['[]', 'no object'],
    ['{"a": 1}', 'a: no object'],
    ['{"a": {"train": "t", "dev": "d", "tset": "e"}}', "no key 'tset'; did you mean"],
    ['{"a": {"train": "t"}}', 'train and dev are file names'],
    ['{"a": {"train": "t", "dev": "d", "set": []}}', 'set is an object'],
    ['{"a"', 'corpora-file.json:1:'],
  ])('refuses %s', async (text, what) => {
    await expect(readCorporaFile(write(text))).rejects.toThrow(what);
  });
});

describe('checkCorpora', () => {
  it.each([['../a'], ['a/b'], ['.a'], ['']])('refuses the name %j, which is that of a folder', (name) => {
    expect(() => checkCorpora([{ name, layers: [] }])).toThrow('its name is that of a folder');
  });

  it('refuses a name that stands twice', () => {
    expect(() => checkCorpora(['a', 'b', 'a'].map((name) => ({ name, layers: [] })))).toThrow("'a' is named twice");
  });
});

it('keeps the names for a report that is made again', async () => {
  expect(await readCorporaList(folder)).toBeNull();
  await writeCorporaList(folder, ['x', 'y'].map((name) => ({ name, layers: [] }))); // prettier-ignore
  expect((await readCorporaList(folder))?.map(({ name }) => name)).toEqual(['x', 'y']);
});
