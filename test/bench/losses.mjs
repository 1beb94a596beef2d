/*
 * npm run bench:losses [-- --json] [-- --labels 17] [-- --hidden 128] [-- --rounds 7]
 *
 * Times the training step of the native engine with every loss against that with ce: 512 tokens in 16 sentences, defaults else, one
 * thread. The losses take turns, and what is compared is the least processor time of a round, which a busy machine disturbs
 * least. Exit code 1 where a loss takes more than 10 % of a step more than ce.
 */
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { time } from './timing.mjs';
import { makeTagger, openEngine } from './work.mjs';

const { LOSSES } = createRequire(import.meta.url)(join(import.meta.dirname, '../../dist/losses/index.js'));

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    labels: { type: 'string', default: '17' },
    hidden: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '7' },
  },
});
const MOST = 0.1;
const STEPS = 10;
const config = { batch: 16, steps: 32, embedding: 100, words: 20_000, labels: Number(flags.labels), threads: 1 };

const engine = await openEngine('native', { threads: config.threads });
const runs = [];
for (const name of Object.keys(LOSSES))
  runs.push({ name, tagger: await makeTagger(config, Number(flags.hidden), name), cpuMs: Infinity });
for (let round = 0; round < Number(flags.rounds); round++)
  for (const run of runs) run.cpuMs = Math.min(run.cpuMs, time(run.tagger.step, STEPS, round === 0 ? 5 : 1).cpuMs);
const ce = runs.find(({ name }) => name === 'ce').cpuMs;
const rows = runs.map(({ name, cpuMs }) => ({ loss: name, cpuMs, more: cpuMs / ce - 1 }));
for (const { tagger } of runs) tagger.dispose();
engine.dispose();

if (flags.json) console.log(JSON.stringify({ machine: cpus()[0].model, ...config, rows }, null, 2));
else {
  console.log(`${cpus()[0].model}, 1 thread, Node ${process.version}, ${config.labels} labels, H ${flags.hidden}`);
  for (const { loss, cpuMs, more } of rows)
    console.log(
      `${loss.padEnd(16)} ${cpuMs.toFixed(2).padStart(8)} ms a step  ${(100 * more).toFixed(1).padStart(6)} %`,
    );
}
if (rows.some(({ more }) => more > MOST)) process.exitCode = 1;
