import * as tf from '@tensorflow/tfjs-core';
import { present } from '../errors';
import type { Head } from '../heads';
import type { LossContext } from '../losses/loss';
import type { Tagger } from '../model/tagger';
import type { GradientShares, Share, TrainEvent } from './events';

export interface GradientMeter {
  /** The same tagger, the gradient that reaches its emissions measured on the way. */
  watch(tagger: Tagger): Tagger;
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
 * drown the others. The gradient of a token is the sum over classes of |dLoss/demission|, emissions being logits where the
 * head is a softmax; a loss is a mean, so that of a batch is multiplied by its tokens. Switched off, it hands back what it is given.
 */
export function createGradientMeter(on: boolean, { labels }: LossContext): GradientMeter {
  if (!on)
    return {
      watch: (tagger) => tagger,
      annotate: (event) => event,
      save: () => new Float64Array(0),
      load: () => undefined,
    };
  let sums = createSums(labels.length);
  const watchedBy =
    (head: Head): Head['loss'] =>
    (loss, emissions, target, weights) => {
      const [ids, p] = [target.gold.dataSync(), head.probabilities(emissions, target, weights)]; // (N), (N, C)
      const watched = tf.customGrad((x) => ({
        value: tf.clone(x as tf.Tensor),
        gradFunc: (dy: tf.Tensor) => {
          addBatch(sums, dy.dataSync(), p, ids);
          return tf.clone(dy); // (N, C)
        },
      }));
      return head.loss(loss, watched(emissions) as tf.Tensor2D, target, weights);
    };
  return {
    watch: (tagger) => ({ ...tagger, head: { ...tagger.head, loss: watchedBy(tagger.head) } }),
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

/** dy, probabilities (N, C) row-major; gold (N), -1 where the row is ignored. */
export function addBatch(
  { tokens, gradient }: Sums,
  dy: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  gold: ArrayLike<number>,
): void {
  const labels = tokens.length - 3;
  let counted = 0;
  for (let n = 0; n < gold.length; n++) if ((gold[n] as number) >= 0) counted++;
  for (let n = 0; n < gold.length; n++) {
    const label = gold[n] as number;
    if (label < 0) continue;
    const at = n * labels;
    const right = probabilities[at + label] as number;
    let size = 0; // |dLoss/demissions|_1
    for (let c = 0; c < labels; c++) size += Math.abs(dy[at + c] as number);
    const level = right > EASY ? 0 : right > HARD ? 1 : 2;
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
