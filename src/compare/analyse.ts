import { join } from 'node:path';
import type { Config } from '../config';
import { makeBatches } from '../data/batches';
import { openEngine } from '../engine';
import { calibration, type Calibration } from '../metrics/calibration';
import type { Tagger } from '../model/tagger';
import { metricName } from '../run/assess';
import { readCorpora, type Split } from '../run/corpora';
import { loadTagger } from '../run/tagger';
import { sweepOutside, type SweepPoint } from './sweep';
import { type Curve, tagCurves } from './curves';

/** What a finished tagger's probabilities say of one split. */
export interface SplitAnalysis {
  readonly calibration: {
    /** Every token. */
    readonly all: Calibration;
    /** Tokens that were not tagged O; null where there is no O. */
    readonly entities: Calibration | null;
  };
  /** Precision and recall by class: over biases of O, or over thresholds for plain tags. */
  readonly curves: readonly Curve[];
  /** The scores at each bias of O; empty for plain tags. */
  readonly sweep: readonly SweepPoint[];
}

export interface Analysis {
  readonly dev: SplitAnalysis;
  readonly test: SplitAnalysis | null;
  /** The metric that a bias is chosen by. */
  readonly metric: string;
}

/** Tokens in a batch where nothing is kept for a gradient. */
const BATCH_TOKENS = 4096;

/** Reads the best checkpoint of a run again and looks at its probabilities on dev and test. */
export async function analyse(config: Config, folder: string): Promise<Analysis> {
  const corpora = await readCorpora(config.data, config.model.minCount);
  const { threads } = config.engine;
  const engine = await openEngine(config.engine.name, threads === null ? {} : { threads });
  const { tagger } = await loadTagger(join(folder, 'best.ckpt'));
  const { labels } = corpora.vocab;
  const metric = metricName(config.train.metric, corpora.dev.corpus);
  const of = (split: Split): SplitAnalysis => analyseSplit(probabilitiesOf(tagger, split), split, labels, metric);
  const analysis = { dev: of(corpora.dev), test: corpora.test && of(corpora.test), metric };
  tagger.dispose();
  engine.dispose();
  return analysis;
}

function analyseSplit(
  probabilities: Float32Array,
  split: Split,
  labels: readonly string[],
  metric: string,
): SplitAnalysis {
  const { confidence, correct, guess } = judge(probabilities, split.encoded.labels, labels.length);
  const chunks = split.corpus.task === 'chunks';
  const outside = labels.indexOf('O');
  const named = Array.from(guess.keys()).filter((i) => guess[i] !== outside);
  const sweep = chunks ? sweepOutside(probabilities, split, labels, metric) : { points: [], curves: [] };
  return {
    calibration: {
      all: calibration(confidence, correct),
      entities: chunks
        ? calibration(
            named.map((i) => confidence[i]),
            named.map((i) => correct[i]),
          )
        : null,
    },
    curves: chunks ? sweep.curves : tagCurves(probabilities, split.encoded.labels, labels),
    sweep: sweep.points,
  };
}

/** The likeliest label of each token, its probability, and whether it is right. (N) each */
function judge(
  probabilities: Float32Array,
  gold: Int32Array,
  labels: number,
): { guess: Int32Array; confidence: Float64Array; correct: Uint8Array } {
  const guess = new Int32Array(gold.length);
  const confidence = new Float64Array(gold.length);
  const correct = new Uint8Array(gold.length);
  for (let i = 0; i < gold.length; i++) {
    const at = i * labels;
    for (let c = 1; c < labels; c++) if (probabilities[at + c] > probabilities[at + guess[i]]) guess[i] = c;
    confidence[i] = Math.min(1, probabilities[at + guess[i]]);
    correct[i] = guess[i] === gold[i] ? 1 : 0;
  }
  return { guess, confidence, correct };
}

/** Softmax probabilities of every token where it stands in the corpus. (N, C), row-major */
function probabilitiesOf(tagger: Tagger, { encoded }: Split): Float32Array {
  const { labels } = tagger.spec;
  const all = new Float32Array(encoded.words.length * labels);
  for (const batch of makeBatches(encoded, { batchTokens: BATCH_TOKENS })) {
    const rows = tagger.probabilities(batch); // (N of the batch, C)
    for (let t = 0, row = 0; t < batch.stepSizes.length; t++) {
      for (let b = 0; b < batch.stepSizes[t]; b++, row++) {
        all.set(rows.subarray(row * labels, (row + 1) * labels), (encoded.offsets[batch.order[b]] + t) * labels);
      }
    }
  }
  return all;
}
