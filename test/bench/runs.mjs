/*
 * npm run bench:runs [-- --json FILE] [-- --rounds 1] [-- --jobs 2] [-- --seeds 5 --epochs 1] [-- --train FILE --dev FILE --test FILE]
 *                    [-- --vectors NAME] [-- --program bin/dsc-train.js]
 *
 * What a comparison takes beside its training: `compare` with five losses on the bundled corpus or another, with five seeds of one epoch,
 * and with two seeds of five epochs, or as `--seeds` and `--epochs` say. Wall time over (sum of the runs' own seconds / cores) is what
 * is asked; 1 is a machine that does nothing but runs. What a run calls its seconds goes from its first file read to its last score.
 * Beside it stand the seconds before the first run begins, those after the last one has its scores, and processor seconds of all
 * processes. Of several rounds that with the median of the ratio is told. `--program` times another checkout of this program.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { saveFigures, watchLoad } from './figures.mjs';
import { remove, temporaryFolder } from './temporary.mjs';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    seeds: { type: 'string' },
    epochs: { type: 'string' },
    train: { type: 'string' },
    dev: { type: 'string' },
    test: { type: 'string' },
    vectors: { type: 'string' },
    program: { type: 'string', default: resolve(import.meta.dirname, '../../bin/dsc-train.js') },
  },
});

const LOSSES = ['ce', 'fl', 'dl', 'dsc', 'tl'];
const [jobs, rounds] = [Number(flags.jobs), Number(flags.rounds)];
const cores = Math.min(jobs, availableParallelism());
const splits = ['train', 'dev', 'test'].flatMap((split) =>
  flags[split] ? [`--${split}=${resolve(flags[split])}`] : [],
);
const told = flags.seeds ?? flags.epochs;
const comparisons =
  told === undefined
    ? [{ seeds: 5, epochs: 1 }, { seeds: 2, epochs: 5 }] // prettier-ignore
    : [{ seeds: Number(flags.seeds ?? 5), epochs: Number(flags.epochs ?? 1) }];

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

/** One comparison, in seconds. @throws Error where it fails */
function compare({ seeds, epochs }) {
  const folder = temporaryFolder('dsc-runs');
  try {
    const args = [
      ...['compare', `--losses=${LOSSES.join(',')}`, `--seeds=${seeds}`, `--epochs=${epochs}`, '--threads=1', `--jobs=${jobs}`, `--out=${join(folder, 'out')}`, '--quiet'], // prettier-ignore
      ...splits,
      ...(flags.vectors ? [`--vectors=${flags.vectors}`] : []),
    ];
    const [before, start] = [processorSeconds(), Date.now()];
    const { status, stderr } = spawnSync(process.execPath, [resolve(flags.program), ...args], { encoding: 'utf8' });
    const end = Date.now();
    if (status !== 0) throw new Error(`compare ended with ${status}: ${stderr}`);
    const timings = LOSSES.flatMap((loss) =>
      Array.from({ length: seeds }, (_, s) => {
        const { timing } = JSON.parse(readFileSync(join(folder, 'out', loss, String(s + 1), 'result.json'), 'utf8'));
        const began = Date.parse(timing.started);
        return { began, ended: began + 1000 * timing.seconds, seconds: timing.seconds };
      }),
    );
    const wall = (end - start) / 1000;
    const runSeconds = timings.reduce((sum, { seconds }) => sum + seconds, 0);
    return {
      runs: timings.length,
      epochs,
      wall,
      runSeconds,
      ratio: wall / (runSeconds / cores),
      first: (Math.min(...timings.map(({ began }) => began)) - start) / 1000,
      last: (end - Math.max(...timings.map(({ ended }) => ended))) / 1000,
      processor: before === null ? null : processorSeconds() - before,
    };
  } finally {
    remove(folder);
  }
}

const loadOf = watchLoad();
const machine = `${cpus()[0].model}, Node ${process.version}`;
console.log(machine);
const rows = comparisons.map((comparison) => {
  const found = Array.from({ length: rounds }, () => compare(comparison)).sort((a, b) => a.ratio - b.ratio);
  const row = found[(rounds - 1) >> 1];
  const s = (seconds) => `${seconds.toFixed(1)} s`;
  console.log(
    [
      `${row.runs} runs of ${row.epochs} epoch${row.epochs === 1 ? '' : 's'}, ${jobs} at a time: ${s(row.wall)}`,
      `${row.ratio.toFixed(2)} times the runs' own ${s(row.runSeconds)} over ${cores} cores (${found.map(({ ratio }) => ratio.toFixed(2)).join(', ')})`,
      `${s(row.first)} before the first, ${s(row.last)} after the last`,
      ...(row.processor === null ? [] : [`${s(row.processor)} of processors`]),
    ].join('; '),
  );
  return row;
});
const load = loadOf();
console.log(`load ${load.before.toFixed(1)} to ${load.after.toFixed(1)}`);
saveFigures(flags.json, { machine, load, rounds, jobs, cores, rows });
