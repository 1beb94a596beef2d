import { chiSquareQuantile } from '../metrics/distributions';
import type { Variances } from './resample';

/** What runs tell of the spread between seeds on one metric: variances of a difference, and by how many degrees of freedom. */
export interface Evidence {
  readonly between: number;
  readonly within: number;
  readonly degrees: number;
}

/** What runs tell of one question: one loss against another on one metric. */
export interface Told {
  /** Of the question itself. */
  readonly own: Variances;
  /** Of its metric: of the question itself, or of all losses together. */
  readonly evidence: Evidence;
  /** Of other metrics: what is usual with this corpus and these losses. */
  readonly others: readonly Evidence[];
  /** Is it an average of several classes? */
  readonly isAverage: boolean;
  /** Seeds of both losses. */
  readonly seeds: number;
  /** Degrees of freedom that the sentences give to the variance that they make; null where that is known. */
  readonly sentences: number | null;
}

/**
 * What is known of the spread between seeds before any pilot: r, what of it is the seeds' own, as a multiple of what comes and goes with
 * the sentences. log r of a class lies around the centre of its comparison by Student's t with `df` and scale `within`, and centres
 * around log `median` by a normal with `between`; averages of classes, over which the luck of sentences cancels out, have `average` times as
 * much. Fitted to 332 questions of ten comparisons (nine corpora, four to nine losses against `ce`, five seeds), whose likeliest medians are 1.2
 * and 2.6. By two of those seeds, the spread of the three others lies in the middle 80 % of what is believed in 73 % of questions.
 */
const USUAL = { median: 1.25, average: 2, between: 0.6, within: 0.6, df: 4 };

/** So many variances stand for a belief, each as likely as another. */
const NODES = 50;
/** They meet in an order that has nothing to do with their size: a step that shares no factor with their number. */
const STRIDE = 19;
const STEP = 0.15;

/**
 * What runs let one believe of a question's variances: `NODES` of them, equally likely. Hierarchical Bayes: the likelihood of a spread between
 * seeds is that of a scaled chi-square, the prior what is usual (Smyth 2004, "Linear models and empirical Bayes methods", with r for
 * the variance, so that it is never under what sentences alone make), and the variance that all seeds share is a scaled
 * inverse chi-square.
 */
export function believe(told: Told): readonly Variances[] {
  const { own, evidence, seeds, sentences } = told;
  const spreads = evidence.within > 0 && own.within > 0 ? byQuotient(own.within, told) : inverse(evidence.between, evidence.degrees); // prettier-ignore
  const part = own.within / seeds;
  const means = inverse(own.shared + part, sentences);
  return spreads.map((between, i) => ({
    between: Math.max(between, own.within),
    within: own.within,
    shared: Math.max(0, (means[(i * STRIDE) % NODES] as number) - part),
  }));
}

/** Rising spreads between seeds, from the quotient that evidence and what is usual make likely. */
function byQuotient(within: number, { evidence, others, isAverage }: Told): number[] {
  const usual = Math.log(USUAL.median);
  const shift = isAverage ? Math.log(USUAL.average) : 0;
  const seen = [evidence, ...others].map((one) => one.between / one.within);
  const top = Math.max(usual + 6, Math.log(Math.max(...seen, 1)) + 3);
  const grid: number[] = []; // log r
  for (let x = usual - 5; x <= top; x += STEP) grid.push(x);
  const centres = Array.from({ length: 25 }, (_, i) => usual + USUAL.between * (i - 12) * 0.25);
  const around = (shift: number): number[][] =>
    centres.map((centre) =>
      grid.map((x) => (1 + ((x - centre - shift) / USUAL.within) ** 2 / USUAL.df) ** (-(USUAL.df + 1) / 2)),
    );
  const [kernels, ofClasses] = [around(shift), around(0)];
  const likelihoods = others.map((one) => likelihood(one, grid));
  const weights = centres.map((centre, c) => {
    const prior = Math.exp(-(((centre - usual) / USUAL.between) ** 2) / 2);
    return likelihoods.reduce((weight, of) => weight * dot(of, ofClasses[c] ?? []), prior);
  });
  const ours = likelihood(evidence, grid);
  const density = grid.map((_, g) => (ours[g] as number) * dot(weights, kernels.map((kernel) => kernel[g] as number))); // prettier-ignore
  return quantiles(grid, density).map((x) => within * (1 + Math.exp(x)));
}

/** Of log r, up to a factor; at most 1. */
function likelihood({ between, within, degrees }: Evidence, grid: readonly number[]): number[] {
  const logs = grid.map((x) => {
    const variance = within * (1 + Math.exp(x));
    return (-degrees / 2) * (Math.log(variance) + between / variance);
  });
  const most = Math.max(...logs);
  return logs.map((x) => Math.exp(x - most));
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

/** The middles of NODES parts of the same probability, of a density on a grid of even steps. */
function quantiles(grid: readonly number[], density: readonly number[]): number[] {
  const all = density.reduce((a, b) => a + b, 0);
  const found: number[] = [];
  let sum = 0;
  grid.forEach((x, g) => {
    const share = (density[g] as number) / all;
    for (
      let at = (found.length + 0.5) / NODES;
      found.length < NODES && sum + share >= at;
      at = (found.length + 0.5) / NODES
    )
      found.push(x + STEP * ((at - sum) / share - 0.5));
    sum += share;
  });
  while (found.length < NODES) found.push(grid.at(-1) as number); // what rounding left
  return found;
}

/** Rising variances that an estimate with so many degrees of freedom may come from: scaled inverse chi-square. */
function inverse(variance: number, df: number | null): number[] {
  if (df === null || variance === 0) return new Array<number>(NODES).fill(variance);
  return Array.from({ length: NODES }, (_, i) => (variance * df) / chiSquareQuantile((i + 0.5) / NODES, df));
}
