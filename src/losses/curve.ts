import type * as tf from '@tensorflow/tfjs-core';
import { present } from '../errors';
import { LOSSES, parseLossParams } from '.';
import type { LossContext, LossFn, LossSpec, ParamValues, Tf } from './loss';

/** Loss of one token against the probability p of its gold class, and the gradient on the gold logit. */
export interface Point {
  readonly p: number;
  readonly loss: number;
  readonly gradient: number;
}

/** What to know of a loss before training with it. */
export interface Portrait {
  /** Smallest loss of one token; reached at p*. */
  readonly floor: number;
  /** Where; 1 when the loss falls all the way. */
  readonly pStar: number;
  readonly points: readonly Point[];
}

/** The p at which gradients are told. */
export const TOLD_P = [0.001, 0.1, 0.5, 0.9] as const;

/**
 * The binary view: one token, two classes, the gold class against O, through the real loss on logits [log(p / (1 - p)), 0].
 * Class weights are left out (1), as they depend on the corpus.
 */
const BINARY: LossContext = { labels: ['x', 'O'], counts: [1, 1], outside: 1 };

/** As `createCurve`, for callers without tensors: an engine must be open. */
export async function openCurve(spec: LossSpec, params: ParamValues): Promise<(p: number) => Point> {
  return createCurve(await import('@tensorflow/tfjs-core'), spec, params);
}

/** @returns a function from p in (0, 1) to loss and gradient */
export function createCurve(tf: Tf, spec: LossSpec, params: ParamValues): (p: number) => Point {
  const unweighted = 'weights' in params ? { ...params, weights: 'none' as const } : params;
  const loss: LossFn = spec.create(tf, unweighted, BINARY);
  return (p) =>
    tf.tidy(() => {
      const zero = tf.zeros<tf.Rank.R1>([1], 'int32');
      const stepSizes = tf.ones<tf.Rank.R1>([1], 'int32');
      const target = { gold: zero, sentenceOf: zero, stepSizes, order: Int32Array.of(0) };
      const { value, grad } = tf.valueAndGrad((z: tf.Tensor) => loss(z as tf.Tensor2D, target))(
        tf.tensor2d([[Math.log(p / (1 - p)), 0]]),
      );
      return { p, loss: present(value.dataSync()[0], 'loss'), gradient: present(grad.dataSync()[0], 'gradient') };
    });
}

/** p from 0.001 to 0.999 in equal steps. */
export function traceCurve(curve: (p: number) => Point, count = 200): Point[] {
  return Array.from({ length: count }, (_, i) => curve(0.001 + (0.998 * i) / (count - 1)));
}

/** Floor and p*, found on the loss itself, and the gradients at `TOLD_P`. */
export function portrait(curve: (p: number) => Point): Portrait {
  const { pStar, floor } = minimise(curve);
  return { pStar, floor, points: TOLD_P.map(curve) };
}

/** What one token can meet of a loss. */
export interface View {
  readonly name: string;
  readonly params: ParamValues;
}

/** Its gold class alone, or every class; a set of one token is one-vs-rest. */
export function viewsOf(params: ParamValues): View[] {
  if (!('form' in params)) return [{ name: 'loss', params }];
  return ['gold', 'one-vs-rest'].map((form) => ({ name: `form ${form}`, params: { ...params, form } }));
}

/** What a portrait is of, in `PORTRAITS`. */
export const portraitKey = (loss: string, params: ParamValues): string => `${loss} ${JSON.stringify(params)}`;

/** The portraits of every loss of the table with its defaults, in each view, by `portraitKey`. An engine must be open. */
export async function defaultPortraits(): Promise<Readonly<Record<string, Portrait>>> {
  const found: Record<string, Portrait> = {};
  for (const [name, spec] of Object.entries<LossSpec>(LOSSES))
    for (const { params } of viewsOf(parseLossParams(name, {})))
      found[portraitKey(name, params)] = portrait(await openCurve(spec, params));
  return found;
}

const LIMIT = 13; // |logit|: p within 2.3e-6 of 0 and 1, just inside what overlap losses clip
const STEPS = 104;
const FLAT = 1e-6; // float32 noise: a loss that has flattened out near p = 1 has not turned

/** Best of a grid over the logit, then bisection on the sign of the gradient, which float32 resolves where the loss is flat. */
function minimise(curve: (p: number) => Point): { pStar: number; floor: number } {
  const at = (logit: number): Point => curve(1 / (1 + Math.exp(-logit)));
  const logits = Array.from({ length: STEPS + 1 }, (_, i) => LIMIT * ((2 * i) / STEPS - 1));
  const losses = logits.map((logit) => at(logit).loss);
  const best = losses.indexOf(Math.min(...losses));
  const last = present(losses[STEPS], 'loss');
  if (last - present(losses[best], 'loss') < FLAT) return { pStar: 1, floor: last };
  let low = present(logits[Math.max(best - 1, 0)], 'logit');
  let high = present(logits[best + 1], 'logit');
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (at(middle).gradient < 0) low = middle;
    else high = middle;
  }
  const { p, loss } = at((low + high) / 2);
  return { pStar: p, floor: loss };
}
