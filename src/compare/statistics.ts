import { present } from '../errors';
import { byCodeUnit, groupBy } from '../order';
import type { SentenceCounts } from '../metrics/bootstrap';
import { holm, pairedPermutation } from '../metrics/significance';
import { createRng } from '../rng';
import { createResampler, type Estimate, estimate, type Resampler, sentenceDegrees, type Variances } from './resample';

/** The counts of one finished run. */
export interface ScoredRun {
  readonly label: string;
  readonly seed: number;
  readonly counts: SentenceCounts;
}

/** A metric of one loss over its seeds. Fractions of 1. */
export interface Summary {
  readonly mean: number;
  /** Sample standard deviation over seeds (n - 1); 0 for one seed. */
  readonly sd: number;
  /** One a finished seed, in the order of the seeds. */
  readonly values: readonly number[];
  /** 95 % interval of the mean over sentences and seeds. */
  readonly low: number;
  readonly high: number;
}

/** One loss against the reference on one metric. */
export interface PairedTest {
  readonly label: string;
  readonly reference: string;
  readonly metric: string;
  /** Mean over the seeds that both have. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Of the bootstrap over sentences and seeds. */
  readonly p: number;
  /** The same after Holm's correction within its family: the averages of all losses, or the classes of all losses. */
  readonly pHolm: number;
  /** Of the permutation test over seeds, and the smallest that so many seeds can give. */
  readonly permutation: { readonly p: number; readonly smallest: number };
  readonly seeds: readonly number[];
  /** Where the variance of the difference comes from. */
  readonly variances: Variances;
  /** Degrees of freedom that the sentences give to `variances.shared`; null where no sentence makes a difference. */
  readonly sentences: number | null;
  /** The highest score of all these runs, of both losses: 0 where neither ever gets anything right. */
  readonly highest: number;
  /** Of a comparison that looked while seeds were added: what all looks say together. */
  readonly overLooks?: OverLooks;
  readonly verdict: Verdict;
}

/** What several looks at a growing comparison say of a question. */
export interface OverLooks {
  readonly state: State;
  /** Seeds of the look that settled it; null while it is open. */
  readonly seeds: number | null;
  /**
   * p-value by Student's t of the look that showed a difference, or else of the last, and the level that it must reach there; 0 where that
   * look brings no news.
   */
  readonly p: number;
  readonly level: number;
  /** Interval that holds the difference at all looks together, with all others of the family, in 95 % of comparisons. */
  readonly low: number;
  readonly high: number;
}

/**
 * `shown`: better or worse. `alike`: the difference is smaller than the effect asked for. `void`: no difference could be seen, which is no
 * sign that there is none: the scores do not come up to that effect, or both losses answer the same throughout. `hopeless`: not even all
 * seeds that may be made could show it, most likely. `open`: another seed may tell.
 */
export type State = 'shown' | 'alike' | 'void' | 'hopeless' | 'open';

/** `nothing`: neither loss ever gets anything right, so that there is nothing to compare. `unjudged`: too few seeds to say anything. */
export type Verdict = 'better' | 'worse' | 'none' | 'nothing' | 'unjudged';

/** Do both losses score the same with each seed, whatever sentences are drawn? One tagger twice, or two that learned nothing. */
export const isSame = ({ difference, variances }: Pick<PairedTest, 'difference' | 'variances'>): boolean =>
  difference === 0 && Object.values(variances).every((one) => one === 0);

/** The interval of a difference: of all looks together where there were several. */
export const intervalOf = (test: Pick<PairedTest, 'low' | 'high' | 'overLooks'>): Pick<PairedTest, 'low' | 'high'> =>
  test.overLooks ?? test;

export interface Statistics {
  /** By label, then by metric. */
  readonly summaries: Readonly<Record<string, Readonly<Record<string, Summary>>>>;
  readonly tests: readonly PairedTest[];
}

/** A class, and its gold items in what is scored. */
export interface ComparedClass {
  readonly name: string;
  readonly support: number;
}

/** Level of the tests. */
export const LEVEL = 0.05;

/**
 * Mean, spread and intervals of every loss, and every other loss against the reference: paired bootstrap and paired permutation.
 * A class without gold items is counted in the averages, where each of its predictions is wrong; its own F1 is 0 and no question.
 * @param averages names of the two averages, micro first
 * @param classes  every class of gold or some run's predictions, in the order of the report
 * @param by       resamples, or what has drawn them of runs that were there before
 * @param told     those whose own F1 is asked for too
 */
export function statistics(
  runs: readonly ScoredRun[],
  reference: string,
  averages: readonly [string, string],
  classes: readonly ComparedClass[],
  by: number | Resampler,
  told: readonly ComparedClass[] = classes,
): Statistics {
  const resampler = typeof by === 'number' ? createResampler(by) : by;
  const { resamples } = resampler;
  const rng = createRng(0).split('compare'); // the same runs give the same statistics, always
  // Sums over classes run in the order of a report's, so that an average is its report's to the last bit.
  const ordered = classes.toSorted((a, b) => byCodeUnit(a.name, b.name));
  const [counts, names] = [runs.map((run) => run.counts), ordered.map(({ name }) => name)];
  const sampled = resampler.scores(counts, names);
  const columns = [
    ...averages.map((metric, at) => ({ metric, at, asked: true })),
    ...told.map((one) => ({ metric: `${one.name}.f1`, at: 2 + ordered.indexOf(one), asked: one.support > 0 })),
  ];
  const labels = [...new Set(runs.map(({ label }) => label))];
  const runsOf = (label: string): { run: number; seed: number }[] =>
    runs.flatMap((one, run) => (one.label === label ? [{ run, seed: one.seed }] : []));
  const valueOf = (run: number, m: number): number => {
    const value = present(sampled.whole[run]?.[m], 'score');
    return Number.isNaN(value) ? 0 : value; // a class that is nowhere
  };

  const summaries: Record<string, Record<string, Summary>> = {};
  for (const label of labels) {
    const own = runsOf(label).map(({ run }) => run);
    summaries[label] = Object.fromEntries(
      columns.map(({ metric, at }) => {
        const { low, high } = estimate(sampled, at, own, null, rng.split(`mean/${label}`));
        return [metric, { ...spreadOf(own.map((run) => valueOf(run, at))), low, high }];
      }),
    );
  }

  const tests = labels
    .filter((label) => label !== reference && labels.includes(reference))
    .flatMap((label) => {
      const others = new Map(runsOf(reference).map(({ run, seed }) => [seed, run]));
      const pairs = runsOf(label).flatMap(({ run, seed }) => {
        const other = others.get(seed);
        return other === undefined ? [] : [{ run, other, seed }];
      });
      if (pairs.length === 0) return [];
      const questions = columns.filter(({ asked }) => asked);
      return questions.map(({ metric, at }) => {
        const [ours, theirs] = [pairs.map(({ run }) => run), pairs.map(({ other }) => other)];
        const found = estimate(sampled, at, ours, theirs, rng.split(`difference/${label}`));
        const permutation = pairedPermutation(
          ours.map((run) => valueOf(run, at)),
          theirs.map((run) => valueOf(run, at)),
          rng.split(`permutation/${label}`),
        );
        const degrees = sentenceDegrees(counts, names, at, ours, theirs, resamples);
        const sentences = Number.isFinite(degrees) ? degrees : null;
        const differences = pairs.map(({ run, other }) => valueOf(run, at) - valueOf(other, at));
        const highest = Math.max(...[...ours, ...theirs].map((run) => valueOf(run, at)));
        return {
          label,
          metric,
          found,
          permutation,
          differences,
          sentences,
          highest,
          seeds: pairs.map(({ seed }) => seed),
        };
      });
    });
  return {
    summaries,
    tests: corrected(tests, averages).map(({ label, metric, found, permutation, sentences, highest, seeds, pHolm }) => {
      const test = {
        label,
        reference,
        metric,
        difference: found.value,
        low: found.low,
        high: found.high,
        p: found.p,
        pHolm,
        permutation: { p: permutation.p, smallest: permutation.smallest },
        seeds,
        variances: found.variances,
        sentences,
        highest,
      };
      return { ...test, verdict: verdictOf(test) };
    }),
  };
}

interface Tested {
  readonly label: string;
  readonly metric: string;
  readonly found: Estimate;
  /** By seed. */
  readonly differences: readonly number[];
}

/**
 * Holm within two families: the averages of all losses, and the classes of all losses. Metrics of a loss that are equal seed by seed
 * are one question and count once: with a single class, micro-F1, macro-F1 and its F1 are the same number.
 */
function corrected<T extends Tested>(tests: readonly T[], averages: readonly string[]): (T & { pHolm: number })[] {
  const pHolm = new Map<T, number>();
  for (const isAverage of [true, false]) {
    const family = tests.filter(({ metric }) => averages.includes(metric) === isAverage);
    const questions = [...groupBy(family, ({ label, differences }) => JSON.stringify([label, differences])).values()];
    holm(questions.map((same) => Math.max(...same.map(({ found }) => found.p)))).forEach((p, k) => {
      for (const test of present(questions[k], 'question')) pHolm.set(test, p);
    });
  }
  return tests.map((test) => ({ ...test, pHolm: present(pHolm.get(test), 'p-value') }));
}

/** Fewer cannot show a difference between losses. */
export const FEWEST_SEEDS = 5;

/** Five seeds that all agree: the weakest evidence over seeds that counts, 2 / 2^5. */
const WEAKEST = 0.0625;

/**
 * Better or worse only where both tests say so: the corrected bootstrap at the 5 % level, and the permutation over seeds at 5 % or
 * with all of five seeds agreeing. Fewer than five seeds show nothing of a loss, whatever the sentences say, and no seeds of losses that
 * get nothing right do.
 */
export function verdictOf(test: Omit<PairedTest, 'verdict' | 'variances' | 'sentences'>): Verdict {
  const { difference, pHolm, permutation, seeds, highest } = test;
  if (highest === 0) return 'nothing';
  if (seeds.length < FEWEST_SEEDS) return 'unjudged';
  if (difference === 0 || pHolm > LEVEL || permutation.p > seedLevel(permutation.smallest)) return 'none';
  return difference > 0 ? 'better' : 'worse';
}

/** What is asked of a metric: its kind, and gold items of a class; null for averages. */
export interface AskedMetric {
  readonly name: string;
  readonly kind: 'average' | 'class';
  readonly support: number | null;
}

/**
 * Questions that Holm's correction holds together with those of a kind of metric: each average or class of each loss, classes without
 * gold items aside. Where gold and predictions hold but one class, both averages are its F1, and one question.
 * @param others losses beside the reference
 */
export function familySize(kind: AskedMetric['kind'], metrics: readonly AskedMetric[], others: number): number {
  const own = metrics.filter((metric) => metric.kind === kind && metric.support !== 0).length;
  const oneClass = metrics.filter((metric) => metric.kind === 'class').length === 1;
  return others * (kind === 'average' && oneClass ? Math.min(1, own) : own);
}

/** Can any of so many questions be shown? Holm's correction multiplies the smallest p that the bootstrap can give. */
export const canBeShown = (questions: number, resamples: number): boolean => (1 + resamples) * LEVEL >= questions;

/** As many that any of so many questions can be shown. */
export const resamplesFor = (questions: number): number => Math.ceil(questions / LEVEL);

/** The level of the permutation over seeds. @param smallest p that so many seeds can give */
export const seedLevel = (smallest: number): number => (smallest > LEVEL ? WEAKEST : LEVEL);

/** 0 of none. */
export const mean = (values: readonly number[]): number =>
  values.length > 0 ? values.reduce((sum, x) => sum + x, 0) / values.length : 0;

export function spreadOf(values: readonly number[]): { mean: number; sd: number; values: readonly number[] } {
  const n = values.length;
  const centre = mean(values);
  const squares = values.reduce((sum, x) => sum + (x - centre) ** 2, 0);
  return { mean: centre, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : 0, values };
}
