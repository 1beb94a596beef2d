import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The loss and the feature of the documentation, as files of a user's, through everything that takes them. */

const ROOT = join(__dirname, '../..');
const README = readFileSync(join(ROOT, 'src/library/README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'dsc-own-'));
afterAll(() => rmSync(folder, { recursive: true }));

function example(name: string): string {
  const found = new RegExp(`^\`\`\`js\\n// ${name}\\n([^]*?)^\`\`\`$`, 'm').exec(README)?.[1];
  if (found === undefined) throw new Error(`the documentation has no ${name}`);
  return found;
}

/** Runs a program in the folder, which prints one JSON object. */
function runProgram(code: string): Record<string, unknown> {
  writeFileSync(join(folder, 'program.mjs'), code);
  const { stdout, stderr, status } = spawnSync(process.execPath, ['program.mjs'], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const CLI = join(ROOT, 'bin/dsc-train.js');
const cli = (...args: string[]) => spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8' });

beforeAll(() => {
  mkdirSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, 'configs'));
  symlinkSync(ROOT, join(folder, 'node_modules/dsc-train'));
  for (const part of ['train', 'dev']) {
    const blocks = readFileSync(join(ROOT, `data/ner/${part}.conll`), 'utf8').split('\n\n');
    writeFileSync(join(folder, `${part}.conll`), `${blocks.slice(0, 60).join('\n\n')}\n`);
  }
  writeFileSync(join(folder, 'my-loss.mjs'), example('my-loss.mjs'));
  writeFileSync(join(folder, 'my-feature.mjs'), example('my-feature.mjs'));
  writeFileSync(join(folder, 'configs/own.json'), JSON.stringify({ loss: { name: '../my-loss.mjs', q: 0.3 } }));
});

const PRELUDE = `
import { appendFileSync, copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { compare, evaluate, loadTagger, train } from 'dsc-train';
const small = {
  data: { train: 'train.conll', dev: 'dev.conll' },
  model: { hidden: 4, wordDim: 4, affixDim: 0 },
  train: { epochs: 1, learningRate: 0.05 },
  engine: { name: 'js' },
};
const told = async (work) => { try { await work(); return 'nothing was wrong'; } catch (error) { return error.message + ' | ' + (error.note ?? error.stack); } };
const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
const bad = (name, code) => { writeFileSync(name, code); return told(() => train({ ...small, loss: { name: './' + name }, out: 'refused' })); };
`;

describe('a loss of a file', () => {
  let found: Record<string, unknown>;
  beforeAll(() => {
    found = runProgram(`${PRELUDE}
const found = {};
const { result } = await train({ ...small, loss: { name: './my-loss.mjs' }, out: 'a' });
found.recorded = result.lossFile.sha256 === sha256('my-loss.mjs') && result.lossFile.name === 'gce';
found.params = result.config.loss.q;
const fromFile = await train('configs/own.json', { overrides: { ...small, out: 'b' } });
found.fromFile = [fromFile.result.config.loss, fromFile.result.history[0].trainLoss === result.history[0].trainLoss];
const compared = await compare(small, { losses: ['ce', './my-loss.mjs:q=0.3'], seeds: 2, resamples: 20, out: 'c' });
found.compared = compared.comparison.losses.map(({ label, title, runs }) => [label, title, runs.map((run) => run.status)]);
found.tuned = (await compare(small, { losses: ['ce', './my-loss.mjs'], seeds: 1, resamples: 20, tune: true, candidates: 2, out: 'd' }))
  .comparison.tuning.losses.length;
renameSync('my-loss.mjs', 'gone');
const tagger = await loadTagger('a', { engine: 'js' });
found.tags = (await tagger.tag([['Anna', 'lives']])).length;
tagger.dispose();
found.missing = await told(() => train({ ...small, loss: { name: './my-loss.mjs' }, out: 'e' }));
copyFileSync('gone', 'my-loss.mjs');
appendFileSync('my-loss.mjs', '// another\\n');
found.changed = await told(() => train({ train: { epochs: 2 } }, { resume: 'a' }));
copyFileSync('gone', 'my-loss.mjs');
found.resumed = (await train({ train: { epochs: 2 } }, { resume: 'a' })).result.history.length;
found.syntax = await bad('syntax.mjs', 'export default {\\n  name: "x",\\n  create: (] => 1,\\n};\\n');
found.throws = await bad('throws.mjs', 'export default { name: "x", create: () => (z) => {\\n  return z.nothing.at(0);\\n} };\\n');
found.sum = await bad('sum.mjs', 'export default { name: "x", create: (tf) => (z, { gold }) =>\\n  tf.neg(tf.sum(tf.mul(tf.oneHot(gold, z.shape[1], 1, 0, "float32"), tf.logSoftmax(z)))) };\\n');
found.scalar = await bad('scalar.mjs', 'export default { name: "x", create: (tf) => (z) => tf.square(z) };\\n');
found.noGradient = await bad('erf.mjs', 'export default { name: "x", create: (tf) => (z) => tf.mean(tf.atanh(tf.tanh(z))) };\\n');
found.parameter = await told(() => train({ ...small, loss: { name: './my-loss.mjs', q: 3 }, out: 'refused' }));
console.log(JSON.stringify(found));
`);
  });

  it('is trained with, its parameters and its file recorded', () => {
    expect(found).toMatchObject({ recorded: true, params: 0.5 });
    expect(found.parameter).toContain('loss.q: 3 is not valid; expected a number from 0.01 to 1');
  });

  it('is named relative to the config file that names it', () => {
    expect(found.fromFile).toEqual([{ name: expect.stringMatching(/my-loss\.mjs$/) as unknown, q: 0.3 }, false]);
  });

  it('is compared and tuned like the others, in child processes', () => {
    expect(found.compared).toEqual([
      ['ce', 'cross-entropy', ['done', 'done']],
      ['./my-loss.mjs:q=0.3', 'generalised cross-entropy', ['done', 'done']],
    ]);
    expect(found.tuned).toBe(2);
  });

  it('is not needed to tag, and a report is made again without it; to train it is', () => {
    expect(found.tags).toBe(1);
    expect(found.missing).toMatch(/^\.\/my-loss\.mjs: no such file/);
    rmSync(join(folder, 'my-loss.mjs'));
    const { stdout, status } = cli('compare', '--collect', 'c');
    writeFileSync(join(folder, 'my-loss.mjs'), example('my-loss.mjs'));
    expect([status, stdout.includes('my-loss.mjs')]).toEqual([0, true]);
  });

  it('must be the same file where its run is resumed', () => {
    expect(found.changed).toMatch(/^a: cannot resume: the loss\.name file is another than when the run was stopped/);
    expect(found.resumed).toBe(2);
  });

  it('is refused with the place of what is wrong with its code', () => {
    expect(found.syntax).toMatch(/^\.\/syntax\.mjs:3: SyntaxError: /);
    expect(found.throws).toMatch(/^\.\/throws\.mjs:2:\d+: TypeError: /);
  });

  it('is refused where it breaks the contract, with the clause and the numbers', () => {
    expect(found.sum).toMatch(
      /^\.\/sum\.mjs: loss x: its loss must be a mean over the rows .*: [\d.]+ of 12 rows, [\d.]+ of the same rows/,
    );
    expect(found.scalar).toMatch(/^\.\/scalar\.mjs: the loss is a tensor of shape \[\d+, 9\], expected a scalar/);
    expect(found.noGradient).toMatch(/^\.\/erf\.mjs: .*Atanh/);
  });

  it('is described and drawn like the others', () => {
    const { stdout } = cli('losses', './my-loss.mjs', '--set', 'q=0.7');
    expect(stdout).toMatch(
      /^gce {2}generalised cross-entropy\n[^]*q = 0\.7[^]*floor +p\* +grad\(0\.001\)[^]*loss +0\.0000 +1\.0000/,
    );
    expect(cli('losses', './my-loss.mjs', '--plot', 'loss.svg').stdout).toBe('loss.svg\n');
    expect(readFileSync(join(folder, 'loss.svg'), 'utf8')).toContain('<title>gce</title>');
    expect(cli('losses', './sum.mjs').stderr).toContain('must be a mean over the rows');
  });
});

describe('a feature of a file', () => {
  let found: Record<string, unknown>;
  beforeAll(() => {
    found = runProgram(`${PRELUDE}
const found = {};
const own = (path) => ({ ...small, loss: { name: 'ce' }, model: { ...small.model, features: path, featuresDim: 3 } });
const { result } = await train({ ...own('./my-feature.mjs'), out: 'f' });
found.values = Object.keys(result.features.own.values).sort();
found.recorded = result.features.own.sha256 === sha256('my-feature.mjs');
const scores = async () => (await evaluate('f', 'dev.conll', { engine: 'js', resamples: 0 })).report.entities.micro;
found.same = JSON.stringify(await scores()) === JSON.stringify(result.dev.entities.micro);
renameSync('my-feature.mjs', 'gone-feature');
found.missing = await told(() => loadTagger('f', { engine: 'js' }));
found.missingToTrain = await told(() => train({ ...own('./my-feature.mjs'), out: 'g' }));
copyFileSync('gone-feature', 'my-feature.mjs');
appendFileSync('my-feature.mjs', '// another\\n');
found.changed = await told(() => loadTagger('f', { engine: 'js' }));
found.changedResume = await told(() => train({ train: { epochs: 2 } }, { resume: 'f' }));
copyFileSync('gone-feature', 'my-feature.mjs');
const tagger = await loadTagger('f', { engine: 'js' });
found.tags = (await tagger.tag([['Dr.', 'Smith', 'left', 'in', '1999']]))[0].tokens.length;
tagger.dispose();
const wrong = (name, code) => { writeFileSync(name, code); return told(() => train({ ...own('./' + name), out: 'refused' })); };
found.many = await wrong('many.mjs', 'let n = 0; const seen = new Map(); export default { name: "n", of: (t) => { if (!seen.has(t)) seen.set(t, n++ * (t.length > 0)); return t + "x".repeat(3); } };');
found.random = await wrong('random.mjs', 'export default { name: "r", of: () => Math.random() };');
found.kind = await wrong('kind.mjs', 'export default { name: "k", of: () => undefined };');
found.throws = await wrong('thrown.mjs', 'export default { name: "t", of: (token) => {\\n  return token.nothing.x;\\n} };');
found.shape = await wrong('shape.mjs', 'export default { name: "s" };');
console.log(JSON.stringify(found));
`);
  });

  it('gives its values to the network, and they are recorded with its file', () => {
    expect(found).toMatchObject({ values: ['inflected', 'other', 'title', 'year'], recorded: true });
  });

  it('is read again wherever tokens are: a run is evaluated as it was', () => {
    expect(found).toMatchObject({ same: true, tags: 5 });
  });

  it('says so where its file is missing, or another', () => {
    expect(found.missing).toMatch(/^the tagger sees feature role of .*my-feature\.mjs, and that file is not there/);
    expect(found.missingToTrain).toMatch(/^\.\/my-feature\.mjs: no such file/);
    expect(found.changed).toMatch(
      /my-feature\.mjs: feature role is not as it was in training \(SHA-256 \w{12}, then \w{12}\)/,
    );
    expect(found.changedResume).toContain(
      'cannot resume: the model.features file is another than when the run was stopped',
    );
  });

  it('is refused where it is no function of the token to few values', () => {
    expect(found.random).toContain('feature r gives one token different values');
    expect(found.kind).toContain('feature k gives undefined for the token "x", expected a text');
    expect(found.throws).toMatch(/^\.\/thrown\.mjs:2:\d+: TypeError/);
    expect(found.shape).toContain('of is no function of a token');
  });
});
