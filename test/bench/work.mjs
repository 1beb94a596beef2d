import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { remove, temporaryFolder } from './temporary.mjs';

const require = createRequire(import.meta.url);
const at = (path) => require(join(import.meta.dirname, '../../dist', path));

const tf = require('@tensorflow/tfjs-core');
const { crfLogMarginals, crfNll, lstm } = at('kernels/index.js');
const { createLoss, parseLossParams } = at('losses/index.js');
const { initialWeights } = at('model/init.js');
const { createTagger } = at('model/tagger.js');
const { createRng } = at('rng.js');
const { parseConfig } = at('config/index.js');
const { makeBatches } = at('data/batches.js');
const { parseCorpus } = at('data/corpus.js');
const { encode } = at('data/encode.js');
const { buildVocab } = at('data/vocab.js');
const { buildFeatures } = at('features/index.js');
const { decodingOf } = at('heads/index.js');
const { bestLabels } = at('heads/head.js');
const { readCheckpoint } = at('checkpoint/index.js');
const { tagReaderOf } = at('data/tagging.js');
const { exportRun } = at('export/write.js');
const { taggerOf, taggingOf } = at('run/saved.js');
const { decodeBatch, predictTags } = at('train/predict.js');
const { createTrainer } = at('train/step.js');

export const openEngine = at('engine/index.js').openEngine;
export const addon = () => require('node-gyp-build')(join(import.meta.dirname, '../../src/native'));

/** Batches that take turns, so that none stays in the caches. */
const BATCHES = 20;

/** Columns of the capitalisation embedding, which the peer does not have. */
const SHAPE_DIM = 4;

/** B sentences of T words each, words by Zipf's law, as a packed batch. */
export function makeBatch({ batch, steps, words, labels }, rng) {
  const rows = batch * steps;
  const cumulative = new Float64Array(words);
  for (let id = 0, sum = 0; id < words; id++) cumulative[id] = sum += 1 / (id + 1);
  const ids = Int32Array.from({ length: rows }, () => {
    const draw = rng.float() * cumulative[words - 1];
    let [low, high] = [0, words - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] < draw) low = middle + 1;
      else high = middle;
    }
    return low;
  });
  return {
    size: batch,
    stepSizes: new Int32Array(steps).fill(batch),
    inputs: new Map([
      ['words', ids],
      ['shapes', Int32Array.from({ length: rows }, () => rng.int(8))],
    ]),
    labels: Int32Array.from({ length: rows }, () => rng.int(labels)),
    sentenceOf: Int32Array.from({ length: rows }, (_, n) => n % batch),
    order: Int32Array.from({ length: batch }, (_, b) => b),
  };
}

/** The project's own tagger and training step, cross-entropy, no dropout: { step(), forward(), dispose() }. */
export async function makeTagger(config, hidden, lossName = 'ce') {
  const rng = createRng(1, 'bench');
  const labels = Array.from({ length: config.labels }, (_, i) => (i === 0 ? 'O' : `B-${i}`));
  const counts = labels.map(() => 100);
  const spec = {
    tables: [
      { name: 'words', rows: config.words, width: config.embedding, wordDropout: true, rate: 1 },
      { name: 'shapes', rows: 8, width: SHAPE_DIM, wordDropout: false, rate: 1 },
    ],
    labels: config.labels,
    hidden,
    layers: 1,
    dropout: 0,
    head: 'softmax',
  };
  const tagger = createTagger(spec, initialWeights(spec, counts, rng.split('weights')));
  const loss = await createLoss(lossName, parseLossParams(lossName, {}), { labels, counts, outside: 0 });
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  const trainer = createTrainer(tagger, loss, { ...adam, clipNorm: 5, wordDropout: 0 }, rng.split('train'));
  const batches = Array.from({ length: BATCHES }, (_, i) => makeBatch(config, rng.split(`batch ${i}`)));
  const decoding = decodingOf({ method: 'valid', outsideBias: 0 }, labels, 'iob2');
  let at = 0;
  return {
    step: () => trainer.step(batches[at++ % batches.length], 1e-3),
    forward: () => decodeBatch(tagger, batches[at++ % batches.length], decoding),
    dispose() {
      trainer.dispose();
      tagger.dispose();
    },
  };
}

/**
 * The training step with features and heads that the config of a run would choose, on words that are spelled: { step(), dispose() }.
 * Sizes and words are those of `makeTagger`.
 * @param model settings of the config's model beside these, such as { affixDim: 16 }
 */
export async function makeFeatured(config, hidden, model, lossName = 'ce') {
  const { batch, steps, embedding } = config;
  const rng = createRng(1, 'bench features');
  const train = parseCorpus(spelledText(config, rng), 'bench');
  const given = { wordDim: embedding, shapeDim: SHAPE_DIM, affixDim: 0, hidden, dropout: 0, ...model };
  const settings = parseConfig([{ source: 'bench', values: { model: given } }]).model;
  const vocab = buildVocab(train, settings);
  const { columns } = await buildFeatures({ train }, vocab, settings);
  const { head, layers } = settings;
  const spec = { tables: columns, labels: vocab.labels.length, hidden, layers, dropout: 0, head };
  const counts = [...vocab.labelCounts];
  const tagger = createTagger(spec, initialWeights(spec, counts, rng.split('weights'), columns));
  const context = { labels: vocab.labels, counts, outside: 0 };
  const loss = await createLoss(lossName, parseLossParams(lossName, {}), context);
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ema: 0 };
  const trainer = createTrainer(tagger, loss, { ...adam, clipNorm: 5, wordDropout: 0 }, rng.split('train'));
  const batches = makeBatches(encode(train, vocab, columns), { batchTokens: batch * steps }).slice(0, BATCHES);
  let next = 0;
  return {
    step: () => trainer.step(batches[next++ % batches.length], 1e-3),
    dispose() {
      trainer.dispose();
      tagger.dispose();
    },
  };
}

/** Batches of such sentences, spelled, each word with a label of its own; then every word once, as in the vocabulary of `makeTagger`. */
function spelledText(config, rng) {
  const { batch, steps, words, labels: count } = config;
  const sentences = Array.from({ length: BATCHES }, () => makeBatch(config, rng)).flatMap(({ inputs }) => {
    const ids = inputs.get('words');
    return Array.from({ length: batch }, (_, b) => ids.subarray(b * steps, (b + 1) * steps));
  });
  for (let id = 0; id < words; id += steps) sentences.push(Int32Array.from({ length: steps }, (_, i) => id + i));
  const label = (id) => (id % 2 === 0 ? 'O' : `B-${1 + ((id >> 1) % (count - 1))}`);
  return sentences.map((ids) => Array.from(ids, (id) => `${spelling(id)}\t${label(id)}\n`).join('')).join('\n');
}

/**
 * A tagger as a run keeps it, after one epoch of spelled sentences, and the same exported to ONNX:
 * { tag(), tags, model, feeds, dispose() }.
 * `tag` tags the next of the batches, `tags` has our tags of each by their numbers in the model, `feeds` the same batches as its inputs.
 */
export async function makeExported(config, hidden) {
  const { batch, steps, embedding } = config;
  const folder = temporaryFolder('dsc-bench');
  const [train, run, model] = ['train.conll', 'run', 'tagger.onnx'].map((name) => join(folder, name));
  const text = spelledText(config, createRng(1, 'bench features'));
  writeFileSync(train, text);
  const sizes = { wordDim: embedding, shapeDim: SHAPE_DIM, affixDim: 0, hidden };
  const keys = Object.entries(sizes).flatMap(([key, value]) => ['--set', `model.${key}=${value}`]);
  const files = [
    '--train',
    train,
    '--dev',
    train,
    '--set',
    'data.test=null',
    '--loss',
    'ce',
    '--epochs',
    '1',
    '--out',
    run,
  ];
  const program = join(import.meta.dirname, '../../bin/dsc-train.js');
  const { status, stderr } = spawnSync(process.execPath, [program, 'train', ...files, ...keys], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  await exportRun(run, 'onnx', model, { overwrite: false, decoding: {} });
  const saved = taggerOf(await readCheckpoint(join(run, 'best.ckpt')), run);
  const { tagger, vocab, features, decoding, meta } = saved;
  const sentences = parseCorpus(text, 'bench').sentences.slice(0, BATCHES * batch);
  const encoded = encode({ sentences }, vocab, features.columns);
  const batches = makeBatches(encoded, { batchTokens: batch * steps });
  const { fromInner } = tagReaderOf(taggingOf(meta));
  const tags = predictTags(tagger, encoded, vocab.labels, decoding).map(fromInner);
  const { tags: names } = JSON.parse(readFileSync(`${model}.json`, 'utf8'));
  let next = 0;
  return {
    model,
    tag: () => decodeBatch(tagger, batches[next++ % batches.length], decoding),
    tags: batches.map(({ order }) => Array.from(order, (s) => tags[s].map((tag) => names.indexOf(tag))).flat()),
    feeds: batches.map(({ order }) =>
      feedsOf(
        Array.from(order, (s) => sentences[s].tokens),
        features.columns,
      ),
    ),
    dispose() {
      tagger.dispose();
      remove(folder);
    },
  };
}

/** Whole sentences as the inputs of a model that has a number for each token. */
function feedsOf(sentences, columns) {
  const tokens = sentences.flat();
  return {
    lengths: { dims: [sentences.length], data: sentences.map(({ length }) => length) },
    ...Object.fromEntries(
      columns.map(({ name, encode }) => [name, { dims: [tokens.length], data: tokens.map(encode) }]),
    ),
  };
}

/** A word for each number, some six letters long, with endings that come again. */
function spelling(id) {
  let word = '';
  for (let n = id + 1; n > 0; n = Math.floor(n / 100))
    word += 'bcdfghjklmnpqrstvwxz'[n % 20] + 'aeiou'[Math.floor(n / 20) % 5];
  return word + ['', 's', 'ing', 'ly', 'er'][id % 5];
}

/**
 * Decoding alone, of a batch of sentences with so many labels: { argmax(), valid(), scored(), dispose() }. The emissions are noise, so that
 * next to no sentence is valid by argmax and each is searched; `scored` has transition scores, as the Viterbi of a CRF.
 */
export function makeDecoding({ batch, steps }, labels) {
  const rng = createRng(1, 'bench decoding');
  const normals = (length) => Float32Array.from({ length }, () => rng.normal());
  const names = Array.from({ length: labels }, (_, i) =>
    i === 0 ? 'O' : `${i % 2 === 0 ? 'I' : 'B'}-${(i + 1) >> 1}`,
  );
  const emissions = tf.tensor2d(normals(batch * steps * labels), [batch * steps, labels]); // (N, C)
  const stepSizes = tf.tensor1d(new Int32Array(steps).fill(batch), 'int32'); // (T)
  const scores = { start: normals(labels), transitions: normals(labels * labels), end: normals(labels) };
  const run = (method, of) => {
    const decoding = decodingOf({ method, outsideBias: 0 }, names, 'iob2');
    return () => {
      tf.engine().startScope();
      bestLabels(emissions, { stepSizes }, decoding, of);
      tf.engine().endScope();
    };
  };
  return {
    argmax: run('argmax', null),
    valid: run('valid', null),
    scored: run('valid', scores),
    dispose: () => tf.dispose([emissions, stepSizes]),
  };
}

/**
 * The CRF head's kernels alone, forward and backward, of a batch of sentences with so many labels: { nll(), marginals(), dispose() }.
 */
export function makeCrf({ batch, steps }, labels) {
  const rng = createRng(1, 'bench crf');
  const normals = (...shape) =>
    tf.tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => rng.normal()),
      shape,
    );
  const rows = batch * steps;
  const scores = [normals(rows, labels), normals(labels, labels), normals(labels), normals(labels)];
  const upstream = normals(rows, labels);
  const gold = tf.tensor1d(
    Int32Array.from({ length: rows }, () => rng.int(labels)),
    'int32',
  );
  const stepSizes = tf.tensor1d(new Int32Array(steps).fill(batch), 'int32');
  const named = ([emissions, transitions, start, end]) => ({ emissions, transitions, start, end, stepSizes });
  const grads = (kernel, dy) => () =>
    tf.tidy(
      () =>
        void tf
          .grads((...x) => kernel(named(x)))(scores, dy)
          .forEach((grad) => grad.dataSync()),
    );
  return {
    nll: grads((x) => crfNll({ ...x, gold })),
    marginals: grads(crfLogMarginals, upstream),
    dispose: () => tf.dispose([scores, upstream, gold, stepSizes]),
  };
}

/** The recurrent layer alone, forward and backward. */
export function makeLstm({ batch, steps, embedding }, hidden) {
  const rng = createRng(1, 'bench lstm');
  const normals = (shape, scale) =>
    tf.keep(
      tf.tensor(
        Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => scale * rng.normal()),
        shape,
      ),
    );
  const x = normals([batch * steps, embedding], 1);
  const w = normals([2, embedding + hidden, 4 * hidden], 0.1);
  const b = normals([2, 4 * hidden], 0.1);
  const dh = normals([batch * steps, 2 * hidden], 1);
  const sizes = tf.keep(tf.tensor1d(new Int32Array(steps).fill(batch), 'int32'));
  const forward = (x_, w_, b_) => lstm({ x: x_, w: w_, b: b_, stepSizes: sizes });
  return {
    forward: () => lstm({ x, w, b, stepSizes: sizes }).dispose(),
    both: () => tf.dispose(tf.grads(forward)([x, w, b], dh)),
    dispose: () => tf.dispose([x, w, b, dh, sizes]),
  };
}

/** Floating-point operations of the LSTM's products, forward and backward: 6 a weight and row. */
export function lstmFlops({ batch, steps, embedding }, hidden) {
  return 6 * batch * steps * 2 * (embedding + hidden) * 4 * hidden;
}
