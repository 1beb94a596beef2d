/*
 * npm run bench:memory -- --file train.conllu [--tokens 10000000] [--json FILE]
 *
 * What reading a large corpus for a training takes: the file again and again until it has so many tokens, read, counted and encoded as a
 * run does (run/corpora.ts), each in a process of its own. Bytes a token are what the largest resident memory has over that of a process
 * that reads the file once, by the tokens that it has more. What is kept is what the heap and the arrays hold when all is encoded.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { saveFigures, watchLoad } from './figures.mjs';
import { remove, temporaryFolder } from './temporary.mjs';

const require = createRequire(import.meta.url);
const at = (path) => require(join(import.meta.dirname, '../../dist', path));
const { values: flags } = parseArgs({
  options: {
    file: { type: 'string' },
    tokens: { type: 'string', default: '10000000' },
    json: { type: 'string' },
    read: { type: 'string' },
  },
});

if (flags.read !== undefined) console.log(JSON.stringify(await readAll(flags.read)));
else await compare();

async function compare() {
  const folder = temporaryFolder('dsc-memory');
  try {
    const loadOf = watchLoad();
    const single = inProcess(flags.file);
    const copies = Math.ceil(Number(flags.tokens) / single.tokens);
    const path = join(folder, 'large.conllu');
    await repeat(flags.file, path, copies);
    const many = inProcess(path);
    const more = many.tokens - single.tokens;
    const found = {
      machine: `${cpus()[0].model}, Node ${process.version}`,
      load: loadOf(),
      rounds: 1,
      file: basename(flags.file),
      bytes: statSync(path).size,
      tokens: many.tokens,
      seconds: many.seconds,
      lines: many.lines,
      resident: many.resident,
      residentOnce: single.resident,
      peakPerToken: (many.resident - single.resident) / more,
      keptPerToken: (many.kept - single.kept) / more,
      words: many.words,
    };
    console.log(JSON.stringify(found, null, 1));
    saveFigures(flags.json, found);
  } finally {
    remove(folder);
  }
}

async function repeat(from, to, copies) {
  const text = readFileSync(from);
  const out = createWriteStream(to);
  for (let i = 0; i < copies; i++) if (!out.write(text)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
}

function inProcess(path) {
  const args = ['--expose-gc', import.meta.filename, '--file', flags.file, '--read', path];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Reads a file for training, and `--file` as dev. @returns bytes, seconds of processor time */
async function readAll(train) {
  const { parseConfig } = at('config/index.js');
  const { readCorpora } = at('run/corpora.js');
  const { data, model } = parseConfig([{ source: 'bench', values: { data: { train, dev: flags.file, test: null } } }]);
  const corpora = await readCorpora(data, model);
  const { user, system } = process.cpuUsage();
  const resident = process.resourceUsage().maxRSS * 1024;
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const { tokens, lines } = corpora.train.corpus;
  return {
    tokens,
    lines: lines.lines,
    words: corpora.vocab.wordCount,
    seconds: (user + system) / 1e6,
    resident,
    kept: heapUsed + arrayBuffers,
  };
}
