import { join } from 'node:path';
import type { Config } from '../config';
import { openEngine } from '../engine';
import type { Predictions } from '../data/batches';
import type { Corpus } from '../data/types';
import { BIASES, type BiasPoint } from '../metrics/bias';
import { calibration, type Calibration } from '../metrics/calibration';
import { type Curve, tagCurves } from '../metrics/curves';
import { metricNames, metricValue } from '../metrics/metric';
import { metricName, scoreCorpus } from '../run/assess';
import { readCorpora, type Split } from '../run/corpora';
import { loadTagger } from '../run/tagger';
import { createDecoder, predictProbabilities, tagsOf } from '../train/predict';

/** The scores with a number added to the logit of the outside label. */
export interface SweepPoint extends BiasPoint {
  readonly micro: number;
  readonly macro: number;
}

/** What a finished tagger's probabilities say of one split. */
export interface SplitAnalysis {
  readonly calibration: {
    /** Every token. */
    readonly all: Calibration;
    /** Tokens that were tagged as part of an entity; null for plain tags. */
    readonly entities: Calibration | null;
  };
  /** Precision and recall by class: over biases of the outside label, or over thresholds for plain tags. */
  readonly curves: readonly Curve[];
  /** The scores at each bias of the outside label; empty where there is none. */
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
  const { tagger, decoding } = await loadTagger(join(folder, 'best.ckpt'));
  const { labels } = corpora.vocab;
  const metric = metricName(config.train.metric, corpora.dev.corpus);
  const of = (split: Split): SplitAnalysis => {
    const decoder = createDecoder(tagger, split.encoded);
    const decodeAt = (bias: number): Predictions =>
      decoder.decode({ ...decoding, outsideBias: decoding.outsideBias + bias });
    const guess = decodeAt(0).ids; // (N)
    const sweep =
      decoding.outside < 0
        ? null
        : sweepOutside((bias) => tagsOf(decodeAt(bias), labels, decoding), split.corpus, metric);
    decoder.dispose();
    return analyseSplit(guess, predictProbabilities(tagger, split.encoded), split, labels, decoding.outside, sweep);
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
  outside: number,
  sweep: ReturnType<typeof sweepOutside> | null,
): SplitAnalysis {
  const { confidence, correct } = judge(guess, probabilities, split.encoded.labels, labels.length);
  const chunks = split.corpus.task === 'chunks';
  const named = Array.from(guess.keys()).filter((i) => guess[i] !== outside);
  return {
    calibration: {
      all: calibration(confidence, correct),
      entities: chunks
        ? calibration(
            named.map((i) => confidence[i] as number),
            named.map((i) => correct[i] as number),
          )
        : null,
    },
    curves: chunks ? (sweep?.curves ?? []) : tagCurves(probabilities, split.encoded.labels, labels),
    sweep: sweep?.points ?? [],
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
    confidence[i] = Math.min(1, probabilities[i * labels + (guess[i] as number)] as number);
    correct[i] = guess[i] === gold[i] ? 1 : 0;
  }
  return { confidence, correct };
}

/**
 * Scores a part at every bias of the outside label.
 * @param tagsAt what the tagger answers with a bias beside its own
 */
export function sweepOutside(
  tagsAt: (bias: number) => readonly (readonly string[])[],
  corpus: Corpus,
  metric: string,
): { points: SweepPoint[]; curves: Curve[] } {
  const curves = new Map<string, Curve['points'][number][]>();
  const points = BIASES.map((bias): SweepPoint => {
    const report = scoreCorpus(corpus, tagsAt(bias));
    for (const { name, precision, recall, support, predicted } of report.entities?.classes ?? []) {
      if (support === 0 || predicted === 0) continue; // no such class, or no precision
      const curve = curves.get(name) ?? [];
      curve.push({ at: bias, precision, recall });
      curves.set(name, curve);
    }
    const known = metricNames(report); // a class that training chooses by may be missing here
    const value = (name: string): number => (known.includes(name) ? metricValue(report, name) : 0);
    return { bias, score: value(metric), micro: value('micro-f1'), macro: value('macro-f1') };
  });
  return { points, curves: [...curves].map(([name, of]) => ({ name, points: of })) };
}
