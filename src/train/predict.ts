import * as tf from '@tensorflow/tfjs-core';
import { emptyPredictions, makeBatches, placesOf, predictedIds, type Predictions, unpack } from '../data/batches';
import type { Encoded } from '../data/encode';
import type { Batch } from '../data/types';
import { present } from '../errors';
import type { Head } from '../heads';
import { type Tagger, targetOf } from '../model/tagger';

/** Tokens in a batch where nothing is kept for a gradient. */
const BATCH_TOKENS = 4096;

/** What the tagger's head says of a batch, `decode` or `probabilities`; nothing is dropped. */
export function ask<What extends 'decode' | 'probabilities'>(
  tagger: Tagger,
  what: What,
  batch: Batch,
): ReturnType<Head[What]> {
  tf.engine().startScope(); // not tidy, which takes tensors alone for a result
  try {
    const target = targetOf(batch);
    const emissions = tagger.emissions(tagger.embed(batch.inputs), target.stepSizes, null); // (N, C)
    return tagger.head[what](emissions, target, tagger.variables) as ReturnType<Head[What]>;
  } finally {
    tf.engine().endScope();
  }
}

/** The tag of every token, sentence by sentence, in the order of the corpus. `labels` are the tags by id. */
export function predictTags(tagger: Tagger, encoded: Encoded, labels: readonly string[]): string[][] {
  const predictions = predictIds(tagger, encoded);
  return Array.from({ length: encoded.size }, (_, s) =>
    Array.from(predictedIds(predictions, s), (id) => present(labels[id], 'label')),
  );
}

/** The label of every token where it stands in the corpus. */
export function predictIds(tagger: Tagger, encoded: Encoded): Predictions {
  const predictions = emptyPredictions(encoded);
  for (const batch of makeBatches(encoded, { batchTokens: BATCH_TOKENS }))
    unpack(batch, ask(tagger, 'decode', batch), predictions);
  return predictions;
}

/** The probability of every label for every token where it stands in the corpus. (N, C), row-major */
export function predictProbabilities(tagger: Tagger, encoded: Encoded): Float32Array {
  const { labels } = tagger.spec;
  const all = new Float32Array(encoded.types.length * labels);
  for (const batch of makeBatches(encoded, { batchTokens: BATCH_TOKENS })) {
    const rows = ask(tagger, 'probabilities', batch); // (N of the batch, C)
    placesOf(batch, encoded).forEach((place, row) =>
      all.set(rows.subarray(row * labels, (row + 1) * labels), place * labels),
    );
  }
  return all;
}
