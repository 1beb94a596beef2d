import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRounds } from './rounds.mjs';

const require = createRequire(import.meta.url);
const { streamSentences } = require('../../dist/data/corpus.js');

const TOKENS = 24;
const row = (i) =>
  `${i + 1}\tword${i}\tword\t${i % 12 === 3 ? 'PROPN' : 'NOUN'}\tNN\tNumber=Sing\t${i}\tdep\t${i}:dep\tSpaceAfter=No\n`;
const SENTENCE = `# sent_id = s\n${Array.from({ length: TOKENS }, (_, i) => row(i)).join('')}\n`;
const LINES_A_SENTENCE = TOKENS + 2;

const python = process.env.DSC_TRAIN_PYTHON ?? 'python3';

/** Reads a file as the package conllu does, and prints how many sentences and how much processor time that were. */
const CONLLU = `
import sys, time
from conllu import parse_incr
with open(sys.argv[1], encoding='utf-8') as file:
    start = time.process_time()
    print(sum(1 for _ in parse_incr(file)), time.process_time() - start)
`;

/** It is some ten times slower: of its rounds there are as many, each of a part of the file. */
const PART = 10;

/**
 * Reads a made-up CoNLL-U file in turns: by the project's reader, every line checked and accounted for; by a plain splitter of the same
 * stream that does nothing with the lines; and by the Python package conllu, where it is installed.
 * @returns milliseconds of processor time of each round by name, lines of the file, the largest resident memory seen in megabytes, and
 *   who is not here
 */
export async function reader(megabytes) {
  const folder = mkdtempSync(join(tmpdir(), 'dsc-bench-'));
  const [path, part] = ['big.conllu', 'part.conllu'].map((name) => join(folder, name));
  const missing = spawnSync(python, ['-c', 'import conllu']).status === 0 ? [] : ['conllu of Python'];
  try {
    const lines = await write(path, megabytes);
    let most = 0;
    const works = {
      ours: () => timed(() => read(path, () => (most = Math.max(most, process.memoryUsage.rss())))),
      'a plain splitter': () => timed(() => split(path)),
    };
    if (missing.length === 0) {
      const share = lines / (await write(part, megabytes / PART));
      works['conllu of Python'] = () => ({ ms: 1000 * share * conllu(part) });
    }
    return { lines, times: await inRounds(works), rss: most / 1e6, missing };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** At least so many megabytes. @returns lines */
async function write(path, megabytes) {
  const block = SENTENCE.repeat(400);
  const out = createWriteStream(path);
  let bytes = 0;
  let lines = 0;
  for (; bytes < megabytes * 1e6; bytes += block.length, lines += 400 * LINES_A_SENTENCE) {
    if (!out.write(block)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return lines;
}

async function read(path, look) {
  let sentences = 0;
  for await (const { tokens } of streamSentences(path, {})) {
    if (tokens.length !== TOKENS) throw new Error('a sentence was not read whole');
    if (++sentences % 10_000 === 0) look();
  }
}

async function split(path) {
  let rest = '';
  let lines = 0;
  for await (const text of createReadStream(path, 'utf8')) {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines += parts.length;
  }
  return lines;
}

function conllu(path) {
  const { stdout, status } = spawnSync(python, ['-c', CONLLU, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${python} could not read ${path}`);
  return Number(stdout.split(' ')[1]);
}

async function timed(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000 };
}
