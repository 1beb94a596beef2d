/*
 * node test/bench/measured.mjs name=compare.json ... > data/measured.json
 *
 * What comparisons of losses found, as `dsc-train inspect` reads it and the tables of the documents are made of it (pays.mjs): a row a
 * corpus, the most imbalanced first, with the scores of the reference and the difference of each loss from it by each decoding and
 * average, and what the tests say of it. The comparisons are those of `dsc-train compare --corpora FILE`: one `compare.json` a corpus.
 * Of one with `--thin` the `thinned-curves.json` is taken: a row a step, with the thinned class before the averages.
 */
import { readFileSync } from 'node:fs';

const round = (x) => Number(x.toFixed(4));
const nameOf = (metric) => metric.replace('f1', 'F1');

/** The steps of a class that was thinned, as corpora of their own. */
function stepsOf(name, { steps, curves, labels, reference, seeds, name: thinned }) {
  const titleOf = ({ kind, name: metric }) => (kind === 'class' ? `F1 of ${thinned}` : nameOf(metric));
  return steps.map(({ mentions, classes }, s) => ({
    name: `${name}, ${mentions} ${thinned}`,
    mentions: Object.values(classes).reduce((a, b) => a + b, 0),
    classes: Object.keys(classes).length,
    seeds,
    against: reference,
    decodings: {
      valid: {
        reference: curves.map(({ metric, points }) => {
          const { mean, sd } = points[s][reference];
          return { metric: titleOf(metric), mean: round(mean), sd: round(sd) };
        }),
        gains: Object.fromEntries(
          labels
            .filter((label) => label !== reference)
            .map((label) => [
              label,
              curves.map(({ metric, points }) => {
                const { difference, low, high, verdict } = points[s][label].test;
                return { metric: titleOf(metric), difference: round(difference), low: round(low), high: round(high), verdict }; // prettier-ignore
              }),
            ]),
        ),
      },
    },
  }));
}

const rows = process.argv.slice(2).flatMap((argument) => {
  const [, name, path] = /^([^=]+)=(.*)$/.exec(argument);
  const read = JSON.parse(readFileSync(path, 'utf8'));
  if (read.steps) return stepsOf(name, read);
  const { data, decodings, seeds, losses, reference, metrics, task } = read;
  const { labels, classes, tagging } = data.train;
  const tokens = Object.values(labels).reduce((a, b) => a + b, 0);
  const outside = labels[tagging.outside];
  const averages = metrics.flatMap(({ kind, name: metric }) => (kind === 'average' ? [metric] : []));
  if (Object.keys(classes).length === 1) averages.length = 1; // the same twice
  const others = losses.map(({ label }) => label).filter((label) => label !== reference);
  const found = ({ scores, tests }) => ({
    reference: averages.map((metric) => {
      const { mean, sd } = scores[reference][metric];
      return { metric: nameOf(metric), mean: round(mean), sd: round(sd) };
    }),
    gains: Object.fromEntries(
      others.map((label) => [
        label,
        averages.map((metric) => {
          const { difference, low, high, verdict } = tests.find((t) => t.label === label && t.metric === metric);
          return { metric: nameOf(metric), difference: round(difference), low: round(low), high: round(high), verdict };
        }),
      ]),
    ),
  });
  return {
    name,
    ...(task === 'chunks' && { outsideRatio: round(outside / (tokens - outside)) }), // plain tags have no outside
    mentions: Object.values(classes).reduce((a, b) => a + b, 0),
    classes: Object.keys(classes).length,
    seeds: seeds.length,
    against: reference,
    decodings: Object.fromEntries(decodings.map((one) => [one.name, found(one)])),
  };
});
rows.sort((a, b) => (b.outsideRatio ?? 0) - (a.outsideRatio ?? 0)); // steps stay in their order
console.log(JSON.stringify(rows, null, 1));
