import { join } from 'node:path';
import type { Config } from '../config';
import type { Predictions } from '../data/batches';
import type { Corpus } from '../data/types';
import { UserError } from '../errors';
import { type DecodeSettings, type Decoding, decodingOf } from '../heads';
import { BIASES, type BiasPoint } from '../metrics/bias';
import { type Calibration, entityCalibration, tagCalibration } from '../metrics/calibration';
import { type Curve, tagCurves } from '../metrics/curves';
import { metricNames, metricValue } from '../metrics/metric';
import type { Tagger } from '../model/tagger';
import { metricName, scoreCorpus } from '../run/assess';
import { type Corpora, readCorpora, type Split } from '../run/corpora';
import { fitOutsideBias } from '../run/decoding';
import { createOwner } from '../run/disposal';
import type { TaggerMeta } from '../run/saved';
import { openTagger } from '../run/tagger';
import { createDecoder, predictAnswers, tagsOf } from '../train/predict';
import { countRight, type PlainCounts } from './counts';

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
    /** Entities as a whole, by the probability of each (see `entityJudge`); null for plain tags, absent where it was not measured yet. */
    readonly spans?: Calibration | null;
  };
  /** Precision and recall by class: over biases of the outside label, or over thresholds for plain tags. */
  readonly curves: readonly Curve[];
  /** The scores at each bias of the outside label; empty where there is none. */
  readonly sweep: readonly SweepPoint[];
  /** What each of the ways in `Analysis.decodings` gets right, sentence by sentence. */
  readonly counts: readonly PlainCounts[];
}

/** A way to choose tags that every tagger of the task is looked at with, whatever its config says. */
export interface AskedDecoding extends DecodeSettings {
  /** `argmax`, `valid`, and `valid+bias` with the bias that is best on dev; plain tags have `argmax` alone. */
  readonly name: string;
}

export interface Analysis {
  readonly dev: SplitAnalysis;
  readonly test: SplitAnalysis | null;
  readonly decodings: readonly AskedDecoding[];
  /** The metric that a bias is chosen by. */
  readonly metric: string;
}

/** Reads the best checkpoint of a run again and looks at its probabilities on dev and test. */
export async function analyse(config: Config, folder: string): Promise<Analysis> {
  const corpora = await readCorpora(config.data, config.model);
  const { threads } = config.engine;
  const owner = createOwner();
  try {
    const options = threads === null ? {} : { threads };
    const { tagger, decoding, meta } = await openTagger(join(folder, 'best.ckpt'), owner, config.engine.name, options);
    checkTrainedOn(meta, corpora.train, folder);
    const metric = metricName(config.train.metric, corpora.dev.corpus);
    const decodings = askedDecodings(tagger, corpora, config.train.metric);
    const asked = decodings.map((settings) => decodingFrom(settings, corpora));
    const of = (split: Split): SplitAnalysis =>
      analyseSplit(tagger, { own: decoding, asked }, split, corpora.vocab.labels, metric);
    return { dev: of(corpora.dev), test: corpora.test && of(corpora.test), decodings, metric };
  } finally {
    owner.dispose();
  }
}

function askedDecodings(tagger: Tagger, corpora: Corpora, metric: string): AskedDecoding[] {
  const argmax: AskedDecoding = { name: 'argmax', method: 'argmax', outsideBias: 0 };
  if (corpora.dev.corpus.task !== 'chunks') return [argmax];
  const valid: AskedDecoding = { name: 'valid', method: 'valid', outsideBias: 0 };
  const fit = fitOutsideBias(tagger, corpora, decodingFrom(valid, corpora), metric);
  return [argmax, valid, ...(fit ? [{ name: 'valid+bias', method: 'valid', outsideBias: fit.bias } as const] : [])];
}

const decodingFrom = ({ method, outsideBias }: DecodeSettings, { vocab, train }: Corpora): Decoding =>
  decodingOf({ method, outsideBias }, vocab.labels, train.corpus.inner);

/** Words and labels by other numbers would give probabilities about nothing. */
function checkTrainedOn({ trainedOn }: TaggerMeta, { name, corpus }: Split, folder: string): void {
  if (trainedOn.sha256 === corpus.sha256) return;
  throw new UserError(
    `${folder}: its tagger was trained on ${trainedOn.path}, and ${name} is not that file as it was`,
    'remove this run folder and train again',
  );
}

/** How a tagger answers by its config, and how it is asked beside that. */
interface Decodings {
  readonly own: Decoding;
  readonly asked: readonly Decoding[];
}

function analyseSplit(
  tagger: Tagger,
  decodings: Decodings,
  { corpus, encoded }: Split,
  labels: readonly string[],
  metric: string,
): SplitAnalysis {
  const { guess, sweep, counts } = decodeSplit(tagger, decodings, { corpus, encoded }, labels, metric);
  const chunks = corpus.task === 'chunks';
  const { probabilities, entities } = predictAnswers(tagger, encoded, labels, decodings.own, chunks); // (N, C)
  const { labels: gold } = encoded;
  return {
    calibration: {
      all: tagCalibration(guess, probabilities, gold),
      entities: chunks
        ? tagCalibration(guess, probabilities, gold, (token) => guess[token] !== decodings.own.outside)
        : null,
      spans:
        entities &&
        entityCalibration(
          entities,
          corpus.sentences.map(({ tags }) => tags),
        ),
    },
    curves: chunks ? (sweep?.curves ?? []) : tagCurves(probabilities, encoded.labels, labels),
    sweep: sweep?.points ?? [],
    counts,
  };
}

/** What the tagger answers (N), its scores at every bias of the outside label, where there is one, and how it does when asked otherwise. */
function decodeSplit(
  tagger: Tagger,
  { own: decoding, asked }: Decodings,
  { corpus, encoded }: Pick<Split, 'corpus' | 'encoded'>,
  labels: readonly string[],
  metric: string,
): { guess: Int32Array; sweep: ReturnType<typeof sweepOutside> | null; counts: PlainCounts[] } {
  const { own, dispose } = createOwner();
  try {
    const decoder = own(createDecoder(tagger, encoded));
    const decodeAt = (bias: number): Predictions =>
      decoder.decode({ ...decoding, outsideBias: decoding.outsideBias + bias });
    const guess = decodeAt(0).ids;
    const tagsAt = (bias: number): string[][] => tagsOf(decodeAt(bias), labels, decoding);
    const counts = asked.map((one) => countRight(corpus, tagsOf(decoder.decode(one), labels, one)));
    return { guess, sweep: decoding.outside < 0 ? null : sweepOutside(tagsAt, corpus, metric), counts };
  } finally {
    dispose();
  }
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
