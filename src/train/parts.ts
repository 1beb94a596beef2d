import { type BatchOptions, packBatch, planBatches } from '../data/batches';
import type { Encoded } from '../data/encode';
import type { Batch } from '../data/types';
import { UserError } from '../errors';
import type { LossFn } from '../losses/loss';
import type { Weight } from '../model/spec';
import type { Tagger } from '../model/tagger';
import type { Rng } from '../rng';
import type { DevResult, LoopParts } from './loop';
import type { RunState } from './state';
import { createTrainer, NonFiniteLoss, type StepOptions } from './step';

export interface PartsOptions extends StepOptions, Pick<BatchOptions, 'batchTokens' | 'weights'> {
  /** First epochs trained with `warmup` instead of the loss. */
  readonly warmupEpochs: number;
}

/** Every number that a training holds beside its state and the weights as they are now: copies. */
export interface Held {
  /** Both moments of every weight. */
  readonly moments: readonly Weight[];
  /** Weights of the best epoch; empty before there is one. */
  readonly kept: readonly Weight[];
  /** Where the tagger is saved with averages: the weights that updates change, and what their averages are behind. Else empty. */
  readonly trained: readonly Weight[];
  readonly behind: readonly Weight[];
}

/** A tagger, a loss and encoded sentences as the parts of a training loop. */
export function taggerParts(
  tagger: Tagger,
  loss: LossFn,
  warmup: LossFn,
  corpus: Encoded,
  evaluate: () => DevResult,
  options: PartsOptions,
  rng: Rng,
): LoopParts<Int32Array> & {
  /** Copies of the weights that dev is scored with: the averages, where there are any. */
  weights(): Weight[];
  save(): Held;
  /** For a tagger that has the saved weights. @param at the state that they belong to. @throws Error where they are not of this tagger */
  load(held: Held, at: RunState): void;
  dispose(): void;
} {
  let kept: readonly Weight[] = [];
  let epochs = { now: 0, kept: 0 };
  const trainer = createTrainer(tagger, loss, options, rng.split('step'));
  const shuffle = rng.split('shuffle');
  const { averages } = trainer;
  const weights = (): Weight[] => (averages ? withThose(tagger.weights(), averages.weights()) : tagger.weights());

  return onEngineOf(tagger, {
    /** Each by the sentences that are in it. */
    batches: (epoch: number) => planBatches(corpus, options, shuffle.split(String(epoch))),
    step(order: Int32Array, epoch: number, learningRate: number) {
      const batch = packBatch(corpus, order);
      epochs = { ...epochs, now: epoch };
      try {
        return trainer.step(batch, learningRate, { by: epoch <= options.warmupEpochs ? warmup : loss, epoch });
      } catch (error) {
        throw error instanceof NonFiniteLoss ? explain(error, batch, epochs) : error;
      }
    },
    evaluate() {
      if (!averages) return evaluate();
      averages.catchUp();
      const trained = tagger.weights();
      tagger.load(weights());
      try {
        return evaluate();
      } finally {
        tagger.load(trained);
      }
    },
    keep() {
      kept = weights();
      epochs = { ...epochs, kept: epochs.now };
    },
    restore() {
      tagger.load(kept);
      averages?.load(
        kept,
        averages.behind().map((weight) => ({ ...weight, values: weight.values.fill(0) })),
        trainer.optimiser.step,
      );
    },
    weights,
    save(): Held {
      const { moments } = trainer.optimiser.state();
      if (!averages) return { moments, kept, trained: [], behind: [] };
      const trained = tagger.weights().filter(({ name }) => averages.names.has(name));
      return { moments, kept, trained, behind: averages.behind() };
    },
    load(held: Held, { update, epoch, best }: RunState) {
      trainer.optimiser.load({ step: update, moments: held.moments });
      kept = held.kept;
      averages?.load(tagger.weights(), held.behind, update);
      tagger.load(withThose(tagger.weights(), held.trained));
      epochs = { now: epoch, kept: best.epoch };
    },
    dispose: () => trainer.dispose(),
  });
}

/** The same functions, each with the engine of the tagger current: between two calls there may have been another. */
function onEngineOf<T extends object>(tagger: Tagger, functions: T): T {
  const active =
    (call: (...args: never[]) => unknown) =>
    (...args: never[]) => {
      tagger.activate();
      return call(...args);
    };
  const all = Object.entries(functions) as [string, (...args: never[]) => unknown][];
  return Object.fromEntries(all.map(([name, call]) => [name, active(call)])) as T;
}

/** The same weights, those of `others` in place of the ones of their name. */
const withThose = (weights: readonly Weight[], others: readonly Weight[]): Weight[] =>
  weights.map((weight) => others.find(({ name }) => name === weight.name) ?? weight);

function explain(
  { loss, gradNorm }: NonFiniteLoss,
  batch: Batch,
  { now, kept }: { now: number; kept: number },
): UserError {
  const sentences = Array.from(batch.order.subarray(0, 5), (s) => s + 1).join(', ');
  const more = batch.size > 5 ? ` and ${batch.size - 5} more` : '';
  const best = kept > 0 ? `best.ckpt holds epoch ${kept}` : 'no epoch was finished, so there is no best.ckpt';
  const saved = `no weight was changed by that batch; ${best}`;
  return new UserError(
    `training broke down in epoch ${now}: loss ${loss}, gradient norm ${gradNorm} on the batch of training sentences ${sentences}${more}`,
    `${saved}; try a lower --set train.learningRate or --set train.clipNorm, or a larger loss.smooth`,
    3,
  );
}
