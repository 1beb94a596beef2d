import { type Evaluation, type EvaluateOptions, evaluateTags } from './evaluate/evaluation';
import { readCorpus, type ReadOptions } from './data/corpus';
import { encode } from './data/encode';
import type { Sentence } from './data/types';
import { openEngine } from './engine';
import { UserError } from './errors';
import { checkpointOf } from './run/folder';
import { loadTagger } from './run/tagger';
import { predictTags } from './train/predict';

export interface RunEvaluation extends Evaluation {
  readonly sentences: readonly Sentence[];
  /** What the reader found odd, as `path:line: what`. */
  readonly warnings: readonly string[];
}

/**
 * Scores the tagger of a run on a file with gold tags.
 * @param run run folder or checkpoint file
 */
export async function evaluate(
  run: string,
  file: string,
  engineName: string,
  read: ReadOptions,
  options: EvaluateOptions = {},
): Promise<RunEvaluation> {
  const corpus = await readCorpus(file, read);
  const engine = await openEngine(engineName);
  const { tagger, vocab, meta } = await loadTagger(await checkpointOf(run));
  if (corpus.task !== meta.task) {
    throw new UserError(
      `${file}: its tags are ${corpus.scheme.name} (${corpus.scheme.why}), the tagger of ${run} gives ${meta.scheme}`,
      'name the tag column with --tag-column and the scheme with --scheme',
    );
  }
  const predicted = predictTags(tagger, encode(corpus, vocab), vocab.labels);
  tagger.dispose();
  engine.dispose();
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
  const warnings = corpus.warnings.map(({ line, message }) => `${file}:${line}: ${message}`);
  return { ...evaluation, sentences, warnings };
}
