/**
 * What tuning did on test: `node test/bench/tuning.mjs [--json FILE] NAME=GIVEN,TUNED ...`, for each corpus the folders of two
 * comparisons (`dsc-train compare`) of the same losses, seeds and files, without and with --tune. Exits with 1 where a tuned setting
 * lost more than one standard deviation of the seeds.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  options: { json: { type: 'string' } },
  allowPositionals: true,
});
if (positionals.length === 0) throw new Error('usage: tuning.mjs [--json FILE] NAME=GIVEN,TUNED ...');

const read = (folder) => JSON.parse(readFileSync(join(folder, 'compare.json'), 'utf8'));
const percent = (value) => (100 * value).toFixed(2);
const round = (value) => Number(value.toFixed(4));
const spread = ({ mean, sd }) => ({ mean: round(mean), sd: round(sd) });

const rows = positionals.flatMap((argument) => {
  const [, name, givenFolder, tunedFolder] = /^([^=]+)=([^,]+),([^,]+)$/.exec(argument) ?? [];
  if (!name) throw new Error(`${argument}: not NAME=GIVEN,TUNED`);
  const [given, tuned] = [read(givenFolder), read(tunedFolder)];
  if (!tuned.tuning) throw new Error(`${tunedFolder}: was not tuned`);
  if (JSON.stringify(given.seeds) !== JSON.stringify(tuned.seeds) || given.signature !== tuned.signature)
    throw new Error(`${givenFolder} and ${tunedFolder}: other seeds, files or scoring`);
  const averages = given.metrics.filter(({ name: metric }) => ['micro-f1', 'macro-f1', 'accuracy'].includes(metric));
  return tuned.losses.map(({ label, scores }, k) => {
    const before = given.losses.find((loss) => loss.label === label)?.scores;
    if (!before) throw new Error(`${givenFolder}: no ${label}`);
    const { changes, final, runs } = tuned.tuning.losses[k];
    return {
      corpus: name,
      label,
      changes,
      runs,
      seeds: given.seeds.length,
      dev: final && spread(final),
      test: averages.map(({ name: metric }) => ({
        metric: metric.replace('f1', 'F1'),
        given: spread(before[metric]),
        tuned: spread(scores[metric]),
      })),
    };
  });
});

const counts = { changed: 0, gained: 0, lost: 0, badly: 0 };
for (const { corpus, label, changes, runs, dev, test } of rows) {
  const [{ metric, given, tuned }] = test;
  const difference = tuned.mean - given.mean;
  const isChanged = Object.keys(changes).length > 0;
  const isBad = isChanged && difference < -given.sd;
  if (isChanged) counts.changed++;
  if (isChanged && difference > 0) counts.gained++;
  if (isChanged && difference < 0) counts.lost++;
  if (isBad) counts.badly++;
  const onDev = dev ? `${percent(dev.mean)} on dev (sd ${percent(dev.sd)})` : 'no last round';
  console.log(
    `${corpus}, ${label}: ${isChanged ? JSON.stringify(changes) : 'as given'}; ${onDev}, ${runs} runs; ${metric} on test ${percent(given.mean)} ± ${percent(given.sd)} to ${percent(tuned.mean)} ± ${percent(tuned.sd)} (${percent(difference)})${isBad ? '  MORE THAN ONE SD LOST' : ''}`,
  );
}
console.log(
  `${counts.changed} of ${rows.length} settings changed: ${counts.gained} gained on test, ${counts.lost} lost, ${counts.badly} by more than one sd`,
);
if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 1)}\n`);
if (counts.badly > 0) process.exitCode = 1;
