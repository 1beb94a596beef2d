import * as tf from '@tensorflow/tfjs-core';
import { present } from '../errors';
import type { LossContext, LossFn } from '../losses/loss';
import type { GradientShares, Share, TrainEvent } from './events';

export interface GradientMeter {
  /** The same loss, its gradient measured on the way. */
  watch(loss: LossFn): LossFn;
  /** The same event; one that ends an epoch with the shares of that epoch. */
  annotate(event: TrainEvent): TrainEvent;
  /** What was summed up in this epoch so far: tokens, then gradient, of every group. (2, C + 3); empty where it is switched off */
  save(): Float64Array;
  /** @throws Error where it is not of such labels */
  load(sums: Float64Array): void;
}

const EASY = 0.9;
const HARD = 0.5;

/**
 * Measures which tokens a loss learns from: the claim behind focal and Dice losses is that easy tokens of the majority class
 * drown the others. The gradient of a token is the sum over classes of |dLoss/dlogit|; a loss is a mean, so that of a batch
 * is multiplied by its tokens. Switched off, it hands back what it is given.
 */
export function createGradientMeter(on: boolean, { labels }: LossContext): GradientMeter {
  if (!on)
    return {
      watch: (loss) => loss,
      annotate: (event) => event,
      save: () => new Float64Array(0),
      load: () => undefined,
    };
  let sums = createSums(labels.length);
  return {
    watch: (loss) => (logits, target) => {
      const ids = target.gold.dataSync(); // (N)
      const watched = tf.customGrad((x, save) => {
        (save as tf.GradSaveFunc)([x as tf.Tensor]);
        const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]): tf.Tensor => {
          addBatch(sums, dy.dataSync(), present(saved, 'logits').dataSync(), ids);
          return tf.clone(dy); // (N, C)
        };
        return { value: tf.clone(x as tf.Tensor), gradFunc };
      });
      return loss(watched(logits) as tf.Tensor2D, target);
    },
    annotate(event) {
      if (event.kind !== 'epoch') return event;
      const gradients = sharesOf(sums, labels);
      sums = createSums(labels.length);
      return { ...event, gradients };
    },
    save: () => Float64Array.from([...sums.tokens, ...sums.gradient]),
    load(saved) {
      const half = labels.length + 3;
      if (saved.length !== 2 * half) throw new Error(`gradient shares: ${saved.length} sums, expected ${2 * half}`);
      sums = { tokens: saved.slice(0, half), gradient: saved.slice(half) };
    },
  };
}

/** Running sums: labels first, then easy, middle and hard. (C + 3) each */
interface Sums {
  readonly tokens: Float64Array;
  readonly gradient: Float64Array;
}

const createSums = (labels: number): Sums => ({
  tokens: new Float64Array(labels + 3),
  gradient: new Float64Array(labels + 3),
});

/** dy, logits (N, C) row-major; gold (N), -1 where the row is ignored. */
export function addBatch(
  { tokens, gradient }: Sums,
  dy: ArrayLike<number>,
  logits: ArrayLike<number>,
  gold: ArrayLike<number>,
): void {
  const labels = tokens.length - 3;
  let counted = 0;
  for (let n = 0; n < gold.length; n++) if ((gold[n] as number) >= 0) counted++;
  for (let n = 0; n < gold.length; n++) {
    const label = gold[n] as number;
    if (label < 0) continue;
    const at = n * labels;
    const right = logits[at + label] as number;
    let size = 0; // |dLoss/dlogits|_1
    let all = 0; // sum of exp(logit - gold logit) = 1 / p
    for (let c = 0; c < labels; c++) {
      size += Math.abs(dy[at + c] as number);
      all += Math.exp((logits[at + c] as number) - right);
    }
    const level = 1 / all > EASY ? 0 : 1 / all > HARD ? 1 : 2;
    for (const group of [label, labels + level]) {
      tokens[group] = (tokens[group] as number) + 1;
      gradient[group] = (gradient[group] as number) + size * counted;
    }
  }
}

function sharesOf({ tokens, gradient }: Sums, labels: readonly string[]): GradientShares {
  const total = (values: Float64Array): number => values.subarray(0, labels.length).reduce((a, b) => a + b, 0) || 1;
  const [allTokens, allGradient] = [total(tokens), total(gradient)];
  const share = (group: number): Share => ({
    tokens: present(tokens[group], 'group') / allTokens,
    gradient: present(gradient[group], 'group') / allGradient,
  });
  return {
    labels: Object.fromEntries(labels.map((label, c) => [label, share(c)])),
    easy: share(labels.length),
    middle: share(labels.length + 1),
    hard: share(labels.length + 2),
  };
}
