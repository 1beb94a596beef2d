#!/usr/bin/env node
'use strict';

// Newer versions of Node keep what they have compiled, in the folder for temporary files.
require('node:module').enableCompileCache?.();
const { cli } = require('./program.js');

let isDone = false;
cli.run(cli.thisProcess()).then((code) => {
  isDone = true;
  process.exitCode = code;
});

// A program whose work is not done has not come to its end, whatever it waits for, or whoever ends it.
process.on('exit', (code) => {
  if (isDone || code !== 0) return;
  process.exitCode = 70;
  const told =
    'error: dsc-train was ended before its work was done\nnote: code of your own that was loaded may call process.exit\n';
  require('node:fs').writeSync(2, told);
});
