/*
 * node test/bench/power.mjs [EXPERIMENTS]: is the power that `compare --plan` claims the share of comparisons that call the better loss
 * better? Made-up comparisons of made-up worlds, judged by the statistics of compare itself; a Markdown table of claimed and realised
 * power, where the variances are known and where a pilot of a few seeds tells them.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const at = (path) => require(join(import.meta.dirname, '../../dist', path));
const { createRng } = at('rng.js');
const { statistics } = at('compare/statistics.js');
const { differenceVariances, resampleScores } = at('compare/resample.js');
const { createDraws, effectSeen, powerOf, seedsNeeded } = at('compare/power.js');
const { pilotOf } = at('compare/seedPlan.js');

const experiments = Number(process.argv[2] ?? 1000);
const RESAMPLES = 200;
const SENTENCES = 200;

/** What makes runs differ, as standard deviations of recall: between seeds, and of a loss between sentences. */
const WORLDS = {
  'seeds differ': { seed: 0.02, sentence: 0.05, shift: 0.035 },
  'sentences differ': { seed: 0.004, sentence: 0.3, shift: 0.06 },
  both: { seed: 0.015, sentence: 0.2, shift: 0.05 },
};
const CLASSES = [['A'], ['A', 'B']];

/** Counts of one run a label and seed on the same sentences. Label `b` finds more of class A; the others are alike. */
function makeUp(rng, { seed, sentence, shift }, classes, labels, seeds) {
  const sizes = Array.from({ length: SENTENCES }, () => classes.map(() => 1 + rng.int(3)));
  const offsets = Int32Array.from({ length: SENTENCES + 1 }, (_, s) => s * classes.length);
  const classOf = Int32Array.from({ length: SENTENCES * classes.length }, (_, e) => e % classes.length);
  const support = Int32Array.from(classOf, (k, e) => sizes[Math.floor(e / classes.length)][k]);
  const ease = sizes.map(() => 0.1 * rng.normal());
  return labels.flatMap((label) => {
    const own = sizes.map(() => sentence * rng.normal());
    return seeds.map((number) => {
      const luck = classes.map(() => seed * rng.normal());
      const tp = new Int32Array(classOf.length);
      const predicted = new Int32Array(classOf.length);
      for (let e = 0; e < classOf.length; e++) {
        const [s, k] = [Math.floor(e / classes.length), classOf[e]];
        const p = 0.7 + luck[k] + ease[s] + own[s] + (label === 'b' && k === 0 ? shift : 0);
        for (let i = 0; i < support[e]; i++) if (rng.float() < p) tp[e]++;
        predicted[e] = tp[e] + (rng.float() < 0.3 ? 1 : 0);
      }
      return { label, seed: number, counts: { classes, offsets, classOf, tp, predicted, support } };
    });
  });
}

const seedList = (n) => Array.from({ length: n }, (_, i) => i + 1);
const comparedOf = (classes) => classes.map((name) => ({ name, support: 100 }));
const percent = (x) => (100 * x).toFixed(1);
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const table = (...head) => (line(...head), line(...head.map(() => '---')));
const draws = createDraws(100);

/** The share of comparisons that call b better on F1 of class A, and its mean difference. */
function realise(world, classes, seeds) {
  const rng = createRng(seeds).split('experiments');
  let called = 0;
  const differences = [];
  for (let i = 0; i < experiments; i++) {
    const runs = makeUp(rng.split(String(i)), world, classes, ['a', 'b'], seedList(seeds));
    const { tests } = statistics(runs, 'a', ['micro-f1', 'macro-f1'], comparedOf(classes), RESAMPLES);
    const test = tests.find(({ metric }) => metric === 'A.f1');
    if (test.verdict === 'better') called++;
    differences.push(test.difference);
  }
  return { share: called / experiments, effect: mean(differences) };
}

/** The variances of class A in a world, the mean over worlds of twenty seeds. */
function variancesOf(world, classes) {
  const found = Array.from({ length: 60 }, (_, i) => {
    const runs = makeUp(createRng(9).split(String(i)), world, classes, ['a', 'b'], seedList(20));
    const sampled = resampleScores(runs.map(({ counts }) => counts), classes, 200, createRng(i)); // prettier-ignore
    const [ours, theirs] = ['b', 'a'].map((label) => [...runs.keys()].filter((run) => runs[run].label === label));
    return differenceVariances(sampled, 2, ours, theirs);
  });
  return Object.fromEntries(['between', 'within', 'shared'].map((key) => [key, mean(found.map((one) => one[key]))]));
}

console.log(`${experiments} made-up comparisons a line, ${SENTENCES} sentences, ${RESAMPLES} resamples\n`);
console.log('Variances known:\n');
table('world', 'classes', 'seeds', 'difference', 'claimed', 'realised', 'off');
let worst = 0;
const known = [];
for (const [name, world] of Object.entries(WORLDS)) {
  for (const classes of CLASSES) {
    const variances = { ...variancesOf(world, classes), df: null, family: classes.length, resamples: RESAMPLES };
    for (const seeds of [5, 6, 8, 12]) {
      const { share, effect } = realise(world, classes, seeds);
      const claimed = powerOf(variances, { effect, seeds, scale: 1 }, draws);
      worst = Math.max(worst, Math.abs(claimed - share));
      line(name, classes.length, seeds, percent(effect), percent(claimed), percent(share), percent(claimed - share));
      known.push({ name, world, classes, variances, seeds, effect, share });
    }
  }
}
console.log(`\nfurthest off: ${percent(worst)} points\n`);

console.log('Variances told by pilots, 200 of them a line: the mean of what they claim, and how many of their intervals of seeds hold'); // prettier-ignore
console.log('the number that is needed, for the difference that twelve seeds show.\n');
table('world', 'losses', 'pilot seeds', 'seeds', 'claimed', 'realised', 'off', 'intervals that hold');
for (const { name, world, classes, variances, seeds, effect, share } of known) {
  if (classes.length > 1 || ![8, 12].includes(seeds)) continue;
  // of an effect that can be seen: the one that twelve seeds show
  const shown = effectSeen(variances, 12, 0.8, draws);
  const needed = seedsNeeded(variances, shown, 0.8, draws) ?? Infinity;
  for (const labels of [
    ['a', 'b'],
    ['a', 'b', 'c', 'd', 'e'],
  ]) {
    for (const pilotSeeds of [2, 5]) {
      const claims = [];
      let held = 0;
      for (let i = 0; i < 200; i++) {
        const runs = makeUp(createRng(31).split(`${pilotSeeds}/${i}`), world, classes, labels, seedList(pilotSeeds));
        const sampled = resampleScores(runs.map(({ counts }) => counts), classes, 200, createRng(i)); // prettier-ignore
        const found = { ...pilotOf(runs, sampled, 2, 'b', 'a'), family: classes.length, resamples: RESAMPLES };
        claims.push(powerOf(found, { effect, seeds, scale: 1 }, draws));
        const { low, high } = found.ends(0.95);
        const [few, many] = [low, high].map((one) => seedsNeeded({ ...found, ...one }, shown, 0.8, draws) ?? Infinity);
        if (few <= needed && needed <= many) held++;
      }
      const claimed = mean(claims);
      line(name, labels.length, pilotSeeds, seeds, percent(claimed), percent(share), percent(claimed - share), percent(held / 200)); // prettier-ignore
    }
  }
}
