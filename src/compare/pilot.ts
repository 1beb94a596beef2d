import { present } from '../errors';
import { believe, type Evidence } from './believed';
import type { Pilot } from './power';
import { differenceVariances, type Resampled, sentenceDegrees, type Variances } from './resample';
import { mean, type ScoredRun } from './statistics';

/** What the runs tell of a question. */
export interface Known extends Pick<Pilot, 'believed'> {
  /** Degrees of freedom of its own metric. */
  readonly df: number;
  /** No run found any. */
  readonly silent: boolean;
}

/**
 * What the runs tell of each question, by the place of its metric among the scores and its loss; null where fewer than two seeds are of
 * both. The spread between seeds is taken from all losses together: the residuals of losses and seeds, twice, for a difference has two.
 * Losses do not differ in it as far as can be seen: over ten comparisons the logarithms of the variances of five seeds differ
 * between losses by a variance of 0.67 on averages, and by 0.645 they would by chance. Classes tell of each other, and of the
 * averages, what is usual here.
 * @param classes as given to `resampleScores`
 */
export function pilotsOf(
  runs: readonly ScoredRun[],
  sampled: Resampled,
  classes: readonly string[],
  reference: string,
): (at: number, label: string) => Known | null {
  const valueOf = (run: number, at: number): number => {
    const value = present(sampled.whole[run]?.[at], 'score');
    return Number.isNaN(value) ? 0 : value;
  };
  const indexOf = (of: string, seed: number): number => runs.findIndex((run) => run.label === of && run.seed === seed);
  const labels = [...new Set(runs.map(({ label }) => label))];
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const whole = seeds.filter((seed) => labels.every((one) => indexOf(one, seed) >= 0));
  const pairsOf = (label: string): number[] =>
    seeds.filter((seed) => indexOf(label, seed) >= 0 && indexOf(reference, seed) >= 0);
  const sides = (label: string): readonly [number[], number[]] => {
    const pairs = pairsOf(label);
    return [pairs.map((seed) => indexOf(label, seed)), pairs.map((seed) => indexOf(reference, seed))];
  };
  const found = new Map<string, Variances>();
  const ownOf = (at: number, label: string): Variances => {
    const key = `${at} ${label}`;
    const own = found.get(key) ?? differenceVariances(sampled, at, ...sides(label));
    found.set(key, own);
    return own;
  };
  const evidenceOf = (at: number, label: string): Evidence => {
    const found = labels.filter((one) => whole.some((seed) => valueOf(indexOf(one, seed), at) > 0)); // those that never do tell nothing
    const others = found.filter((one) => one !== reference && pairsOf(one).length > 1);
    if (whole.length < 2 || found.length < 3 || !found.includes(label) || !found.includes(reference))
      return { ...ownOf(at, label), degrees: pairsOf(label).length - 1 };
    const table = found.map((one) => whole.map((seed) => valueOf(indexOf(one, seed), at)));
    const degrees = (found.length - 1) * (whole.length - 1);
    return {
      between: (2 * residualSquares(table)) / degrees,
      within: mean(others.map((one) => ownOf(at, one).within)),
      degrees,
    };
  };
  return (at, label) => {
    const [ours, theirs] = sides(label);
    if (ours.length < 2) return null;
    const evidence = evidenceOf(at, label);
    const others =
      classes.length < 2 ? [] : classes.flatMap((_, k) => (k + 2 === at ? [] : [evidenceOf(k + 2, label)]));
    const sentences = sentenceDegrees(runs.map(({ counts }) => counts), classes, at, ours, theirs, sampled.resamples); // prettier-ignore
    return {
      believed: believe({
        own: ownOf(at, label),
        evidence,
        others: others.filter(({ between, within }) => between > 0 && within > 0),
        isAverage: at < 2 && classes.length > 1,
        seeds: ours.length,
        sentences: Number.isFinite(sentences) ? sentences : null,
      }),
      df: evidence.degrees,
      silent: [...ours, ...theirs].every((run) => valueOf(run, at) === 0),
    };
  };
}

/** Squares of what rows and columns do not explain. */
function residualSquares(table: readonly (readonly number[])[]): number {
  const all = mean(table.map(mean));
  const columns = (table[0] ?? []).map((_, j) => mean(table.map((row) => row[j] ?? 0)));
  return table.reduce((sum, row) => {
    const centre = mean(row);
    return sum + row.reduce((own, x, j) => own + (x - centre - (columns[j] ?? 0) + all) ** 2, 0);
  }, 0);
}
