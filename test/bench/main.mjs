/*
 * npm run bench [-- --peer] [-- --json] [-- --threads N] [-- --hidden 128,256] [-- --corpus file.conll] [-- --loss dsc]
 *                [-- --megabytes 50]
 *
 * Times the native engine: the training step (embedding to Adam, loss included), tagging, and the LSTM alone, against the matrix
 * product that the same cores reach in the same run. With --peer, the same model in PyTorch takes turns with ours, five each,
 * and medians are compared. Word embedding 100 wide, 20 000 words, 9 labels, 32 sentences of 32 words. Ours also embeds
 * the capitalisation feature (4 columns more) and clips the gradient norm, which the peer does not. With --tensorflow, the
 * tensorflow engine follows beside `tf.layers` on the same library (tensorflow.mjs).
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { epoch } from './epoch.mjs';
import { startPeer } from './peer.mjs';
import { reader } from './reader.mjs';
import { median, profile, time } from './timing.mjs';
import { addon, lstmFlops, makeCrf, makeDecoding, makeFeatured, makeLstm, makeTagger, openEngine } from './work.mjs';

const { values: flags } = parseArgs({
  options: {
    peer: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    threads: { type: 'string', default: String(availableParallelism()) },
    hidden: { type: 'string', default: '128,256' },
    loss: { type: 'string', default: 'ce' },
    corpus: { type: 'string' },
    megabytes: { type: 'string', default: '50' },
    tensorflow: { type: 'boolean', default: false },
  },
});

/** Training steps by what is in them: settings of the model, and the loss. The peer knows them by their first word. */
const FEATURED = [
  ['plain', {}, 'ce'],
  ['affixes', { affixDim: 16 }, 'ce'],
  ['characters (CNN, 30 filters)', { charDim: 30, charFilters: 30 }, 'ce'],
  ['crf', { head: 'crf' }, 'nll'],
];

const ROUNDS = 5;
const STEPS = 20;
const threads = Number(flags.threads);
const config = { batch: 32, steps: 32, embedding: 100, words: 20_000, labels: 9, threads };
const tokens = config.batch * config.steps;
const rows = [];
const row = (what, ms, note = '') => {
  rows.push({ what, ms, note });
  if (!flags.json) console.log(`${what.padEnd(44)} ${ms.toFixed(2).padStart(8)} ms   ${note}`);
};

const engine = await openEngine('native', { threads });
const kernels = addon();
const peer = flags.peer ? await startPeer(config) : undefined;
const machine = `${cpus()[0].model}, ${threads} threads, Node ${process.version}, ${engine.device}`;
if (!flags.json) console.log([machine, ...(peer ? [`PyTorch ${peer.version}`] : [])].join('\n'));

const peak = sgemmPeak();
row('sgemm 1024 x 1024 x 1024', (2 * 1024 ** 3 * 1e-6) / peak, `${peak.toFixed(0)} GFLOP/s: the peak below`);
if (peer) {
  const { ms } = await peer.ask({ what: 'sgemm', hidden: 1024, runs: STEPS });
  row('  PyTorch', ms, `${((2 * 1024 ** 3 * 1e-6) / ms).toFixed(0)} GFLOP/s`);
}

for (const hidden of flags.hidden.split(',').map(Number)) {
  const tagger = await makeTagger(config, hidden, flags.loss);
  const lstm = makeLstm(config, hidden);

  const step = await versus(`training step, H=${hidden}`, tagger.step, [
    { what: 'step', hidden, variant: 'dense', name: 'Adam' },
    ...(peer?.fused === false ? [] : [{ what: 'step', hidden, variant: 'fused', name: 'Adam, fused' }]),
    { what: 'step', hidden, variant: 'sparse', name: 'SparseAdam' },
  ]);
  const forward = await versus(`tagging, H=${hidden}`, tagger.forward, [
    { what: 'forward', hidden, name: 'inference' },
  ]);
  let plain = step;
  for (const [what, model, loss] of FEATURED) {
    const featured = await makeFeatured(config, hidden, model, loss);
    const variant = what.split(' ')[0];
    const ms = await versus(`  training step, ${what}, H=${hidden}`, featured.step, [
      { what: 'featured', hidden, variant, name: `the same, ${peer?.fused === false ? '' : 'fused '}Adam` },
    ]);
    if (variant === 'plain') plain = ms;
    else row('    beside plain', ms - plain, `${ms < plain ? '' : '+'}${percent(ms / plain - 1)}`);
    featured.dispose();
  }
  for (const labels of [config.labels, 25]) {
    const decoding = makeDecoding(config, labels);
    const { argmax, valid, scored } = decoding;
    const [free, searched, withScores] = [argmax, valid, scored].map((work) => time(work, STEPS).ms);
    row(
      `  decoding, ${labels} labels, every sentence searched`,
      searched,
      `${percent(searched / forward)} of tagging; argmax ${free.toFixed(3)} ms, with transition scores ${withScores.toFixed(3)} ms`,
    );
    await againstPeer(withScores, [{ what: 'decode', hidden: labels, name: 'Viterbi, with transition scores' }]);
    decoding.dispose();
  }
  for (const labels of [13, 25]) {
    const crf = makeCrf(config, labels);
    const [nll, marginals] = [crf.nll, crf.marginals].map((work) => time(work, STEPS).ms);
    row(
      `  CRF, ${labels} labels, likelihood and gradient`,
      nll,
      `${percent(nll / step)} of the step; marginals and gradient ${marginals.toFixed(3)} ms`,
    );
    await againstPeer(nll, [{ what: 'crf', hidden: labels, name: 'likelihood and gradient, by autograd' }]);
    await againstPeer(marginals, [{ what: 'marginals', hidden: labels, name: 'marginals and gradient, by autograd' }]);
    crf.dispose();
  }
  row(`  tokens/s trained | tagged`, 0, `${perSecond(step)} | ${perSecond(forward)}`);
  const both = await versus(`LSTM forward + backward, H=${hidden}`, lstm.both, [
    { what: 'lstm', hidden, name: 'nn.LSTM' },
  ]);
  const rate = (lstmFlops(config, hidden) * 1e-6) / both;
  row('  of its products', both, `${rate.toFixed(0)} GFLOP/s, ${percent(rate / peak)} of the peak`);

  const spent = profile(kernels, tagger.step, STEPS);
  const top = Object.entries(spent.kernels).sort(([, p], [, q]) => q - p);
  row('  outside our kernels (tfjs, JavaScript)', spent.ms * spent.outside, `${percent(spent.outside)} of the step`);
  row(
    '  inside',
    spent.ms * (1 - spent.outside),
    top
      .slice(0, 8)
      .map(([k, ms]) => `${k} ${ms.toFixed(2)}`)
      .join(', '),
  );

  if (threads > 1) {
    kernels.setThreads(1);
    const single = time(tagger.step, STEPS).ms;
    kernels.setThreads(threads);
    row(`  on 1 thread`, single, `${threads} threads are ${(single / step).toFixed(2)} times as fast`);
  }
  tagger.dispose();
  lstm.dispose();
}

if (flags.corpus !== undefined) {
  const { ms, tokens: read, loss } = await epoch(flags.corpus, 128, flags.loss);
  row(`epoch of ${flags.corpus}, H=128`, ms, `${perSecond(ms, read)} tokens/s, loss ${loss.toFixed(4)}`);
}
const { lines, ours, plain, rss } = await reader(Number(flags.megabytes));
const megalines = (rate) => `${(rate / 1e6).toFixed(2)} M lines/s`;
row(
  `reading ${flags.megabytes} MB of CoNLL`,
  (lines / ours) * 1000,
  `${megalines(ours)}; a plain splitter ${megalines(plain)}; ${rss.toFixed(0)} MB resident at the most`,
);
peer?.end();
if (flags.tensorflow) {
  const args = ['--threads', flags.threads, '--hidden', flags.hidden, ...(flags.json ? ['--json'] : [])];
  const script = join(import.meta.dirname, 'tensorflow.mjs');
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
if (flags.json) console.log(JSON.stringify({ machine, peer: peer?.version, peak, rows }, null, 2));

/** Ours and each of the peer's variants in turn; returns our median, prints ratios. */
async function versus(what, work, variants) {
  const ours = [];
  const cpu = [];
  const theirs = variants.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    const { ms, cpuMs } = time(work, STEPS);
    ours.push(ms);
    cpu.push(cpuMs);
    if (peer) {
      for (const [i, { what: task, hidden, variant }] of variants.entries()) {
        theirs[i].push((await peer.ask({ what: task, hidden, variant, runs: STEPS })).ms);
      }
    }
  }
  row(what, median(ours), `${Math.min(...ours).toFixed(2)} at best, ${median(cpu).toFixed(1)} ms of processor time`);
  for (const [i, { name }] of variants.entries()) {
    if (peer)
      row(`  PyTorch, ${name}`, median(theirs[i]), `${(median(theirs[i]) / median(ours)).toFixed(2)} times ours`);
  }
  return median(ours);
}

/** What the peer takes for the same, beside a time of ours. */
async function againstPeer(ours, variants) {
  if (!peer) return;
  for (const { name, ...task } of variants) {
    const { ms } = await peer.ask({ ...task, runs: STEPS });
    row(`    PyTorch, ${name}`, ms, `${(ms / ours).toFixed(2)} times ours`);
  }
}

/** The best that the addon's own matrix product reaches on these threads. (GFLOP/s) */
function sgemmPeak() {
  const n = 1024;
  const [a, b, c] = [1, 2, 0].map((seed) => Float32Array.from({ length: n * n }, (_, i) => Math.sin(i * seed)));
  const { least } = time(() => kernels.matmul(1, n, n, n, false, false, a, b, c), STEPS);
  return (2 * n ** 3 * 1e-6) / least;
}

function perSecond(ms, count = tokens) {
  return Math.round((count / ms) * 1000).toLocaleString('en');
}

function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}
