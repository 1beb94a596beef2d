'use strict';

const { existsSync } = require('node:fs');
const { resolve } = require('node:path');

/**
 * Tries every engine once, so that the tests on one that does not open can be skipped by name, with the reason. By the compiled
 * program, which `npm test` brings up to date; without it nothing is skipped.
 */
module.exports = async function globalSetup() {
  const engines = resolve(__dirname, '../dist/engine/index.js');
  const refusals = {};
  if (existsSync(engines)) {
    const { ENGINES, openEngine } = require(engines);
    for (const name of Object.keys(ENGINES)) {
      try {
        (await openEngine(name, { threads: 2 })).dispose();
      } catch (error) {
        refusals[name] = error.message.replace(`engine ${name} does not open here: `, '');
      }
    }
  }
  process.env.DSC_TRAIN_REFUSALS = JSON.stringify(refusals);
};
