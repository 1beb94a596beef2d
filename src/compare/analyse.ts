import { join } from 'node:path';
import type { Config } from '../config';
import { openEngine } from '../engine';
import { calibration, type Calibration } from '../metrics/calibration';
import { metricName } from '../run/assess';
import { readCorpora, type Split } from '../run/corpora';
import { loadTagger } from '../run/tagger';
import { predictIds, predictProbabilities } from '../train/predict';
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

/** Reads the best checkpoint of a run again and looks at its probabilities on dev and test. */
export async function analyse(config: Config, folder: string): Promise<Analysis> {
  const corpora = await readCorpora(config.data, config.model);
  const { threads } = config.engine;
  const engine = await openEngine(config.engine.name, threads === null ? {} : { threads });
  const { tagger } = await loadTagger(join(folder, 'best.ckpt'));
  const { labels } = corpora.vocab;
  const metric = metricName(config.train.metric, corpora.dev.corpus);
  const of = (split: Split): SplitAnalysis => {
    const guess = predictIds(tagger, split.encoded).ids;
    return analyseSplit(guess, predictProbabilities(tagger, split.encoded), split, labels, metric);
  };
  const analysis = { dev: of(corpora.dev), test: corpora.test && of(corpora.test), metric };
  tagger.dispose();
  engine.dispose();
  return analysis;
}

function analyseSplit(
  guess: Int32Array,
  probabilities: Float32Array,
  split: Split,
  labels: readonly string[],
  metric: string,
): SplitAnalysis {
  const { confidence, correct } = judge(guess, probabilities, split.encoded.labels, labels.length);
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

/** The probability of each token's tag, and whether it is right. (N) each */
function judge(
  guess: Int32Array,
  probabilities: Float32Array,
  gold: Int32Array,
  labels: number,
): { confidence: Float64Array; correct: Uint8Array } {
  const confidence = new Float64Array(gold.length);
  const correct = new Uint8Array(gold.length);
  for (let i = 0; i < gold.length; i++) {
    confidence[i] = Math.min(1, probabilities[i * labels + guess[i]]);
    correct[i] = guess[i] === gold[i] ? 1 : 0;
  }
  return { confidence, correct };
}
