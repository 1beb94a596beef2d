import * as tf from '@tensorflow/tfjs-core';
import { type BatchOptions, packBatch, planBatches } from '../data/batches';
import type { Encoded } from '../data/encode';
import type { Batch } from '../data/types';
import { present } from '../errors';
import type { Head } from '../heads';
import type { LossContext, LossFn } from '../losses/loss';
import { logPriors } from '../losses/weights';
import { targetOf } from '../model/tagger';

/**
 * What a loss does to one label at the start of training, where the output bias stands at the log class priors and every token looks
 * alike. Gradients are on the label's own logit, times the tokens of the batch, as a loss is a mean: cross-entropy pulls with 1 - p.
 */
export interface LabelForecast {
  readonly label: string;
  /** Its training tokens. */
  readonly count: number;
  /** What pulls it up on one of its own tokens, beside what cross-entropy pulls with; 1 is as hard. */
  readonly pull: number;
  /** What all other tokens push it down with, over what its own pull it up with: above 1 it sinks on balance. */
  readonly balance: number;
  /** Share of the batches that lower it on balance. */
  readonly lowered: number;
}

/** A loss at the start of a training. */
export interface StartForecast {
  readonly labels: readonly LabelForecast[];
  /** Its mean over the batches that are looked at: what a tagger pays that knows the class priors alone. */
  readonly loss: number;
}

/** Batches spread over the epoch, and those with each label, that are looked at. */
const SPREAD = 32;
const EACH = 2;

/**
 * From counts and gradients alone: nothing is trained. Every label is looked at in batches that hold it and in some that do not, and
 * these weigh as often as an epoch has them.
 */
export function forecast(
  head: Head,
  loss: LossFn,
  { labels, counts }: Pick<LossContext, 'labels' | 'counts'>,
  encoded: Encoded,
  options: BatchOptions,
): StartForecast {
  const batches = planBatches(encoded, options);
  const holding = labels.map(() => 0);
  const held = batches.map((order) => labelsIn(encoded, order));
  for (const ids of held) for (const id of ids) if (id >= 0) holding[id] = present(holding[id], 'label') + 1;
  const priors = logPriors(counts);
  const looks = choose(held, labels.length).map((b) => ({
    holds: present(held[b], 'batch'),
    ...lookAt(head, loss, priors, packBatch(encoded, present(batches[b], 'batch'))),
  }));

  const ofLabel = (label: string, c: number): LabelForecast => {
    const often = present(holding[c], 'label') / batches.length;
    /** The mean over an epoch's batches: those that hold the label, and those that do not, as often as there are. */
    const mean = (value: (look: Look) => number): number => {
      const part = (holds: boolean): number => {
        const own = looks.filter((look) => look.holds.has(c) === holds);
        return own.length === 0 ? 0 : own.reduce((sum, look) => sum + value(look), 0) / own.length;
      };
      return often * part(true) + (1 - often) * part(false);
    };
    const at = (values: Float64Array): number => present(values[c], 'label');
    const pull = mean((look) => at(look.pull));
    const push = mean((look) => at(look.push));
    const ofCe = mean((look) => at(look.tokens)) * (1 - Math.exp(present(priors[c], 'prior')));
    return {
      label,
      count: present(counts[c], 'count'),
      pull: pull / ofCe,
      balance: push / pull,
      lowered: mean((look) => (at(look.push) > at(look.pull) ? 1 : 0)),
    };
  };
  return {
    labels: labels.map(ofLabel),
    loss: looks.reduce((sum, look) => sum + look.loss, 0) / Math.max(1, looks.length),
  };
}

function labelsIn({ offsets, labels }: Encoded, order: Int32Array): Set<number> {
  const found = new Set<number>();
  for (const s of order) {
    const end = offsets[s + 1] as number;
    for (let i = offsets[s] as number; i < end; i++) found.add(labels[i] as number);
  }
  return found;
}

/** Which batches to look at: some all over, and the first that hold each label. */
function choose(held: readonly ReadonlySet<number>[], labels: number): number[] {
  const chosen = new Set(
    Array.from({ length: Math.min(SPREAD, held.length) }, (_, i) => Math.floor((i * held.length) / SPREAD)),
  );
  if (held.length <= SPREAD) return held.map((_, b) => b);
  for (let c = 0; c < labels; c++) {
    for (let b = 0, found = 0; b < held.length && found < EACH; b++) {
      if (!held[b]?.has(c)) continue;
      chosen.add(b);
      found++;
    }
  }
  return [...chosen].sort((a, b) => a - b);
}

/** The tokens of each label in a batch, what they pull it up with, and what all others push it down with, (C) each; and the loss. */
interface Look {
  readonly loss: number;
  readonly tokens: Float64Array;
  readonly pull: Float64Array;
  readonly push: Float64Array;
}

function lookAt(head: Head, loss: LossFn, priors: readonly number[], batch: Batch): Look {
  const [tokens, labels] = [batch.labels.length, priors.length];
  const [value, gradient] = tf.tidy(() => {
    const target = targetOf(batch);
    const z = tf.tile(tf.tensor2d([...priors], [1, labels]), [tokens, 1]); // (N, C)
    const first: LossFn = Object.assign<LossFn, Partial<LossFn>>(
      (logits, told) => loss(logits, { ...told, epoch: 1 }),
      loss,
    );
    const weights = new Map(head.weights(labels).map(({ name, shape }) => [name, tf.zeros(shape)]));
    const { value: of, grad } = tf.valueAndGrad((x: tf.Tensor) => head.loss(first, x as tf.Tensor2D, target, weights))(
      z,
    );
    return [present(of.dataSync()[0], 'loss'), grad.dataSync()] as const; // (N, C)
  });
  const [own, pull, push] = [new Float64Array(labels), new Float64Array(labels), new Float64Array(labels)];
  for (let n = 0, at = 0; n < tokens; n++) {
    const gold = batch.labels[n] as number;
    for (let c = 0; c < labels; c++, at++) {
      const up = -tokens * (gradient[at] as number);
      if (gold === c) pull[c] = (pull[c] as number) + up;
      else push[c] = (push[c] as number) - up;
    }
    if (gold >= 0) own[gold] = (own[gold] as number) + 1;
  }
  return { loss: value, tokens: own, pull, push };
}

/** A class of which runs on Weibo with such figures predicted nothing. */
export interface Starved {
  /** As `LabelForecast`, of the label of the class that fares best. */
  readonly best: LabelForecast;
  readonly name: string;
}

/**
 * Where such figures have meant 0. Both come from runs on Weibo NER (17 labels, 93 % O), the bundled corpus and LINNAEUS:
 *   starves  pulled on FAINT of what cross-entropy does or less, and BESIDE of what the class that fares best is: under dl, dsc, pooled dsc
 *            and tl these were the types that no dev entity was found of, and no others
 *   sinks    no class rises on balance (RISES), and even the one that fares best is pulled on WEAK or less: tl in form set, which predicted
 *            O alone for good; on the bundled corpus, with the best pulled on 10 times less, it learned
 * The push counts tokens of O, so labels without O only starve.
 */
const [FAINT, BESIDE, WEAK, RISES] = [1 / 20, 1 / 3, 1 / 15, 0.8] as const;

/**
 * @param outside  id of O, or -1
 * @param classOf  the class that a label is of: a type of entities, or a tag
 */
export function starvedClasses(
  labels: readonly LabelForecast[],
  outside: number,
  classOf: (label: number) => string,
): { readonly starved: readonly Starved[]; readonly sinks: boolean } {
  const classes = new Map<string, LabelForecast>();
  labels.forEach((label, c) => {
    const name = classOf(c);
    const before = classes.get(name);
    if (c !== outside && label.count > 0 && (!before || label.pull > before.pull)) classes.set(name, label);
  });
  const all = [...classes].map(([name, best]): Starved => ({ name, best }));
  const top = Math.max(0, ...all.map(({ best }) => best.pull));
  const sinks =
    outside >= 0 &&
    top <= WEAK &&
    labels.every(({ balance, count }, c) => c === outside || count === 0 || balance >= RISES);
  const starves = ({ best }: Starved): boolean => best.pull <= FAINT && best.pull <= BESIDE * top;
  return { starved: sinks ? all : all.filter(starves), sinks };
}
