/*
 * npm run bench:runs [-- --runs 25] [-- --jobs 2] [-- --train FILE --dev FILE --test FILE] [-- --vectors NAME] [-- --program bin/dsc-train.js] [-- --json]
 *
 * What a comparison takes beside its training: `compare` with five losses and as many seeds as make so many runs, one epoch each, on the
 * bundled corpus or another. Wall time over (sum of the runs' own seconds / cores) is what is asked; 1 is a machine that does
 * nothing but runs. The same over the seconds of epochs alone, and processor seconds of all processes, stand beside it: where the machine has
 * other work these are steadier. `--program` times another checkout of this program.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { remove, temporaryFolder } from './temporary.mjs';

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '25' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    train: { type: 'string' },
    dev: { type: 'string' },
    test: { type: 'string' },
    vectors: { type: 'string' },
    program: { type: 'string', default: resolve(import.meta.dirname, '../../bin/dsc-train.js') },
    json: { type: 'boolean', default: false },
  },
});

const LOSSES = ['ce', 'fl', 'dl', 'dsc', 'tl'];
const [runs, jobs] = [Number(flags.runs), Number(flags.jobs)];
const seeds = Math.max(1, Math.round(runs / LOSSES.length));
const folder = temporaryFolder('dsc-runs');
const splits = ['train', 'dev', 'test'].flatMap((split) =>
  flags[split] ? [`--${split}=${resolve(flags[split])}`] : [],
);

/** Processor seconds of the processes that ended below us; null where the system does not tell. */
function processorSeconds() {
  try {
    const [, rest] = readFileSync('/proc/self/stat', 'utf8').split(') ');
    const [user, system] = rest.split(' ').slice(13, 15).map(Number); // cutime, cstime
    return (user + system) / 100;
  } catch {
    return null;
  }
}

try {
  const args = [
    ...['compare', `--losses=${LOSSES.join(',')}`, `--seeds=${seeds}`, '--epochs=1', '--threads=1', `--jobs=${jobs}`, `--out=${join(folder, 'out')}`, '--quiet'], // prettier-ignore
    ...splits,
    ...(flags.vectors ? [`--vectors=${flags.vectors}`] : []),
  ];
  const [before, start] = [processorSeconds(), performance.now()];
  const { status, stderr } = spawnSync(process.execPath, [resolve(flags.program), ...args], { encoding: 'utf8' });
  const wall = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`compare ended with ${status}: ${stderr}`);
  const processor = before === null ? null : processorSeconds() - before;
  const timings = LOSSES.flatMap((loss) =>
    Array.from({ length: seeds }, (_, s) => {
      const { timing } = JSON.parse(readFileSync(join(folder, 'out', loss, String(s + 1), 'result.json'), 'utf8'));
      return { seconds: timing.seconds, epochs: timing.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0) };
    }),
  );
  const sum = (key) => timings.reduce((all, one) => all + one[key], 0);
  const cores = Math.min(jobs, availableParallelism());
  const row = {
    runs: timings.length,
    jobs,
    cores: availableParallelism(),
    wall,
    processor,
    runSeconds: sum('seconds'),
    epochSeconds: sum('epochs'),
    overRuns: wall / (sum('seconds') / cores),
    overEpochs: wall / (sum('epochs') / cores),
  };
  const machine = `${cpus().length} x ${cpus()[0].model}, Node ${process.version}, ${loadavg()[0].toFixed(1)} programs running in the last minute`;
  if (flags.json) console.log(JSON.stringify({ machine, ...row }, null, 2));
  else {
    const s = (seconds) => `${seconds.toFixed(1)} s`;
    console.log(machine);
    console.log(
      `${row.runs} runs of one epoch, ${jobs} at a time: ${s(wall)}${processor === null ? '' : `, ${s(processor)} of processors`}`,
    );
    console.log(
      `runs' own seconds ${s(row.runSeconds)}: wall is ${row.overRuns.toFixed(2)} times their sum over ${cores} cores`,
    );
    console.log(
      `seconds of epochs ${s(row.epochSeconds)}: wall is ${row.overEpochs.toFixed(2)} times their sum over ${cores} cores`,
    );
  }
} finally {
  remove(folder);
}
