/*
 * node test/bench/until.mjs [EXPERIMENTS] [COUNTED] [SEED] [WORLDS] [--json FILE]: how often does `compare --until-decided` call a loss better or worse
 * where there is none? Made-up comparisons in which no loss differs, looked at after every seed; a Markdown table. EXPERIMENTS are made of
 * differences with the variances that the bootstrap would find, so that many can be made; COUNTED of made-up counts, judged
 * by the statistics of compare itself. WORLDS is a part of the names of those that are asked for. With --json the rows go into FILE,
 * world by world; those of other worlds stay there where they are of as many experiments and of this seed, so that a long measurement
 * may be made in parts.
 */
import { createRequire } from 'node:module';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const at = (path) => require(join(import.meta.dirname, '../../dist', path));
const { createRng } = at('rng.js');
const { seedLevel, statistics } = at('compare/statistics.js');
const { decide, looksOf, pOf } = at('compare/sequential.js');
const { pairedPermutation } = at('metrics/significance.js');

const { values: flags, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const [experiments, counted, chosen] = [10_000, 300, 17].map((usual, i) => Number(positionals[i] ?? usual));
const asked = positionals[3] ?? '';
const percent = (x) => (100 * x).toFixed(1);
const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const table = (...head) => (line(...head), line(...head.map(() => '---')));
const RULE = { most: 20, step: 1, effect: 0 }; // nothing is alike, so that every comparison goes on

/** Draws of variance 1 around 0. */
const normal = (rng) => rng.normal();
function heavy(rng) {
  const chi = rng.normal() ** 2 + rng.normal() ** 2 + rng.normal() ** 2;
  return rng.normal() / Math.sqrt(chi); // Student's t with three degrees of freedom
}
const skewed = (rng) => -1 - Math.log(1 - rng.float()); // most seeds a little low, a few far up
/** Nine seeds of ten, and one that broke down. */
const broken = (rng) => (rng.normal() * (rng.float() < 0.1 ? 6 : 1)) / Math.sqrt(0.9 + 0.1 * 36);

/**
 * Losses that share the luck of the reference's seeds, on two averages that go together; nobody differs.
 * @param world variances: `seed`, `shared`, `within`; `draw` of a seed's luck, and of the `reference`; `unequal` spreads of losses, as
 *     factors that go round; `sentences`, degrees of freedom of what the bootstrap says of `shared`
 */
function madeUpLooks(rng, world, losses, rule, effect = 0) {
  const { seed, shared, within, draw = normal, reference = draw, unequal = [1], sentences = Infinity } = world;
  const list = (n, of) => Array.from({ length: n }, () => of(rng));
  const factors = Array.from({ length: losses }, (_, l) => unequal[l % unequal.length]);
  const pairs = (of) => {
    const [theirs, own, each] = [reference(rng), list(losses, of), list(losses * 2, normal)];
    return each.map((y, q) => factors[Math.floor(q / 2)] * (own[Math.floor(q / 2)] + y) - theirs);
  };
  const luck = pairs(normal).map((x) => Math.sqrt(shared / 3) * x);
  const told = luck.map((_, q) => {
    const estimate =
      sentences === Infinity ? 1 : list(sentences, normal).reduce((sum, x) => sum + x * x, 0) / sentences;
    return (shared * (1 + 2 * factors[Math.floor(q / 2)] ** 2) * estimate) / 3;
  });
  const sd = Math.sqrt(seed / 3);
  const scores = list(rule.most, () => pairs(draw).map((x, q) => sd * x + luck[q] + (q < 2 ? effect : 0)));
  const sums = new Float64Array(losses * 2);
  const looks = looksOf(rule);
  const found = [];
  scores.forEach((one, i) => {
    one.forEach((x, q) => (sums[q] += x));
    const n = i + 1;
    if (!looks.includes(n)) return;
    const seeds = Array.from({ length: n }, (_, k) => k);
    const tests = luck.map((_, q) => {
      const difference = sums[q] / n;
      let between = 0;
      for (let k = 0; k < n; k++) between += (scores[k][q] - difference) ** 2 / (n - 1);
      const test = { label: String(Math.floor(q / 2)), metric: q % 2 === 0 ? 'micro' : 'macro', difference, seeds, sentences: sentences === Infinity ? null : sentences, variances: { between, within: Math.min(within, between), shared: told[q] } }; // prettier-ignore
      // of what a single look says, the permutation over seeds; asked for where the rest is fulfilled alone, for it takes long
      return Object.defineProperty(test, 'verdict', { get: () => callOf(scores.slice(0, n).map((x) => x[q]), difference) }); // prettier-ignore
    });
    found.push({ seeds: n, tests });
  });
  return found;
}

function callOf(values, difference) {
  const { p, smallest } = pairedPermutation(values, values.map(() => 0), createRng(1)); // prettier-ignore
  return p > seedLevel(smallest) ? 'none' : difference > 0 ? 'better' : 'worse';
}

/** The same with a fixed level of 5 % over the family (Bonferroni) at every look, for comparison. */
const naive = (looks, size, pOf) => looks.some(({ tests }) => tests.some((test) => pOf(test) <= 0.05 / size));

const both = { seed: 4e-4, shared: 5e-5, within: 1e-4 };
const alone = { seed: 4e-4, shared: 1e-12, within: 0 };
const UNEQUAL = [1, 3, 0.3, 8];
/** What varies, numbers of losses beside the reference, and the rule where it is another. */
const WORLDS = {
  'seeds alone': [alone, [1, 4, 9]],
  both: [both, [1, 4]],
  'sentences mostly': [{ seed: 1e-4, shared: 2e-4, within: 5e-5 }, [1, 4]],
  'sentences alone': [{ seed: 1e-10, shared: 4e-4, within: 1e-10 }, [1, 4]],
  'seeds alone, heavy tails': [{ ...alone, draw: heavy }, [1, 4]],
  'both, heavy tails': [{ ...both, draw: heavy }, [4]],
  'seeds alone, a tenth breaks down': [{ ...alone, draw: broken }, [1, 4]],
  'seeds alone, skewed': [{ ...alone, draw: skewed }, [1, 4]],
  'seeds alone, skewed but for the reference': [{ ...alone, draw: skewed, reference: normal }, [1, 4]],
  'seeds alone, losses unequal': [{ ...alone, unequal: UNEQUAL }, [4, 9]],
  'both, losses unequal, heavy tails': [{ ...both, unequal: UNEQUAL, draw: heavy }, [4]],
  'sentences mostly, few of them': [{ seed: 1e-4, shared: 2e-4, within: 5e-5, sentences: 12 }, [1, 4]],
  'sentences alone, few of them': [{ seed: 1e-10, shared: 4e-4, within: 1e-10, sentences: 12 }, [1, 4]],
  'seeds alone, up to 50': [alone, [4], { ...RULE, most: 50 }],
  'both, every third': [both, [4], { ...RULE, step: 3 }],
};

console.log(`${experiments} made-up comparisons a line without any difference, looked at after each of 5 to ${RULE.most} seeds\n`); // prettier-ignore
table(
  'what varies',
  'losses',
  'false calls, %',
  '5 % at every look, %',
  'seeds until a difference of 4 standard errors of ten seeds is shown, median',
);

/** A row goes into the file as soon as it is there, in place of one of the same world and number of losses. */
function keep(row) {
  if (flags.json === undefined) return;
  const found = existsSync(flags.json) ? JSON.parse(readFileSync(flags.json, 'utf8')) : null;
  const others = found?.experiments === experiments && found.seed === chosen ? found.rows : [];
  const isSame = ({ world, losses }) => world === row.world && losses === row.losses;
  const place = ({ world, losses }) => 100 * Object.keys(WORLDS).indexOf(world) + losses;
  const rows = [...others.filter((one) => !isSame(one)), row].sort((a, b) => place(a) - place(b));
  writeFileSync(flags.json, `${JSON.stringify({ experiments, seed: chosen, most: RULE.most, rows }, null, 1)}\n`);
}

for (const [name, [world, numbers, rule = RULE]] of Object.entries(WORLDS)) {
  if (!name.includes(asked)) continue;
  for (const losses of numbers) {
    const family = () => ({ name: 'averages', size: losses * 2 });
    let [wrong, often] = [0, 0];
    const stops = [];
    for (let i = 0; i < experiments; i++) {
      const looks = madeUpLooks(createRng(chosen).split(`${name}/${losses}/${i}`), world, losses, rule);
      if (decide(looks, rule, family).some(({ state }) => state === 'shown')) wrong++;
      if (naive(looks, losses * 2, pOf)) often++;
      if (i >= 100) continue;
      const effect = 4 * Math.sqrt(world.shared + world.seed / 10); // four standard errors of ten seeds
      const real = madeUpLooks(createRng(chosen + 1).split(`${name}/${losses}/${i}`), world, losses, rule, effect);
      stops.push(decide(real, rule, family).find(({ label, metric }) => label === '0' && metric === 'micro').seeds ?? Infinity); // prettier-ignore
    }
    const median = stops.sort((a, b) => a - b)[Math.floor(stops.length / 2)];
    line(name, losses + 1, percent(wrong / experiments), percent(often / experiments), median === Infinity ? 'not shown' : median); // prettier-ignore
    keep({ world: name, losses: losses + 1, wrong: wrong / experiments, naive: often / experiments, median: median === Infinity ? null : median }); // prettier-ignore
  }
}
if (counted === 0) process.exit();

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
    const runs = countedRuns(createRng(chosen + 2).split(`${name}/${i}`), seed, sentence, rule.most);
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
