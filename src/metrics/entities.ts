import { present } from '../errors';
import { chunksOf, sharedChunks, type Chunk } from '../schemes';
import { checkAligned } from './confusion';
import { countsFor, type Counts } from './prf';

/** Turns one sentence's tags into chunks: what a scoring convention decides. */
export type ReadChunks = (tags: readonly string[]) => Chunk[];

/** Counts of right, predicted and gold entities by type. An entity is right when start, end and type are. */
export function countEntities(
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  read: ReadChunks = chunksOf,
): Map<string, Counts> {
  checkAligned(gold, predicted);
  const counts = new Map<string, Counts>();
  for (const [s, tags] of gold.entries()) {
    const goldChunks = read(tags);
    const predictedChunks = read(present(predicted[s], 'sentence'));
    for (const chunk of goldChunks) countsFor(counts, chunk.type).support++;
    for (const chunk of predictedChunks) countsFor(counts, chunk.type).predicted++;
    for (const chunk of sharedChunks(goldChunks, predictedChunks)) countsFor(counts, chunk.type).tp++;
  }
  return counts;
}
