import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPlan } from '../src/compare/planFile';
import { readBaseline } from '../src/gates';
import { readJson } from '../src/json';

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
