import { present } from '../errors';
import type { Rng } from '../rng';
import { chiSquareTail, fTail, normalTwoSided, rangeQuantile } from './distributions';
import { holm } from './significance';

/** What ranks over several data sets say of k systems (Demsar 2006, "Statistical comparisons of classifiers over multiple data sets"). */
export interface Ranking {
  /** Mean rank of each system, 1 the best; equal scores share their ranks. (k) */
  readonly ranks: readonly number[];
  /** Friedman's test, corrected for ties: were all systems alike, so uneven ranks would have this p. */
  readonly friedman: { readonly chiSquare: number; readonly df: number; readonly p: number };
  /** The same as Iman and Davenport's F, which is less conservative; f is null, for infinity, where all data sets rank alike. */
  readonly imanDavenport: { readonly f: number | null; readonly df: readonly [number, number]; readonly p: number };
  /** Mean ranks further apart than this differ at `level`: Nemenyi's critical difference, of two systems that of the sign test. */
  readonly criticalDifference: number;
  /** Each other system against the reference: z of the difference of ranks, p, and p after Holm's correction. null at the reference. (k) */
  readonly against: readonly ({ readonly z: number; readonly p: number; readonly pHolm: number } | null)[];
  /** Of two systems, which the ranks tell apart by their signs alone: its p is the one of `against`, too. null for more. */
  readonly signs: SignTest | null;
}

/** The exact sign test of two systems: on how many data sets which is ahead, and the two-sided p of so uneven a count. */
export interface SignTest {
  /** Data sets on which the first is ahead, and the second. */
  readonly ahead: readonly [number, number];
  readonly p: number;
}

/**
 * @param scores data set by data set, the score of every system; higher is better. (n, k), n and k at least 2
 * @param reference index of the system that the others are held against
 */
export function rankSystems(scores: readonly (readonly number[])[], reference: number, level = 0.05): Ranking {
  const n = scores.length;
  const k = scores[0]?.length ?? 0;
  const ranked = scores.map(ranksOf);
  const ranks = Array.from({ length: k }, (_, j) => ranked.reduce((sum, row) => sum + present(row[j], 'rank'), 0) / n);
  const ties = scores.reduce((sum, row) => sum + tieSum(row), 0);
  const squares = ranks.reduce((sum, r) => sum + (n * r) ** 2, 0);
  const correction = 1 - ties / (n * k * (k * k - 1));
  const plain = (12 / (n * k * (k + 1))) * squares - 3 * n * (k + 1);
  const chiSquare = correction > 0 ? plain / correction : 0; // all scores equal on every data set
  const f = n * (k - 1) > chiSquare ? ((n - 1) * chiSquare) / (n * (k - 1) - chiSquare) : null;
  const df = [k - 1, (k - 1) * (n - 1)] as const;
  const error = Math.sqrt((k * (k + 1)) / (6 * n));
  const others = ranks.map((_, j) => j).filter((j) => j !== reference);
  const z = others.map((j) => ((ranks[reference] as number) - (ranks[j] as number)) / error);
  // with two systems the normal distribution is far off: of 4 of 4 data sets it has p .046, where one in 8 is as uneven
  const signs = k === 2 ? signTest(scores) : null;
  const p = signs ? [signs.p] : z.map(normalTwoSided);
  const pHolm = holm(p);
  return {
    ranks,
    friedman: { chiSquare, df: k - 1, p: chiSquareTail(chiSquare, k - 1) },
    imanDavenport: { f, df, p: f === null ? 0 : fTail(f, ...df) },
    criticalDifference: signs ? signDifference(signs, n, level) : (rangeQuantile(1 - level, k) / Math.SQRT2) * error,
    signs,
    against: ranks.map((_, j) => {
      const at = others.indexOf(j);
      return at < 0 ? null : { z: z[at] as number, p: p[at] as number, pHolm: pHolm[at] as number };
    }),
  };
}

function signTest(scores: readonly (readonly number[])[]): SignTest {
  const counted = (first: 1 | -1): number => scores.filter(([a = 0, b = 0]) => first * (a - b) > 0).length;
  const ahead = [counted(1), counted(-1)] as const;
  return { ahead, p: signTail(Math.max(...ahead), ahead[0] + ahead[1]) };
}

/** How often so many heads or so many tails, at least, come up in n throws of a coin, for `most` of n / 2 or more. */
function signTail(most: number, n: number): number {
  let [ways, reached] = [1, 0]; // of i heads, i from n down
  for (let i = n; i >= most; i--) {
    reached += ways;
    ways *= i / (n - i + 1);
  }
  return Math.min(1, (2 * reached) / 2 ** n);
}

/** Between the last difference of mean ranks that the sign test does not tell apart on n data sets and the first that it does. */
function signDifference({ ahead: [a, b] }: SignTest, n: number, level: number): number {
  const untied = a + b;
  let most = untied;
  while (most * 2 > untied && signTail(most, untied) <= level) most--;
  return (2 * most + 1 - untied) / n;
}

/** 1 for the highest; equal values share the mean of their ranks. */
export function ranksOf(values: readonly number[]): number[] {
  return values.map((x) => {
    const above = values.filter((y) => y > x).length;
    const equal = values.filter((y) => y === x).length;
    return above + (equal + 1) / 2;
  });
}

/** Sum of t^3 - t over groups of t equal values. */
function tieSum(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const x of values) counts.set(x, (counts.get(x) ?? 0) + 1);
  return [...counts.values()].reduce((sum, t) => sum + t ** 3 - t, 0);
}

/** How sure it is that a difference over data sets lies below, within or above a region of practical equivalence. Sum to 1. */
export interface SignedRank {
  readonly worse: number;
  readonly equal: number;
  readonly better: number;
}

/**
 * Bayesian signed-rank test (Benavoli et al. 2017, "Time for a change", section 4.2): Dirichlet weights on the n differences and on a
 * prior observation of 0; of each draw the region with most of the weight of pairwise means counts.
 * @param differences one a data set
 * @param rope half the width of the region within which a difference does not matter, in the unit of the differences
 */
export function bayesianSignedRank(differences: readonly number[], rope: number, rng: Rng, draws = 20_000): SignedRank {
  const z = [0, ...differences];
  const n = z.length;
  const won = { worse: 0, equal: 0, better: 0 };
  const weights = new Float64Array(n);
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const w = -Math.log(1 - rng.float());
      weights[i] = w;
      sum += w;
    }
    let [worse, better] = [0, 0];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const both = (z[i] as number) + (z[j] as number);
        const weight = (weights[i] as number) * (weights[j] as number);
        if (both < -2 * rope) worse += weight;
        else if (both > 2 * rope) better += weight;
      }
    }
    const equal = sum * sum - worse - better;
    if (better > worse && better > equal) won.better++;
    else if (worse > equal && worse >= better) won.worse++;
    else won.equal++;
  }
  return { worse: won.worse / draws, equal: won.equal / draws, better: won.better / draws };
}

/** Spearman's rank correlation of two lists, and its two-sided p over all orders (up to 8 pairs) or so many draws. */
export function spearman(
  a: readonly number[],
  b: readonly number[],
  rng: Rng,
  draws = 20_000,
): { rho: number; p: number } {
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const rho = correlation(x, y);
  if (a.length < 3 || Number.isNaN(rho)) return { rho, p: 1 };
  const reached = (order: readonly number[]): boolean => Math.abs(correlation(x, order)) >= Math.abs(rho) - 1e-12;
  if (a.length <= 8) {
    const orders = permutations(y);
    return { rho, p: orders.filter(reached).length / orders.length };
  }
  let hits = 0;
  const shuffled = [...y];
  for (let draw = 0; draw < draws; draw++) {
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = rng.int(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j] as number, shuffled[i] as number];
    }
    if (reached(shuffled)) hits++;
  }
  return { rho, p: (1 + hits) / (1 + draws) };
}

/** Pearson's; NaN where one of them does not vary. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (of: readonly number[]): number => of.reduce((sum, x) => sum + x, 0) / of.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => {
    const [da, db] = [x - ma, (b[i] as number) - mb];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  });
  return ab / Math.sqrt(aa * bb);
}

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}
