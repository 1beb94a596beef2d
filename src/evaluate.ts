import { type Evaluation, type EvaluateOptions, evaluateTags } from './evaluate/evaluation';
import { readCorpus } from './data/corpus';
import { encode } from './data/encode';
import type { Sentence } from './data/types';
import { openEngine } from './engine';
import { UserError } from './errors';
import { checkpointOf } from './run/folder';
import { readOptions } from './run/corpora';
import { explained, readingFor, type Told } from './run/reading';
import { loadTagger, type SavedTagger } from './run/tagger';
import { predictTags } from './train/predict';

export interface RunEvaluation extends Evaluation {
  readonly sentences: readonly Sentence[];
  /** What the reader found odd, as `path:line: what`. */
  readonly warnings: readonly string[];
}

/**
 * Scores the tagger of a run on a file with gold tags, read as the training file was but for what is told.
 * @param run run folder or checkpoint file
 */
export async function evaluate(
  run: string,
  file: string,
  engineName: string,
  told: Told,
  options: EvaluateOptions = {},
): Promise<RunEvaluation> {
  const path = await checkpointOf(run);
  const engine = await openEngine(engineName);
  try {
    const saved = await loadTagger(path);
    try {
      return await evaluateTagger(saved, run, file, told, options);
    } finally {
      saved.tagger.dispose();
    }
  } finally {
    engine.dispose();
  }
}

async function evaluateTagger(
  { tagger, vocab, features, meta }: SavedTagger,
  run: string,
  file: string,
  told: Told,
  options: EvaluateOptions,
): Promise<RunEvaluation> {
  const how = readingFor(meta, told);
  const corpus = await explained(how, () => readCorpus(file, readOptions(how.reading)));
  if (corpus.task !== meta.task) {
    throw new UserError(
      `${file}: its tags are ${corpus.scheme.name} (${corpus.scheme.why}), the tagger of ${run} gives ${meta.scheme}`,
      'name the tag column with --tag-column and the scheme with --scheme',
    );
  }
  const predicted = predictTags(tagger, encode(corpus, vocab, features.columns), vocab.labels);
  const { sentences } = corpus;
  const evaluation = evaluateTags(
    {
      tokens: sentences.map(({ tokens }) => tokens),
      gold: sentences.map(({ tags }) => tags),
      predicted,
      scheme: corpus.task === 'chunks' ? 'iob2' : 'plain', // the scheme of all tags inside
      dataHash: corpus.sha256.slice(0, 12),
    },
    options,
  );
  const notices = how.notice === '' ? [] : [`${file}: ${how.notice}`];
  const warnings = corpus.warnings.map(({ line, message }) => `${file}:${line}: ${message}`);
  return { ...evaluation, sentences, warnings: [...notices, ...warnings] };
}
