/*
 * npm run bench [-- --peer] [-- --json] [-- --threads N] [-- --hidden 128,256] [-- --corpus file.conll] [-- --loss dsc]
 *                [-- --megabytes 50]
 *
 * Times the native engine: the training step (embedding to Adam, loss included), tagging, and the LSTM alone, against the matrix
 * product that the same cores reach in the same run. Everything that is compared takes turns, round by round: of each a row has the
 * least, the median and the spread, and a ratio its interval of 95 %; where that holds 1 no difference is shown. With --peer, the same
 * model in PyTorch takes its turns too. Word embedding 100 wide, 20 000 words, 9 labels, 32 sentences of 32 words. Ours also embeds
 * the capitalisation feature (4 columns more) and clips the gradient norm, which the peer does not. With --tensorflow, the
 * tensorflow engine follows beside `tf.layers` on the same library (tensorflow.mjs).
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { epoch } from './epoch.mjs';
import { startPeer } from './peer.mjs';
import { reader } from './reader.mjs';
import { inRounds, median, ratioOf, ratioText, ROUNDS, spreadOf } from './rounds.mjs';
import { profile, time } from './timing.mjs';
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

const STEPS = 20;
const threads = Number(flags.threads);
const config = { batch: 32, steps: 32, embedding: 100, words: 20_000, labels: 9, threads };
const tokens = config.batch * config.steps;
const rows = [];
/** @param times milliseconds of each round, one number, or null where the row is of no time */
const row = (what, times, note = '') => {
  const { least = null, median: ms = times, spread = null } = Array.isArray(times) ? spreadOf(times) : {};
  rows.push({ what, ms, least, spread, note });
  const cells = [ms, least].map((one) => (one === null ? '' : `${one.toFixed(3)} ms`).padStart(13));
  if (!flags.json)
    console.log(`${what.padEnd(52)}${cells.join('')}${(spread === null ? '' : percent(spread)).padStart(8)}   ${note}`);
};
const [loadBefore] = loadavg();
const busy = (load) => `${load.toFixed(1)} programs running on ${cpus().length} cores in the last minute`;

const engine = await openEngine('native', { threads });
const kernels = addon();
const peer = flags.peer ? await startPeer(config) : undefined;
const machine = `${cpus()[0].model}, ${threads} threads, Node ${process.version}, ${engine.device}`;
if (!flags.json) {
  console.log([machine, ...(peer ? [`PyTorch ${peer.version}`] : []), `load: ${busy(loadBefore)}`].join('\n'));
  console.log(
    `${''.padEnd(52)}${'median'.padStart(13)}${'least'.padStart(13)}${'spread'.padStart(8)}   of ${ROUNDS} rounds`,
  );
}

const peak = sgemmPeak();
row('sgemm 1024 x 1024 x 1024', (2 * 1024 ** 3 * 1e-6) / peak, `${peak.toFixed(0)} GFLOP/s: the peak below`);
if (peer) {
  const { ms } = await peer.ask({ what: 'sgemm', hidden: 1024, runs: STEPS });
  row('  PyTorch', ms, `${((2 * 1024 ** 3 * 1e-6) / ms).toFixed(0)} GFLOP/s`);
}

for (const hidden of flags.hidden.split(',').map(Number)) {
  const tagger = await makeTagger(config, hidden, flags.loss);
  const lstm = makeLstm(config, hidden);

  const single = () => {
    kernels.setThreads(1);
    const timed = time(tagger.step, STEPS, 2);
    kernels.setThreads(threads);
    return timed;
  };
  const step = await versus(`training step, H=${hidden}`, tagger.step, {
    peers: [
      { what: 'step', hidden, variant: 'dense', name: 'Adam' },
      ...(peer?.fused === false ? [] : [{ what: 'step', hidden, variant: 'fused', name: 'Adam, fused' }]),
      { what: 'step', hidden, variant: 'sparse', name: 'SparseAdam' },
    ],
    beside: threads > 1 ? { 'on 1 thread': single } : {},
  });
  const forward = await versus(`tagging, H=${hidden}`, tagger.forward, {
    peers: [{ what: 'forward', hidden, name: 'inference' }],
  });
  row('  trained, tagged', null, `${perSecond(step)} and ${perSecond(forward)} tokens/s, by the medians`);

  const [plain, ...featured] = await Promise.all(
    FEATURED.map(async ([what, model, loss]) => ({ what, ...(await makeFeatured(config, hidden, model, loss)) })),
  );
  for (const { what, step: work } of featured)
    await versus(`  training step, ${what}, H=${hidden}`, work, {
      peers: [{ what: 'featured', hidden, variant: what.split(' ')[0], name: `the same, ${peer?.fused === false ? '' : 'fused '}Adam` }], // prettier-ignore
      beside: { 'the plain step': () => time(plain.step, STEPS, 2) },
    });
  for (const { dispose } of [plain, ...featured]) dispose();

  for (const labels of [config.labels, 25]) {
    const { argmax, valid, scored, dispose } = makeDecoding(config, labels);
    await versus(`  decoding, ${labels} labels, every sentence searched`, valid, {
      beside: {
        argmax: () => time(argmax, STEPS, 2),
        'tagging, network included': () => time(tagger.forward, STEPS, 2),
      },
    });
    await versus(`  decoding, ${labels} labels, transition scores`, scored, {
      peers: [{ what: 'decode', hidden: labels, name: 'Viterbi' }],
    });
    dispose();
  }
  for (const labels of [13, 25]) {
    const { nll, marginals, dispose } = makeCrf(config, labels);
    await versus(`  CRF, ${labels} labels, likelihood and gradient`, nll, {
      peers: [{ what: 'crf', hidden: labels, name: 'by autograd' }],
    });
    await versus(`  CRF, ${labels} labels, marginals and gradient`, marginals, {
      peers: [{ what: 'marginals', hidden: labels, name: 'by autograd' }],
    });
    dispose();
  }
  const both = await versus(`LSTM forward + backward, H=${hidden}`, lstm.both, {
    peers: [{ what: 'lstm', hidden, name: 'nn.LSTM' }],
  });
  const rate = (lstmFlops(config, hidden) * 1e-6) / both;
  row('  its products', null, `${rate.toFixed(0)} GFLOP/s, ${percent(rate / peak)} of the peak`);

  const spent = profile(kernels, tagger.step, STEPS);
  const top = Object.entries(spent.kernels).sort(([, p], [, q]) => q - p);
  row('  outside our kernels (tfjs, JavaScript)', spent.ms * spent.outside, `${percent(spent.outside)} of the step`);
  row('  inside', spent.ms * (1 - spent.outside), top.slice(0, 8).map(([k, ms]) => `${k} ${ms.toFixed(2)}`).join(', ')); // prettier-ignore
  tagger.dispose();
  lstm.dispose();
}

if (flags.corpus !== undefined) {
  const { ms, tokens: read, loss } = await epoch(flags.corpus, 128, flags.loss);
  row(`epoch of ${flags.corpus}, H=128`, ms, `${perSecond(ms, read)} tokens/s, loss ${loss.toFixed(4)}`);
}
const { lines, times, rss, missing } = await reader(Number(flags.megabytes));
const { ours, ...others } = times;
const rateText = (of) => `${((lines / median(of)) * 1e-3).toFixed(2)} M lines/s of processor time`;
row(`reading ${flags.megabytes} MB of CoNLL`, ours, `${rateText(ours)}, ${rss.toFixed(0)} MB resident at the most`);
for (const [name, of] of Object.entries(others))
  row(`  ${name}`, of, `${rateText(of)}; ${ratioText(ratioOf(of, ours), 'ours')}`);
for (const name of missing) row(`  ${name}`, null, 'is not installed here');
peer?.end();
if (flags.tensorflow) {
  const args = ['--threads', flags.threads, '--hidden', flags.hidden, ...(flags.json ? ['--json'] : [])];
  const script = join(import.meta.dirname, 'tensorflow.mjs');
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
const [loadAfter] = loadavg();
const load = { before: loadBefore, after: loadAfter };
if (flags.json)
  console.log(JSON.stringify({ machine, peer: peer?.version, load, rounds: ROUNDS, peak, rows }, null, 2));
else console.log(`load at the end: ${busy(loadAfter)}, this one included`);

/**
 * Ours, what is beside it and each of the peer's variants in turns. @returns our median, after the rows
 * @param beside by name, functions that take a time of something else of ours
 */
async function versus(what, work, { peers = [], beside = {} }) {
  work(); // the first call is never like the others
  const cpu = [];
  const ours = () => {
    const timed = time(work, STEPS, 2);
    cpu.push(timed.cpuMs);
    return timed;
  };
  const asked = peer ? peers : [];
  const theirs = Object.fromEntries(
    asked.map(({ name, ...task }) => [`PyTorch, ${name}`, () => peer.ask({ ...task, runs: STEPS })]),
  );
  const times = await inRounds({ ours, ...beside, ...theirs });
  row(what, times.ours, `${median(cpu).toFixed(2)} ms of processor time`);
  for (const name of Object.keys(beside))
    row(`    ${name}`, times[name], ratioText(ratioOf(times[name], times.ours), 'that'));
  for (const name of Object.keys(theirs))
    row(`    ${name}`, times[name], ratioText(ratioOf(times[name], times.ours), 'ours'));
  return median(times.ours);
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
