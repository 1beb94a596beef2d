import { join } from 'node:path';
import type { Config } from '../config';
import { openEngine } from '../engine';
import { present } from '../errors';
import { outsideLabel } from '../data/schemes';
import type { Corpus } from '../data/types';
import { BIASES, biasedLabels, type BiasPoint } from '../metrics/bias';
import { calibration, type Calibration } from '../metrics/calibration';
import { type Curve, tagCurves } from '../metrics/curves';
import { metricNames, metricValue } from '../metrics/metric';
import { metricName, scoreCorpus } from '../run/assess';
import { readCorpora, type Split } from '../run/corpora';
import { loadTagger } from '../run/tagger';
import { predictIds, predictProbabilities } from '../train/predict';

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
    const guess = predictIds(tagger, split.encoded, decoding).ids;
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
  const outside = outsideId(labels, split.corpus);
  const named = Array.from(guess.keys()).filter((i) => guess[i] !== outside);
  const sweep = chunks ? sweepOutside(probabilities, split, labels, metric) : { points: [], curves: [] };
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
    confidence[i] = Math.min(1, probabilities[i * labels + (guess[i] as number)] as number);
    correct[i] = guess[i] === gold[i] ? 1 : 0;
  }
  return { confidence, correct };
}

/** -1 where no label stands outside of entities, or training saw none that does. */
function outsideId(labels: readonly string[], { inner }: Pick<Corpus, 'inner'>): number {
  const label = outsideLabel(inner);
  return label === null ? -1 : labels.indexOf(label);
}

/**
 * Scores a part at every bias of the outside label, where there is one.
 * @param probabilities (N, C)
 */
export function sweepOutside(
  probabilities: Float32Array,
  { corpus, encoded }: Pick<Split, 'corpus' | 'encoded'>,
  labels: readonly string[],
  metric: string,
): { points: SweepPoint[]; curves: Curve[] } {
  const outside = outsideId(labels, corpus);
  if (outside < 0) return { points: [], curves: [] };
  const labelsAt = biasedLabels(probabilities, labels.length, outside);
  const { offsets, size } = encoded;
  const curves = new Map<string, Curve['points'][number][]>();
  const points = BIASES.map((bias): SweepPoint => {
    const ids = labelsAt(bias); // (N)
    const tags = Array.from({ length: size }, (_, s) =>
      Array.from(ids.subarray(offsets[s], offsets[s + 1]), (id) => present(labels[id], 'label')),
    );
    const report = scoreCorpus(corpus, tags);
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
