#!/usr/bin/env node
'use strict';

// Newer versions of Node keep what they have compiled, in the folder for temporary files.
require('node:module').enableCompileCache?.();
const { cli } = require('./program.js');

cli.run(cli.thisProcess()).then((code) => {
  process.exitCode = code;
});
