import { checkpointOf } from './run/folder';
import { createConllParser } from './data/conll';
import { encode } from './data/encode';
import { SCHEMES, type SchemeName } from './data/schemes';
import type { Sentence } from './data/types';
import { openEngine } from './engine';
import { loadTagger, type SavedTagger } from './run/tagger';
import { predictTags } from './train/predict';

/** Sentences tagged at a time: enough to fill a batch, few enough to keep memory bounded. */
const CHUNK = 512;

/**
 * Tags a stream of CoNLL text: the first column holds the tokens, a blank line ends a sentence. Yields `token<TAB>tag` lines with
 * a blank line after each sentence, tags in the scheme of the training file.
 * @param run run folder or checkpoint file
 * @throws UserError for bad input, after everything before it was yielded
 */
export async function* tagStream(
  run: string,
  input: AsyncIterable<Buffer>,
  engineName: string,
): AsyncGenerator<string, void> {
  const engine = await openEngine(engineName);
  const saved = await loadTagger(await checkpointOf(run));
  const parser = createConllParser('standard input', { tagged: false, tokenColumn: 1 });
  let waiting: Sentence[] = [];
  for await (const chunk of input) {
    waiting.push(...parser.push(chunk));
    if (waiting.length < CHUNK) continue;
    yield tagSentences(saved, waiting);
    waiting = [];
  }
  waiting.push(...parser.end());
  yield tagSentences(saved, waiting);
  parser.problems.throwIfAny();
  saved.tagger.dispose();
  engine.dispose();
}

function tagSentences({ tagger, vocab, meta }: SavedTagger, sentences: readonly Sentence[]): string {
  const { fromIob2 } = SCHEMES[meta.scheme as SchemeName];
  const tags = predictTags(tagger, encode({ sentences }, vocab), vocab.labels).map(fromIob2);
  return sentences
    .map(({ tokens }, s) => `${tokens.map((token, i) => `${token}\t${tags[s][i]}\n`).join('')}\n`)
    .join('');
}
