import { present } from '../errors';
import { chunksOf, type Chunk } from '../schemes';
import { checkAligned } from './confusion';
import { countsFor, scoreOf, scoreTable, type Counts, type ScoreTable } from './prf';

/** Credit for a prediction against the gold chunks that are still free: which one it takes, and how much it earns. */
type Match = (prediction: Chunk, free: readonly Chunk[]) => { taken: Chunk; credit: number } | null;

/**
 * nervaluate's `ent_type`: any overlap with the right type is right; of several the one with the nearest boundaries. An
 * overlap with the wrong type only takes the gold chunk away. (Up to version 1.1.0 it took the first overlap of any type.)
 */
export const matchType: Match = (prediction, free) => {
  const overlapping = free.filter((chunk) => overlap(prediction, chunk) > 0);
  const distance = (c: Chunk) => Math.abs(c.start - prediction.start) + Math.abs(c.end - prediction.end);
  const right = overlapping.filter((chunk) => chunk.type === prediction.type);
  if (right.length > 0) return { taken: right.reduce((a, b) => (distance(b) < distance(a) ? b : a)), credit: 1 };
  const first = overlapping.at(0);
  return first ? { taken: first, credit: 0 } : null;
};

/** nervaluate's `partial`: types are not looked at; the same boundaries are right, any other overlap is half right. */
export const matchPartial: Match = (prediction, free) => {
  const overlapping = free.filter((chunk) => overlap(prediction, chunk) > 0);
  const exact = overlapping.find((chunk) => chunk.start === prediction.start && chunk.end === prediction.end);
  if (exact) return { taken: exact, credit: 1 };
  const first = overlapping.at(0);
  return first ? { taken: first, credit: 0.5 } : null;
};

/**
 * Scores by relaxed matching, after SemEval-2013 task 9 and nervaluate: predictions in order each take at most one free gold
 * chunk. P = credit / predicted, R = credit / gold. Rows by class match within the class alone; the micro average matches
 * all classes together (so it is not the sum of the rows).
 *
 * Departure: nervaluate asks for an overlap of 1 % of the gold span; here one token is enough (the same up to 100 tokens).
 */
export function relaxedTable(
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  match: Match,
): ScoreTable {
  checkAligned(gold, predicted);
  const classes = new Map<string, Counts>();
  const all: Counts = { tp: 0, predicted: 0, support: 0 };
  for (const [s, tags] of gold.entries()) {
    const goldChunks = chunksOf(tags);
    const predictedChunks = chunksOf(present(predicted[s], 'sentence'));
    add(all, goldChunks, predictedChunks, match);
    for (const type of new Set([...goldChunks, ...predictedChunks].map((chunk) => chunk.type))) {
      const ofType = (chunk: Chunk): boolean => chunk.type === type;
      add(countsFor(classes, type), goldChunks.filter(ofType), predictedChunks.filter(ofType), match);
    }
  }
  return { ...scoreTable(classes), micro: scoreOf(all) };
}

function add(counts: Counts, gold: readonly Chunk[], predicted: readonly Chunk[], match: Match): void {
  const free = [...gold];
  for (const prediction of predicted) {
    const found = match(prediction, free);
    if (!found) continue;
    counts.tp += found.credit;
    free.splice(free.indexOf(found.taken), 1);
  }
  counts.predicted += predicted.length;
  counts.support += gold.length;
}

/** Tokens that two chunks share. */
export function overlap(a: Chunk, b: Chunk): number {
  return Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));
}
