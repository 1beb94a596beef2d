/**
 * Kills a training with SIGKILL, resumes it, and compares what it leaves with a training that was never stopped, byte for byte:
 * `npm run test:resume -- [kills] [seed] [train dev [test]]`. By default 100 kills on a cut of the bundled corpus, with vectors of
 * every other word, which best.ckpt carries in the end, a lexicon of every third, and characters: a fifth while a checkpoint is being
 * written, a fifth in the middle of an epoch after the first, the rest at any moment.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'bin/dsc-train.js');
const [kills = '100', seed = '1', ...given] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'dsc-resume-'));

function cut(name, sentences) {
  const path = join(folder, `${name}.conll`);
  const text = readFileSync(join(ROOT, 'data/ner', `${name}.conll`), 'utf8');
  writeFileSync(path, `${text.split('\n\n').slice(0, sentences).join('\n\n')}\n\n`);
  return path;
}
const parts = given.length > 0 ? given : [cut('train', 150), cut('dev', 40), cut('test', 40)];
const data = ['--train', '--dev', '--test'].flatMap((flag, i) => (parts[i] ? [flag, resolve(parts[i])] : []));
const set = (...settings) => settings.flatMap((setting) => ['--set', setting]);
const small =
  given.length > 0
    ? []
    : set('model.hidden=16', 'model.charDim=4', 'model.charFilters=5', 'train.batchTokens=128', ...beside());

/** Settings that name files beside the corpus, made of its words. */
function beside() {
  const rows = readFileSync(parts[0], 'utf8').split('\n');
  const words = [...new Set(rows.flatMap((row) => row.split(/\s/, 1)).filter((word) => word !== ''))];
  const numbers = (i) => Array.from({ length: 16 }, (_, j) => Math.sin(17 * i + j).toFixed(4)).join(' ');
  const vectors = join(folder, 'vectors.txt');
  const lexicon = join(folder, 'lexicon.tsv');
  const lower = [...new Set(words.map((word) => word.toLowerCase()))];
  writeFileSync(vectors, lower.flatMap((word, i) => (i % 2 ? [] : [`${word} ${numbers(i)}\n`])).join(''));
  writeFileSync(lexicon, words.flatMap((word, i) => (i % 3 ? [] : [`${word}\tkind${i % 4}\n`])).join(''));
  return [`model.vectors=${vectors}`, 'model.embedVectors=int8', `model.lexicon=${lexicon}`, 'model.lexiconDim=4'];
}
const epochs = given.length > 0 ? '2' : '4';
// saved as often as it can be, so that there is something new at every moment
const settings = [
  '--set',
  'train.saveSeconds=0.01',
  '--set',
  'analysis.gradientShare=true',
  '--set',
  'model.head=crf', // which has weights of its own
  '--outside-bias',
  'dev',
  '--threads',
  '1',
  '--epochs',
  epochs,
];
const begin = [...data, ...settings, ...small, '--out', 'run'];

function random() {
  // Mulberry32: the moments come again with the seed
  random.state = ((random.state ?? Number(seed)) + 0x6d2b79f5) | 0;
  let t = Math.imul(random.state ^ (random.state >>> 15), 1 | random.state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function start(cwd, args) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  return { child, ended: new Promise((done) => child.on('close', (code) => done({ code, said }))), said: () => said };
}

/** Until a temporary file of the run has shown up so often: a checkpoint is being written. */
function writing(cwd, times) {
  return new Promise((done) => {
    const watcher = watch(cwd, { persistent: false, recursive: true }, (_, name) => {
      if (!String(name).includes('ckpt') || !String(name).includes('tmp') || --times > 0) return;
      watcher.close();
      done();
    });
  });
}

/** Until an epoch is reported, and a part of the next one has passed. */
async function inEpoch({ said }, epoch, rest) {
  while (!new RegExp(`^epoch +${epoch}/`, 'm').test(said())) await pause(2);
  await pause(rest);
}

const FILES = ['best.ckpt', 'config.json', 'log.jsonl', 'dev.pred.conll', ...(parts[2] ? ['test.pred.conll'] : [])];

/** What two runs must have in common. `result.json` less its times. */
function left(cwd) {
  const files = Object.fromEntries(FILES.map((name) => [name, readFileSync(join(cwd, 'run', name)).toString('hex')]));
  const result = { ...JSON.parse(readFileSync(join(cwd, 'run/result.json'), 'utf8')), timing: null };
  return { ...files, 'result.json': JSON.stringify(result) };
}

function fresh(name) {
  const cwd = mkdtempSync(join(folder, `${name}-`));
  return cwd;
}

const unbroken = fresh('unbroken');
const started = performance.now();
const { code, said } = await start(unbroken, begin).ended;
if (![0, 3].includes(code)) throw new Error(said);
const whole = performance.now() - started;
const wanted = left(unbroken);

const counts = { 'while writing': 0, 'in an epoch': 0, 'at any moment': 0 };
const problems = [];
let ended = 0; // before it could be killed
for (let kill = 0; kill < Number(kills); kill++) {
  const cwd = fresh('killed');
  const run = start(cwd, begin);
  const kind = ['while writing', 'in an epoch', 'at any moment', 'at any moment', 'at any moment'][kill % 5];
  const moment = {
    'while writing': () => writing(cwd, 1 + Math.floor(12 * random())),
    'in an epoch': () => inEpoch(run, 1 + Math.floor((Number(epochs) - 1) * random()), 30 * random()),
    'at any moment': () => pause(whole * random()),
  };
  await Promise.race([moment[kind](), run.ended]);
  run.child.kill('SIGKILL');
  if ((await run.ended).code !== null) ended++;
  counts[kind]++;
  const hasConfig = existsSync(join(cwd, 'run')) && readdirSync(join(cwd, 'run')).length > 0;
  const again = await start(cwd, hasConfig ? ['--resume', 'run'] : begin).ended;
  try {
    if (![0, 3].includes(again.code)) {
      if (!/holds no run to resume/.test(again.said)) throw new Error(`exit ${again.code}: ${again.said.trim()}`);
      await start(cwd, begin).ended; // killed before it had written down what it is
    }
    const found = left(cwd);
    const differ = Object.keys(wanted).filter((name) => wanted[name] !== found[name]);
    if (differ.length > 0) throw new Error(`${differ.join(', ')} differ`);
    const strays = readdirSync(join(cwd, 'run')).filter((name) => name.startsWith('.'));
    if (strays.length > 0) throw new Error(`left behind: ${strays.join(', ')}`);
    rmSync(cwd, { recursive: true });
  } catch (error) {
    problems.push(`kill ${kill} ${kind}: ${error.message} (${cwd})`);
  }
}
const told = Object.entries(counts).map(([what, n]) => `${n} ${what}`);
console.log(
  `${Number(kills) - problems.length} of ${kills} equal (${told.join(', ')}; ${ended} had ended before the kill)`,
);
for (const problem of problems) console.log(problem);
if (problems.length === 0) rmSync(folder, { recursive: true });
process.exitCode = problems.length > 0 ? 1 : 0;
