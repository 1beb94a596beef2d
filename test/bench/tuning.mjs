/**
 * What tuning did on test: `node test/bench/tuning.mjs GIVEN TUNED [GIVEN TUNED ...]`, pairs of folders of `dsc-train compare`, the same
 * losses, seeds and files without and with --tune. Exits with 1 where a tuned setting lost more than one standard deviation.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { argv } from 'node:process';

const read = (folder) => JSON.parse(readFileSync(join(folder, 'compare.json'), 'utf8'));
const percent = (value) => (100 * value).toFixed(2);
const folders = argv.slice(2);
if (folders.length === 0 || folders.length % 2 > 0) throw new Error('usage: tuning.mjs GIVEN TUNED [GIVEN TUNED ...]');

let [settings, changed, gained, lost, badly] = [0, 0, 0, 0, 0];
for (let i = 0; i < folders.length; i += 2) {
  const [given, tuned] = [read(folders[i]), read(folders[i + 1])];
  if (!tuned.tuning) throw new Error(`${folders[i + 1]}: was not tuned`);
  if (JSON.stringify(given.seeds) !== JSON.stringify(tuned.seeds) || given.signature !== tuned.signature)
    throw new Error(`${folders[i]} and ${folders[i + 1]}: other seeds, files or scoring`);
  const { name: metric } = given.metrics[0];
  console.log(`\n${basename(folders[i])}, ${metric} on ${given.split}`);
  tuned.losses.forEach(({ label, scores }, k) => {
    const before = given.losses.find((loss) => loss.label === label)?.scores[metric];
    if (!before) throw new Error(`${folders[i]}: no ${label}`);
    const after = scores[metric];
    const { changes, final, runs } = tuned.tuning.losses[k];
    const isChanged = Object.keys(changes).length > 0;
    const difference = after.mean - before.mean;
    const isBad = isChanged && difference < -before.sd;
    settings++;
    if (isChanged) changed++;
    if (isChanged && difference > 0) gained++;
    if (isChanged && difference < 0) lost++;
    if (isBad) badly++;
    const dev = final ? `${percent(final.mean)} on dev (sd ${percent(final.sd)})` : 'no last round';
    const what = isChanged ? JSON.stringify(changes) : 'as given';
    console.log(
      `  ${label}: ${what}; ${dev}, ${runs} runs; test ${percent(before.mean)} ± ${percent(before.sd)} to ${percent(after.mean)} ± ${percent(after.sd)} (${percent(difference)})${isBad ? '  MORE THAN ONE SD LOST' : ''}`,
    );
  });
}
console.log(
  `\n${changed} of ${settings} settings changed: ${gained} gained on test, ${lost} lost, ${badly} by more than one sd`,
);
if (badly > 0) process.exitCode = 1;
