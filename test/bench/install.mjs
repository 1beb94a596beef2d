/*
 * npm run bench:install [-- --json FILE] [-- --rounds 3] [-- --tarball FILE]
 *
 * Packs the package, as it would be published from this machine with its kernels, and installs it into empty folders: once into a cache of
 * npm that is empty, then from that cache. Prints the seconds, the size of the tarball and of what is installed, and how many packages
 * that is. --tarball takes one that is there.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { saveFigures, watchLoad } from './figures.mjs';
import { spreadOf } from './rounds.mjs';
import { remove, temporaryFolder } from './temporary.mjs';

const { values: flags } = parseArgs({
  options: { json: { type: 'string' }, rounds: { type: 'string', default: '3' }, tarball: { type: 'string' } },
});
const root = join(import.meta.dirname, '../..');
const folder = temporaryFolder('dsc-install');
try {
  const tarball = flags.tarball ? resolve(flags.tarball) : pack();
  const loadOf = watchLoad();
  const cold = install('cold', tarball);
  const warm = Array.from({ length: Number(flags.rounds) }, (_, i) => install(`warm-${i}`, tarball));
  const load = loadOf();
  const { packages, bytes } = contents(join(folder, 'warm-0', 'node_modules'));
  const npm = run('npm', ['--version'], folder).stdout.trim();
  const machine = `${cpus()[0].model}, Node ${process.version}, npm ${npm}`;
  const [seconds, cpu] = [warm.map((one) => one.wall), warm.map((one) => one.cpu)].map(spreadOf);
  const size = statSync(tarball).size;
  const result = { machine, load, rounds: warm.length, seconds, cpu, cold, tarball: size, bytes, packages };
  const megabytes = (count) => `${(count / 1e6).toFixed(1)} MB`;
  console.log(
    `from a warm cache ${seconds.median.toFixed(1)} s (least ${seconds.least.toFixed(1)}), ${cpu.median.toFixed(1)} s of processor time; ` +
      `from an empty one ${cold.wall.toFixed(1)} s\n` +
      `tarball ${megabytes(size)}, installed ${megabytes(bytes)} in ${packages} packages; ` +
      `load ${load.before.toFixed(1)} to ${load.after.toFixed(1)}`,
  );
  saveFigures(flags.json, result);
} finally {
  remove(folder);
}

function pack() {
  run('npm', ['pack', '--silent', `--pack-destination=${folder}`], root);
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  );
}

/** Into a folder of that name. @returns seconds by the clock, and of the processor with everything that npm started */
function install(name, tarball) {
  const to = join(folder, name);
  mkdirSync(to);
  writeFileSync(join(to, 'package.json'), '{ "private": true }');
  const script = 'TIMEFORMAT="%3R %3U %3S"; time npm install --silent --no-audit --no-fund "--cache=$1" "$2" >&2';
  const { stderr } = run('bash', ['-c', script, 'bash', join(folder, 'cache'), tarball], to);
  const [wall, user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { wall, cpu: user + system };
}

/** Packages, and bytes of their files. */
function contents(modules) {
  let [packages, bytes] = [0, 0];
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    bytes += statSync(path).size;
    if (/^(.*node_modules\/)?(@[^/]+\/)?[^/]+\/package\.json$/.test(relative(modules, path).replaceAll('\\', '/')))
      packages++;
  }
  return { packages, bytes };
}

/** @throws Error where the program fails */
function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${status}\n${stderr}`);
  return { stdout, stderr };
}
