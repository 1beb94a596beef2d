#!/usr/bin/env node
'use strict';

const { run } = require('../dist/cli.js');

run(process).then((code) => {
  process.exitCode = code;
});
