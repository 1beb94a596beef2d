import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { inRounds } from './rounds.mjs';
import { remove, temporaryFolder } from './temporary.mjs';

const require = createRequire(import.meta.url);
const { streamSentences } = require('../../dist/data/corpus.js');

const TOKENS = 24;
const row = (i) =>
  `${i + 1}\tword${i}\tword\t${i % 12 === 3 ? 'PROPN' : 'NOUN'}\tNN\tNumber=Sing\t${i}\tdep\t${i}:dep\tSpaceAfter=No\n`;
const SENTENCE = `# sent_id = s\n${Array.from({ length: TOKENS }, (_, i) => row(i)).join('')}\n`;

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
 * Reads a CoNLL-U file in turns: by the project's reader, every line checked and accounted for; by a plain splitter of the same
 * stream that does nothing with the lines; and by the Python package conllu, where it is installed.
 * @param file       the file, again and again until it is as long as `megabytes`; without one it is made up
 * @returns milliseconds of processor time of each round by name; name, lines and bytes of the file; and
 *   who is not here
 */
export async function reader({ megabytes, file, rounds }) {
  const folder = temporaryFolder('dsc-bench');
  const [path, part] = ['big.conllu', 'part.conllu'].map((name) => join(folder, name));
  const missing = spawnSync(python, ['-c', 'import conllu']).status === 0 ? [] : ['conllu of Python'];
  try {
    const block = file === undefined ? SENTENCE.repeat(400) : readFileSync(file, 'utf8');
    const { lines, sentences, bytes } = await write(path, block, megabytes);
    const works = {
      ours: () => timed(() => read(path, sentences)),
      'a plain splitter': () => timed(() => split(path, lines)),
    };
    if (missing.length === 0) {
      const few = await write(part, block, megabytes / PART);
      works['conllu of Python'] = () => ({ ms: (1000 * conllu(part, few.sentences) * lines) / few.lines });
    }
    const times = await inRounds(works, rounds);
    return { name: file ? basename(file) : 'made-up CoNLL-U', lines, bytes, times, missing };
  } finally {
    remove(folder);
  }
}

/** At least so many megabytes, in whole copies of a text. @returns { lines, sentences, bytes } */
async function write(path, block, megabytes) {
  const size = Buffer.byteLength(block);
  const copies = Math.ceil((megabytes * 1e6) / size);
  const out = createWriteStream(path);
  for (let i = 0; i < copies; i++) if (!out.write(block)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
  const ends = block.split('\n');
  const sentences = ends.filter((line, i) => line !== '' && !line.startsWith('#') && (ends[i + 1] ?? '') === '');
  return { lines: copies * (ends.length - 1), sentences: copies * sentences.length, bytes: copies * size };
}

/** @throws Error where a reader did not find all sentences */
function whole(found, sentences, who) {
  if (found !== sentences) throw new Error(`${who} found ${found} sentences, and ${sentences} are there`);
}

async function read(path, sentences) {
  let found = 0;
  for await (const { tokens } of streamSentences(path, {})) if (tokens.length > 0) found++;
  whole(found, sentences, 'our reader');
}

async function split(path, lines) {
  let rest = '';
  let found = 0;
  for await (const text of createReadStream(path, 'utf8')) {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    found += parts.length;
  }
  if (found !== lines) throw new Error(`the splitter found ${found} lines of ${lines}`);
}

function conllu(path, sentences) {
  const { stdout, status } = spawnSync(python, ['-c', CONLLU, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${python} could not read ${path}`);
  const [found, seconds] = stdout.split(' ').map(Number);
  whole(found, sentences, 'conllu');
  return seconds;
}

async function timed(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000 };
}
