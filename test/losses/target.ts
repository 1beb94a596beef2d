import * as tf from '@tensorflow/tfjs-core';
import type { Target } from '../../src/losses';

/** Rows for losses that look at gold, sentence and epoch alone: all of one step. */
export function rowsTarget(
  gold: readonly number[],
  sentenceOf: readonly number[] = gold.map(() => 0),
  epoch?: number,
): Target {
  return {
    gold: tf.tensor1d([...gold], 'int32'),
    allKnown: !gold.includes(-1),
    sentenceOf: tf.tensor1d([...sentenceOf], 'int32'),
    stepSizes: tf.tensor1d([gold.length], 'int32'),
    order: Int32Array.from(gold, (_, n) => n),
    ...(epoch !== undefined && { epoch }),
  };
}
