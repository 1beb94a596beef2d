'use strict';

/**
 * Ends the run with the plain line `N passed, N failed`, counted by jest; suites that did not even start count as failed. Before it,
 * a line for each engine that does not open on this machine, whose tests are among the skipped ones, and for each group of
 * tests whose name ends in `[skipped: why]`.
 */
module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    const refusals = JSON.parse(process.env.DSC_TRAIN_REFUSALS ?? '{}');
    for (const [name, why] of Object.entries(refusals)) process.stdout.write(`tests on ${name} skipped: ${why}\n`);
    const groups = results.testResults.flatMap((file) => file.testResults.flatMap((test) => test.ancestorTitles));
    for (const group of new Set(groups)) {
      const [, name, why] = /^(.*) \[skipped: (.*)\]$/.exec(group) ?? [];
      if (why) process.stdout.write(`${name} skipped: ${why}\n`);
    }
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests > 0 ? `, ${results.numPendingTests} skipped` : '';
    // On exit, so that it stands below jest's own summary.
    process.once('exit', () => process.stdout.write(`${results.numPassedTests} passed, ${failed} failed${skipped}\n`));
  }
};
