/*
 * npm run bench:busy [-- --busy 2] [-- --threads 1,2] [-- --seconds 60] [-- --json FILE]
 *
 * The training step beside other programs: starts `--busy` processes that never pause, and trains the tagger of `npm run bench`
 * (H=128) for a while on each number of threads in turn, many times over, in an order that changes. More threads must not be
 * slower than the first number by more than the noise; ends with exit code 1 where they are.
 */
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { saveFigures, watchLoad } from './figures.mjs';
import { median } from './rounds.mjs';
import { addon, makeTagger, openEngine } from './work.mjs';

const { values: flags } = parseArgs({
  options: {
    busy: { type: 'string', default: '2' },
    threads: { type: 'string', default: '1,2' },
    seconds: { type: 'string', default: '60' },
    json: { type: 'string' },
  },
});
const SLICE = 400; // milliseconds of training in a turn: many time slices of the system's scheduler
const config = { batch: 32, steps: 32, embedding: 100, words: 20_000, labels: 9 };
const threads = flags.threads.split(',').map(Number);

const loadOf = watchLoad();
const engine = await openEngine('native', { threads: Math.max(...threads) });
const kernels = addon();
const tagger = await makeTagger(config, 128);
const others = Array.from({ length: Number(flags.busy) }, () =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
);
process.on('exit', () => others.forEach((child) => child.kill('SIGKILL')));

const rates = threads.map(() => []); // tokens/s of each turn
const end = performance.now() + 1000 * Number(flags.seconds);
for (let round = 0; round < 3 || performance.now() < end; round++) {
  for (let i = 0; i < threads.length; i++) {
    const at = (i + round) % threads.length;
    kernels.setThreads(threads[at]);
    tagger.step(); // wakes the new threads, and brings the caches back
    const start = performance.now();
    let steps = 0;
    while (performance.now() - start < SLICE) {
      tagger.step();
      steps++;
    }
    rates[at].push((steps * config.batch * config.steps * 1000) / (performance.now() - start));
  }
}
tagger.dispose();
engine.dispose();

const ratios = rates.map((of) => of.map((rate, round) => rate / rates[0][round]).sort((a, b) => a - b));
const rows = threads.map((count, i) => ({
  threads: count,
  tokensPerSecond: Math.round(median(rates[i])),
  ratio: median(ratios[i]),
  // half of the rounds lie between these
  quartiles: [ratios[i][ratios[i].length >> 2], ratios[i][(3 * ratios[i].length) >> 2]],
}));
const machine = `${cpus()[0].model}, Node ${process.version}, ${engine.device}`;
const load = loadOf();
console.log(`${machine}; beside ${others.length} busy processes, ${rates[0].length} rounds`);
for (const { threads: count, tokensPerSecond, ratio, quartiles } of rows)
  console.log(
    `${String(count).padStart(4)} threads ${tokensPerSecond.toLocaleString('en').padStart(9)} tokens/s, ${ratio.toFixed(2)} times ${threads[0]} (${quartiles.map((q) => q.toFixed(2)).join(' to ')})`,
  );
saveFigures(flags.json, { machine, load, rounds: rates[0].length, busy: others.length, rows });
const slower = rows.filter(({ ratio }) => ratio < 0.97);
for (const { threads: count, ratio } of slower)
  console.error(
    `${count} threads made ${ratio.toFixed(2)} times the tokens of ${threads[0]}: too many wait for each other`,
  );
process.exit(slower.length > 0 ? 1 : 0);
