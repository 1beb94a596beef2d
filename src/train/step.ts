import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/types';
import { present } from '../errors';
import { columnsOf, embed, globalNorm, sumRows } from '../kernels';
import type { LossFn, Target } from '../losses/loss';
import { inputOf, type Inputs, type Letters, type Tagger, targetOf } from '../model/tagger';
import type { Rng } from '../rng';
import type { StepResult } from './loop';
import { type Averages, createAverages } from './average';
import { type AdamConfig, createOptimiser, type Optimiser, type RowGradient } from './optimiser';

export interface StepOptions extends AdamConfig {
  /** Gradients of a larger global norm are scaled down to it. */
  readonly clipNorm: number;
  /** Share of the words replaced by the unknown word, so that its embedding learns. */
  readonly wordDropout: number;
  /** Decay of an exponential moving average of the weights; 0 for none. */
  readonly ema: number;
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

/** What one step may be told: another loss than the trainer's, and the epoch. */
export interface Told {
  readonly by?: LossFn;
  readonly epoch?: number;
}

export interface Trainer {
  readonly optimiser: Optimiser;
  /** Of the weights over the updates; null where there are none. */
  readonly averages: Averages | null;
  /**
   * One update of the tagger from one batch, by the trainer's loss where no other is told.
   * @throws NonFiniteLoss before any weight changes
   */
  step(batch: Batch, learningRate: number, told?: Told): StepResult;
  dispose(): void;
}

/** @param rng masks of update k are drawn from its child `k`: a resumed run draws what an unbroken one would have drawn */
export function createTrainer(tagger: Tagger, loss: LossFn, options: StepOptions, rng: Rng): Trainer {
  const optimiser = createOptimiser(tagger, options);
  const averages = options.ema > 0 ? createAverages(tagger, options.ema) : null;
  const tables = new Set(tagger.spec.tables.map(({ name }) => name));

  function step(batch: Batch, learningRate: number, { by = loss, epoch }: Told = {}): StepResult {
    const draw = rng.split(String(optimiser.step + 1));
    const inputs = dropWords(tagger, batch, options.wordDropout, draw);
    const seed = draw.split('dropout').uint32();

    return tf.tidy(() => {
      const target: Target = { ...targetOf(batch), ...(epoch !== undefined && { epoch }) };
      const x = tagger.embed(inputs); // (N, E)
      const letters = tagger.spell(inputs);
      const spelled = [...letters.characters];
      const dense = [...tagger.variables].filter(([name]) => !tables.has(name));
      const { value, grads } = tf
        .engine()
        .gradients(
          () => tagger.head.loss(by, tagger.emissions(x, target.stepSizes, seed, letters), target, tagger.variables),
          [x, ...spelled.map(([, tensor]) => tensor), ...dense.map(([, tensor]) => tensor)],
        );
      const [dx, ...others] = grads as [tf.Tensor2D, ...tf.Tensor[]];
      const denseGrads = others.slice(spelled.length);

      const rows = rowGradients(tagger, inputs, dx);
      spelled.forEach(([name], i) => addLetters(rows, name, letters, others[i] as tf.Tensor2D));
      const norm = globalNorm({ x: [...[...rows.values()].map(({ sums }) => sums), ...denseGrads] });
      const result = {
        loss: present(value.dataSync()[0], 'loss'),
        gradNorm: present(norm.dataSync()[0], 'norm'),
        tokens: batch.labels.length,
      };
      if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradNorm))
        throw new NonFiniteLoss(result.loss, result.gradNorm);

      const scale = result.gradNorm > options.clipNorm ? options.clipNorm / result.gradNorm : 1;
      const byName = new Map(dense.map(([name], i) => [name, present(denseGrads[i], `gradient of ${name}`)]));
      const update = (): void => optimiser.update(rows, byName, learningRate, scale);
      if (averages) averages.follow(rows, update);
      else update();
      return result;
    });
  }

  return { optimiser, averages, step, dispose: () => optimiser.dispose() };
}

/** From the gradient of the embeddings side by side (N, E) to that of the rows of each table that is trained. */
function rowGradients({ spec }: Tagger, { inputs, owners }: Inputs, dx: tf.Tensor2D): Map<string, RowGradient> {
  const gradients = new Map<string, RowGradient>();
  let from = 0;
  for (const { name, width, filters, rate, pretrained } of spec.tables) {
    if (filters !== undefined) continue; // behind all others
    const all = inputOf(inputs, name);
    const places = pretrained?.rate === 0 ? placesBelow(all, pretrained.from) : null;
    if (rate !== 0 && places?.length !== 0) {
      const owner = owners?.get(name);
      const whole = owner ? spread(dx, owner, from, width) : dx; // (K, width) or (N, E)
      const grad = places ? embed({ table: [whole], ids: [tf.tensor1d(places, 'int32')] }) : whole; // (M, width) or (M, E)
      const ids = tf.tensor1d(places ? places.map((n) => all[n] as number) : all, 'int32');
      gradients.set(name, sumRows({ ids, grad }, { from: owner ? 0 : from, E: width })); // (U), (U, width)
    }
    from += width;
  }
  return gradients;
}

/** Those of a table of characters, from the gradient of each between its neighbours (P, 3 E). Row 0, no character, keeps its zeros. */
function addLetters(gradients: Map<string, RowGradient>, name: string, { spelled }: Letters, dc: tf.Tensor2D): void {
  const { rows: ids } = present(spelled.get(name), name);
  const width = dc.shape[1] / 3;
  const grad = tf.reshape<tf.Rank.R2>(dc, [ids.length, width]); // (3P, E)
  const known = Int32Array.from(ids.keys()).filter((i) => ids[i] !== 0);
  if (known.length === 0) return;
  const knownGrad = embed({ table: [grad], ids: [tf.tensor1d(known, 'int32')] }); // (K, E)
  const knownIds = tf.tensor1d(
    ids.filter((id) => id !== 0),
    'int32',
  ); // (K)
  gradients.set(name, sumRows({ ids: knownIds, grad: knownGrad }, { from: 0, E: width })); // (U), (U, E)
}

/** The gradient of a sum is that of each of its terms: the columns of one table, repeated for every row of a bag. (K, width) */
function spread(dx: tf.Tensor2D, owners: Int32Array, from: number, width: number): tf.Tensor2D {
  const own = columnsOf(dx, from, width); // (N, width)
  return embed({ table: [own], ids: [tf.tensor1d(owners, 'int32')] });
}

/** Where the ids below one stand. */
function placesBelow(ids: Int32Array, end: number): Int32Array {
  const places = new Int32Array(ids.length);
  let found = 0;
  for (let n = 0; n < ids.length; n++) if ((ids[n] as number) < end) places[found++] = n;
  return places.subarray(0, found);
}

/** The inputs, with a share `rate` of the ids replaced by 0 in each table that asks for it. */
function dropWords({ spec }: Tagger, batch: Inputs, rate: number, rng: Rng): Inputs {
  const { inputs } = batch;
  if (rate === 0) return batch;
  const dropped = new Map(inputs);
  for (const { name, wordDropout } of spec.tables) {
    if (!wordDropout) continue;
    const draw = rng.split(name);
    dropped.set(
      name,
      inputOf(inputs, name).map((id) => (draw.float() < rate ? 0 : id)),
    );
  }
  return { ...batch, inputs: dropped };
}
