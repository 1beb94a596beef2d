'use strict';

/**
 * Brings a source checkout up to date before `npm start` and `npm test`: installs when the lock file changed since the last
 * install, compiles when a source is newer than the output. Does nothing, quickly, when all is current.
 */
const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync, readdirSync, statSync, writeFileSync } = require('node:fs');
const { createHash } = require('node:crypto');
const { join, resolve } = require('node:path');

const root = resolve(__dirname, '..');
const at = (...parts) => join(root, ...parts);
const run = (command) => {
  const { status } = spawnSync(command, { cwd: root, shell: true, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write(`error: ${command} failed; its message is above\n`);
  process.exit(1);
};

const stamp = at('node_modules', '.dsc-train-lock');
const lock = createHash('sha256')
  .update(readFileSync(at('package-lock.json')))
  .update(process.version)
  .digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  process.stderr.write('installing (npm ci)\n');
  run('npm ci --no-audit --no-fund --loglevel=error');
  writeFileSync(stamp, lock);
}

run('node src/native/install.mjs'); // the C++ kernels; returns at once when they are current

const newest = (folder) =>
  Math.max(
    0,
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs),
  );
const built = at('dist', '.tsbuildinfo');
if (!existsSync(built) || statSync(built).mtimeMs < newest(at('src'))) {
  process.stderr.write('compiling (npm run build)\n');
  run('npm run --silent build');
}
