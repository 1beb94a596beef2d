/*
 * npm run bench:start [-- --json FILE] [-- --rounds 9] [-- --program PATH]
 *
 * Seconds that small commands take from start to end, of processor time and by the clock, taking turns; `node -e 0` is what no program
 * of Node comes below, without NODE_OPTIONS and NODE_EXTRA_CA_CERTS. The program is that of this checkout as a package holds it, which does not look for newer modules, or another
 * `bin/dsc-train.js`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { saveFigures, watchLoad } from './figures.mjs';
import { inRounds, median, ROUNDS, spreadOf } from './rounds.mjs';
import { remove, temporaryFolder } from './temporary.mjs';

const root = join(import.meta.dirname, '../..');
const { values: flags } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: String(ROUNDS) },
    program: { type: 'string' },
  },
});
const rounds = Number(flags.rounds);
const env = { ...process.env, NODE_OPTIONS: undefined, NODE_EXTRA_CA_CERTS: undefined }; // of some machines alone, and slow

const folder = temporaryFolder('dsc-start');
const [packed, run, pred, text, few] = ['package', 'run', 'pred.conll', 'text.txt', 'few.conll'].map((name) =>
  join(folder, name),
);
const program = resolve(flags.program ?? join(packed, 'bin/dsc-train.js'));
const files = ['train', 'dev'].flatMap((set) => [`--${set}`, join(root, `data/ner/${set}.conll`)]);
try {
  if (flags.program === undefined) pack(packed);
  execute(['train', ...files, '--epochs', '1', '--out', run]);
  writeFileSync(text, 'Anna\nlives\nin\nBerlin\n.\n');
  const sentences = readFileSync(join(root, 'data/ner/dev.conll'), 'utf8').split('\n\n').slice(0, 20);
  writeFileSync(few, `${sentences.join('\n\n')}\n`);
  writeFileSync(pred, execute(['tag', run, few]));
  const loadOf = watchLoad();
  const commands = {
    'node -e 0': ['-e', '0'],
    losses: [program, 'losses'],
    'losses dsc': [program, 'losses', 'dsc'],
    'inspect of 20 sentences': [program, 'inspect', few],
    'tag of a sentence': [program, 'tag', run, text],
    'evaluate --pred of 20 sentences': [program, 'evaluate', '--pred', pred],
  };
  const walls = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  const works = Object.fromEntries(
    Object.entries(commands).map(([name, args]) => [
      name,
      () => {
        const { ms, wall } = timed(args);
        walls[name].push(wall);
        return { ms };
      },
    ]),
  );
  for (const work of Object.values(works)) work(); // files come into the memory of the system
  const times = await inRounds(works, rounds);
  const rows = Object.entries(times).map(([what, of]) => {
    const { least, median: ms, spread } = spreadOf(of);
    const wall = median(walls[what].slice(1));
    console.log(
      `${what.padEnd(36)}${[ms, least, wall].map((one) => (one / 1000).toFixed(3).padStart(8)).join('')} s   spread ${(100 * spread).toFixed(0)} %`,
    );
    return { what, ms, least, spread, wall };
  });
  const load = loadOf();
  console.log(
    `processor time: median, least; by the clock; load ${load.before.toFixed(1)} to ${load.after.toFixed(1)}`,
  );
  const machine = `${cpus()[0].model}, Node ${process.version}`;
  saveFigures(flags.json, { machine, load, rounds, rows });
} finally {
  remove(folder);
}

/** The files that a package has and a command needs, beside links to what is not the program. */
function pack(to) {
  for (const part of ['bin', 'dist/program', 'package.json'])
    cpSync(join(root, part), join(to, part), { recursive: true });
  for (const part of ['configs', 'data', 'node_modules', 'src']) symlinkSync(join(root, part), join(to, part), 'dir');
  spawnSync(process.execPath, [join(to, 'bin/compiled.js')], { stdio: 'inherit' }); // as its install script does
}

/** What a command prints. @throws Error where it fails */
function execute(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')}: exit code ${status}\n${stderr}`);
  return stdout;
}

/** Milliseconds of the processor and of the clock that a process of Node took, by the shell's count of its children. */
function timed(args) {
  const script = 'TIMEFORMAT="%3U %3S %3R"; time "$@" >/dev/null 2>&1';
  const whole = ['-c', script, 'bash', process.execPath, ...args];
  const { status, stderr } = spawnSync('bash', whole, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${args.join(' ')}: exit code ${status}`);
  const [user, system, wall] = stderr.trim().split(' ').map((seconds) => Number(seconds) * 1000); // prettier-ignore
  return { ms: user + system, wall };
}
