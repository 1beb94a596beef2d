import { engine, type Scalar, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Rng } from '../rng';
import { op } from './op';
import { FLAG, type Tensors } from './signature';

/**
 * A linear-chain conditional random field over a packed batch (see `Batch`). N packed rows, C labels, T steps; a path y of a
 * sentence of n tokens has the probability exp(s(y)) / Z, with
 *   s(y) = start[y_1] + sum_t e_t[y_t] + sum_(t > 1) transitions[y_(t-1), y_t] + end[y_n]
 *
 *   alpha_1 = start + e_1,  alpha_t[j] = e_t[j] + log sum_i exp(alpha_(t-1)[i] + transitions[i, j])
 *   beta_n = end,           beta_t[i] = log sum_j exp(transitions[i, j] + e_(t+1)[j] + beta_(t+1)[j])
 *   P_t = softmax(alpha_t + beta_t),  log Z = log sum_j exp(alpha_n[j] + end[j])
 *
 * Each of these sums is a product with exp(transitions): N C exponentials rather than N C^2. Where it falls below what doubles
 * hold, for scores hundreds apart, it is taken term by term. All is in double precision, and exact for any finite scores.
 *
 * Speed on one busy core (EPYC, AVX-512), native, 32 sentences of 32 words: likelihood and gradient 0.15 ms for 13 labels, 0.34 ms
 * for 25; marginals and gradient 0.25 ms and 0.48 ms.
 *
 * Sources: Lafferty et al. 2001 (the model); Tsuboi et al. 2008 (labels that are not known); Li and Eisner 2009, section 3
 * (the gradient of the marginals as expectations of first order).
 */
const SCORES = { emissions: 'N C', transitions: 'C C', start: 'C', end: 'C' } as const;

/** Sentences of 5, 5, 3, 2, 1 and 1 words. */
const EXAMPLE = {
  dims: { N: 17, C: 5, T: 5 },
  numbers: { training: 1 },
  draw: { stepSizes: () => Int32Array.of(6, 4, 3, 2, 2) },
} as const;

/**
 * Negative log-likelihood: -log Pr(the known labels of a sentence), summed over sentences, divided by the number of known labels.
 * A label that is not known (-1) is summed over. Gradient in e_t[j]: (P_t[j] - P'_t[j]) / known labels, where P' is the marginal
 * given what is known: 1 or 0 at a known label. Unless not `training`, the reserve holds all gradients.
 */
export const CRF_NLL = op({
  name: 'DscCrfNll',
  inputs: { ...SCORES, gold: 'int32 N', stepSizes: 'int32 T' },
  attributes: { training: FLAG },
  outputs: { loss: '', reserve: '?' },
  body({ gold, stepSizes, ...scores }, { N: rows, C: labels }, { training }) {
    let known = 0;
    for (let n = 0; n < rows; n++) {
      if ((gold[n] as number) < -1 || (gold[n] as number) >= labels)
        throw new RangeError(`crf: label ${gold[n] as number} of row ${n} is not one of ${labels}`);
      if ((gold[n] as number) >= 0) known++;
    }
    const batch = layoutOf(stepSizes, rows, labels);
    const links = linksOf(scores.transitions, labels);
    const [all, given] = [walk(scores, links, batch), walk(scores, links, batch, gold)];
    let loss = 0;
    for (const row of batch.lasts) loss += logZ(all, row, labels) - logZ(given, row, labels);
    const value = Float32Array.of(loss / Math.max(1, known));
    if (training === 0) return { loss: value, reserve: new Float32Array(0) };

    const [most, least] = [countsOf(all, links, batch), countsOf(given, links, batch)];
    const reserve = new Float32Array(most.length); // (N + C, C)
    for (let k = 0; k < reserve.length; k++)
      reserve[k] = ((most[k] as number) - (least[k] as number)) / Math.max(1, known);
    return { loss: value, reserve };
  },
  tolerance: 1e-6,
  gradient: {
    needs: ['emissions', 'stepSizes', 'reserve'],
    of: ['emissions', 'transitions', 'start', 'end'],
    body({ stepSizes, reserve, dloss }, { N: rows, C: labels }) {
      const scaled = reserve.map((value) => value * (dloss[0] as number));
      const demissions = scaled.slice(0, rows * labels); // (N, C)
      return { demissions, dtransitions: scaled.slice(rows * labels), ...ofEnds(demissions, stepSizes, labels) };
    },
    tolerance: 1e-6,
  },
  example: {
    ...EXAMPLE,
    draw: { ...EXAMPLE.draw, gold: (rng: Rng, length: number) => Int32Array.from({ length }, () => rng.int(6) - 1) },
  },
});

/**
 * Log-marginals, log P_t[j]: logits of every token whose softmax they are. Backward, with g = dL/dlog P, in two more walks:
 *   A_t[j] = g_t[j] + sum_i Pr(y_t = j | y_(t-1) = i) A_(t-1)[i],  R_t[i] = sum_j Pr(y_t = i | y_(t+1) = j) (g + R)_(t+1)[j]
 *   dL/de_t = A_t + R_t - P_t F,  F = sum_j A_n[j]
 *   dL/dtransitions[i, j] = sum_t Pr(j | i) (A_(t-1)[i] - F P_(t-1)[i]) + Pr(i | j) (g + R)_t[j]
 * the covariance of sum_t g_t[y_t] / P_t[y_t] with what each weight counts, but without the division: exact however small P is.
 */
export const CRF_MARGINALS = op({
  name: 'DscCrfMarginals',
  inputs: { ...SCORES, stepSizes: 'int32 T' },
  attributes: { training: FLAG },
  outputs: { logMarginals: 'N C', reserve: '?' },
  body({ stepSizes, ...scores }, { N: rows, C: labels }) {
    const paths = walk(scores, linksOf(scores.transitions, labels), layoutOf(stepSizes, rows, labels));
    const logMarginals = new Float32Array(rows * labels); // (N, C)
    for (let row = 0; row < rows; row++) {
      const norm = logZ(paths, row, labels);
      for (let k = row * labels; k < (row + 1) * labels; k++)
        logMarginals[k] = (paths.alpha[k] as number) + (paths.beta[k] as number) - norm;
    }
    return { logMarginals, reserve: new Float32Array(0) };
  },
  tolerance: 1e-6,
  gradient: {
    needs: ['emissions', 'transitions', 'start', 'end', 'stepSizes', 'reserve'],
    of: ['emissions', 'transitions', 'start', 'end'],
    body({ stepSizes, dlogMarginals, ...scores }, { N: rows, C: labels }) {
      const batch = layoutOf(stepSizes, rows, labels);
      const links = linksOf(scores.transitions, labels);
      const paths = walk(scores, links, batch);
      const p = marginalsOf(paths, rows, labels); // (N, C)
      const any: Range = [0, labels];
      const toNext = new Float64Array(labels * labels); // [i, j]: Pr(y_t = j | y_(t-1) = i)
      const toLast = new Float64Array(labels * labels); // [j, i]: Pr(y_(t-1) = i | y_t = j)
      const a = Float64Array.from(dlogMarginals); // (N, C)
      const r = new Float64Array(rows * labels); // (N, C)
      for (let row = 0; row < rows; row++) {
        const before = batch.previous[row] as number;
        if (before < 0) continue;
        sharesThrough(links.toNext, paths.ahead, row * labels, any, any, toNext);
        for (let i = 0; i < labels; i++)
          for (let j = 0; j < labels; j++)
            a[row * labels + j] =
              (a[row * labels + j] as number) + (toNext[i * labels + j] as number) * (a[before * labels + i] as number);
      }
      const f = new Float64Array(batch.lasts.length); // (B)
      batch.lasts.forEach((row, b) => (f[b] = a.subarray(row * labels, (row + 1) * labels).reduce((x, y) => x + y, 0)));

      const dt = new Float64Array(labels * labels); // (C, C)
      const de = new Float32Array(rows * labels); // (N, C)
      for (let row = rows - 1; row >= 0; row--) {
        const sum = f[batch.sentenceOf[row] as number] as number;
        const at = row * labels;
        for (let k = at; k < at + labels; k++) de[k] = (a[k] as number) + (r[k] as number) - (p[k] as number) * sum;
        const before = batch.previous[row] as number;
        if (before < 0) continue;
        sharesThrough(links.toNext, paths.ahead, at, any, any, toNext);
        sharesThrough(links.toLast, paths.alpha, before * labels, any, any, toLast);
        for (let i = 0; i < labels; i++) {
          const k = before * labels + i;
          const left = (a[k] as number) - sum * (p[k] as number);
          for (let j = 0; j < labels; j++) {
            const right =
              (toLast[j * labels + i] as number) * ((dlogMarginals[at + j] as number) + (r[at + j] as number));
            r[k] = (r[k] as number) + right;
            dt[i * labels + j] = (dt[i * labels + j] as number) + ((toNext[i * labels + j] as number) * left + right);
          }
        }
      }
      return { demissions: de, dtransitions: Float32Array.from(dt), ...ofEnds(de, stepSizes, labels) };
    },
    tolerance: 1e-6,
  },
  example: EXAMPLE,
});

type Inputs<K extends { readonly forward: { readonly inputs: object } }> = Tensors<K['forward']['inputs']>;

/** The mean negative log-likelihood of the known labels, a scalar; differentiable in all scores. */
export function crfNll(inputs: Inputs<typeof CRF_NLL>): Scalar {
  return CRF_NLL(inputs, training());
}

/** (N, C); differentiable in all scores. */
export function crfLogMarginals(inputs: Inputs<typeof CRF_MARGINALS>): Tensor2D {
  return CRF_MARGINALS(inputs, training());
}

/** Log-sums over the paths of the sentences of a packed batch, in double precision. */
export interface PathSums {
  /** Of the paths from the start to each label, that token's emission included. (N, C) */
  readonly alpha: Float64Array;
  /** Of the paths from each label to the end, that token's emission left out. (N, C) */
  readonly beta: Float64Array;
  /** log Z of the sentence that a row is of. */
  readonly norm: (row: number) => number;
}

/** @param stepSizes sentences alive at each step, longest first. (T) */
export function crfPathSums(scores: Scores, stepSizes: Int32Array): PathSums {
  const labels = scores.start.length;
  const batch = layoutOf(stepSizes, scores.emissions.length / labels, labels);
  const paths = walk(scores, linksOf(scores.transitions, labels), batch);
  return { alpha: paths.alpha, beta: paths.beta, norm: (row) => logZ(paths, row, labels) };
}

const training = (): { training: number } => ({ training: engine().state.gradientDepth > 0 ? 1 : 0 });

/** Below this a sum of exponentials, of which the largest is 1, may have lost some of its terms. */
const TINY = 1e-250;

/** Labels from..to - 1. */
type Range = readonly [from: number, to: number];

interface Scores {
  /** (N, C) */
  readonly emissions: Float32Array;
  /** (C, C) */
  readonly transitions: ArrayLike<number>;
  /** (C) */
  readonly start: ArrayLike<number>;
  /** (C) */
  readonly end: ArrayLike<number>;
}

interface Layout {
  readonly labels: number;
  /** Row of the token before, -1 where the sentence starts. (N) */
  readonly previous: Int32Array;
  /** (N) */
  readonly sentenceOf: Int32Array;
  /** Last row of each sentence. (B) */
  readonly lasts: Int32Array;
}

function layoutOf(stepSizes: Int32Array, rows: number, labels: number): Layout {
  const sentences = stepSizes.length > 0 ? (stepSizes[0] as number) : 0;
  const [previous, sentenceOf, lasts] = [new Int32Array(rows), new Int32Array(rows), new Int32Array(sentences)];
  let row = 0;
  for (let t = 0; t < stepSizes.length; t++) {
    const before = t > 0 ? (stepSizes[t - 1] as number) : 0;
    for (let b = 0; b < (stepSizes[t] as number); b++, row++) {
      previous[row] = t > 0 ? row - before : -1;
      sentenceOf[row] = b;
      lasts[b] = row;
    }
  }
  if (row !== rows) throw new RangeError(`crf: stepSizes add up to ${row}, expected ${rows}`);
  return { labels, previous, sentenceOf, lasts };
}

/** Scores between the labels of two neighbouring tokens, (C, C): a row for each label that sums go to, a column for each that they are over. */
interface Link {
  readonly logs: Float64Array;
  /** exp(logs - top) */
  readonly exps: Float64Array;
  /** The largest. */
  readonly top: number;
}

/** `toNext` sums over the labels of the next token, `toLast` over those of the one before. */
function linksOf(transitions: ArrayLike<number>, labels: number): { toNext: Link; toLast: Link } {
  const straight = Float64Array.from(transitions);
  const top = straight.reduce((most, x) => Math.max(most, x), -Infinity);
  const link = (logs: Float64Array): Link => ({ logs, exps: logs.map((x) => Math.exp(x - top)), top });
  const transposed = new Float64Array(labels * labels);
  for (let i = 0; i < labels; i++)
    for (let j = 0; j < labels; j++) transposed[j * labels + i] = straight[i * labels + j] as number;
  return { toNext: link(straight), toLast: link(transposed) };
}

/** Log-sums over all paths, or over those through the labels given. */
interface Paths {
  /** Of the paths from the start to each label, that token's emission included. (N, C) */
  readonly alpha: Float64Array;
  /** Of the paths from each label to the end, that token's emission left out. (N, C) */
  readonly beta: Float64Array;
  /** beta + emissions (N, C) */
  readonly ahead: Float64Array;
  /** Labels that a row may have; of others alpha is minus infinity. */
  readonly allowed: (row: number) => Range;
}

function walk(
  { emissions, start, end }: Scores,
  links: ReturnType<typeof linksOf>,
  { labels, previous, lasts }: Layout,
  gold?: Int32Array,
): Paths {
  const any: Range = [0, labels];
  const allowed = (row: number): Range =>
    gold && (gold[row] as number) >= 0 ? [gold[row] as number, (gold[row] as number) + 1] : any;
  const alpha = new Float64Array(emissions.length).fill(-Infinity);
  const beta = new Float64Array(emissions.length).fill(-Infinity);
  const ahead = new Float64Array(emissions.length).fill(-Infinity);
  for (let row = 0; row < previous.length; row++) {
    const [from, to] = allowed(row);
    const before = previous[row] as number;
    if (before < 0) for (let j = from; j < to; j++) alpha[row * labels + j] = start[j] as number;
    else sumThrough(links.toLast, alpha, before * labels, allowed(before), allowed(row), alpha, row * labels);
    for (let j = from; j < to; j++)
      alpha[row * labels + j] = (alpha[row * labels + j] as number) + (emissions[row * labels + j] as number);
  }
  for (const row of lasts) {
    const [from, to] = allowed(row);
    for (let j = from; j < to; j++) beta[row * labels + j] = end[j] as number;
  }
  for (let row = previous.length - 1; row >= 0; row--) {
    const [from, to] = allowed(row);
    for (let k = row * labels + from; k < row * labels + to; k++)
      ahead[k] = (emissions[k] as number) + (beta[k] as number);
    const before = previous[row] as number;
    if (before >= 0)
      sumThrough(links.toNext, ahead, row * labels, allowed(row), allowed(before), beta, before * labels);
  }
  return { alpha, beta, ahead, allowed };
}

let powers = new Float64Array(0);

/** exp(x[at + l] - largest) into `powers` for the labels l of `over`; returns the largest. */
function powersOf(x: Float64Array, at: number, [from, to]: Range): number {
  if (powers.length < to) powers = new Float64Array(to);
  let most = -Infinity;
  for (let l = from; l < to; l++) most = Math.max(most, x[at + l] as number);
  for (let l = from; l < to; l++) powers[l] = Math.exp((x[at + l] as number) - most);
  return most;
}

/** out[to + k] = log sum_l exp(x[at + l] + link[k, l]), l over the labels `over`, k those `of`. */
function sumThrough(
  link: Link,
  x: Float64Array,
  at: number,
  over: Range,
  of: Range,
  out: Float64Array,
  to: number,
): void {
  const most = powersOf(x, at, over);
  const labels = Math.sqrt(link.exps.length);
  for (let k = of[0]; k < of[1]; k++) {
    let sum = 0;
    for (let l = over[0]; l < over[1]; l++) sum += (powers[l] as number) * (link.exps[k * labels + l] as number);
    out[to + k] = sum > TINY ? most + link.top + Math.log(sum) : logSum(link, k * labels, x, at, over);
  }
}

/** shares[k, l] = exp(x[at + l] + link[k, l]) / sum_l: each row sums to 1. */
function sharesThrough(link: Link, x: Float64Array, at: number, over: Range, of: Range, shares: Float64Array): void {
  powersOf(x, at, over);
  const labels = Math.sqrt(link.exps.length);
  for (let k = of[0]; k < of[1]; k++) {
    const row = k * labels;
    let sum = 0;
    for (let l = over[0]; l < over[1]; l++)
      sum += shares[row + l] = (powers[l] as number) * (link.exps[row + l] as number);
    if (sum > TINY) for (let l = over[0]; l < over[1]; l++) shares[row + l] = (shares[row + l] as number) / sum;
    else {
      const total = logSum(link, row, x, at, over);
      for (let l = over[0]; l < over[1]; l++)
        shares[row + l] = Math.exp((x[at + l] as number) + (link.logs[row + l] as number) - total);
    }
  }
}

/** Term by term, from the largest. */
function logSum({ logs }: Link, row: number, x: Float64Array, at: number, [from, to]: Range): number {
  let most = -Infinity;
  for (let l = from; l < to; l++) most = Math.max(most, (x[at + l] as number) + (logs[row + l] as number));
  let sum = 0;
  for (let l = from; l < to; l++) sum += Math.exp((x[at + l] as number) + (logs[row + l] as number) - most);
  return most + Math.log(sum);
}

/** log sum_j exp(alpha + beta) at a row: of its sentence, the same at each of its rows. */
function logZ({ alpha, beta, allowed }: Paths, row: number, labels: number): number {
  const [from, to] = allowed(row);
  let most = -Infinity;
  for (let k = row * labels + from; k < row * labels + to; k++)
    most = Math.max(most, (alpha[k] as number) + (beta[k] as number));
  let sum = 0;
  for (let k = row * labels + from; k < row * labels + to; k++)
    sum += Math.exp((alpha[k] as number) + (beta[k] as number) - most);
  return most + Math.log(sum);
}

/** P (N, C); the norm is each row's own, so that it sums to 1 however long the sentence. */
function marginalsOf(paths: Paths, rows: number, labels: number): Float64Array {
  const p = new Float64Array(rows * labels);
  for (let row = 0; row < rows; row++) {
    const norm = logZ(paths, row, labels);
    const [from, to] = paths.allowed(row);
    for (let k = row * labels + from; k < row * labels + to; k++)
      p[k] = Math.exp((paths.alpha[k] as number) + (paths.beta[k] as number) - norm);
  }
  return p;
}

/** How often a path has each label at each token, and each label after each other one, on the mean: (N, C), then (C, C). */
function countsOf(paths: Paths, { toNext }: ReturnType<typeof linksOf>, { labels, previous }: Layout): Float64Array {
  const counts = new Float64Array((previous.length + labels) * labels);
  const p = marginalsOf(paths, previous.length, labels);
  counts.set(p);
  const shares = new Float64Array(labels * labels); // [i, j]: Pr(y_t = j | y_(t-1) = i)
  for (let row = 0; row < previous.length; row++) {
    const before = previous[row] as number;
    if (before < 0) continue;
    const [from, to] = [paths.allowed(before), paths.allowed(row)];
    sharesThrough(toNext, paths.ahead, row * labels, to, from, shares);
    for (let i = from[0]; i < from[1]; i++)
      for (let j = to[0]; j < to[1]; j++)
        counts[p.length + i * labels + j] =
          (counts[p.length + i * labels + j] as number) +
          (p[before * labels + i] as number) * (shares[i * labels + j] as number);
  }
  return counts;
}

/** Gradients of start and end (C): those of the emissions (N, C) of first and last tokens, which they are added to. */
function ofEnds(de: Float32Array, stepSizes: Int32Array, labels: number): { dstart: Float32Array; dend: Float32Array } {
  const [dstart, dend] = [new Float64Array(labels), new Float64Array(labels)];
  let row = 0;
  for (let t = 0; t < stepSizes.length; t++) {
    const alive = t + 1 < stepSizes.length ? (stepSizes[t + 1] as number) : 0;
    for (let b = 0; b < (stepSizes[t] as number); b++, row++) {
      for (let j = 0; j < labels; j++) {
        if (t === 0) dstart[j] = (dstart[j] as number) + (de[row * labels + j] as number);
        if (b >= alive) dend[j] = (dend[j] as number) + (de[row * labels + j] as number);
      }
    }
  }
  return { dstart: Float32Array.from(dstart), dend: Float32Array.from(dend) };
}
