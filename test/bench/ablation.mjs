/*
 * npm run bench:ablation -- --corpora corpora.json [--seeds 3] [--epochs 6] [--parts "affixes; affixes, CRF"] [--json] [--out DIR]
 *
 * What each part of the tagger adds: every part on every corpus with every seed, engine native, one thread, loss ce (nll for the CRF),
 * linear schedule with 100 steps of warm-up where the part names no other. `corpora.json` is what `dsc-train compare --corpora` takes; a corpus is trained with
 * vectors, or a lexicon, where its `set` names `model.vectors` or `model.lexicon`. Printed are the test scores of the same taggers by
 * argmax, by valid sequences, and with the bias of the outside label from dev (plain tags: the accuracy), mean and standard
 * deviation over seeds, dev, and the processor seconds of a training. Runs that are in --out are not made again.
 */
import { createRequire } from 'node:module';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const at = (path) => require(join(import.meta.dirname, '../../dist', path));
const { train } = at('library/train.js');
const { analyse } = at('analyse/index.js');
const { readCounts } = at('analyse/counts.js');
const { readCorporaFile } = at('compare/corpora.js');
const { resolveConfig } = at('config/index.js');
const { ClassSums } = at('metrics/bootstrap.js');

/** Settings of each part on top of those before it in its name; `needs` is what a corpus must have for it. */
const PARTS = {
  'words and shape': { needs: [], model: { affixDim: 0 } },
  affixes: { needs: [], model: {} },
  characters: { needs: [], model: { affixDim: 0, charDim: 30 } },
  'affixes, plateau': { needs: [], model: {}, train: { schedule: 'plateau' } },
  'affixes, cosine': { needs: [], model: {}, train: { schedule: 'cosine' } },
  'affixes, EMA': { needs: [], model: {}, train: { ema: 0.995 } },
  'affixes, CRF': { needs: [], model: { head: 'crf' }, loss: { name: 'nll' } },
  'affixes, lexicon': { needs: ['lexicon'], model: {} },
  'affixes, lexicon, CRF': { needs: ['lexicon'], model: { head: 'crf' }, loss: { name: 'nll' } },
  vectors: { needs: ['vectors'], model: { affixDim: 0 } },
  'affixes, vectors': { needs: ['vectors'], model: {} },
  'affixes, vectors, CRF': { needs: ['vectors'], model: { head: 'crf' }, loss: { name: 'nll' } },
};

const { values: flags } = parseArgs({
  options: {
    corpora: { type: 'string' },
    seeds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '6' },
    parts: { type: 'string' },
    out: { type: 'string', default: 'runs/ablation' },
    json: { type: 'boolean', default: false },
  },
});
if (flags.corpora === undefined)
  throw new Error('--corpora FILE: JSON by name, as `dsc-train compare --corpora` takes it');
const wanted = flags.parts?.split(';').map((name) => name.trim()) ?? null;

const rows = [];
if (!flags.json)
  console.log(`${cpus()[0].model}, 1 thread, Node ${process.version}, ${flags.epochs} epochs, ${flags.seeds} seeds`);
for (const { name: corpus, layers } of await readCorporaFile(flags.corpora)) {
  const own = {};
  for (const { values } of layers)
    for (const [section, keys] of Object.entries(values)) own[section] = { ...own[section], ...keys };
  for (const [part, { needs, model, loss = { name: 'ce' }, train: schedule }] of Object.entries(PARTS)) {
    const has = Object.keys(own.model ?? {}).filter((key) => key === 'vectors' || key === 'lexicon');
    if (!needs.every((need) => has.includes(need)) || (wanted && !wanted.includes(part))) continue;
    const left = Object.fromEntries(has.filter((key) => !needs.includes(key)).map((key) => [key, null]));
    const runs = [];
    for (let seed = 1; seed <= Number(flags.seeds); seed++) {
      const config = {
        ...own,
        model: { ...own.model, ...left, ...model },
        loss,
        seed,
        train: {
          epochs: Number(flags.epochs),
          schedule: 'linear',
          warmupSteps: 100,
          keep: ['best'],
          ...own.train,
          ...schedule,
        },
        engine: { name: 'native', threads: 1 },
        out: join(flags.out, corpus, part.replace(/\W+/g, '-'), String(seed)),
      };
      runs.push(await measured(config));
    }
    rows.push({ corpus, part, runs });
    if (!flags.json) console.log(lineOf(corpus, part, runs));
  }
}
if (flags.json) console.log(JSON.stringify({ machine: cpus()[0].model, flags, rows }, null, 2));

/** Scores of one run by every decoding; those of an earlier call where they are there. */
async function measured(config) {
  const path = join(config.out, 'ablation.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const before = process.cpuUsage();
  const { result } = await train(config, { overwrite: true });
  const { user, system } = process.cpuUsage(before);
  const { test, dev, decodings } = await analyse(await resolveConfig(config), config.out);
  const scores = Object.fromEntries(
    decodings.map(({ name }, d) => [name, { test: f1(test.counts[d]), dev: f1(dev.counts[d]) }]),
  );
  const run = { seconds: (user + system) / 1e6, bestEpoch: result.best.epoch, dev: result.best.score, scores };
  writeFileSync(path, `${JSON.stringify(run)}\n`);
  return run;
}

/** Micro and macro F1 of counts. */
function f1(plain) {
  const counts = readCounts(plain);
  const sums = new ClassSums(counts.classes.length);
  for (let s = 0; s + 1 < counts.offsets.length; s++) sums.add(counts, s);
  const { micro, macro } = sums.f1();
  return { micro, macro };
}

function lineOf(corpus, part, runs) {
  const spread = (values) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, values.length - 1));
    return `${(100 * mean).toFixed(2)} ± ${(100 * sd).toFixed(2)}`;
  };
  const by = Object.keys(runs[0].scores);
  const cells = by.map((name) => `${name} ${spread(runs.map(({ scores }) => scores[name].test.micro))}`);
  const last = by.includes('valid') ? 'valid' : by[0];
  const macro = spread(runs.map(({ scores }) => scores[last].test.macro));
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0) / runs.length;
  return `${corpus.padEnd(14)} ${part.padEnd(24)} ${cells.join('  ')}  macro ${macro}  dev ${spread(runs.map(({ dev }) => dev))}  ${seconds.toFixed(1)} s`;
}
