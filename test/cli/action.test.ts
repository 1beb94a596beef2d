import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The GitHub action: its scripts run as a runner would run them, with our program and a stand-in for `gh`. */

const ACTION = join(__dirname, '../../.github/actions/dsc-train');
const folder = mkdtempSync(join(tmpdir(), 'dsc-action-'));
const at = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');

mkdirSync(at('bin'));
symlinkSync(join(__dirname, '../../bin/dsc-train.js'), at('bin/dsc-train'));
writeFileSync(
  at('bin/gh'),
  `#!/usr/bin/env node
const { appendFileSync, readFileSync } = require('node:fs');
const args = process.argv.slice(2);
const body = args.find((arg) => arg.startsWith('body=@'));
const posted = body ? readFileSync(body.slice(6), 'utf8') : undefined;
appendFileSync(${JSON.stringify(at('gh.log'))}, JSON.stringify({ args, posted, marker: process.env.MARKER }) + '\\n');
if (args.includes('--paginate') && process.env.EARLIER) console.log(process.env.EARLIER);
`,
);
chmodSync(at('bin/gh'), 0o755);
writeFileSync(at('pred it.tsv'), 'Ann\tB-PER\tB-PER\nran\tO\tO\n\nRome\tB-LOC\tO\n\nBob\tB-PER\tB-PER\n\n');
writeFileSync(at('a.tsv'), 'Ann\tB-PER\nran\tO\n\nRome\tB-LOC\n\n');

afterAll(() => rmSync(folder, { recursive: true }));

function runScript(name: string, inputs: Record<string, string>) {
  for (const file of ['output', 'page']) writeFileSync(at(file), '');
  const { status, stderr } = spawnSync('bash', [join(ACTION, name)], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${at('bin')}${delimiter}${process.env.PATH ?? ''}`,
      ...{ RUNNER_TEMP: folder, GITHUB_OUTPUT: at('output'), GITHUB_STEP_SUMMARY: at('page') },
      GITHUB_REPOSITORY: 'owner/name',
      ...inputs,
    },
  });
  const outputs = Object.fromEntries(read('output').split('\n').filter((line) => line !== '').map((line) => line.split('='))) as Record<string, string>; // prettier-ignore
  return { status, stderr, outputs, page: read('page') };
}

describe('score.sh', () => {
  it('scores, gives outputs, and shows the summary', () => {
    const { status, stderr, outputs, page } = runScript('score.sh', { PRED: 'pred it.tsv', FAIL_UNDER: 'PER.f1=1', ARGUMENTS: '--resamples=0\r\n\n--scheme=iob2' }); // prettier-ignore
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(Number(outputs['micro-f1'])).toBeCloseTo(0.8, 12); // 2 of 3 found, none wrong
    expect(outputs.accuracy).toBe('0.75');
    expect(page).toContain('| micro average | 100.00 | 66.67 | 80.00 |');
    expect(JSON.parse(readFileSync(outputs.result, 'utf8'))).toMatchObject({ report: { sentences: 3 } });
    expect(readFileSync(outputs.summary, 'utf8')).toBe(page);
  });

  it('fails with 2 under a floor, once all is told', () => {
    const { status, stderr, outputs, page } = runScript('score.sh', {
      PRED: 'pred it.tsv',
      FAIL_UNDER: 'micro-f1=0.9',
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^floor missed: .*micro-f1/m);
    expect(outputs['macro-f1']).toBe('0.5');
    expect(page).toContain('1 of 1 floors missed');
  });

  it('looks at corpora first, patterns among them, and fails with 1 where it is to be strict', () => {
    const inputs = { INSPECT: '*a.tsv\n', PRED: 'pred it.tsv', FAIL_UNDER: 'micro-f1=0.9' };
    const shown = runScript('score.sh', inputs);
    expect(shown.status).toBe(2);
    expect(shown.page).toMatch(/## dsc-train inspect\n\nfindings: [^]*## dsc-train evaluate/);
    const strict = runScript('score.sh', { ...inputs, INSPECT_STRICT: 'warning' });
    expect(strict.status).toBe(1); // a mistake of the corpus stands before a floor
    expect(strict.page).toContain('80.00');
  });

  it('fails with 1 on a mistake, and scores nothing', () => {
    const { status, stderr, outputs } = runScript('score.sh', { PRED: 'none.tsv' });
    expect(status).toBe(1);
    expect(stderr).toContain('no such file');
    expect(Object.keys(outputs)).toEqual(['summary']);
  });

  it('takes names for names', () => {
    const { status, stderr } = runScript('score.sh', { PRED: '$(touch was-run)`touch was-run`; touch was-run', ARGUMENTS: '--resamples=0; touch was-run' }); // prettier-ignore
    expect(status).toBe(1);
    expect(stderr).toContain('error: ');
    expect(() => read('was-run')).toThrow('ENOENT');
  });
});

describe('comment.sh', () => {
  const comment = (env: Record<string, string>): { args: string[]; posted?: string; marker: string }[] => {
    writeFileSync(at('gh.log'), '');
    writeFileSync(at('summary.md'), '## scores\n');
    const { status, stderr } = runScript('comment.sh', { KEY: 'ner', PULL_REQUEST: '7', SUMMARY: at('summary.md'), ...env }); // prettier-ignore
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return read('gh.log').trim().split('\n').map((line) => JSON.parse(line) as { args: string[]; posted?: string; marker: string }); // prettier-ignore
  };

  it('writes a comment where there is none of its key', () => {
    const [asked, wrote] = comment({});
    expect(asked.args).toContain('repos/owner/name/issues/7/comments');
    expect(asked.marker).toBe('<!-- dsc-train: ner -->');
    expect(wrote.args.slice(0, 4)).toEqual(['api', '--method', 'POST', 'repos/owner/name/issues/7/comments']);
    expect(wrote.posted).toBe('<!-- dsc-train: ner -->\n## scores\n');
  });

  it('replaces the first that there is', () => {
    const [, wrote] = comment({ EARLIER: '42\n43' });
    expect(wrote.args.slice(0, 4)).toEqual(['api', '--method', 'PATCH', 'repos/owner/name/issues/comments/42']);
  });
});

describe('action.yml', () => {
  const text = readFileSync(join(ACTION, 'action.yml'), 'utf8');
  const [, inputs = ''] = /^inputs:\n([^]*?)^outputs:/m.exec(text) ?? [];
  const declared = [...inputs.matchAll(/^ {2}([\w-]+):$/gm)].map(([, name]) => name);

  it('hands every input to a script, by the environment alone', () => {
    const used = [...text.matchAll(/inputs\.([\w-]+)/g)].map(([, name]) => name);
    expect([...new Set(used)].sort()).toEqual([...declared].sort());
    const commands = [...text.matchAll(/^ {6}run: (?:\|\n((?: {8}.*\n)+)|(.*)$)/gm)];
    expect(commands).toHaveLength(3);
    for (const [command] of commands) expect(command).not.toContain('${{');
  });

  it('gives the scripts the variables that they read', () => {
    const given = [...text.matchAll(/^ {8}([A-Z_]+): /gm)].map(([, name = '']) => name);
    for (const [script, own] of [
      ['score.sh', ['RUNNER_TEMP', 'GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY']],
      ['comment.sh', ['RUNNER_TEMP', 'GITHUB_REPOSITORY', 'MARKER']],
    ] as const) {
      const read = [...readFileSync(join(ACTION, script), 'utf8').matchAll(/\$\{?([A-Z][A-Z_]+)/g)].map(([, name = '']) => name); // prettier-ignore
      expect(read.filter((name) => !given.includes(name) && !(own as readonly string[]).includes(name))).toEqual([]);
    }
  });

  it('gives what the script puts out', () => {
    const [, outputs = ''] = /^outputs:\n([^]*?)^runs:/m.exec(text) ?? [];
    const names = [
      ...outputs.matchAll(/^ {2}([\w-]+):\n.*\n {4}value: \$\{\{ steps\.score\.outputs\.([\w-]+) \}\}$/gm),
    ];
    expect(names.map(([, name]) => name)).toEqual(['micro-f1', 'macro-f1', 'accuracy', 'result', 'summary']);
    for (const [, name, output] of names) expect(output).toBe(name);
  });
});
