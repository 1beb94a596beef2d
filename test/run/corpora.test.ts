import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config';
import { UserError } from '../../src/errors';
import { readCorpora } from '../../src/run/corpora';

const folder = mkdtempSync(join(tmpdir(), 'dsc-corpora-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Tokens in sentences of ten, each with one of so many tags. */
function read(tokens: number, tags: number, more: object = {}) {
  const path = join(folder, `${tokens}-${tags}.tsv`);
  const row = (i: number): string => `w${i % 7}\tX${i % tags}\n${i % 10 === 9 ? '\n' : ''}`;
  writeFileSync(path, Array.from({ length: tokens }, (_, i) => row(i)).join(''));
  const data = { train: path, dev: path, test: null, ...more };
  const config = parseConfig([{ source: 'test', values: { data } }]);
  return readCorpora(config.data, config.model);
}

describe('a column with more tags than a tag set has', () => {
  it('is asked for before training, unless it was named', async () => {
    const asked = read(3000, 1001);
    await expect(asked).rejects.toThrow(/: column 2 holds 1,001 different tags in 3,000 tokens \(.*\): is it the tag column\?$/); // prettier-ignore
    await expect(asked).rejects.toThrow(UserError);
    const named = await read(3000, 1001, { tagColumn: 2 });
    expect(named.vocab.labels).toHaveLength(1001);
  });

  it.each([
    [3000, 1000], // a thousand tags may be
    [10_010, 1001], // and so may one in ten tokens
  ])('is taken with %i tokens and %i tags', async (tokens, tags) => {
    expect((await read(tokens, tags)).vocab.labels).toHaveLength(tags);
  });
});
