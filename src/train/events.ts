import type { Warning } from '../warnings';

/** What the training loop tells its listeners, as it happens. Times are wall-clock seconds. */
export type TrainEvent = StepEvent | EpochEvent | WarningEvent | EndEvent;

export interface StepEvent {
  readonly kind: 'step';
  readonly epoch: number;
  /** 1-based within the epoch. */
  readonly batch: number;
  readonly batches: number;
  readonly loss: number;
  readonly gradNorm: number;
  /** Of this update. */
  readonly learningRate: number;
  /** Known ones, since the epoch began. */
  readonly tokens: number;
  /** Since the epoch began. */
  readonly tokensPerSecond: number;
}

export interface EpochEvent {
  readonly kind: 'epoch';
  readonly epoch: number;
  /** Mean over the epoch's training tokens. */
  readonly trainLoss: number;
  readonly devScore: number;
  /** F1 of every class that is in the gold tags of dev: entities, or plain tags. */
  readonly classes?: Readonly<Record<string, number>>;
  /** Of the epoch's last update. */
  readonly learningRate: number;
  readonly isBest: boolean;
  /** Training alone, without the evaluation on dev. */
  readonly seconds: number;
  readonly tokensPerSecond: number;
  /** Which tokens the gradient came from, where that is measured. */
  readonly gradients?: GradientShares;
}

export interface WarningEvent extends Warning {
  readonly kind: 'warning';
}

export interface EndEvent {
  readonly kind: 'end';
  /** `interrupted`: the signal was raised; the batch in hand was finished first. */
  readonly reason: 'epochs' | 'patience' | 'interrupted';
  /** 0 when no epoch was finished. */
  readonly bestEpoch: number;
  readonly bestScore: number;
}

/** Tokens and gradient of one group of training tokens in an epoch, as shares of the whole. */
export interface Share {
  readonly tokens: number;
  /** Share of the sum over tokens of |dLoss/dlogits|_1, each batch weighing by its tokens. 0 where every gradient is 0. */
  readonly gradient: number;
}

/** Where the gradient of an epoch came from. Labels add up to 1, and so do the three levels of difficulty. */
export interface GradientShares {
  readonly labels: Readonly<Record<string, Share>>;
  /** By p, the probability of the gold label under dropout: easy p > 0.9, hard p <= 0.5, middle between. */
  readonly easy: Share;
  readonly middle: Share;
  readonly hard: Share;
}

/** The same event without its times, which differ from run to run: what a log of equal runs has in common. */
export const untimed = (event: TrainEvent): object =>
  Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'seconds' && key !== 'tokensPerSecond'));

/** The end of a process and not of its training, of which a log tells: it goes on when it is resumed. */
export const isPause = (event: TrainEvent): boolean => event.kind === 'end' && event.reason === 'interrupted';
