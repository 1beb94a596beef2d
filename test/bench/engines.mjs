/*
 * npm run bench:engines [-- --json FILE] [-- --rounds 9] [-- --hidden 64]
 *
 * The training step of `npm run bench` on the engines that need nothing but the package, `native` and `js`, on one thread each. They
 * take turns, each time as a process of its own, since a process has one engine.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { saveFigures, watchLoad } from './figures.mjs';
import { inRounds, median, ratioOf, ratioText, ROUNDS } from './rounds.mjs';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: String(ROUNDS) },
    hidden: { type: 'string', default: '64' },
    one: { type: 'string' }, // of the engines, by which this process times itself
  },
});
const STEPS = 4;
const hidden = Number(flags.hidden);
const config = { batch: 32, steps: 32, embedding: 100, words: 20_000, labels: 9 };

if (flags.one !== undefined) {
  const { time } = await import('./timing.mjs');
  const { makeTagger, openEngine } = await import('./work.mjs');
  const engine = await openEngine(flags.one, { threads: 1 });
  const tagger = await makeTagger(config, hidden);
  tagger.step();
  console.log(JSON.stringify({ ms: time(tagger.step, STEPS, 2).cpuMs }));
  tagger.dispose();
  engine.dispose();
} else {
  const rounds = Number(flags.rounds);
  const loadOf = watchLoad();
  const alone = (name) => () => {
    const args = [import.meta.filename, '--one', name, '--hidden', flags.hidden];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    return JSON.parse(stdout);
  };
  const names = ['native', 'js'];
  const times = await inRounds(Object.fromEntries(names.map((name) => [name, alone(name)])), rounds);
  const rows = names.map((engine) => {
    const ms = median(times[engine]);
    const tokensPerSecond = (1000 * config.batch * config.steps) / ms;
    const ratio = engine === 'native' ? null : ratioOf(times[engine], times.native);
    const beside = ratio === null ? '' : `, ${ratioText(ratio, 'native')}`;
    console.log(`${engine.padEnd(8)}${ms.toFixed(1).padStart(9)} ms of processor time, ${Math.round(tokensPerSecond).toLocaleString('en')} tokens/s${beside}`); // prettier-ignore
    return { engine, ms, tokensPerSecond, ratio };
  });
  const machine = `${cpus()[0].model}, Node ${process.version}`;
  saveFigures(flags.json, { machine, load: loadOf(), rounds, hidden, rows });
}
