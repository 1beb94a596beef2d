import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/types';
import { dense, dropout, embed, lstm } from '../kernels/ops';
import { dropoutHash } from '../kernels/reference/dropout';
import { type TaggerSpec, type Weight, weightShapes } from './spec';

/** Word and shape embeddings -> dropout -> BiLSTM layers, dropout after each -> dense -> logits. */
export interface Tagger {
  readonly spec: TaggerSpec;
  /** Embedding tables by name, `words` (V, E) and `shapes` (S, F): trained row by row, outside the tape. */
  readonly tables: ReadonlyMap<string, tf.Tensor2D>;
  /** All other weights by name: trained whole. */
  readonly variables: ReadonlyMap<string, tf.Tensor>;
  /** Embeddings side by side; `words` stands in for the batch's where word dropout changed them. (N, E+F) */
  embed(batch: Batch, words?: Int32Array): tf.Tensor2D;
  /** From embeddings (N, E+F) to logits (N, C); without a dropout seed nothing is dropped. */
  logits(x: tf.Tensor2D, stepSizes: tf.Tensor1D, dropoutSeed: number | null): tf.Tensor2D;
  /** Logits of a batch. (N, C) */
  forward(batch: Batch, dropoutSeed: number | null): tf.Tensor2D;
  /** The likeliest label of every row; the lower id on a tie. (N) */
  predict(batch: Batch): Int32Array;
  /** Softmax probabilities. (N, C), row-major */
  probabilities(batch: Batch): Float32Array;
  /** Copies of all weights, tables first. */
  weights(): Weight[];
  /** Takes weights by name, each of the shape the spec gives it. @throws Error on a missing name or another shape */
  load(weights: readonly Weight[]): void;
  dispose(): void;
}

/** @param weights from `initialWeights` or a checkpoint; the backend that is current now is the one that computes */
export function createTagger(spec: TaggerSpec, weights: readonly Weight[]): Tagger {
  const tables = new Map<string, tf.Tensor2D>();
  const variables = new Map<string, tf.Tensor>();
  const find = (name: string): tf.Tensor | undefined => tables.get(name) ?? variables.get(name);
  const layer = (i: number): [w: tf.Tensor3D, b: tf.Tensor2D] => [
    find(`lstm${i}.w`) as tf.Tensor3D,
    find(`lstm${i}.b`) as tf.Tensor2D,
  ];

  function load(from: readonly Weight[]): void {
    const loaded = weightShapes(spec).map(({ name, shape }) => {
      const weight = from.find((candidate) => candidate.name === name);
      if (!weight) throw new Error(`weights: ${name} is missing`);
      if (weight.shape.join() !== shape.join())
        throw new Error(`weights: ${name} has shape ${weight.shape.join('x')}, expected ${shape.join('x')}`);
      return weight;
    });
    for (const { name, shape, values } of loaded) {
      const old = find(name);
      const tensor = tf.keep(tf.tensor(values.slice(), [...shape])); // a copy: training changes it in place
      if (name === 'words' || name === 'shapes') tables.set(name, tensor as tf.Tensor2D);
      else variables.set(name, tensor);
      old?.dispose();
    }
  }

  function embedBatch(batch: Batch, words = batch.words): tf.Tensor2D {
    return tf.tidy(() =>
      embed([
        { table: find('words') as tf.Tensor2D, ids: tf.tensor1d(words, 'int32') },
        { table: find('shapes') as tf.Tensor2D, ids: tf.tensor1d(batch.shapes, 'int32') },
      ]),
    );
  }

  function logits(x: tf.Tensor2D, stepSizes: tf.Tensor1D, dropoutSeed: number | null): tf.Tensor2D {
    const drop = (t: tf.Tensor2D, place: number): tf.Tensor2D =>
      dropoutSeed === null ? t : dropout(t, spec.dropout, dropoutHash(dropoutSeed, place));
    let h = drop(x, 0); // (N, E+F)
    for (let i = 0; i < spec.layers; i++) {
      h = drop(lstm(h, ...layer(i), stepSizes), i + 1); // (N, 2H)
    }
    return dense(h, find('output.w') as tf.Tensor2D, find('output.b') as tf.Tensor1D); // (N, C)
  }

  function forward(batch: Batch, dropoutSeed: number | null): tf.Tensor2D {
    return tf.tidy(() => logits(embedBatch(batch), tf.tensor1d(batch.stepSizes, 'int32'), dropoutSeed));
  }

  /** Logits as an array, read outside any tape. (N, C) */
  function scores(batch: Batch): Float32Array {
    const tensor = forward(batch, null);
    const values = tensor.dataSync<'float32'>();
    tensor.dispose();
    return values;
  }

  load(weights);
  return {
    spec,
    tables,
    variables,
    embed: embedBatch,
    logits,
    forward,
    predict: (batch) => argmax(scores(batch), spec.labels),
    probabilities: (batch) => softmax(scores(batch), spec.labels),
    weights: () =>
      [...tables, ...variables].map(([name, tensor]) => ({
        name,
        shape: tensor.shape,
        values: tensor.dataSync<'float32'>().slice(),
      })),
    load,
    dispose() {
      for (const tensor of [...tables.values(), ...variables.values()]) tensor.dispose();
    },
  };
}

function argmax(scores: Float32Array, labels: number): Int32Array {
  const best = new Int32Array(scores.length / labels);
  for (let n = 0; n < best.length; n++) {
    for (let c = 1; c < labels; c++) if (scores[n * labels + c] > scores[n * labels + best[n]]) best[n] = c;
  }
  return best;
}

function softmax(scores: Float32Array, labels: number): Float32Array {
  const out = new Float32Array(scores.length);
  for (let at = 0; at < scores.length; at += labels) {
    let max = -Infinity;
    for (let c = 0; c < labels; c++) max = Math.max(max, scores[at + c]);
    let sum = 0;
    for (let c = 0; c < labels; c++) sum += Math.exp(scores[at + c] - max);
    for (let c = 0; c < labels; c++) out[at + c] = Math.exp(scores[at + c] - max) / sum;
  }
  return out;
}
