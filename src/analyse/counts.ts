import type { Task } from '../data/types';
import { sentenceCounts, type SentenceCounts } from '../metrics/bootstrap';
import { tagSpans } from '../metrics/intervals';
import { chunksOf } from '../schemes';

/** `SentenceCounts` as JSON has them. */
export type PlainCounts = { readonly [K in keyof SentenceCounts]: readonly SentenceCounts[K][number][] };

/** What predicted labels get right of gold ones: entities, or tokens where tags are plain. */
export function countRight(
  { gold, task }: { readonly gold: readonly (readonly string[])[]; readonly task: Task },
  labels: readonly (readonly string[])[],
): PlainCounts {
  return plainCounts(sentenceCounts(gold, labels, task === 'chunks' ? chunksOf : tagSpans));
}

const plainCounts = ({ classes, offsets, classOf, tp, predicted, support }: SentenceCounts): PlainCounts => ({
  classes,
  offsets: [...offsets],
  classOf: [...classOf],
  tp: [...tp],
  predicted: [...predicted],
  support: [...support],
});

export const readCounts = ({ classes, offsets, classOf, tp, predicted, support }: PlainCounts): SentenceCounts => ({
  classes,
  offsets: Int32Array.from(offsets),
  classOf: Int32Array.from(classOf),
  tp: Int32Array.from(tp),
  predicted: Int32Array.from(predicted),
  support: Int32Array.from(support),
});
