import type { SentenceCounts } from '../metrics/bootstrap';

/** `SentenceCounts` as JSON has them. */
export type PlainCounts = { readonly [K in keyof SentenceCounts]: readonly SentenceCounts[K][number][] };

export const plainCounts = ({ classes, offsets, classOf, tp, predicted, support }: SentenceCounts): PlainCounts => ({
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
