'use strict';

/**
 * Brings a source checkout up to date before `npm start` and `npm test`: installs when the lock file changed since the last
 * install, compiles when a source is newer than the output. Does nothing, quickly, when all is current. Jest alone compiles too.
 */
const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } = require('node:fs');
const { createHash } = require('node:crypto');
const { join, relative, resolve, sep } = require('node:path');

const root = resolve(__dirname, '..');
const at = (...parts) => join(root, ...parts);
const run = (command) => {
  const { status } = spawnSync(command, { cwd: root, shell: true, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${command} failed; its message is above`);
};

function install() {
  const stamp = at('node_modules', '.dsc-train-lock');
  const lock = createHash('sha256')
    .update(readFileSync(at('package-lock.json')))
    .update(process.version)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  process.stderr.write('installing (npm ci)\n');
  run('npm ci --no-audit --no-fund --loglevel=error');
  writeFileSync(stamp, lock);
}

/** Removes what was compiled from sources that are gone: an old `run.js` would be loaded in place of `run/index.js`. */
function sweep() {
  if (!existsSync(at('dist'))) return;
  for (const entry of readdirSync(at('dist'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const output = relative(at('dist'), path);
    const source = output.replace(/(\.d\.ts|\.js|\.js\.map)$/, '.ts');
    if (!entry.isFile() || source === output || output.startsWith(`corpus${sep}`)) continue;
    if (!existsSync(at('src', source))) rmSync(path);
  }
}

/** The C++ kernels and the program. @throws Error when the program cannot be compiled */
function compile() {
  sweep();
  run('node src/native/install.mjs'); // returns at once when they are current
  const newest = Math.max(
    0,
    ...readdirSync(at('src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs),
  );
  const built = at('dist', '.tsbuildinfo');
  const outputs = [
    built,
    at('dist', 'browser', 'index.mjs'),
    at('dist', 'browser', 'page.mjs'),
    at('dist', 'program', 'index.cjs'),
  ];
  if (outputs.every((path) => existsSync(path) && statSync(path).mtimeMs >= newest)) return;
  process.stderr.write('compiling (npm run build)\n');
  run('npm run --silent build');
  utimesSync(built, new Date(), new Date()); // the compiler leaves it as it was where a source was touched alone
}

module.exports = { compile };

if (require.main === module) {
  try {
    if (process.argv[2] === 'sweep') sweep();
    else {
      install();
      compile();
    }
  } catch (error) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  }
}
