import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BINARY, cut, dscTrain, temporaryFolder } from './binary';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
writeFileSync(at('p.tsv'), 'Ann\tB-PER\tB-PER\nran\tO\tO\n\nRome\tB-LOC\tO\n\n');
const training = [
  ...['--train', cut('ner/train.conll', 60, folder), '--dev', cut('ner/dev.conll', 20, folder), '--engine', 'js'],
  ...['--loss', 'ce', '--set', 'model.wordDim=8', '--set', 'model.hidden=8', '--set', 'train.batchTokens=64'],
];

/** Runs shell text in the folder; `$D` stands for the program. */
function shell(script: string): { code: number | null; stdout: string; stderr: string } {
  const program = `'${process.execPath}' '${BINARY}'`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script.replaceAll('$D', program)], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 55_000,
  });
  return { code: status, stdout, stderr };
}

describe('streams', () => {
  it.each([
    ['$D evaluate --pred p.tsv --json > /dev/full', /^error: standard output: no space left on the disk\nnote: /],
    ['$D --help > /dev/full', /^error: standard output: no space left on the disk\n/],
    [
      'ulimit -f 1; $D evaluate --pred p.tsv --json > big',
      /^error: standard output: the file may not grow any larger\n/,
    ],
    ['$D evaluate --pred p.tsv --summary /dev/full > /dev/null', /^error: \/dev\/full: no space left on the disk\n/],
    ['$D evaluate --pred p.tsv --junit no/x.xml --fail-under accuracy=0', /^error: no\/x\.xml: there is no folder/],
    ['$D inspect p.tsv --html .', /^error: \.: is a folder, not a file\n/],
    ['$D inspect p.tsv --html -', /^error: -: no file can be written here\n/],
    ['$D inspect - - < p.tsv', /^error: standard input: cannot be both train and dev: it can be read only once\n/],
    ['$D evaluate --pred - --gold - < p.tsv', /^error: standard input: cannot be both --pred and --gold: /],
    ['mkfifo fifo; $D --train fifo --dev fifo', /^error: fifo: cannot be both --train and --dev: /],
    [
      '$D --train - --dev p.tsv < p.tsv',
      /^error: --train: standard input can be read only once: a run reads its files again/,
    ],
    [
      '$D compare --train p.tsv --dev <(cat p.tsv)',
      /^error: --dev: \/dev\/fd\/\d+ can be read only once: every run of a comparison/,
    ],
    ['$D split - < p.tsv', /^error: split: standard input has no name that its parts could have\n/],
    ['$D --out /proc/x/run --epochs 1', /^error: \/proc\/x: no folder can be made here\n/],
  ])('%s exits 1 and says why', (script, message) => {
    const { code, stdout, stderr } = shell(script);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  it.each(['2>/dev/full', '2>&-'])('works with %s', (redirection) => {
    const { code, stdout } = shell(`$D evaluate --pred p.tsv --fail-under accuracy=0.9 ${redirection}`);
    expect(stdout).toContain('micro average');
    expect(code).toBe(2);
  });

  it.each([
    ['inspect p.tsv --tag-column 2 --json', /"path": "standard input"/],
    ['evaluate --pred p.tsv --gold p.tsv --json', /"path": "standard input"/],
    ['config --config c.json --json', /"seed": 7/],
  ])('%s reads standard input as -, and pipes', (command, named) => {
    writeFileSync(at('c.json'), '{ "seed": 7 }');
    const [, file = ''] = /(\w\.\w+)/.exec(command) ?? [];
    const direct = shell(`$D ${command}`);
    const streamed = shell(`cat ${file} | $D ${command.replace(file, '-')}`);
    const pipe = shell(`$D ${command.replace(file, `<(cat ${file})`)}`);
    const unnamed = (text: string): string => text.replaceAll(/"(standard input|\/dev\/fd\/\d+)"/g, `"${file}"`);
    expect(streamed.stdout).toMatch(named);
    expect([unnamed(streamed.stdout), streamed.code]).toEqual([direct.stdout, 0]);
    expect(unnamed(pipe.stdout)).toBe(direct.stdout);
  });

  it('splits standard input into the parts that its file has', () => {
    const split = 'split --parts 0.5,0.5 --out';
    const { code } = shell(
      `$D ${split} whole p.tsv && $D ${split} piped - < p.tsv && cat whole/* | cmp - <(cat piped/*)`,
    );
    expect(code).toBe(0);
  });

  it('inspects a pipe whose tags make it read the file again', () => {
    const rows = 'Ann\\tI-PER\\nran\\tO\\n\\nRome\\tB-LOC\\nYork\\tB_LOC\\n';
    const { code, stdout } = shell(`$D inspect <(printf '${rows}') <(printf '${rows}')`);
    expect(stdout).toContain('B_LOC');
    expect(code).toBe(0);
  });

  it('says nothing where the reader of its output is gone', () => {
    const { code, stderr } = shell('$D evaluate --pred p.tsv | (exec <&-); exit ${PIPESTATUS[0]}');
    expect(stderr).toBe('');
    expect(code).toBe(141);
  });

  it('appends the summary, to the file or to what stands at its place', () => {
    const { code, stdout } = shell(
      'echo before > s.md; $D evaluate --pred p.tsv --summary s.md > one; $D evaluate --pred p.tsv --summary /dev/stdout',
    );
    expect(code).toBe(0);
    const summary = readFileSync(at('s.md'), 'utf8');
    expect(summary).toMatch(/^before\n\n## dsc-train evaluate p\.tsv\n/);
    expect(stdout).toBe(readFileSync(at('one'), 'utf8') + summary.slice('before\n\n'.length));
  });
});

describe('a run that comes to nothing', () => {
  it('leaves no folder when it fails before the first epoch, and nothing of it in one that was there', async () => {
    const broken = ['--set', 'train.learningRate=1e38', '--set', 'train.clipNorm=1e38'];
    mkdirSync(at('mine'));
    expect((await dscTrain([...training, ...broken, '--out', at('new')])).code).toBe(3);
    expect((await dscTrain([...training, ...broken, '--out', at('mine')])).code).toBe(3);
    expect(existsSync(at('new'))).toBe(false);
    expect(readdirSync(at('mine'))).toEqual([]);
  });

  it('exits 129 when its terminal is closed, with what it has', async () => {
    const out = ['--out', at('hup'), '--epochs', '500', '--set', 'train.patience=500'];
    const signal = { when: /epoch +1\/500/, name: 'SIGHUP' as const };
    const { code, stderr } = await dscTrain([...training, ...out], { signal });
    expect(stderr).toContain('SIGHUP: finishing the batch');
    expect(code).toBe(129);
    const log = readFileSync(join(at('hup'), 'log.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(JSON.parse(log[log.length - 1])).toMatchObject({ kind: 'step' }); // whole lines, and the training goes on from here
    expect(stderr).toContain(`dsc-train --resume ${at('hup')}`);
    expect(statSync(join(at('hup'), 'last.ckpt')).size).toBeGreaterThan(0);
    expect(readdirSync(at('hup')).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
