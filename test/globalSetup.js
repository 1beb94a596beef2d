'use strict';

const { spawnSync } = require('node:child_process');
const { resolve } = require('node:path');
const { compile } = require('../bin/setup.js');

const PROBE = `
const { ENGINES, openEngine } = require(process.argv[1]);
(async () => {
  const refusals = {};
  for (const name of Object.keys(ENGINES)) {
    try {
      (await openEngine(name, { threads: 2 })).dispose();
    } catch (error) {
      refusals[name] = error.message.replace('engine ' + name + ' does not open here: ', '');
    }
  }
  console.log(JSON.stringify(refusals));
})();
`;

/**
 * Compiles what is older than its source, however jest was started: tests of the command line run the compiled program. Then tries
 * every engine once, so that the tests on one that does not open can be skipped by name, with the reason. In a process of its
 * own, since TensorFlow.js keeps its state in globals, which the tests would inherit.
 */
module.exports = function globalSetup() {
  compile();
  const engines = resolve(__dirname, '../dist/engine/index.js');
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', PROBE, engines], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`opening the engines ended with ${status}: ${stderr}`);
  process.env.DSC_TRAIN_REFUSALS = stdout.trim().split('\n').at(-1);
};
