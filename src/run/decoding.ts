import { type Config, settingOf } from '../config';
import type { Inner } from '../schemes';
import { tagReaderOf } from '../data/tagging';
import { mistaken, UserError } from '../errors';
import { DECODE_METHODS } from '../heads/decoding';
import { isFloat32 } from '../losses/params';
import { type DecodeSettings, type Decoding, decodingOf, methodOf } from '../heads';
import { type BiasFit, fitBias } from '../metrics/bias';
import { metricNames, metricValue, type Tables } from '../metrics/metric';
import { createTally } from '../metrics/tally';
import { type Decoder, type Decoders, writtenTags } from '../train/predict';
import { metricName } from './assess';
import type { Corpora, Split } from './corpora';
import { type SavedTagger, taggingOf } from './saved';

/**
 * How a run chooses tags. A bias that is to be fitted is 0 until it is.
 * @throws UserError where the labels have nothing that is asked for
 */
export function decodingFor({ method, outsideBias }: Config['decode'], { vocab, train }: Corpora): Decoding {
  const { inner } = train.corpus;
  const settings = { method: methodOf(method, inner), outsideBias: outsideBias === 'dev' ? 0 : (outsideBias ?? 0) };
  return checked(settings, vocab.labels, inner, {
    method: settingOf('decode.method'),
    outsideBias: outsideBias === null ? null : settingOf('decode.outsideBias'),
  });
}

/**
 * The bias of the outside label that scores best on dev by the run's metric; null where there is no such label.
 * @param scorers of dev
 */
export function fitOutsideBias(
  scorers: Scorers,
  { dev }: Pick<Corpora, 'dev'>,
  decoding: Decoding,
  metric: string,
): BiasFit | null {
  if (decoding.outside < 0) return null;
  const name = metricName(metric, dev.corpus);
  const tablesOf = scorers.of(dev);
  return fitBias((outsideBias) => {
    const tables = tablesOf({ ...decoding, outsideBias });
    return metricNames(tables).includes(name) ? metricValue(tables, name) : 0;
  });
}

/** Scores of several splits by the ways that they are decoded in, each worked out once: a fit and a sweep ask for the same. */
export interface Scorers {
  readonly of: (split: Split) => (decoding: Decoding) => Tables;
}

/** @param labels of the tagger, by id */
export function scorersOf(decoders: Pick<Decoders, 'of'>, labels: readonly string[]): Scorers {
  const made = new Map<Split, (decoding: Decoding) => Tables>();
  return {
    of(split) {
      const scorer = made.get(split) ?? rescored(decoders.of(split.encoded), split, labels);
      made.set(split, scorer);
      return scorer;
    },
  };
}

/**
 * Scores of a split as it is decoded in one way after the other: only the sentences that another one changes are counted again, and
 * a way that was asked for before is not decoded again.
 */
export function rescored(
  decoder: Pick<Decoder, 'decode'>,
  { corpus, encoded }: Pick<Split, 'corpus' | 'encoded'>,
  labels: readonly string[],
): (decoding: Decoding) => Tables {
  const { labelText } = tagReaderOf(corpus.tagging);
  const tally = createTally(
    corpus.sentences.map(({ tags }) => tags),
    corpus.task === 'chunks',
    labelText,
  );
  let before: Int32Array | null = null;
  const known = new Map<string, Tables>();
  return (decoding) => {
    const way = `${decoding.method} ${decoding.outsideBias}`;
    const found = known.get(way);
    if (found) return found;
    const { ids, offsets } = decoder.decode(decoding);
    for (let s = 0; s < encoded.size; s++) {
      const [from, to] = [offsets[s] as number, offsets[s + 1] as number];
      if (before && isSame(ids, before, from, to)) continue;
      tally.set(s, writtenTags(ids.subarray(from, to), labels, decoding));
    }
    before = ids;
    const tables = tally.tables();
    known.set(way, tables);
    return tables;
  };
}

function isSame(a: Int32Array, b: Int32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** What a command line says of decoding; what it leaves out is as the run has it. */
export type ToldDecoding = Partial<DecodeSettings>;

/** How the tagger of a checkpoint chooses tags, but for what is told. @throws UserError where its labels have nothing of that kind */
export function decodingOfRun(
  { decoding, vocab, meta }: Pick<SavedTagger, 'decoding' | 'vocab' | 'meta'>,
  told: ToldDecoding,
): Decoding {
  if (typeof told !== 'object') throw mistaken('decoding', told, 'an object { method, outsideBias }');
  const { method = decoding.method, outsideBias = decoding.outsideBias } = told;
  if (!Object.hasOwn(DECODE_METHODS, method))
    throw mistaken('decoding.method', method, Object.keys(DECODE_METHODS).join(' or '));
  if (!isFloat32(outsideBias)) throw mistaken('decoding.outsideBias', outsideBias, 'a number that float32 holds');
  return checked({ method, outsideBias }, vocab.labels, tagReaderOf(taggingOf(meta)).inner, {
    method: '--decode METHOD',
    outsideBias: told.outsideBias === undefined ? null : '--outside-bias NUMBER',
  });
}

/** @param flags how each is set; null for a bias that is not */
function checked(
  settings: DecodeSettings,
  labels: readonly string[],
  inner: Inner,
  flags: { readonly method: string; readonly outsideBias: string | null },
): Decoding {
  if (inner === 'plain' && settings.method === 'valid') {
    throw new UserError(
      `${flags.method}: valid is for entities: of plain tags (part of speech) each may follow each, so there is nothing to keep to`,
      'leave it out: plain tags are decoded by argmax',
    );
  }
  const decoding = decodingOf(settings, labels, inner);
  if (flags.outsideBias !== null && decoding.outside < 0) {
    throw new UserError(
      `${flags.outsideBias}: ${inner === 'plain' ? 'plain tags (part of speech) have none that stands outside of entities' : 'no token of the training file stands outside of an entity'}: there is no label to add it to`,
      'leave it out',
    );
  }
  return decoding;
}
