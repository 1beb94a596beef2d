import type { Corpora, Split } from './corpora';
import { tagReaderOf } from '../data/tagging';
import type { Corpus } from '../data/types';
import { createLookUp, floorOf, type LookUp } from '../metrics/floor';
import { intervalsOf } from '../metrics/intervals';
import { isMetricName, metricNames, metricValue } from '../metrics/metric';
import { type Report, score, withTagNames } from '../metrics/scores';
import { decodeText, type DecodeSettings, type Decoding } from '../heads';
import type { Tagger } from '../model/tagger';
import { UserError } from '../errors';
import type { Rng } from '../rng';
import type { DevResult } from '../train/loop';
import { predictTags } from '../train/predict';
import { VERSION } from '../package';

/**
 * Scores predicted labels (as `Corpus.sentences` has them) against a corpus; tags are named as the file names them.
 * @param decoding how a tagger chose them; left out where none did
 */
export function scoreCorpus(
  corpus: Corpus,
  predicted: readonly (readonly string[])[],
  decoding?: DecodeSettings,
): Report {
  return withTagNames(scoreLabels(corpus, predicted, decoding), tagReaderOf(corpus.tagging).labelText);
}

function scoreLabels(
  { sentences, inner, sha256 }: Corpus,
  predicted: readonly (readonly string[])[],
  decoding?: DecodeSettings,
): Report {
  const gold = sentences.map(({ tags }) => tags);
  const settings = { scheme: inner, version: VERSION, dataHash: sha256.slice(0, 12) };
  return score(gold, predicted, decoding ? { ...settings, decode: decodeText(decoding) } : settings);
}

/** What a dictionary of the training file would say of a sentence. */
export function lookUpOf({ sentences, inner }: Corpus): LookUp {
  const [tokens, tags] = [sentences.map((sentence) => sentence.tokens), sentences.map((sentence) => sentence.tags)];
  return createLookUp(tokens, tags, inner);
}

/** The same with a confidence interval for every F1, and the floor beside it: what a run reports at its end. */
export function scoreInFull(
  corpus: Corpus,
  predicted: readonly (readonly string[])[],
  decoding: DecodeSettings,
  lookUp: LookUp,
  rng: Rng,
): Report {
  const report = scoreLabels(corpus, predicted, decoding);
  const gold = corpus.sentences.map(({ tags }) => tags);
  const guessed = corpus.sentences.map(({ tokens }) => lookUp(tokens));
  const intervals = intervalsOf(gold, predicted, report, rng);
  return {
    ...withTagNames({ ...report, intervals }, tagReaderOf(corpus.tagging).labelText),
    floor: floorOf(scoreCorpus(corpus, guessed)),
  };
}

/** The metric that `auto` stands for: F1 where there are entities, accuracy where there are plain tags. */
export function metricName(name: string, { task }: Corpus): string {
  return name !== 'auto' ? name : task === 'chunks' ? 'micro-f1' : 'accuracy';
}

/**
 * The look at dev after each epoch.
 * @throws UserError at once when the metric is one that the dev corpus cannot give
 */
export function devCheck(tagger: Tagger, { dev, vocab }: Corpora, decoding: Decoding, metric: string): () => DevResult {
  const name = metricName(metric, dev.corpus);
  checkMetric(name, dev);
  return () => {
    const predicted = predictTags(tagger, dev.encoded, vocab.labels, decoding);
    const chunks = dev.corpus.task === 'chunks';
    const report = scoreCorpus(dev.corpus, predicted);
    const { classes } = report.entities ?? report.tags;
    return {
      score: metricValue(report, name),
      classes: Object.fromEntries(classes.flatMap((row) => (row.support > 0 ? [[row.name, row.f1]] : []))),
      onlyOutside: chunks && predicted.every((tags) => tags.every((tag) => tag === 'O')),
    };
  };
}

function checkMetric(name: string, { name: path, corpus }: Split): void {
  const perfect = scoreCorpus(
    corpus,
    corpus.sentences.map(({ tags }) => tags),
  );
  if (!isMetricName(name)) metricValue(perfect, name); // throws, naming the nearest
  if (metricNames(perfect).includes(name)) return;
  throw new UserError(
    `train.metric: ${path} has nothing to compute '${name}' on`,
    `it gives ${metricNames(perfect).join(', ')}`,
  );
}
