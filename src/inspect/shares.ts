import { present } from '../errors';
import { chunksOf } from '../schemes';
import { holm } from '../metrics/significance';
import type { Described } from './split';

/** A class whose share in a split is far from that in training. */
export interface ShareShift {
  readonly split: string;
  readonly train: string;
  /** Null: entity tokens among all tokens. */
  readonly type: string | null;
  readonly here: Part;
  readonly there: Part;
  /** Two-sided, corrected by Holm over all classes and splits. */
  readonly p: number;
}

export interface Part {
  readonly count: number;
  readonly of: number;
}

/** Shares that differ by less than this factor are not worth a word. */
export const SHIFT = 2;
/** Level of the test. */
const LEVEL = 0.01;
/** Fewer occurrences than this expected on either side say nothing. */
const EXPECTED = 5;

/**
 * Classes whose share differs by a factor of SHIFT or more, where chance is no explanation: a two-proportion test whose variance
 * is that of whole sentences (ratio estimator, Cochran 1977, 6.3) since entities of a sentence are not independent, and not less
 * than that of independent draws; continuity corrected; then Holm over all classes and splits.
 */
export function findShifts(train: Described, others: readonly Described[]): ShareShift[] {
  const there = sharesOf(train);
  const tested = others
    .filter(({ card }) => card.task === train.card.task)
    .flatMap((split) => {
      const here = sharesOf(split);
      return [...here].flatMap(([key, share]) => {
        const other = there.get(key);
        if (!other) return []; // a finding of its own
        return [{ split: split.card.name, key, here: share, there: other, p: pOf(share, other) }];
      });
    });
  const corrected = holm(tested.map(({ p }) => p));
  return tested.flatMap(({ split, key, here, there }, i): ShareShift[] => {
    const p = present(corrected[i], 'p-value');
    const rates = [rateOf(here), rateOf(there)] as const;
    const [low, high] = [Math.min(...rates), Math.max(...rates)];
    if (p >= LEVEL || high < SHIFT * low) return [];
    const part = ({ count, of }: Share): Part => ({ count, of });
    const type = key === ANY ? null : key.slice(1);
    return [{ split, train: train.card.name, type, here: part(here), there: part(there), p }];
  });
}

/** A ratio of sums over sentences, x of n, with the sums of squares that its variance needs. */
interface Share {
  count: number;
  of: number;
  xx: number;
  xn: number;
  nn: number;
}

const rateOf = ({ count, of }: Share): number => count / of;

/** The key of entity tokens among all; types have one character before them. */
const ANY = '';

function sharesOf({ card, reading }: Described): Map<string, Share> {
  const chunks = card.task === 'chunks';
  const shares = new Map<string, Share>();
  let [sum, squares] = [0, 0];
  for (const { tags } of reading.corpus.sentences) {
    const inSentence = new Map<string, number>();
    const add = (key: string, n = 1): void => void inSentence.set(key, (inSentence.get(key) ?? 0) + n);
    const entities = chunks ? chunksOf(tags) : [];
    if (chunks) for (const { type } of entities) add(`.${type}`);
    else for (const tag of tags) add(`.${tag}`);
    const size = chunks ? entities.length : tags.length;
    sum += size;
    squares += size * size;
    for (const [key, x] of inSentence) tally(shares, key, x, size);
    if (chunks)
      tally(
        shares,
        ANY,
        entities.reduce((n, { start, end }) => n + end - start, 0),
        tags.length,
      );
  }
  for (const [key, share] of shares) if (key !== ANY) [share.of, share.nn] = [sum, squares];
  return shares;
}

function tally(shares: Map<string, Share>, key: string, x: number, n: number): void {
  let share = shares.get(key);
  if (!share) shares.set(key, (share = { count: 0, of: 0, xx: 0, xn: 0, nn: 0 }));
  share.count += x;
  share.of += n;
  share.xx += x * x;
  share.xn += x * n;
  share.nn += n * n;
}

function pOf(a: Share, b: Share): number {
  const pooled = (a.count + b.count) / (a.of + b.of);
  if (pooled * Math.min(a.of, b.of) < EXPECTED) return 1;
  const difference = Math.abs(rateOf(a) - rateOf(b)) - (1 / a.of + 1 / b.of) / 2;
  if (difference <= 0) return 1;
  const binomial = pooled * (1 - pooled) * (1 / a.of + 1 / b.of);
  const variance = Math.max(binomial, clustered(a) + clustered(b));
  return variance === 0 ? 1 : Math.min(1, 2 * upperTail(difference / Math.sqrt(variance)));
}

/** Of the ratio, with sentences as the drawn units. */
function clustered(share: Share): number {
  const r = rateOf(share);
  return Math.max(0, share.xx - 2 * r * share.xn + r * r * share.nn) / (share.of * share.of);
}

/** P(Z > z) for z >= 0, to 1e-7: Abramowitz and Stegun 26.2.17. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
