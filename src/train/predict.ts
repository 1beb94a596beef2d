import * as tf from '@tensorflow/tfjs-core';
import {
  emptyPredictions,
  packBatch,
  placesOf,
  planBatches,
  predictedIds,
  type Predictions,
  unpack,
} from '../data/batches';
import type { Encoded } from '../data/encode';
import type { Batch } from '../data/types';
import { present } from '../errors';
import { type Decoding, entityJudge } from '../heads';
import type { Target } from '../losses/loss';
import { type Tagger, targetOf } from '../model/tagger';
import { type Chunk, chunksOf } from '../schemes';

/** Tokens in a batch where nothing is kept for a gradient. */
const BATCH_TOKENS = 4096;

/** The labels that the tagger's head answers a batch with; nothing is dropped. (N) */
export const decodeBatch = (tagger: Tagger, batch: Batch, decoding: Decoding): Int32Array =>
  withEmissions(tagger, batch, (emissions, target) =>
    tagger.head.decode(emissions, target, tagger.variables, decoding),
  );

/** Its probability of each label. (N, C), row-major */
export const batchProbabilities = (tagger: Tagger, batch: Batch): Float32Array =>
  withEmissions(tagger, batch, (emissions, target) => tagger.head.probabilities(emissions, target, tagger.variables));

function withEmissions<T>(tagger: Tagger, batch: Batch, use: (emissions: tf.Tensor2D, target: Target) => T): T {
  tagger.activate();
  tf.engine().startScope(); // not tidy, which takes tensors alone for a result
  try {
    const target = targetOf(batch);
    return use(emit(tagger, batch, target), target);
  } finally {
    tf.engine().endScope();
  }
}

/** What the network says of a batch, nothing dropped. (N, C) */
const emit = (tagger: Tagger, batch: Batch, { stepSizes }: Target): tf.Tensor2D =>
  tagger.emissions(tagger.embed(batch), stepSizes, null, tagger.spell(batch));

/** The tag of every token, sentence by sentence, in the order of the corpus. `labels` are the tags by id. */
export function predictTags(
  tagger: Tagger,
  encoded: Encoded,
  labels: readonly string[],
  decoding: Decoding,
): string[][] {
  return tagsOf(predictIds(tagger, encoded, decoding), labels, decoding);
}

/** Labels by id as tags. A label that opens a chunk may be written as another: see `Decoding`. */
export function tagsOf(predictions: Predictions, labels: readonly string[], decoding: Decoding): string[][] {
  return Array.from({ length: predictions.offsets.length - 1 }, (_, s) =>
    writtenTags(predictedIds(predictions, s), labels, decoding),
  );
}

/** The same of one sentence. (T) */
export function writtenTags(ids: Int32Array, labels: readonly string[], { openings }: Decoding): string[] {
  let before = -1;
  const tags: string[] = [];
  for (let t = 0; t < ids.length; t++) {
    const id = ids[t] as number;
    const opening = id === before ? null : openings[id];
    before = id;
    tags.push(opening ?? present(labels[id], 'label'));
  }
  return tags;
}

/** One by one. */
function* batchesOf(encoded: Encoded): Generator<Batch> {
  for (const order of planBatches(encoded, { batchTokens: BATCH_TOKENS })) yield packBatch(encoded, order);
}

/** The label of every token where it stands in the corpus. */
export function predictIds(tagger: Tagger, encoded: Encoded, decoding: Decoding): Predictions {
  const predictions = emptyPredictions(encoded);
  for (const batch of batchesOf(encoded)) unpack(batch, decodeBatch(tagger, batch, decoding), predictions);
  return predictions;
}

/** An entity that the tagger names, and the probability of exactly this one: see `entityJudge`. */
export interface Entity extends Chunk {
  readonly probability: number;
}

/** What the tagger answers, sentence by sentence in the order of the corpus, and how sure it is. */
export interface Answers extends Predictions {
  readonly tags: readonly (readonly string[])[];
  /** Of every label for every token; what decoding adds or forbids does not change them. (N, C), row-major */
  readonly probabilities: Float32Array;
  /** Null for plain tags. */
  readonly entities: readonly (readonly Entity[])[] | null;
}

/** @param labels by id; @param chunks whether they are those of entities */
export function predictAnswers(
  tagger: Tagger,
  encoded: Encoded,
  labels: readonly string[],
  decoding: Decoding,
  chunks: boolean,
): Answers {
  const answers = emptyAnswers(tagger, encoded, labels, decoding, chunks);
  for (const batch of batchesOf(encoded))
    withEmissions(tagger, batch, (emissions, target) => answers.add(batch, emissions, target));
  return answers.all();
}

/** Answers that are put together batch by batch. */
function emptyAnswers(
  { head, variables }: Tagger,
  encoded: Encoded,
  labels: readonly string[],
  decoding: Decoding,
  chunks: boolean,
) {
  const C = labels.length;
  const predictions = emptyPredictions(encoded);
  const probabilities = new Float32Array(encoded.types.length * C);
  const entities = Array.from({ length: chunks ? encoded.size : 0 }, (): Entity[] => []);
  return {
    add(batch: Batch, emissions: tf.Tensor2D, target: Target): void {
      unpack(batch, head.decode(emissions, target, variables, decoding), predictions);
      spread(head.probabilities(emissions, target, variables), C, batch, encoded, probabilities);
      if (!chunks) return;
      const judge = entityJudge(labels, emissions.dataSync<'float32'>(), batch.stepSizes, head.path(variables));
      batch.order.forEach((s, b) => {
        const tags = writtenTags(predictedIds(predictions, s), labels, decoding);
        for (const chunk of chunksOf(tags)) entities[s]?.push({ ...chunk, probability: judge(b, chunk) });
      });
    },
    all(): Answers {
      const tags = tagsOf(predictions, labels, decoding);
      return { ...predictions, tags, probabilities, entities: chunks ? entities : null };
    },
  };
}

/** A corpus that is asked about in many ways, by a tagger whose weights stay as they are: the network looks at it once. */
export interface Decoder {
  /** As `predictIds`. */
  decode(decoding: Decoding): Predictions;
  /** As `predictAnswers`. */
  answer(labels: readonly string[], decoding: Decoding, chunks: boolean): Answers;
  dispose(): void;
}

export function createDecoder(tagger: Tagger, encoded: Encoded): Decoder {
  const batches: Batch[] = [];
  tagger.activate();
  const emissionsOf = tf.tidy(() =>
    Array.from(batchesOf(encoded), (batch) => {
      batches.push(withoutInputs(batch));
      return tf.tidy(() => emit(tagger, batch, targetOf(batch)));
    }),
  ); // all of them, or after an error none
  function each(use: (batch: Batch, emissions: tf.Tensor2D, target: Target) => void): void {
    tagger.activate();
    batches.forEach((batch, i) => {
      tf.engine().startScope();
      try {
        use(batch, present(emissionsOf[i], 'emissions'), targetOf(batch));
      } finally {
        tf.engine().endScope();
      }
    });
  }
  return {
    decode(decoding) {
      const predictions = emptyPredictions(encoded);
      each((batch, emissions, target) =>
        unpack(batch, tagger.head.decode(emissions, target, tagger.variables, decoding), predictions),
      );
      return predictions;
    },
    answer(labels, decoding, chunks) {
      const answers = emptyAnswers(tagger, encoded, labels, decoding, chunks);
      each((batch, emissions, target) => answers.add(batch, emissions, target));
      return answers.all();
    },
    dispose() {
      for (const emissions of emissionsOf) emissions.dispose();
    },
  };
}

/** Once the network has looked at a batch, what it saw is not needed any more. */
const withoutInputs = ({ size, stepSizes, labels, sentenceOf, order }: Batch): Batch => ({
  ...{ size, stepSizes, labels, sentenceOf, order },
  inputs: new Map(),
});

/** Decoders of several corpora, each made when it is first asked for. */
export interface Decoders {
  readonly of: (encoded: Encoded) => Decoder;
  dispose(): void;
}

export function decodersOf(tagger: Tagger): Decoders {
  const made = new Map<Encoded, Decoder>();
  return {
    of(encoded) {
      const decoder = made.get(encoded) ?? createDecoder(tagger, encoded);
      made.set(encoded, decoder);
      return decoder;
    },
    dispose() {
      for (const decoder of made.values()) decoder.dispose();
      made.clear();
    },
  };
}

/** The probability of every label for every token where it stands in the corpus. (N, C), row-major */
export function predictProbabilities(tagger: Tagger, encoded: Encoded): Float32Array {
  const { labels } = tagger.spec;
  const all = new Float32Array(encoded.types.length * labels);
  for (const batch of batchesOf(encoded)) {
    spread(batchProbabilities(tagger, batch), labels, batch, encoded, all);
  }
  return all;
}

/** Puts the rows of a batch (N of it, C) where their tokens stand in the corpus (N, C). */
function spread(rows: Float32Array, C: number, batch: Batch, encoded: Encoded, into: Float32Array): void {
  const places = placesOf(batch, encoded);
  for (let row = 0; row < places.length; row++) {
    const [from, to] = [row * C, (places[row] as number) * C];
    for (let c = 0; c < C; c++) into[to + c] = rows[from + c] as number;
  }
}
