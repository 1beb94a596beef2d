'use strict';

/**
 * The program: its command line and its library, in the few files of bin/bundle.mjs, which start faster. A package holds nothing else;
 * a checkout whose compiler has run since then takes what that wrote.
 */
const { readdirSync, statSync } = require('node:fs');
const { join } = require('node:path');

const dist = join(__dirname, '..', 'dist');
const writtenAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs;

function isCurrent() {
  if (writtenAt(join(dist, 'cli.js')) === undefined) return true;
  const built = writtenAt(join(dist, 'program', 'index.cjs'));
  return built !== undefined && isOlder(dist, built);
}

/** No module in a folder was written later. */
function isOlder(folder, time) {
  return readdirSync(folder, { withFileTypes: true }).every((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return isOlder(path, time);
    return !path.endsWith('.js') || writtenAt(path) <= time;
  });
}

/** The few files, from what was compiled of them before. */
function bundled() {
  require('./compiled.js').use();
  return require('../dist/program/index.cjs');
}

module.exports = isCurrent()
  ? bundled()
  : {
      get cli() {
        return require('../dist/cli.js');
      },
      get library() {
        return require('../dist/library/index.js');
      },
    };
