import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './timing.mjs';

const require = createRequire(import.meta.url);
const { streamSentences } = require('../../dist/data/corpus.js');

const SENTENCE = Array.from({ length: 24 }, (_, i) => `word${i}\t${i % 12 === 3 ? 'B-PER' : 'O'}\n`).join('') + '\n';
const LINES_A_SENTENCE = 25;

/**
 * Reads a made-up two-column file three times: by the project's reader, every line checked and accounted for, and by a plain
 * splitter of the same stream that does nothing with the lines.
 * @returns lines per second of both (medians), lines, and the largest resident memory seen in megabytes
 */
export async function reader(megabytes) {
  const folder = mkdtempSync(join(tmpdir(), 'dsc-bench-'));
  const path = join(folder, 'big.conll');
  try {
    const lines = await write(path, megabytes);
    let most = 0;
    const ours = [];
    const plain = [];
    for (let round = 0; round < 3; round++) {
      ours.push(await timed(() => read(path, () => (most = Math.max(most, process.memoryUsage.rss())))));
      plain.push(await timed(() => split(path)));
    }
    return { lines, ours: lines / median(ours), plain: lines / median(plain), rss: most / 1e6 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function write(path, megabytes) {
  const block = SENTENCE.repeat(4000);
  const out = createWriteStream(path);
  let bytes = 0;
  let lines = 0;
  for (; bytes < megabytes * 1e6; bytes += block.length, lines += 4000 * LINES_A_SENTENCE) {
    if (!out.write(block)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return lines;
}

async function read(path, look) {
  let sentences = 0;
  for await (const { tokens } of streamSentences(path, {})) {
    if (tokens.length !== LINES_A_SENTENCE - 1) throw new Error('a sentence was not read whole');
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

async function timed(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
