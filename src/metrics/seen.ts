import { present } from '../errors';
import { chunksOf, sharedChunks, type Chunk } from '../schemes';
import { checkAligned } from './confusion';
import { countsFor, scoreTable, type Counts, type ScoreTable } from './prf';

/** The surface form of a span: its tokens joined by blanks, as is. */
export function surface(tokens: readonly string[], { start, end }: Chunk): string {
  return tokens.slice(start, end).join(' ');
}

/** The surface forms of all entities of a corpus: what a split is seen or unseen against. */
export function surfacesOf(tokens: readonly (readonly string[])[], tags: readonly (readonly string[])[]): Set<string> {
  return new Set(
    tokens.flatMap((words, s) => chunksOf(present(tags[s], 'sentence')).map((chunk) => surface(words, chunk))),
  );
}

/**
 * Scores of entities whose surface form is (`seen`) or is not (`unseen`) among those of the training entities, whatever their
 * type there; case counts. Gold and predictions are each sorted by their own surface form.
 */
export function seenUnseen(
  tokens: readonly (readonly string[])[],
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  trained: ReadonlySet<string>,
): ScoreTable {
  checkAligned(gold, predicted);
  const counts = new Map<string, Counts>();
  const side = (s: number, chunk: Chunk): Counts =>
    countsFor(counts, trained.has(surface(present(tokens[s], 'sentence'), chunk)) ? 'seen' : 'unseen');
  for (const [s, tags] of gold.entries()) {
    const goldChunks = chunksOf(tags);
    const predictedChunks = chunksOf(present(predicted[s], 'sentence'));
    for (const chunk of goldChunks) side(s, chunk).support++;
    for (const chunk of predictedChunks) side(s, chunk).predicted++;
    for (const chunk of sharedChunks(goldChunks, predictedChunks)) side(s, chunk).tp++;
  }
  return scoreTable(counts);
}
