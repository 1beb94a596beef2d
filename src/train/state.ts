import type { EndEvent } from './events';
import { type ScheduleName, SCHEDULES } from './schedule';

/**
 * Where a training stands between two batches: a plain value. With the weights, the moments and the kept weights beside it
 * (`LoopParts.save`) it is all that a training needs to go on as if it had never stopped, since every random draw depends on
 * the seed, the epoch and the update alone.
 */
export interface RunState {
  /** 1-based epoch that is trained next, or is being trained. */
  readonly epoch: number;
  /** Batches of that epoch that are done. */
  readonly batch: number;
  /** Updates of the weights so far, over all epochs. */
  readonly update: number;
  /** Of the epoch so far. */
  readonly sums: {
    readonly tokens: number;
    /** Sum over tokens of their batch's loss. */
    readonly loss: number;
  };
  readonly plateau: Plateau;
  /** The epoch with the highest dev score; epoch 0 before there is one. */
  readonly best: { readonly epoch: number; readonly score: number };
  /** Epochs in a row after which only the outside label was predicted on dev. */
  readonly outsideEpochs: number;
}

/** What the dev scores so far mean for the learning rate and for stopping. */
export interface Plateau {
  /** Before the factors of schedule and warm-up. */
  readonly learningRate: number;
  /** Epochs since the best one. */
  readonly since: number;
}

export interface PlateauOptions {
  readonly schedule: ScheduleName;
  readonly learningRate: number;
  readonly decayFactor: number;
  readonly decayPatience: number;
}

export interface StopOptions {
  /** Epochs at the most. */
  readonly epochs: number;
  /** Epochs without a better dev score before training stops. */
  readonly patience: number;
}

/** Before the first batch. */
export const startState = ({ learningRate }: Pick<PlateauOptions, 'learningRate'>): RunState => ({
  epoch: 1,
  batch: 0,
  update: 0,
  sums: { tokens: 0, loss: 0 },
  plateau: { learningRate, since: 0 },
  best: { epoch: 0, score: 0 },
  outsideEpochs: 0,
});

/** After one more batch. */
export const afterBatch = (state: RunState, { loss, tokens }: { loss: number; tokens: number }): RunState => ({
  ...state,
  batch: state.batch + 1,
  update: state.update + 1,
  sums: { tokens: state.sums.tokens + tokens, loss: state.sums.loss + loss * tokens },
});

/**
 * After the look at dev that ends an epoch. A score counts as better only if it is strictly higher than every one before. The
 * rate is multiplied by `decayFactor` after each run of `decayPatience` epochs without a better score, where the schedule follows dev.
 */
export function afterEpoch(
  state: RunState,
  dev: { readonly score: number; readonly onlyOutside: boolean },
  { schedule, decayFactor, decayPatience }: PlateauOptions,
): RunState {
  const { epoch, plateau, best } = state;
  const isBest = best.epoch === 0 || dev.score > best.score;
  const since = isBest ? 0 : plateau.since + 1;
  const decays = SCHEDULES[schedule].followsDev && since > 0 && since % decayPatience === 0;
  return {
    ...state,
    epoch: epoch + 1,
    batch: 0,
    sums: { tokens: 0, loss: 0 },
    plateau: { learningRate: decays ? plateau.learningRate * decayFactor : plateau.learningRate, since },
    best: isBest ? { epoch, score: dev.score } : best,
    outsideEpochs: dev.onlyOutside ? state.outsideEpochs + 1 : 0,
  };
}

/** Why no further epoch is begun; null where one is. A run that stopped goes on where larger limits say so. */
export function whyStop(
  { epoch, batch, plateau }: RunState,
  { epochs, patience }: StopOptions,
): Exclude<EndEvent['reason'], 'interrupted'> | null {
  if (batch > 0) return null; // in the middle of an epoch that was begun
  if (plateau.since >= patience) return 'patience';
  return epoch > epochs ? 'epochs' : null;
}

/** Which checkpoints stay in a run's folder: `best`, `last`, `every 5`. */
export type Keep = 'best' | 'last' | `every ${number}`;

/** The files (without ending) that the weights after an epoch are saved as. */
export function keptAs(keep: readonly Keep[], epoch: number, isBest: boolean): string[] {
  const names = keep.flatMap((rule) => {
    if (rule === 'best') return isBest ? ['best'] : [];
    if (rule === 'last') return ['last'];
    return epoch % Number(rule.slice('every '.length)) === 0 ? [`epoch-${epoch}`] : [];
  });
  return [...new Set(names)];
}
