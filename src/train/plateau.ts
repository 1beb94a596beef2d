/** What one more dev score means for the run. */
export interface Verdict {
  readonly isBest: boolean;
  /** Learning rate of the next epoch. */
  readonly learningRate: number;
  /** `patience` epochs have passed without a better score. */
  readonly exhausted: boolean;
}

export interface PlateauOptions {
  readonly learningRate: number;
  readonly patience: number;
  readonly decayFactor: number;
  readonly decayPatience: number;
}

/**
 * Early stopping and learning-rate decay by one rule: a score counts as better only if it is strictly higher than every one
 * before. The rate is multiplied by `decayFactor` after each run of `decayPatience` epochs without a better score.
 */
export function createPlateau(options: PlateauOptions): (score: number) => Verdict {
  let { learningRate } = options;
  let best = -Infinity;
  let since = 0;
  return (score) => {
    const isBest = score > best;
    if (isBest) best = score;
    since = isBest ? 0 : since + 1;
    if (since > 0 && since % options.decayPatience === 0) learningRate *= options.decayFactor;
    return { isBest, learningRate, exhausted: since >= options.patience };
  };
}
