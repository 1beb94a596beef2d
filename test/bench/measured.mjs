/*
 * node test/bench/measured.mjs name=compare.json ... > data/measured.json
 *
 * What comparisons of losses found with valid sequences, as `dsc-train inspect` reads it: a row a corpus, the most imbalanced first,
 * with the difference of each loss from the reference by each average, and what the tests say of it. The comparisons are those of
 * `dsc-train compare --corpora FILE`: one `compare.json` a corpus.
 */
import { readFileSync } from 'node:fs';

const round = (x) => Number(x.toFixed(4));
const rows = process.argv.slice(2).map((argument) => {
  const [, name, path] = /^([^=]+)=(.*)$/.exec(argument);
  const { data, decodings, seeds, losses, reference } = JSON.parse(readFileSync(path, 'utf8'));
  const { labels, classes, tagging } = data.train;
  const tokens = Object.values(labels).reduce((a, b) => a + b, 0);
  const outside = labels[tagging.outside];
  const { tests } = decodings.find((one) => one.name === 'valid');
  const averages = Object.keys(classes).length > 1 ? ['micro-f1', 'macro-f1'] : ['micro-f1'];
  const of = (label) =>
    averages.map((metric) => {
      const { difference, verdict } = tests.find((test) => test.label === label && test.metric === metric);
      return { metric: metric.replace('f1', 'F1'), difference: round(difference), verdict };
    });
  return {
    name,
    outsideRatio: round(outside / (tokens - outside)),
    mentions: Object.values(classes).reduce((a, b) => a + b, 0),
    classes: Object.keys(classes).length,
    seeds: seeds.length,
    gains: Object.fromEntries(
      losses
        .map(({ label }) => label)
        .filter((label) => label !== reference)
        .map((label) => [label, of(label)]),
    ),
  };
});
rows.sort((a, b) => b.outsideRatio - a.outsideRatio);
console.log(JSON.stringify(rows, null, 1));
