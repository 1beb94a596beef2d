/**
 * The package's install script: has V8 compile the program (bin/compiled.js), and compiles the native kernels, with npm's own node-gyp or on Windows as windows.mjs does, where no
 * prebuilt file of this package fits the machine. Never fails: without a compiler the `js` engine does the work, and one line says so. Needs no network.
 *
 *   node src/native/install.mjs          as npm runs it
 *   node src/native/install.mjs --must   fails when the kernels cannot be built or loaded (for CI and packing)
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const must = process.argv.includes('--must');
const built = join(folder, 'build', 'Release', 'dsc_native.node');

function main() {
  if (loads()) return undefined;
  if (process.platform === 'win32') {
    const { status } = spawnSync(process.execPath, [join(folder, 'windows.mjs')], { stdio: 'ignore' });
    if (status !== 0) return 'on Windows they are compiled by MinGW-w64, whose g++ must be on the path, for x64 alone';
    return loads() ? undefined : 'the compiled file does not load';
  }
  const gyp = nodeGyp();
  const flags = ['rebuild', '--jobs=max', `--directory=${folder}`, `--nodedir=${folder}`];
  const { error, status, stdout, stderr } = spawnSync(gyp[0], [...gyp.slice(1), ...flags], { encoding: 'utf8' });
  if (error) return `node-gyp does not start: ${error.message}`;
  if (status !== 0) return firstError(`${stdout}\n${stderr}`);
  return loads() ? undefined : 'the compiled file does not load';
}

/** True when a file that is not older than its sources loads into this Node. */
function loads() {
  if (existsSync(built)) {
    const age = statSync(built).mtimeMs;
    const sources = readdirSync(folder).filter((name) => /\.(cc|h|gypi?)$/.test(name));
    if (sources.some((name) => statSync(join(folder, name)).mtimeMs > age)) return false;
  }
  const load = `require('node-gyp-build')(${JSON.stringify(folder)})`;
  return spawnSync(process.execPath, ['-e', load], { cwd: folder, stdio: 'ignore' }).status === 0;
}

/** npm tells its scripts where its own node-gyp is; elsewhere it must be on the path. */
function nodeGyp() {
  const bundled = process.env.npm_config_node_gyp;
  if (bundled && existsSync(bundled)) return [process.execPath, bundled];
  const beside = join(process.execPath, '..', '..', 'lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js');
  return existsSync(beside) ? [process.execPath, beside] : ['node-gyp'];
}

/** The line of a build log that says what is missing. */
function firstError(log) {
  const lines = log.split('\n').map((line) => line.replace(/^gyp ERR! (stack )?/, '').trim());
  const telling = /Could not find any Python|not found|No such file|[Ee]rror: /;
  return (lines.find((line) => telling.test(line)) ?? 'node-gyp failed').slice(0, 160);
}

spawnSync(process.execPath, [join(folder, '../../bin/compiled.js')], { stdio: 'inherit' });
const reason = main();
if (reason !== undefined) {
  process.stderr.write(
    `dsc-train: native kernels not built (${reason}); the slower js engine is used. With a C++ compiler and Python 3 installed, run: npm rebuild\n`,
  );
  if (must) process.exitCode = 1;
}
