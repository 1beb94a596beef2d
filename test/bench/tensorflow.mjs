/*
 * npm run bench:tensorflow [-- --json FILE] [-- --rounds 9] [-- --threads N] [-- --hidden 128,256]
 *
 * The tensorflow engine against `tf.layers` on the same libtensorflow, in turn in one process: the LSTM alone, forward and
 * backward, and the whole training step of the same tagger (32 sentences of 32 words, embedding 100 wide, 20 000 words,
 * 9 labels, Adam). `tf.layers` updates the whole embedding each step, ours the rows of the batch; ours also embeds a
 * capitalisation feature and clips the gradient norm. Needs: dsc-train setup tensorflow.
 */
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { saveFigures, watchLoad } from './figures.mjs';
import { inRounds, median, ratioOf, ratioText, ROUNDS } from './rounds.mjs';
import { time } from './timing.mjs';
import { makeLstm, makeTagger, openEngine } from './work.mjs';

const require = createRequire(import.meta.url);
const { findPackage } = require(join(import.meta.dirname, '../../dist/engine/tensorflow/load.js'));

const { values: flags } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: String(ROUNDS) },
    threads: { type: 'string', default: String(availableParallelism()) },
    hidden: { type: 'string', default: '128,256' },
  },
});
const RUNS = 6;
const rounds = Number(flags.rounds);
const loadOf = watchLoad();
const config = { batch: 32, steps: 32, embedding: 100, words: 20_000, labels: 9 };

const engine = await openEngine('tensorflow', { threads: Number(flags.threads) });
// The whole of TensorFlow.js, layers included, as the engine's own package sees it.
const tf = createRequire(join(await findPackage(['cpu', 'gpu']), 'package.json'))('@tensorflow/tfjs');
const machine = `${cpus()[0].model}, ${engine.threads} threads, Node ${process.version}, ${engine.device}`;
console.log(machine);

const rows = [];
for (const hidden of flags.hidden.split(',').map(Number)) {
  const [ours, theirs] = [makeLstm(config, hidden), layersLstm(hidden)];
  await compare('LSTM, forward and backward', hidden, ours.both, theirs);
  ours.dispose();
  const [tagger, model] = [await makeTagger(config, hidden), await layersModel(hidden)];
  await compare('training step', hidden, tagger.step, model);
  tagger.dispose();
}
saveFigures(flags.json, { machine, load: loadOf(), rounds, rows });

/** Medians of both, taking turns. */
async function compare(what, hidden, ours, theirs) {
  const times = await inRounds({ ours: () => time(ours, RUNS, 2), layers: () => time(theirs, RUNS, 2) }, rounds);
  const [ms, layers] = [times.ours, times.layers].map(median);
  const ratio = ratioOf(times.layers, times.ours);
  rows.push({ what, hidden, ms, layers, ratio });
  console.log(
    `${`${what}, H=${hidden}`.padEnd(34)} ${ms.toFixed(1).padStart(8)} ms, tf.layers ${layers.toFixed(1).padStart(8)} ms: ${ratioText(ratio, 'ours')}`,
  );
}

/** A bidirectional layer of `tf.layers`; its orthogonal initialiser takes seconds, and changes no time. */
function bidirectional(units) {
  const layer = tf.layers.lstm({ units, returnSequences: true, recurrentInitializer: 'glorotUniform' });
  return tf.layers.bidirectional({ layer, mergeMode: 'concat' });
}

function layersLstm(hidden) {
  const { batch, steps, embedding } = config;
  const layer = bidirectional(hidden);
  const x = tf.keep(tf.randomNormal([batch, steps, embedding]));
  tf.tidy(() => layer.apply(x));
  const weights = layer.trainableWeights.map((weight) => weight.val);
  const scalar = () => tf.sum(layer.apply(x, { training: true }));
  return () => tf.tidy(() => tf.variableGrads(scalar, weights).value.dataSync());
}

async function layersModel(hidden) {
  const { batch, steps, embedding, words, labels } = config;
  const model = tf.sequential();
  model.add(tf.layers.embedding({ inputDim: words, outputDim: embedding, inputLength: steps }));
  model.add(bidirectional(hidden));
  model.add(tf.layers.dense({ units: labels, activation: 'softmax' }));
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'categoricalCrossentropy' });
  const x = tf.randomUniform([batch, steps], 0, words, 'int32');
  const y = tf.oneHot(tf.randomUniform([batch, steps], 0, labels, 'int32'), labels);
  await model.trainOnBatch(x, y); // builds what the function below needs
  const update = model.model.makeTrainFunction();
  return () => tf.tidy(() => update([x, y])[0].dataSync()); // trainOnBatch is the same, in a promise
}
