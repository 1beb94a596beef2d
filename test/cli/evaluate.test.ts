import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dscTrain, temporaryFolder } from './binary';

const folder = temporaryFolder();
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const gold = file('gold.tsv', 'Ann\tB-PER\nLee\tI-PER\n\nRome\tB-LOC\nfell\tO\n\n');
const other = file('other.txt', 'Ann B-PER\r\nlee I-PER\r\n\r\nRome I-LOC\r\nfell O\r\n');
const training = file('train.tsv', 'Rome\tB-LOC\n\n');

interface Printed {
  readonly report: { readonly entities: { readonly micro: object; readonly classes: readonly object[] } };
  readonly sources: object;
  readonly spread: Readonly<Record<string, number>>;
  readonly invalid: object;
  readonly seen: { readonly classes: readonly object[] };
}

describe('dsc-train evaluate --pred', () => {
  it('scores a file by position where its tokens differ, and says how many do', async () => {
    const refused = await dscTrain(['evaluate', '--pred', other, '--gold', gold]);
    expect(refused.stderr).toBe(
      `error: ${other}:2: token "lee" where ${gold}:2 has "Lee"\n` +
        'note: to score by position all the same: --allow-token-differences\n',
    );
    expect(refused.code).toBe(1);
    const scored = await dscTrain(['evaluate', '--pred', other, '--gold', gold, '--allow-token-differences']);
    expect(scored.stdout).toContain('1 of 4 tokens are not those of the gold file');
    expect(scored.code).toBe(0);
  });

  it('prints as JSON every part of the evaluation', async () => {
    const args = ['--gold', gold, '--allow-token-differences', '--train', training, '--json', '--resamples', '10'];
    const { stdout } = await dscTrain(['evaluate', '--pred', other, ...args]);
    const printed = JSON.parse(stdout) as Printed;
    expect(printed.report.entities.micro).toMatchObject({ tp: 2, predicted: 2, support: 2, f1: 1 });
    expect(printed.sources).toMatchObject({ gold: { path: gold, column: 2 }, tokenDifferences: 1 });
    expect(printed.spread).toMatchObject({ conlleval: 1, strict: 0.5 + 1 / 6 }); // 2 * 1 / (1 + 2): I-LOC is no chunk
    expect(printed.invalid).toEqual({
      kinds: { 'inside-without-begin': 1 },
      tags: [{ kind: 'inside-without-begin', tag: 'I-LOC', sentence: 2, line: 4 }],
    });
    expect(printed.seen.classes).toMatchObject([
      { name: 'seen', support: 1 },
      { name: 'unseen', support: 1 },
    ]);
  });

  it('scores by the convention asked for', async () => {
    const args = ['--pred', other, '--gold', gold, '--allow-token-differences', '--convention', 'strict'];
    const { stdout } = await dscTrain(['evaluate', ...args]);
    expect(stdout).toMatch(/^micro average +100\.00 +50\.00 +66\.67 /m);
    expect(stdout).toContain('|convention:strict|');
  });

  it('reads standard input', async () => {
    const { stdout, code } = await dscTrain(['evaluate', '--pred', '-'], { input: 'Ann B-PER B-PER\n' });
    expect(stdout).toMatch(/^standard input: 1 sentence, 1 token\n/);
    expect(stdout).toMatch(/^micro average +100\.00 /m);
    expect(code).toBe(0);
  });

  it('warns of what is odd in the gold tags', async () => {
    const odd = file('odd.tsv', 'Ann\tB-PER\tO\nLee\tI-PER\tO\nran\tI-LOC\tO\n\n');
    const { stderr } = await dscTrain(['evaluate', '--pred', odd]);
    expect(stderr).toContain(`warning: ${odd}:3: I-LOC after I-PER is invalid in iob2`);
  });

  it('loads no tensor library', () => {
    const cli = resolve(__dirname, '../../dist/cli.js');
    const script = `
      const sink = new (require('node:stream').PassThrough)();
      const argv = ['node', 'dsc-train', 'evaluate', '--pred', ${JSON.stringify(other)}, '--gold', ${JSON.stringify(other)}];
      require(${JSON.stringify(cli)}).run({ argv, stdout: sink, stderr: sink }).then((code) =>
        console.log(JSON.stringify([code, Object.keys(require.cache)])));`;
    const [code, loaded] = JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })) as [
      number,
      string[],
    ];
    expect(code).toBe(0);
    expect(loaded.length).toBeGreaterThan(20);
    expect(loaded.filter((path) => path.includes('tensorflow') && path.includes('node_modules'))).toEqual([]);
    expect(loaded.filter((path) => path.endsWith('.node'))).toEqual([]);
  });
});
