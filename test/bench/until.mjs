/*
 * node test/bench/until.mjs [EXPERIMENTS] [COUNTED]: how often does `compare --until-decided` call a loss better or worse where there is
 * none? Made-up comparisons in which no loss differs, looked at after every seed; a Markdown table. EXPERIMENTS are made of normal
 * differences, with the variances that the bootstrap would find, so that many can be made; COUNTED of made-up counts, judged
 * by the statistics of compare itself.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const at = (path) => require(join(import.meta.dirname, '../../dist', path));
const { createRng } = at('rng.js');
const { seedLevel, statistics } = at('compare/statistics.js');
const { decide, looksOf, pOf } = at('compare/sequential.js');
const { pairedPermutation } = at('metrics/significance.js');

const experiments = Number(process.argv[2] ?? 10_000);
const counted = Number(process.argv[3] ?? 300);
const percent = (x) => (100 * x).toFixed(1);
const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const table = (...head) => (line(...head), line(...head.map(() => '---')));
const RULE = { most: 20, step: 1, effect: 0 }; // nothing is alike, so that every comparison goes on

/** Losses that share the luck of the reference's seeds, on two averages that go together; nobody differs. */
function madeUpLooks(rng, { seed, shared, within }, losses, effect = 0) {
  const normals = (n) => Array.from({ length: n }, () => rng.normal());
  const questions = losses * 2;
  const pairs = (own) => normals(losses).map((x, l) => own[Math.floor(l / losses)] + x);
  const luck = pairs(normals(1)).flatMap((x) => normals(2).map((y) => Math.sqrt(shared / 3) * (x + y)));
  const sd = Math.sqrt(seed / 3);
  const scores = Array.from({ length: RULE.most }, () => pairs(normals(1)).flatMap((x) => normals(2).map((y) => sd * (x + y)))); // prettier-ignore
  return looksOf(RULE).map((n) => ({
    seeds: n,
    tests: Array.from({ length: questions }, (_, q) => {
      const values = scores.slice(0, n).map((one) => one[q] + luck[q] + (q < 2 ? effect : 0));
      const difference = values.reduce((a, b) => a + b, 0) / n;
      const between = values.reduce((sum, x) => sum + (x - difference) ** 2, 0) / (n - 1);
      const seeds = Array.from({ length: n }, (_, i) => i);
      const test = { label: String(Math.floor(q / 2)), metric: q % 2 === 0 ? 'micro' : 'macro', difference, seeds, variances: { between, within: Math.min(within, between), shared } }; // prettier-ignore
      // of what a single look says, the permutation over seeds; asked for where the rest is fulfilled alone, for it takes long
      return Object.defineProperty(test, 'verdict', { get: () => callOf(values, difference) });
    }),
  }));
}

function callOf(values, difference) {
  const { p, smallest } = pairedPermutation(values, values.map(() => 0), createRng(1)); // prettier-ignore
  return p > seedLevel(smallest) ? 'none' : difference > 0 ? 'better' : 'worse';
}

/** The same with a fixed level of 5 % over the family (Bonferroni) at every look, for comparison. */
const naive = (looks, size, pOf) => looks.some(({ tests }) => tests.some((test) => pOf(test) <= 0.05 / size));

const WORLDS = {
  'seeds alone': { seed: 4e-4, shared: 1e-12, within: 0 },
  both: { seed: 4e-4, shared: 5e-5, within: 1e-4 },
  'sentences mostly': { seed: 1e-4, shared: 2e-4, within: 5e-5 },
  'sentences alone': { seed: 1e-10, shared: 4e-4, within: 1e-10 },
};

console.log(
  `${experiments} made-up comparisons a line without any difference, looked at after each of 5 to ${RULE.most} seeds\n`,
);
table(
  'what varies',
  'losses',
  'false calls, %',
  '5 % at every look, %',
  'seeds until a difference of 4 standard errors of ten seeds is shown, median',
);
for (const [name, world] of Object.entries(WORLDS)) {
  for (const losses of [1, 4]) {
    const family = () => ({ name: 'averages', size: losses * 2 });
    let [wrong, often] = [0, 0];
    const stops = [];
    for (let i = 0; i < experiments; i++) {
      const looks = madeUpLooks(createRng(17).split(`${name}/${losses}/${i}`), world, losses);
      if (decide(looks, RULE, family).some(({ state }) => state === 'shown')) wrong++;
      if (naive(looks, losses * 2, pOf)) often++;
      if (i >= 100) continue;
      const effect = 4 * Math.sqrt(world.shared + world.seed / 10); // four standard errors of ten seeds
      const real = madeUpLooks(createRng(18).split(`${name}/${losses}/${i}`), world, losses, effect);
      stops.push(decide(real, RULE, family).find(({ label, metric }) => label === '0' && metric === 'micro').seeds ?? Infinity); // prettier-ignore
    }
    const median = stops.sort((a, b) => a - b)[Math.floor(stops.length / 2)];
    line(name, losses + 1, percent(wrong / experiments), percent(often / experiments), median === Infinity ? 'not shown' : median); // prettier-ignore
  }
}

console.log(`\n${counted} comparisons of made-up counts a line, two losses, one class, 5 to 12 seeds\n`);
table('what varies', 'false calls, %');
for (const [name, seed, sentence] of [
  ['seeds', 0.03, 0.02],
  ['both', 0.02, 0.2],
  ['sentences', 0.002, 0.3],
]) {
  const rule = { most: 12, step: 1, effect: 0 };
  let wrong = 0;
  for (let i = 0; i < counted; i++) {
    const runs = countedRuns(createRng(19).split(`${name}/${i}`), seed, sentence, rule.most);
    const looks = looksOf(rule).map((n) => ({
      seeds: n,
      tests: statistics(
        runs.filter((run) => run.seed <= n),
        'a',
        ['micro-f1', 'macro-f1'],
        [{ name: 'A', support: 100 }],
        200,
        [],
      ).tests,
    }));
    if (decide(looks, rule, () => ({ name: 'averages', size: 1 })).some(({ state }) => state === 'shown')) wrong++;
  }
  line(name, percent(wrong / counted));
}

function countedRuns(rng, seedSpread, sentenceSpread, most) {
  const sizes = Array.from({ length: 150 }, () => 1 + rng.int(3));
  const offsets = Int32Array.from({ length: sizes.length + 1 }, (_, s) => s);
  return ['a', 'b'].flatMap((label) => {
    const own = sizes.map(() => sentenceSpread * rng.normal());
    return Array.from({ length: most }, (_, i) => {
      const luck = seedSpread * rng.normal();
      const tp = Int32Array.from(sizes, (size, s) => {
        let right = 0;
        for (let k = 0; k < size; k++) if (rng.float() < 0.7 + luck + own[s]) right++;
        return right;
      });
      const predicted = tp.map((right) => right + (rng.float() < 0.3 ? 1 : 0));
      return { label, seed: i + 1, counts: { classes: ['A'], offsets, classOf: new Int32Array(sizes.length), tp, predicted, support: Int32Array.from(sizes) } }; // prettier-ignore
    });
  });
}
