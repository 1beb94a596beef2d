/*
 * npm's prepack and postpack scripts: puts the kernels compiled here into the package, as prebuilds/<system>-<processor>/, where
 * node-gyp-build finds them; `--clean` takes them away again, since in a checkout the own build counts. Plain Node-API: one file
 * serves every Node version.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;

if (process.argv.includes('--clean')) {
  rmSync(join(folder, 'prebuilds', target()), { recursive: true, force: true });
} else {
  const { status } = spawnSync(process.execPath, [join(folder, 'install.mjs'), '--must'], { stdio: 'inherit' });
  if (status === 0) add();
  else process.exitCode = 1;
}

/** Files of other systems, put into prebuilds/ before, are packed along. */
function add() {
  const to = join(folder, 'prebuilds', target());
  mkdirSync(to, { recursive: true });
  const file = join(to, `${['node', 'napi', ...libc()].join('.')}.node`);
  copyFileSync(join(folder, 'build/Release/dsc_native.node'), file);
  spawnSync('strip', process.platform === 'darwin' ? ['-x', file] : ['--strip-unneeded', file]); // smaller, if strip is there
}

function target() {
  return `${process.platform}-${process.arch}`;
}

/** The C library's tag on Linux, where two are in use. */
function libc() {
  if (process.platform !== 'linux') return [];
  return [process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'];
}
