import { join } from 'node:path';
import type { Config } from '../config';
import { UserError } from '../errors';
import { type DecodeSettings, type Decoding, decodingOf } from '../heads';
import { BIASES, type BiasFit, type BiasPoint } from '../metrics/bias';
import { type Calibration, entityCalibration, tagCalibration } from '../metrics/calibration';
import { type Curve, tagCurves } from '../metrics/curves';
import { metricNames, metricValue, type Tables } from '../metrics/metric';
import { metricName } from '../run/assess';
import { type Corpora, readCorpora, type Split } from '../run/corpora';
import { fitOutsideBias, type Scorers, scorersOf } from '../run/decoding';
import { createOwner } from '../run/disposal';
import type { TaggerMeta } from '../run/saved';
import { openTagger } from '../run/tagger';
import { type Decoder, type Decoders, decodersOf, tagsOf } from '../train/predict';
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

/** A tagger with its best weights, and what it was trained on. */
export interface Analysed {
  readonly corpora: Corpora;
  /** How it answers by its config. */
  readonly decoding: Decoding;
  /** Of dev and test. */
  readonly decoders: Pick<Decoders, 'of'>;
  readonly scorers: Scorers;
  /** As the config names it. */
  readonly metric: string;
  /** The bias of the outside label that is best on dev with valid sequences, where it is known already. */
  readonly fit?: BiasFit | null;
}

/** An analysis, and the probabilities that it is of: of every label for every token. (N, C) each, row-major */
export interface AnalysedTagger {
  readonly analysis: Analysis;
  readonly probabilities: { readonly dev: Float32Array; readonly test: Float32Array | null };
}

/** Looks at a tagger's probabilities on dev and test. */
export function analyseTagger({
  corpora,
  decoding,
  decoders,
  scorers,
  metric: asked,
  fit = null,
}: Analysed): AnalysedTagger {
  const metric = metricName(asked, corpora.dev.corpus);
  const decodings = askedDecodings(scorers, corpora, metric, fit);
  const others = decodings.map((settings) => decodingFrom(settings, corpora));
  const of = (split: Split): AnalysedSplit =>
    analyseSplit(
      { decoder: decoders.of(split.encoded), tablesOf: scorers.of(split) },
      { own: decoding, asked: others },
      split,
      corpora.vocab.labels,
      metric,
    );
  const [dev, test] = [of(corpora.dev), corpora.test && of(corpora.test)];
  return {
    analysis: { dev: dev.analysis, test: test?.analysis ?? null, decodings, metric },
    probabilities: { dev: dev.probabilities, test: test?.probabilities ?? null },
  };
}

/** The same of a finished run: reads its corpora and its best checkpoint again. @throws UserError where they do not belong together */
export async function analyse(config: Config, folder: string): Promise<Analysis> {
  const corpora = await readCorpora(config.data, config.model);
  const { threads } = config.engine;
  const owner = createOwner();
  try {
    const options = threads === null ? {} : { threads };
    const { tagger, decoding, meta } = await openTagger(join(folder, 'best.ckpt'), owner, config.engine.name, options);
    checkTrainedOn(meta, corpora.train, folder);
    const decoders = owner.own(decodersOf(tagger));
    const scorers = scorersOf(decoders, corpora.vocab.labels);
    return analyseTagger({ corpora, decoding, decoders, scorers, metric: config.train.metric }).analysis;
  } finally {
    owner.dispose();
  }
}

function askedDecodings(scorers: Scorers, corpora: Corpora, metric: string, known: BiasFit | null): AskedDecoding[] {
  const argmax: AskedDecoding = { name: 'argmax', method: 'argmax', outsideBias: 0 };
  if (corpora.dev.corpus.task !== 'chunks') return [argmax];
  const valid: AskedDecoding = { name: 'valid', method: 'valid', outsideBias: 0 };
  const fit = known ?? fitOutsideBias(scorers, corpora, decodingFrom(valid, corpora), metric);
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

interface AnalysedSplit {
  readonly analysis: SplitAnalysis;
  readonly probabilities: Float32Array;
}

function analyseSplit(
  { decoder, tablesOf }: { readonly decoder: Decoder; readonly tablesOf: (decoding: Decoding) => Tables },
  { own, asked }: Decodings,
  { corpus, encoded }: Split,
  labels: readonly string[],
  metric: string,
): AnalysedSplit {
  const chunks = corpus.task === 'chunks';
  const { ids: guess, probabilities, entities } = decoder.answer(labels, own, chunks); // (N), (N, C)
  const sweep =
    own.outside < 0 ? null : sweepOutside((bias) => tablesOf({ ...own, outsideBias: own.outsideBias + bias }), metric);
  const { labels: gold } = encoded;
  const sentences = corpus.sentences.map(({ tags }) => tags);
  const analysis = {
    calibration: {
      all: tagCalibration(guess, probabilities, gold),
      entities: chunks ? tagCalibration(guess, probabilities, gold, (token) => guess[token] !== own.outside) : null,
      spans: entities && entityCalibration(entities, sentences),
    },
    curves: chunks ? (sweep?.curves ?? []) : tagCurves(probabilities, gold, labels),
    sweep: sweep?.points ?? [],
    counts: asked.map((one) =>
      countRight({ gold: sentences, task: corpus.task }, tagsOf(decoder.decode(one), labels, one)),
    ),
  };
  return { analysis, probabilities };
}

/**
 * Scores a part at every bias of the outside label.
 * @param tablesAt scores of what the tagger answers with a bias beside its own
 */
export function sweepOutside(
  tablesAt: (bias: number) => Tables,
  metric: string,
): { points: SweepPoint[]; curves: Curve[] } {
  const curves = new Map<string, Curve['points'][number][]>();
  const points = BIASES.map((bias): SweepPoint => {
    const tables = tablesAt(bias);
    for (const { name, precision, recall, support, predicted } of tables.entities?.classes ?? []) {
      if (support === 0 || predicted === 0) continue; // no such class, or no precision
      const curve = curves.get(name) ?? [];
      curve.push({ at: bias, precision, recall });
      curves.set(name, curve);
    }
    const known = metricNames(tables); // a class that training chooses by may be missing here
    const value = (name: string): number => (known.includes(name) ? metricValue(tables, name) : 0);
    return { bias, score: value(metric), micro: value('micro-f1'), macro: value('macro-f1') };
  });
  return { points, curves: [...curves].map(([name, of]) => ({ name, points: of })) };
}
