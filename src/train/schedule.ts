/** How the learning rate goes. */
export interface Schedule {
  /** One line, for the help. */
  readonly title: string;
  /**
   * Do the dev scores lower the rate and end the training? Then `train.epochs` is a limit alone. Else the rate of every update
   * depends on it, and no early stop cuts the schedule short unless `train.patience` asks for one.
   */
  readonly followsDev: boolean;
  /** Factor on the learning rate. @param progress updates done, as a share of all those of `train.epochs`: 0 to below 1 */
  factor(progress: number): number;
}

/** What is left of the rate at the end of a schedule that falls to its end. */
const LAST = 0.02;

/** Every schedule. To add one: its line here. */
export const SCHEDULES = {
  plateau: {
    title: 'constant, times train.decayFactor after every train.decayPatience epochs without a better dev score',
    followsDev: true,
    factor: () => 1,
  },
  linear: {
    title: 'falls evenly over all updates of train.epochs, to 2 % of the rate',
    followsDev: false,
    factor: (progress) => 1 - (1 - LAST) * progress,
  },
  cosine: {
    title: 'falls along half a wave over all updates of train.epochs, to 2 % of the rate',
    followsDev: false,
    factor: (progress) => LAST + ((1 - LAST) * (1 + Math.cos(Math.PI * progress))) / 2,
  },
} as const satisfies Record<string, Schedule>;

export type ScheduleName = keyof typeof SCHEDULES;

/** Epochs without a better dev score before training stops, where none are asked for and the dev scores end it. */
const PATIENCE = 5;

/** @param patience as it is asked for; null where it is not */
export const patienceOf = (schedule: ScheduleName, patience: number | null): number =>
  patience ?? (SCHEDULES[schedule].followsDev ? PATIENCE : Infinity);

export interface RateOptions {
  readonly schedule: ScheduleName;
  /** First updates, whose rate grows evenly to the one that the schedule says. */
  readonly warmupSteps: number;
  /** Epochs at the most. */
  readonly epochs: number;
}

/** Where an update stands. */
export interface Place {
  /** 1-based. */
  readonly epoch: number;
  /** 0-based within the epoch. */
  readonly batch: number;
  /** Of the epoch. */
  readonly batches: number;
  /** Updates before it, over all epochs. */
  readonly update: number;
}

/**
 * The learning rate of one update: `rate` times the factor of the schedule, times k / warmupSteps at update k of the warm-up.
 * Progress is counted in epochs and in batches within one, so that it ends at 1 whether or not epochs have equally many batches.
 * An epoch beyond `epochs` has the factor of the end. It depends on the place alone: a resumed run has the rates of an unbroken one.
 */
export function rateAt(
  rate: number,
  { epoch, batch, batches, update }: Place,
  { schedule, warmupSteps, epochs }: RateOptions,
): number {
  const progress = Math.min(1, ((epoch - 1) * batches + batch) / (epochs * batches));
  const warm = update < warmupSteps ? (update + 1) / warmupSteps : 1;
  return rate * SCHEDULES[schedule].factor(progress) * warm;
}
