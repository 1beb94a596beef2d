/*
 * npm run bench [-- --peer] [-- --json FILE] [-- --threads N] [-- --hidden 128,256] [-- --corpus file.conll] [-- --loss dsc]
 *                [-- --megabytes 50] [-- --read file.conllu] [-- --rounds 9]
 *
 * Times the native engine: the training step (embedding to Adam, loss included), tagging, and the LSTM alone, against the matrix
 * product that the same cores reach in the same run; then reading. Everything that is compared takes turns, round by round: of each a
 * row has the least, the median and the spread, and a ratio its interval of 95 %; where that holds 1 no difference is shown. With
 * --peer, the same model in PyTorch takes its turns too. Word embedding 100 wide, 20 000 words, 9 labels, 32 sentences of 32 words.
 * Ours also embeds the capitalisation feature (4 columns more) and clips the gradient norm, which the peer does not. A tagger that is
 * exported to ONNX tags beside onnxruntime-node, where that is installed. With --tensorflow, the tensorflow engine follows beside
 * `tf.layers` on the same library (tensorflow.mjs). --json writes the figures that the tables of README.md are made of, after each row.
 * --hidden "" leaves the network out and goes on to reading.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { epoch } from './epoch.mjs';
import { saveFigures, watchLoad } from './figures.mjs';
import { startPeer } from './peer.mjs';
import { reader } from './reader.mjs';
import { inRounds, median, ratioOf, ratioText, ROUNDS, spreadOf } from './rounds.mjs';
import { startRuntime } from './runtime.mjs';
import { profile, time } from './timing.mjs';
import {
  addon,
  lstmFlops,
  makeCrf,
  makeDecoding,
  makeExported,
  makeFeatured,
  makeLstm,
  makeTagger,
  openEngine,
} from './work.mjs';

const { values: flags } = parseArgs({
  options: {
    peer: { type: 'boolean', default: false },
    json: { type: 'string' },
    rounds: { type: 'string', default: String(ROUNDS) },
    threads: { type: 'string', default: String(availableParallelism()) },
    hidden: { type: 'string', default: '128,256' },
    loss: { type: 'string', default: 'ce' },
    corpus: { type: 'string' },
    megabytes: { type: 'string', default: '50' },
    read: { type: 'string' },
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

/** Beside what products of the network reach. */
const SGEMM = 'sgemm 1024 x 1024 x 1024';
const SGEMM_FLOPS = 2 * 1024 ** 3;

const threads = Number(flags.threads);
const config = { batch: 32, steps: 32, embedding: 100, words: 20_000, labels: 9, threads };
const tokens = config.batch * config.steps;
const rounds = Number(flags.rounds);
const rows = [];
/**
 * @param who    'ours', or what it stands beside
 * @param times  milliseconds of each round, or null where the row is of no time
 * @param more   fields of the figures
 */
const row = (what, who, times, note = '', more = {}) => {
  const { least = null, median: ms = null, spread = null } = times === null ? {} : spreadOf(times);
  rows.push({ what, who, ms, least, spread, note, ...more });
  writeFigures();
  const cells = [ms, least].map((one) => (one === null ? '' : `${one.toFixed(3)} ms`).padStart(13));
  const name = who === 'ours' ? what + (more.hidden ? `, H=${more.hidden}` : '') : `    ${who}`;
  console.log(`${name.padEnd(56)}${cells.join('')}${(spread === null ? '' : percent(spread)).padStart(8)}   ${note}`);
};
let onnx; // the version of the runtime, once it has answered
let reading = null; // what the readers read, once they have
const loadOf = watchLoad();
const { before: loadBefore } = loadOf();
const busy = (load) => `${load.toFixed(1)} programs running on ${cpus().length} cores in the last minute`;

const engine = await openEngine('native', { threads });
const kernels = addon();
const peer = flags.peer ? await startPeer(config) : undefined;
const machine = `${cpus()[0].model}, ${threads} threads, Node ${process.version}, ${engine.device}`;
console.log([machine, ...(peer ? [`PyTorch ${peer.version}`] : []), `load: ${busy(loadBefore)}`].join('\n'));
console.log(
  `${''.padEnd(56)}${'median'.padStart(13)}${'least'.padStart(13)}${'spread'.padStart(8)}   of ${rounds} rounds`,
);

const product = sgemm(1024);
const { ours: products } = await versus(SGEMM, product, {
  peers: [{ what: 'sgemm', hidden: 1024, name: 'torch.mm' }],
});
row('its speed', 'ours', null, `${((SGEMM_FLOPS * 1e-6) / median(products)).toFixed(0)} GFLOP/s`);

const sizes = flags.hidden.split(',').filter(Boolean).map(Number);
for (const hidden of sizes) {
  const tagger = await makeTagger(config, hidden, flags.loss);
  const lstm = makeLstm(config, hidden);

  const single = () => {
    kernels.setThreads(1);
    const timed = time(tagger.step, STEPS, 2);
    kernels.setThreads(threads);
    return timed;
  };
  const { ours: step } = await versus('training step', tagger.step, {
    hidden,
    peers: [
      { what: 'step', hidden, variant: 'dense', name: 'Adam' },
      ...(peer?.fused === false ? [] : [{ what: 'step', hidden, variant: 'fused', name: 'Adam, fused' }]),
      { what: 'step', hidden, variant: 'sparse', name: 'SparseAdam' },
    ],
    beside: threads > 1 ? { 'on 1 thread': single } : {},
  });
  const { ours: forward } = await versus('tagging', tagger.forward, {
    hidden,
    peers: [{ what: 'forward', hidden, name: 'inference' }],
  });
  const speeds = [step, forward].map((times) => perSecond(median(times)));
  row('trained, tagged', 'ours', null, `${speeds.join(' and ')} tokens/s, by the medians`, { hidden });
  await exported(hidden);

  const [plain, ...featured] = await Promise.all(
    FEATURED.map(async ([what, model, loss]) => ({ what, ...(await makeFeatured(config, hidden, model, loss)) })),
  );
  const adam = peer?.fused === false ? 'Adam' : 'Adam, fused';
  for (const { what, step: work } of featured)
    await versus(`training step, ${what}`, work, {
      hidden,
      peers: [{ what: 'featured', hidden, variant: what.split(' ')[0], name: adam }],
      beside: { 'the plain step': () => time(plain.step, STEPS, 2) },
    });
  for (const { dispose } of [plain, ...featured]) dispose();

  if (hidden === sizes[0]) await decodingAndCrf(tagger.forward, hidden);

  const { ours: both, [SGEMM]: beside } = await versus('LSTM, forward and backward', lstm.both, {
    hidden,
    peers: [{ what: 'lstm', hidden, name: 'nn.LSTM' }],
    beside: { [SGEMM]: () => time(product, STEPS, 2) },
  });
  const share = ratioOf(
    beside.map((ms) => ms * lstmFlops(config, hidden)),
    both.map((ms) => ms * SGEMM_FLOPS),
  );
  const rate = (lstmFlops(config, hidden) * 1e-6) / median(both);
  const between = share.interval === null ? '' : ` (${share.interval.map(percent).join(' to ')})`;
  row(
    'products of the LSTM',
    'ours',
    null,
    `${rate.toFixed(0)} GFLOP/s, ${percent(share.median)}${between} of what ${SGEMM} reaches`,
    { hidden },
  );

  const spent = profile(kernels, tagger.step, STEPS);
  const top = Object.entries(spent.kernels).sort(([, p], [, q]) => q - p);
  row('outside our kernels (tfjs, JavaScript)', 'ours', [spent.ms * spent.outside], `${percent(spent.outside)} of the step`, { hidden }); // prettier-ignore
  row('inside', 'ours', [spent.ms * (1 - spent.outside)], top.slice(0, 8).map(([k, ms]) => `${k} ${ms.toFixed(2)}`).join(', '), { hidden }); // prettier-ignore
  tagger.dispose();
  lstm.dispose();
}

if (flags.corpus !== undefined) {
  const { ms, tokens: read, loss } = await epoch(flags.corpus, 128, flags.loss);
  row(`epoch of ${basename(flags.corpus)}`, 'ours', [ms], `${perSecond(ms, read)} tokens/s, loss ${loss.toFixed(4)}`, { hidden: 128 }); // prettier-ignore
}
reading = await read();
peer?.end();
if (flags.tensorflow) {
  const args = ['--threads', flags.threads, '--hidden', flags.hidden];
  const script = join(import.meta.dirname, 'tensorflow.mjs');
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
const { after: loadAfter } = loadOf();
console.log(`load at the end: ${busy(loadAfter)}, this one included`);
writeFigures(loadAfter);

/**
 * Ours, what is beside it and each of the peers in turns. @returns milliseconds of each round by who it was, after the rows
 * @param beside  by name, functions that take a time of something else of ours
 * @param peers   tasks of PyTorch, where it takes part
 * @param others  by name, functions that take a time of another peer
 */
async function versus(what, work, { hidden, peers = [], beside = {}, others = {} }) {
  work(); // the first call is never like the others
  const cpu = [];
  const ours = () => {
    const timed = time(work, STEPS, 2);
    cpu.push(timed.cpuMs);
    return timed;
  };
  const asked = peer ? peers : [];
  const theirs = {
    ...Object.fromEntries(
      asked.map(({ name, ...task }) => [`PyTorch, ${name}`, () => peer.ask({ ...task, runs: STEPS })]),
    ),
    ...others,
  };
  const times = await inRounds({ ours, ...beside, ...theirs }, rounds);
  row(what, 'ours', times.ours, `${median(cpu).toFixed(2)} ms of processor time`, { hidden, cpu: median(cpu) });
  for (const [side, of, names] of [
    ['beside', 'that', Object.keys(beside)],
    ['peer', 'ours', Object.keys(theirs)],
  ])
    for (const name of names) {
      const ratio = ratioOf(times[name], times.ours);
      row(what, name, times[name], ratioText(ratio, of), { hidden, side, ratio });
    }
  return times;
}

/** Tagging by a run's tagger, beside the same exported to ONNX. @throws Error where the two do not tag alike */
async function exported(hidden) {
  const { tag, tags, model, feeds, dispose } = await makeExported(config, hidden);
  const runtime = await startRuntime(model, feeds, threads);
  if (runtime) {
    onnx = runtime.version;
    const apart = tags.flat().filter((tag, i) => tag !== runtime.tags.flat()[i]).length;
    if (apart > tags.flat().length / 1000) throw new Error(`${apart} of ${tags.flat().length} tags are others in ONNX`);
  }
  const others = runtime ? { 'ONNX Runtime': () => runtime.ask({ runs: STEPS }) } : {};
  await versus('tagging by a trained tagger', tag, { hidden, others });
  if (!runtime) row('tagging by a trained tagger', 'ONNX Runtime', null, 'is not installed here', { hidden });
  runtime?.end();
  dispose();
}

/** Kernels that know nothing of the network's width, beside tagging with all of it. */
async function decodingAndCrf(forward, hidden) {
  for (const labels of [config.labels, 25]) {
    const { argmax, valid, scored, dispose } = makeDecoding(config, labels);
    await versus(`decoding, ${labels} labels, every sentence searched`, valid, {
      beside: {
        argmax: () => time(argmax, STEPS, 2),
        [`tagging, H=${hidden}`]: () => time(forward, STEPS, 2),
      },
    });
    await versus(`decoding, ${labels} labels, transition scores`, scored, {
      peers: [{ what: 'decode', hidden: labels, name: 'Viterbi' }],
    });
    dispose();
  }
  for (const labels of [13, 25]) {
    const { nll, marginals, dispose } = makeCrf(config, labels);
    await versus(`CRF, ${labels} labels, likelihood and gradient`, nll, {
      peers: [{ what: 'crf', hidden: labels, name: 'by autograd' }],
    });
    await versus(`CRF, ${labels} labels, marginals and gradient`, marginals, {
      peers: [{ what: 'marginals', hidden: labels, name: 'by autograd' }],
    });
    dispose();
  }
}

/** After every row, so that a bench that is stopped leaves what it found. `after`: the load at the end */
function writeFigures(after = null) {
  const peers = { ...(peer && { PyTorch: peer.version }), ...(onnx && { 'ONNX Runtime': onnx }) };
  saveFigures(flags.json, { machine, peers, load: loadOf(after), rounds, rows, reading });
}

/** Readers in turns. @returns what they read, and of each its millions of lines in a second of processor time */
async function read() {
  const { name, lines, bytes, times, missing } = await reader({
    megabytes: Number(flags.megabytes),
    file: flags.read,
    rounds,
  });
  const what = `reading ${Math.round(bytes / 1e6)} MB of ${name}`;
  const readers = Object.entries(times).map(([who, of]) => {
    const speeds = of.map((ms) => (lines / ms) * 1e-3).sort((a, b) => a - b);
    const [least, middle, most] = [speeds[0], median(speeds), speeds.at(-1)];
    const ratio = who === 'ours' ? null : ratioOf(of, times.ours);
    const note = [`${middle.toFixed(2)} M lines/s of processor time`, ...(ratio ? [ratioText(ratio, 'ours')] : [])];
    row(what, who, of, note.join('; '));
    return { who, least, median: middle, most, ratio };
  });
  for (const who of missing) row(what, who, null, 'is not installed here');
  return { name, lines, bytes, readers };
}

/** The addon's own matrix product. */
function sgemm(n) {
  const [a, b, c] = [1, 2, 0].map((seed) => Float32Array.from({ length: n * n }, (_, i) => Math.sin(i * seed)));
  return () => kernels.matmul(1, n, n, n, false, false, a, b, c);
}

function perSecond(ms, count = tokens) {
  return Math.round((count / ms) * 1000).toLocaleString('en');
}

function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}
