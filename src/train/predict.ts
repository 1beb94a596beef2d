import { emptyPredictions, makeBatches, predictedIds, unpack } from '../data/batches';
import type { Encoded } from '../data/encode';
import type { Tagger } from '../model/tagger';

/** Tokens in a batch where nothing is kept for a gradient. */
const BATCH_TOKENS = 4096;

/** The likeliest tag of every token, sentence by sentence, in the order of the corpus. `labels` are the tags by id. */
export function predictTags(tagger: Tagger, encoded: Encoded, labels: readonly string[]): string[][] {
  const predictions = emptyPredictions(encoded);
  for (const batch of makeBatches(encoded, { batchTokens: BATCH_TOKENS }))
    unpack(batch, tagger.predict(batch), predictions);
  return Array.from({ length: encoded.size }, (_, s) => Array.from(predictedIds(predictions, s), (id) => labels[id]));
}
