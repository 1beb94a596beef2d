import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPlan } from '../../src/compare/planFile';
import { readBaseline } from '../../src/gates/baseline';
import { readJson, readSealed, sealed } from '../../src/files/json';

const fileWith = async (text: string, name = 'x.json'): Promise<string> => {
  const path = join(await mkdtemp(join(tmpdir(), 'dsc-')), name);
  await writeFile(path, text);
  return path;
};

describe('readJson', () => {
  it('gives what the file holds', async () => {
    expect(await readJson(await fileWith('[1, {"a": null}]\n'), 'a list')).toEqual([1, { a: null }]);
  });

  it.each([
    ['{\n  "seed": 1,\n  oops\n}', ':3:3: '],
    ['{"seed": 1', ':1:11: '],
    ['', ':1:1: '],
    ['{"a": [1, 2,]}', ':1:13: '],
    ['{"a": 1,\n "b": tru, "c": 2}', ':2:10: '],
    ['{"a": -1.5e-7, "b": "\\u00e9 \\n", "c": [true, null, {}]\n', ':2:1: '],
    ['{"a": "x\ny"}', ':1:9: '],
    ["{'a': 1}", ':1:2: '],
    ['{"a": 1} x', ':1:10: '],
    ['{"a": 01}', ':1:8: '],
    ['{"a": NaN}', ':1:7: '],
  ])('names line and column of %j, and what was expected', async (text, place) => {
    const path = await fileWith(text);
    await expect(readJson(path, 'a list of numbers')).rejects.toMatchObject({
      message: expect.stringContaining(`${path}${place}`) as string,
      note: 'a list of numbers',
    });
  });

  it('is what tells of a damaged plan and a damaged baseline', async () => {
    const plan = await fileWith('{"version": ', 'plan.json');
    await expect(readPlan(join(plan, '..'))).rejects.toThrow(`${plan}:1:13: `);
    const baseline = await fileWith('{"report": }');
    await expect(readBaseline(baseline)).rejects.toThrow(`${baseline}:1:12: `);
  });
});

describe('sealed', () => {
  it('is read again as it was, and has one checksum for runs that differ in their times alone', async () => {
    const run = (seconds: number) => sealed({ b: [1, { __proto__: 2 }], a: 'é', timing: { seconds } });
    const [one, two] = [run(1), run(2)] as { checksum: string; timing: { checksum: string } }[];
    expect(one.checksum).toBe(two.checksum);
    expect(one.timing.checksum).not.toBe(two.timing.checksum);
    const path = await fileWith(JSON.stringify(one, null, 2));
    expect(await readSealed(path, '')).toEqual({ b: [1, {}], a: 'é', timing: { seconds: 1 } });
  });

  it.each([
    ['a value', (text: string) => text.replace('"x"', '"y"'), 'is damaged: its checksum'],
    ['a time', (text: string) => text.replace('12', '13'), 'is damaged: its checksum'],
    ['no times', (text: string) => text.replace(/,"timing":\{[^}]*\}/, ''), 'is damaged: its checksum'],
    ['no checksum', (text: string) => text.replace(/,"checksum":"[^"]*"\}$/, '}'), 'has no checksum'],
    ['no object', () => '[]', 'has no checksum'],
    ['a deep list', () => '['.repeat(100_000) + ']'.repeat(100_000), 'nested more than 200 levels deep'],
  ])('is refused with %s', async (_, change, message) => {
    const text = JSON.stringify(sealed({ a: 'x', timing: { seconds: 12 } }));
    const path = await fileWith(change(text));
    await expect(readSealed(path, 'try again')).rejects.toMatchObject({ message: expect.stringContaining(`${path}: ${message}`) as string, note: 'try again' }); // prettier-ignore
  });
});
