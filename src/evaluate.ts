import { scoreCorpus } from './run/assess';
import { readCorpus, type ReadOptions } from './data/corpus';
import { encode } from './data/encode';
import { openEngine } from './engine';
import { UserError } from './errors';
import { checkpointOf } from './run/folder';
import type { Report } from './metrics/scores';
import { loadTagger } from './run/tagger';
import { predictTags } from './train/predict';

/**
 * Scores the tagger of a run on a file with gold tags.
 * @param run run folder or checkpoint file
 */
export async function evaluate(run: string, file: string, engineName: string, options: ReadOptions): Promise<Report> {
  const corpus = await readCorpus(file, options);
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
  return scoreCorpus(corpus, predicted);
}
