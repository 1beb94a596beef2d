import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/types';
import { globalNorm, sumRows } from '../kernels/ops';
import type { LossFn } from '../losses/loss';
import type { Tagger } from '../model/tagger';
import type { Rng } from '../rng';
import type { StepResult } from './loop';
import { type AdamConfig, createOptimiser, type Optimiser, type RowGradient } from './optimiser';

export interface StepOptions extends AdamConfig {
  /** Gradients of a larger global norm are scaled down to it. */
  readonly clipNorm: number;
  /** Share of the words replaced by the unknown word, so that its embedding learns. */
  readonly wordDropout: number;
}

/** Loss or gradient norm of a batch is NaN or infinite; no weight was changed. */
export class NonFiniteLoss extends Error {
  override readonly name = 'NonFiniteLoss';
  constructor(
    readonly loss: number,
    readonly gradNorm: number,
  ) {
    super(`loss is ${loss}, gradient norm is ${gradNorm}`);
  }
}

export interface Trainer {
  readonly optimiser: Optimiser;
  /**
   * One update of the tagger from one batch.
   * @throws NonFiniteLoss before any weight changes
   */
  step(batch: Batch, learningRate: number): StepResult;
  dispose(): void;
}

/** @param rng masks of update k are drawn from its child `k`: a resumed run draws what an unbroken one would have drawn */
export function createTrainer(tagger: Tagger, loss: LossFn, options: StepOptions, rng: Rng): Trainer {
  const optimiser = createOptimiser(tagger, options);

  function step(batch: Batch, learningRate: number): StepResult {
    const draw = rng.split(String(optimiser.step + 1));
    const words = dropWords(batch.words, options.wordDropout, draw.split('words'));
    const seed = draw.split('dropout').uint32();

    return tf.tidy(() => {
      const gold = tf.tensor1d(batch.labels, 'int32'); // (N)
      const sentenceOf = tf.tensor1d(batch.sentenceOf, 'int32'); // (N)
      const stepSizes = tf.tensor1d(batch.stepSizes, 'int32'); // (T)
      const x = tagger.embed(batch, words); // (N, E+F)

      const names = [...tagger.variables.keys()];
      const { value, grads } = tf
        .engine()
        .gradients(() => loss(tagger.logits(x, stepSizes, seed), gold, sentenceOf), [x, ...tagger.variables.values()]);
      const [dx, ...dense] = grads;

      const tables = tableGradients(tagger, batch, words, dx as tf.Tensor2D);
      const norm = globalNorm([...[...tables.values()].map(({ sums }) => sums), ...dense]);
      const result = { loss: value.dataSync()[0], gradNorm: norm.dataSync()[0], tokens: words.length };
      if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradNorm))
        throw new NonFiniteLoss(result.loss, result.gradNorm);

      const scale = result.gradNorm > options.clipNorm ? options.clipNorm / result.gradNorm : 1;
      optimiser.update(tables, new Map(names.map((name, i) => [name, dense[i]])), learningRate, scale);
      return result;
    });
  }

  return { optimiser, step, dispose: () => optimiser.dispose() };
}

/** From the gradient of the embeddings side by side (N, E+F) to that of the rows of each table. */
function tableGradients(tagger: Tagger, batch: Batch, words: Int32Array, dx: tf.Tensor2D): Map<string, RowGradient> {
  const { wordDim, shapeDim } = tagger.spec;
  const [wordRows, wordSums] = sumRows(tf.tensor1d(words, 'int32'), dx, 0, wordDim); // (U), (U, E)
  const [shapeRows, shapeSums] = sumRows(tf.tensor1d(batch.shapes, 'int32'), dx, wordDim, shapeDim); // (U), (U, F)
  return new Map([
    ['words', { rows: wordRows, sums: wordSums }],
    ['shapes', { rows: shapeRows, sums: shapeSums }],
  ]);
}

/** Word ids with a share `rate` of them replaced by the unknown word, 0. */
function dropWords(words: Int32Array, rate: number, rng: Rng): Int32Array {
  return rate === 0 ? words : words.map((id) => (rng.float() < rate ? 0 : id));
}
