#!/usr/bin/env node
'use strict';

const { run, thisProcess } = require('../dist/cli.js');

run(thisProcess()).then((code) => {
  process.exitCode = code;
});
