import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { cut, dscTrain, temporaryFolder } from './binary';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const predictions = at('pred.tsv');
writeFileSync(predictions, 'Ann\tB-PER\tB-PER\nran\tO\tO\n\nRome\tB-LOC\tO\n\nBob\tB-PER\tB-PER\n\n');

const training = [
  ...['--train', cut('ner/train.conll', 60, folder), '--dev', cut('ner/dev.conll', 20, folder)],
  ...['--engine', 'js', '--loss', 'ce', '--set', 'model.wordDim=8', '--set', 'model.hidden=8'],
];

describe('exit codes', () => {
  it('0: scored, and every floor reached', async () => {
    const { code, stdout, stderr } = await dscTrain(['evaluate', '--pred', predictions, '--fail-under', 'PER.f1=1']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^PER +100\.00 +100\.00 +100\.00 /m);
    expect(code).toBe(0);
  });

  it('0: converted, what was done on standard error', async () => {
    const args = ['convert', predictions, '--to-scheme', 'bioes', '--tag-column', '2', '--scheme', 'iob2', '--json'];
    const { code, stdout, stderr } = await dscTrain(args);
    expect(stdout).toBe('Ann\tS-PER\tB-PER\nran\tO\tO\n\nRome\tS-LOC\tO\n\nBob\tS-PER\tB-PER\n\n');
    expect(JSON.parse(stderr)).toMatchObject({ types: { LOC: 1, PER: 2 }, sentences: 3, warnings: [] });
    expect(code).toBe(0);
  });

  it('0: converted into a file that is packed as its name says', async () => {
    const { code } = await dscTrain(['convert', predictions, '--to', 'doccano', '--tag-column', '2', '-o', at('x.gz')]);
    expect(code).toBe(0);
    expect(gunzipSync(readFileSync(at('x.gz'))).toString()).toMatch(/^\{"text":"Ann ran","label":\[\[0,3,"PER"\]\]/);
  });

  it.each([
    ['await new Promise(() => {});', 1, /waits\.mjs: never comes to its end/],
    ['process.exit(0);', 70, /was ended before its work was done/],
  ])('a file of the user that never lets the program end its work: %s', async (text, expected, message) => {
    writeFileSync(at('waits.mjs'), text);
    const { code, stderr } = await dscTrain(['losses', at('waits.mjs')]);
    expect(stderr).toMatch(message);
    expect(code).toBe(expected);
  });

  it('1: a mistake of the user, before anything is printed', async () => {
    const { code, stdout, stderr } = await dscTrain(['evaluate', '--pred', predictions, '--fail-under', 'micro-f1=80']);
    expect(stderr).toContain('did you mean 0.8?');
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  it.each([
    [['evaluate'], /nothing to score/],
    [['evaluate', '--pred', predictions, 'run'], /either --pred FILE or a run/],
    [['evaluate', '--pred', '--json'], /--pred: no value before --json/],
    [['--set', '--html', at('x.html')], /--set: no value before --html/],
    [['train', '--html', '--out', at('x')], /--html: no value before --out/],
    [['evaluate', '--pred', predictions, '--tag-column', '2'], /--gold-column and --pred-column/],
    [['evaluate', '--pred', predictions, '--fail-under', 'ORG.f1=0.5'], /unknown metric 'ORG\.f1'/],
    [['evaluate', '--pred', predictions, '--junit', at('x.xml')], /there is no floor to report/],
    [['evaluate', '--pred', predictions, '--baseline-metrics', 'micro-f1'], /there is no baseline/],
    [['evaluate', '--pred', predictions, '--baseline', at('none.json')], /no such file/],
    [['evaluate', '--pred', predictions, '--convention', 'strickt'], /strickt.* invalid/],
    [['split', predictions, '--parts', '0.5,0.6'], /add up to 1, found 1\.1/],
    [['split', predictions, '--parts', '0.5,0.5', '--folds', '2'], /either --parts or --folds/],
    [['split', predictions, '--folds', '1'], /at least 2/],
    [['convert', predictions, '--to', 'xml'], /'xml' is invalid/],
    [['convert', predictions, '--map-types', 'PER'], /'PER' is no OLD=NEW/],
    [['convert', predictions, '--map-types', 'PRE=X'], /has no type 'PRE'[^]*did you mean 'PER'/],
    [['convert', predictions, '--out', predictions], /would replace the file that is converted/],
    [['convert', at('none.json')], /no such file/],
    [['tag', 'run', predictions, '--raw', '--tag-column', '2'], /--raw: running text has no columns/],
    [['tag', 'run', predictions, '--format', 'xml'], /expected conll, jsonl, spans .*auto, conlluplus/],
    [['tag', 'run', at('*.none')], /no file fits this pattern/],
    [['compare-rn'], /no command 'compare-rn'; did you mean 'compare'\?/],
    [['losses', 'dsc', '--plot', at('x.png')], /what it draws is SVG[^]*--plot .*x\.svg/],
  ])('1: %j', async (args, message) => {
    const { code, stderr } = await dscTrain(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });

  it('2: a floor missed, one line for each, and the files say the same', async () => {
    const files = ['--summary', at('s.md'), '--junit', at('j.xml')];
    const floors = ['--fail-under', 'micro-f1=0.9,LOC.f1=0.5,PER.f1=1'];
    const { code, stdout, stderr } = await dscTrain(['evaluate', '--pred', predictions, ...floors, ...files]);
    expect(code).toBe(2);
    expect(stdout).toContain('micro average');
    expect(stderr.trim().split('\n')).toEqual([
      `floor missed: ${predictions}: micro-f1 is 0.8, under 0.9, the floor`,
      `floor missed: ${predictions}: LOC.f1 is 0, under 0.5, the floor`,
    ]);
    expect(readFileSync(at('s.md'), 'utf8')).toContain('**2 of 3 floors missed.**');
    expect(readFileSync(at('j.xml'), 'utf8')).toContain('tests="3" failures="2"');
  });

  it('2: worse than the baseline beyond its interval; 0 against itself', async () => {
    const baseline = at('baseline.json');
    const { stdout } = await dscTrain(['evaluate', '--pred', predictions, '--json']);
    writeFileSync(baseline, stdout);
    expect((await dscTrain(['evaluate', '--pred', predictions, '--baseline', baseline])).code).toBe(0);
    const nothing = at('nothing.tsv');
    writeFileSync(nothing, readFileSync(predictions, 'utf8').replace(/\t[BO][^\t\n]*$/gm, '\tO'));
    const worse = await dscTrain([
      'evaluate',
      '--pred',
      nothing,
      '--baseline',
      baseline,
      '--baseline-metrics',
      'PER.f1',
    ]);
    expect(worse.stderr).toMatch(
      /floor missed: .*PER\.f1 is 0, under 1, the low end of the interval around the baseline's 1 /,
    );
    expect(worse.code).toBe(2);
  });

  it('2: training that ends under its floor, its result kept', async () => {
    const floors = ['--epochs', '2', '--fail-under', 'accuracy=1', '--summary', at('train.md'), '--out', at('floor')];
    const { code, stderr } = await dscTrain([...training, ...floors, '--set', 'train.metric=accuracy']);
    expect(stderr).toMatch(/floor missed: dev: accuracy is 0\.\d+, under 1, the floor/);
    expect(code).toBe(2);
    expect(existsSync(at('floor/result.json'))).toBe(true);
    expect(readFileSync(at('train.md'), 'utf8')).toContain('95 % interval');
    const again = await dscTrain([
      'evaluate',
      at('floor'),
      training[3],
      '--engine',
      'js',
      '--baseline',
      at('floor/result.json'),
    ]);
    expect(again.stderr).toBe('');
    expect(again.code).toBe(0);
  });

  it('1: a floor of a class that dev does not have, before training', async () => {
    const floors = ['--fail-under', 'NOPE.f1=0.5', '--out', at('nope')];
    const { code, stderr } = await dscTrain([...training, ...floors]);
    expect(stderr).toMatch(/unknown metric 'NOPE\.f1'/);
    expect(stderr).not.toContain('epoch');
    expect(code).toBe(1);
  });

  it('3: training that learned nothing, whatever the floors', async () => {
    const stuck = [
      '--epochs',
      '1',
      '--set',
      'train.learningRate=1e-9',
      '--fail-under',
      'micro-f1=0.5',
      '--out',
      at('stuck'),
      '--quiet',
    ];
    const { code, stderr } = await dscTrain([...training, ...stuck]);
    expect(stderr).toMatch(/floor missed: dev: micro-f1 is 0, under 0\.5/);
    expect(stderr.trim().split('\n').at(-1)).toMatch(/^exit 3: the tagger learned nothing: micro-f1 on dev was 0\.00/);
    expect(code).toBe(3);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: %d, with a checkpoint', async (name, expected) => {
    const long = ['--epochs', '500', '--set', 'train.patience=500', '--out', at(name)];
    const { code } = await dscTrain([...training, ...long], { signal: { when: /epoch +2\//, name } });
    expect(code).toBe(expected);
    expect(existsSync(at(`${name}/last.ckpt`))).toBe(true);
  });
});
