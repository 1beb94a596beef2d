/**
 * Kills `train --overwrite` over an older run with SIGKILL, at random moments: `npm run test:kill -- [kills] [seed]`.
 * After each kill the folder must hold one run, the older or the newer, and no half file; the next start must clear what was left.
 * Each run has a seed of its own, which its config, its log and its result name.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const { readCheckpoint } = createRequire(import.meta.url)('../../dist/checkpoint/index.js');
const ROOT = resolve(import.meta.dirname, '../..');
const [kills = 60, seed = 1] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'dsc-kill-'));
const out = join(folder, 'run');
const problems = [];
const counts = { old: 0, 'new, unfinished': 0, 'new, finished': 0, 'swap to end': 0 };

function cut(name, sentences) {
  const path = join(folder, `${name}.conll`);
  const text = readFileSync(join(ROOT, 'data/ner', `${name}.conll`), 'utf8');
  writeFileSync(path, `${text.split('\n\n').slice(0, sentences).join('\n\n')}\n\n`);
  return path;
}
const program = join(ROOT, 'bin/dsc-train.js');
const args = (mark, more = []) => [
  ...[program, '--train', cut('train', 60), '--dev', cut('dev', 20), '--engine', 'js', '--loss', 'ce', '--quiet'],
  ...['--epochs', '3', '--set', 'model.wordDim=8', '--set', 'model.hidden=8', '--set', 'train.batchTokens=64'],
  ...['--seed', String(mark), '--out', out, '--overwrite', ...more],
];

/** Mulberry32: the moments come again with the seed. */
let state = seed;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Until the folder has changed so often. */
function change(times) {
  return new Promise((done) => {
    const watcher = watch(out, { persistent: false }, () => {
      if (--times > 0) return;
      watcher.close();
      done();
    });
  });
}

const json = (name) => JSON.parse(readFileSync(join(out, name), 'utf8'));
const hidden = () => readdirSync(out).filter((name) => name.startsWith('.'));

/** @returns the seed of the run in the folder, or null while a swap is to be ended. @throws when it is no run, or more than one */
async function marked() {
  const names = readdirSync(out).filter((name) => !name.startsWith('.'));
  const swapping = hidden().some((name) => ['ready', 'moving'].some((at) => existsSync(join(out, name, at))));
  if (swapping) return null;
  const { seed: mark } = json('config.json');
  for (const name of names.filter((one) => one.endsWith('.ckpt'))) {
    await readCheckpoint(join(out, name)); // every byte is under its checksum
  }
  if (names.includes('result.json')) {
    const result = json('result.json');
    if (result.config.seed !== mark) throw new Error(`config of ${mark}, result of ${result.config.seed}`);
  }
  const lines = readFileSync(join(out, 'log.jsonl'), 'utf8').split('\n');
  if (lines.pop() !== '') throw new Error('half a line in log.jsonl');
  lines.forEach((line) => JSON.parse(line));
  if (!names.includes('last.ckpt')) throw new Error(`no checkpoint: ${names.join(', ')}`);
  return { mark, finished: names.includes('result.json') };
}

const started = performance.now();
spawnSync(process.execPath, args(1));
const whole = performance.now() - started;
let old = (await marked()).mark;
for (let kill = 0; kill < kills; kill++) {
  const mark = 2 + kill;
  const child = spawn(process.execPath, args(mark), { stdio: 'ignore' });
  const ended = new Promise((done) => child.on('close', done));
  // every other one in the milliseconds when files come and go, the rest at any time
  const moment = kill % 2 === 0 ? change(1 + Math.floor(16 * random())) : pause(whole * (0.2 + 0.9 * random()));
  await Promise.race([moment, ended]);
  child.kill('SIGKILL');
  await ended;
  try {
    let found = await marked();
    if (!found) {
      counts['swap to end']++;
      // any start ends it, also one that is refused
      spawnSync(process.execPath, args(0).filter((word) => word !== '--overwrite')); // prettier-ignore
      found = await marked();
      if (!found) throw new Error('the swap was not ended');
    }
    if (![old, mark].includes(found.mark)) throw new Error(`a run of seed ${found.mark}, neither ${old} nor ${mark}`);
    counts[found.mark === mark ? (found.finished ? 'new, finished' : 'new, unfinished') : 'old']++;
    old = found.mark;
  } catch (error) {
    problems.push(`kill ${kill}: ${error.message} (${readdirSync(out).join(' ')})`);
  }
}
spawnSync(process.execPath, args(9999));
if ((await marked()).mark !== 9999 || hidden().length > 0) problems.push(`left at the end: ${hidden().join(' ')}`);
console.log(`${kills} kills: ${Object.entries(counts).map(([what, n]) => `${n} ${what}`).join(', ')}; ${problems.length} problems`); // prettier-ignore
for (const problem of problems) console.log(problem);
rmSync(folder, { recursive: true });
process.exitCode = problems.length > 0 ? 1 : 0;
