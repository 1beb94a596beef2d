import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const at = (path) => require(join(import.meta.dirname, '../../dist', path));

const { makeBatches } = at('data/batches.js');
const { readCorpus } = at('data/corpus.js');
const { encode } = at('data/encode.js');
const { buildVocab } = at('data/vocab.js');
const { buildFeatures } = at('features/index.js');
const { createLoss, parseLossParams } = at('losses/index.js');
const { initialWeights } = at('model/init.js');
const { createTagger } = at('model/tagger.js');
const { createRng } = at('rng.js');
const { taggerSpec } = at('run/tagger.js');
const { createTrainer } = at('train/step.js');

/** Trains one epoch of a corpus file by the project's own loop parts, in batches of 32 sentences. */
export async function epoch(file, hidden, lossName) {
  const corpus = await readCorpus(file, {});
  const vocab = buildVocab(corpus, {});
  const features = await buildFeatures({ train: corpus }, vocab, { wordDim: 100, shapeDim: 16, affixDim: 0 });
  const encoded = encode(corpus, vocab, features.columns);
  const rng = createRng(1, 'bench epoch');
  const labels = [...vocab.labels];
  const counts = labels.map(() => 1);
  const model = { hidden, layers: 1, dropout: 0.5 };
  const spec = taggerSpec(model, { vocab, features });
  const tagger = createTagger(spec, initialWeights(spec, counts, rng.split('weights')));
  const loss = await createLoss(lossName, parseLossParams(lossName, {}), {
    labels,
    counts,
    outside: labels.indexOf('O'),
  });
  const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 5, wordDropout: 0.05 };
  const trainer = createTrainer(tagger, loss, options, rng.split('train'));
  const start = performance.now();
  let tokens = 0;
  let last = NaN;
  for (const batch of makeBatches(encoded, { batchTokens: Infinity, batchSentences: 32 }, rng.split('shuffle'))) {
    ({ loss: last } = trainer.step(batch, 1e-3));
    tokens += batch.labels.length;
  }
  return { ms: performance.now() - start, tokens, loss: last };
}
