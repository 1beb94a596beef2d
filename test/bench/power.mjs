/*
 * node test/bench/power.mjs WORLDS [EXPERIMENTS] [--json FILE]: is the power that `compare --plan` claims the share of comparisons that call the better
 * loss better? Made-up comparisons of made-up worlds, judged by the statistics of compare itself; a Markdown table. WORLDS is `usual`,
 * `half` or `twice`: each experiment has a world of its own, in which seeds make of the spread what is usual, half or twice of that,
 * a pilot of two seeds and a comparison; `pilots`: the same world has 200 pilots; `known`: the variances are known. With --json what
 * was found goes into FILE under the name of the worlds; what is there of the others stays.
 */
import { createRequire } from 'node:module';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const at = (path) => require(join(import.meta.dirname, '../../dist', path));
const { createRng } = at('rng.js');
const { statistics } = at('compare/statistics.js');
const { differenceVariances, resampleScores } = at('compare/resample.js');
const { createDraws, effectSeen, powerBetween, powerOf } = at('compare/power.js');
const { pilotsOf } = at('compare/pilot.js');

const { values: flags, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const [worlds, told = '1000'] = positionals;
const experiments = Number(told);
const RESAMPLES = 250; // enough for twelve questions at once
const SENTENCES = 150;
const ALL = ['A', 'B', 'C', 'D'];
const LEVEL = 0.9;

/**
 * Counts of one run a label and seed on the same sentences. Runs differ by the recall of their seed and class (`seed`, a standard
 * deviation) and of their loss in a sentence (`sentence`). Label `b` finds more of class A; the others are alike.
 */
function makeUp(rng, { seed, sentence, shift }, classes, labels, seeds) {
  const sizes = Array.from({ length: SENTENCES }, () => classes.map(() => 1 + rng.int(3)));
  const offsets = Int32Array.from({ length: SENTENCES + 1 }, (_, s) => s * classes.length);
  const classOf = Int32Array.from({ length: SENTENCES * classes.length }, (_, e) => e % classes.length);
  const support = Int32Array.from(classOf, (k, e) => sizes[Math.floor(e / classes.length)][k]);
  const ease = sizes.map(() => EASE * rng.normal());
  return labels.flatMap((label) => {
    const own = sizes.map(() => sentence * rng.normal());
    return seeds.map((number) => {
      const luck = classes.map(() => seed * rng.normal());
      const tp = new Int32Array(classOf.length);
      const predicted = new Int32Array(classOf.length);
      for (let e = 0; e < classOf.length; e++) {
        const [s, k] = [Math.floor(e / classes.length), classOf[e]];
        const p = RECALL + luck[k] + ease[s] + own[s] + (label === 'b' && k === 0 ? shift : 0);
        for (let i = 0; i < support[e]; i++) if (rng.float() < p) tp[e]++;
        predicted[e] = tp[e] + (rng.float() < FALSE ? 1 : 0);
      }
      return { label, seed: number, counts: { classes, offsets, classOf, tp, predicted, support } };
    });
  });
}
const [RECALL, EASE, FALSE] = [0.65, 0.1, 0.3];

/** The difference on class A in the mean over sentences and seeds: recalls are cut off at 0 and 1. */
function effectOf({ seed, sentence, shift }) {
  const sd = Math.hypot(seed, sentence, EASE);
  const recall = (centre) => {
    let [sum, weights] = [0, 0];
    for (let z = -5; z <= 5; z += 0.05) {
      const weight = Math.exp((-z * z) / 2);
      sum += weight * Math.min(1, Math.max(0, centre + sd * z));
      weights += weight;
    }
    return sum / weights;
  };
  const f1 = (p) => (2 * p) / (p + FALSE / 2 + 1); // two entities a sentence
  return f1(recall(RECALL + shift)) - f1(recall(RECALL));
}

const seedList = (n) => Array.from({ length: n }, (_, i) => i + 1);
const comparedOf = (classes) => classes.map((name) => ({ name, support: 100 }));
const labelList = (n) => ['a', 'b', 'c', 'd', 'e'].slice(0, n);
const percent = (x) => (100 * x).toFixed(1);
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const table = (...head) => (line(...head), line(...head.map(() => '---')));
const draws = createDraws(100);

/** What a pilot tells of class A. */
function pilotOf(rng, world, classes, labels, seeds) {
  const runs = makeUp(rng, world, classes, labels, seedList(seeds));
  const sampled = resampleScores(runs.map(({ counts }) => counts), classes, RESAMPLES, rng.split('sentences')); // prettier-ignore
  const { believed } = pilotsOf(runs, sampled, classes, 'a')(2, 'b');
  return { believed, family: classes.length * (labels.length - 1), resamples: RESAMPLES };
}

/** Is b called better on F1 of class A? */
function isCalled(rng, world, classes, labels, seeds) {
  const runs = makeUp(rng, world, classes, labels, seedList(seeds));
  const { tests } = statistics(runs, 'a', ['micro-f1', 'macro-f1'], comparedOf(classes), RESAMPLES);
  return tests.find(({ metric, label }) => metric === 'A.f1' && label === 'b').verdict === 'better';
}

/** The standard deviation of the seeds' recall that makes their share of the spread r times what comes and goes with the sentences. */
const seedOf = (r) => Math.sqrt((r * RECALL * (1 - RECALL)) / (2 * SENTENCES));

/** What seeds make of the spread, as a multiple of what sentences make: the median over worlds, whose logarithms are 0.7 apart. */
const MEDIANS = { usual: 1.25, half: 0.625, twice: 2.5 };

function populations(median) {
  console.log(`${experiments} made-up experiments, each with a world of its own: two to four losses, one to four classes, a pilot of two seeds`); // prettier-ignore
  console.log(`and a comparison of 5 to 12 seeds that is judged; ${SENTENCES} sentences, ${RESAMPLES} resamples; seeds make ${median} times what sentences make\n`); // prettier-ignore
  const found = [];
  for (let i = 0; i < experiments; i++) {
    const rng = createRng(71).split(`${median}/${i}`);
    const classes = ALL.slice(0, 1 + rng.int(4));
    const labels = labelList(2 + rng.int(3));
    const seed = seedOf(median * Math.exp(0.7 * rng.normal()));
    const world = { seed, sentence: 0.15 * rng.float(), shift: 0.02 + 0.1 * rng.float() };
    const seeds = 5 + rng.int(8);
    const pilot = pilotOf(rng.split('pilot'), world, classes, labels, 2);
    const claimed = powerOf(pilot, { effect: effectOf(world), seeds, scale: 1 }, draws);
    found.push({ claimed, called: isCalled(rng.split('comparison'), world, classes, labels, seeds) });
  }
  table('claims', 'experiments', 'claimed', 'realised', 'off', 'standard error');
  const rows = [];
  for (const [low, high] of [
    [0, 1],
    [0, 0.2],
    [0.2, 0.4],
    [0.4, 0.6],
    [0.6, 0.8],
    [0.8, 1],
  ]) {
    // prettier-ignore
    const own = found.filter(({ claimed }) => claimed >= low && (claimed < high || high === 1));
    const [claimed, realised] = [mean(own.map((one) => one.claimed)), mean(own.map(({ called }) => Number(called)))];
    const error = Math.sqrt((realised * (1 - realised)) / own.length);
    line(low === 0 && high === 1 ? 'all' : `${percent(low)}..${percent(high)}`, own.length, percent(claimed), percent(realised), percent(claimed - realised), percent(error)); // prettier-ignore
    rows.push({ low, high, experiments: own.length, claimed, realised });
  }
  return { median, experiments, sentences: SENTENCES, resamples: RESAMPLES, rows };
}

/** The variances of class A in a world, the mean over worlds of twenty seeds. */
function variancesOf(world, classes) {
  const found = Array.from({ length: 60 }, (_, i) => {
    const runs = makeUp(createRng(9).split(String(i)), world, classes, ['a', 'b'], seedList(20));
    const sampled = resampleScores(runs.map(({ counts }) => counts), classes, RESAMPLES, createRng(i)); // prettier-ignore
    const [ours, theirs] = ['b', 'a'].map((label) => [...runs.keys()].filter((run) => runs[run].label === label));
    return differenceVariances(sampled, 2, ours, theirs);
  });
  return Object.fromEntries(['between', 'within', 'shared'].map((key) => [key, mean(found.map((one) => one[key]))]));
}

function pilots() {
  console.log('Worlds with 200 pilots each, and a comparison of 12 seeds whose power with known variances is 50 %\n');
  const rows = [];
  table('r', 'sentences', 'losses', 'classes', 'pilot seeds', 'claimed, mean', 'off', `intervals of ${percent(LEVEL)} % that hold it`); // prettier-ignore
  for (const sentence of [0.03, 0.15]) {
    for (const r of [0.3, 0.75, 1.5, 3, 6]) {
      const world = { seed: seedOf(r), sentence, shift: 0 };
      for (const [losses, kinds, pilotSeeds] of [
        [2, 1, 2],
        [4, 1, 2],
        [4, 3, 2],
        [4, 1, 5],
      ]) {
        // prettier-ignore
        const [classes, labels] = [ALL.slice(0, kinds), labelList(losses)];
        const variances = variancesOf(world, classes);
        const known = { believed: [variances], family: kinds * (losses - 1), resamples: RESAMPLES };
        const effect = effectSeen(known, 12, 0.5, draws);
        const design = { effect, seeds: 12, scale: 1 };
        const claims = [];
        let held = 0;
        for (let i = 0; i < 200; i++) {
          const pilot = pilotOf(createRng(31).split(`${pilotSeeds}/${i}`), world, classes, labels, pilotSeeds);
          claims.push(powerOf(pilot, design, draws));
          const [low, high] = powerBetween(pilot, design, LEVEL, draws);
          if (low <= 0.5 && 0.5 <= high) held++;
        }
        const quotient = variances.between / variances.within - 1;
        line(quotient.toFixed(2), sentence, losses, kinds, pilotSeeds, percent(mean(claims)), percent(mean(claims) - 0.5), percent(held / 200)); // prettier-ignore
        rows.push({ r: quotient, sentence, losses, classes: kinds, pilotSeeds, claimed: mean(claims), held: held / 200 }); // prettier-ignore
      }
    }
  }
  return { pilots: 200, level: LEVEL, rows };
}

function variancesKnown() {
  console.log(`Variances known, ${experiments} comparisons a line\n`);
  table('world', 'classes', 'seeds', 'difference', 'claimed', 'realised', 'off');
  const WORLDS = {
    'seeds differ': { seed: 0.02, sentence: 0.05, shift: 0.035 },
    'sentences differ': { seed: 0.004, sentence: 0.3, shift: 0.06 },
    both: { seed: 0.015, sentence: 0.2, shift: 0.05 },
  };
  let worst = 0;
  const rows = [];
  for (const [name, world] of Object.entries(WORLDS)) {
    for (const kinds of [1, 2]) {
      const classes = ALL.slice(0, kinds);
      const known = { believed: [variancesOf(world, classes)], family: kinds, resamples: RESAMPLES };
      for (const seeds of [5, 6, 8, 12]) {
        const rng = createRng(seeds).split('experiments');
        const called = Array.from({ length: experiments }, (_, i) => Number(isCalled(rng.split(String(i)), world, classes, ['a', 'b'], seeds))); // prettier-ignore
        const [effect, share] = [effectOf(world), mean(called)];
        const claimed = powerOf(known, { effect, seeds, scale: 1 }, draws);
        worst = Math.max(worst, Math.abs(claimed - share));
        line(name, kinds, seeds, percent(effect), percent(claimed), percent(share), percent(claimed - share));
        rows.push({ world: name, classes: kinds, seeds, effect, claimed, realised: share });
      }
    }
  }
  console.log(`\nfurthest off: ${percent(worst)} points`);
  return { experiments, rows };
}

const MEASURED = {
  ...Object.fromEntries(Object.entries(MEDIANS).map(([name, median]) => [name, () => populations(median)])),
  pilots,
  known: variancesKnown,
};
if (!Object.hasOwn(MEASURED, worlds)) throw new Error(`name worlds: ${Object.keys(MEASURED).join(', ')}`);
const measured = MEASURED[worlds]();
if (flags.json !== undefined) {
  const others = existsSync(flags.json) ? JSON.parse(readFileSync(flags.json, 'utf8')) : {};
  writeFileSync(flags.json, `${JSON.stringify({ ...others, [worlds]: measured }, null, 1)}\n`);
}
