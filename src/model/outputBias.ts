import { logPriors } from '../losses/weights';

/** Where the bias of the output layer starts. */
export const OUTPUT_BIASES = {
  priors: { title: 'log class priors: the untrained tagger predicts class shares', of: logPriors },
  zero: { title: 'all labels alike at first', of: (counts: readonly number[]) => counts.map(() => 0) },
} as const;

export type OutputBias = keyof typeof OUTPUT_BIASES;
