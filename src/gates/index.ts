import { tagReaderOf } from '../data/tagging';
import type { Corpus } from '../data/types';
import { present, UserError } from '../errors';
import type { Baseline } from './baseline';
import { intervalOf } from '../metrics/intervals';
import { isMetricName, metricValue } from '../metrics/metric';
import { CONTENT_HASH, type Report, score, withTagNames } from '../metrics/scores';
import { count, didYouMean } from '../wording';
import { VERSION } from '../package';
import { type Warning, warning } from '../warnings';

/** `micro-f1=0.8`: a metric must reach this. */
export interface Floor {
  readonly metric: string;
  readonly floor: number;
}

export interface Gates {
  readonly floors: readonly Floor[];
  readonly baseline: Baseline | null;
  /** Compared with the baseline's. */
  readonly baselineMetrics: readonly string[];
  /** The baseline may be of another corpus: that is meant. */
  readonly otherCorpus: boolean;
  /** Every warning is a failure. */
  readonly strict: boolean;
}

/** What is held against the gates: one report, or those of several seeds, of which the mean counts. */
export interface Scored {
  /** Such as `test` or `dsc`. */
  readonly name: string;
  readonly reports: readonly Report[];
}

export interface GateResult {
  /** Name of what was scored. */
  readonly subject: string;
  readonly metric: string;
  /** What it must not be under; `strict` holds the number of warnings against 0. */
  readonly kind: 'floor' | 'baseline' | 'strict';
  readonly value: number;
  readonly floor: number;
  readonly passed: boolean;
  /** One line: value, floor, and where the floor comes from. */
  readonly message: string;
}

/**
 * Reads `micro-f1=0.8,PER.f1=0.5`.
 * @throws UserError for what is no metric, no fraction, or there twice
 */
export function parseFloors(text: string): Floor[] {
  const floors: Floor[] = [];
  const problems: string[] = [];
  for (const part of text.split(',')) {
    const [, metric, number] = /^\s*(.+?)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
    const floor = Number(number);
    if (!metric) problems.push(`--fail-under: expected METRIC=FLOOR, found '${part.trim()}'`);
    else if (!(floor >= 0 && floor <= 1)) problems.push(`--fail-under ${metric}=${number}: ${fractionHint(floor)}`);
    else if (!isMetricName(metric)) problems.push(unknownMetric('--fail-under', metric));
    else if (floors.some((other) => other.metric === metric)) problems.push(`--fail-under: ${metric} is there twice`);
    else floors.push({ metric, floor });
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'), 'for example --fail-under micro-f1=0.8,PER.f1=0.5');
  return floors;
}

/** The F1 scores to hold against the baseline, as `micro-f1,PER.f1`. @throws UserError for what is no metric */
export function parseMetrics(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const problems = names.filter((name) => !isMetricName(name)).map((name) => unknownMetric('--baseline-metrics', name));
  if (problems.length > 0) throw new UserError(problems.join('\n'), 'for example --baseline-metrics micro-f1,PER.f1');
  return names;
}

const AVERAGES = ['micro-f1', 'macro-f1', 'accuracy', 'token-micro-f1', 'token-macro-f1', 'CLASS.f1'];

const unknownMetric = (flag: string, name: string): string =>
  `${flag}: unknown metric '${name}'; ${didYouMean(name, AVERAGES)}`;

const fractionHint = (floor: number): string =>
  floor > 1 && floor <= 100 ? `a floor is a fraction; did you mean ${floor / 100}?` : 'a floor is a number from 0 to 1';

/**
 * Holds scores against every gate: floors first, then the baseline.
 * @throws UserError, naming what is valid, for a metric that the reports do not have, and for a baseline of another corpus or convention
 */
export function checkGates({ floors, baseline, baselineMetrics, otherCorpus }: Gates, scored: Scored): GateResult[] {
  if (baseline && !otherCorpus) refuseOther(baseline, signaturePart(firstOf(scored).signature, 'data'));
  return [
    ...floors.map(({ metric, floor }) => verdict(scored, metric, 'floor', floor, 'the floor')),
    ...(baseline ? baselineMetrics.map((metric) => againstBaseline(scored, metric, baseline)) : []),
  ];
}

/**
 * Looks for every metric of the gates before there are predictions, so that a mistyped class costs no training.
 * @throws UserError naming the valid ones
 */
export function checkMetrics(
  { floors, baseline, baselineMetrics }: Gates,
  { sentences, inner, tagging }: Corpus,
): void {
  const gold = sentences.map(({ tags }) => tags);
  const perfect = withTagNames(score(gold, gold, { scheme: inner, version: VERSION }), tagReaderOf(tagging).labelText);
  for (const { metric } of floors) metricValue(perfect, metric);
  if (baseline) for (const metric of baselineMetrics) metricValue(perfect, metric);
}

/**
 * Holds what is about to be scored against what the baseline was scored on, before the work begins.
 * @param sha256 of the file that will be scored
 * @throws UserError where it is another corpus, unless the gates say that it is meant
 */
export function checkBaselineData({ baseline, otherCorpus }: Gates, sha256: string): void {
  if (baseline && !otherCorpus) refuseOther(baseline, sha256.slice(0, 12));
}

function refuseOther({ path, report }: Baseline, here: string): void {
  const theirs = signaturePart(report.signature, 'data');
  if (theirs === here || kindOf(theirs) !== kindOf(here)) return;
  throw new UserError(
    `${path}: a baseline of another corpus: data:${theirs} there, data:${here} here`,
    'scores on two corpora do not compare; where that is meant, say --baseline-other-corpus',
  );
}

/** What makes a comparison with the baseline shaky: another scheme, data that cannot be compared. One line each. */
export function baselineWarnings({ baseline, otherCorpus }: Gates, scored: Scored): Warning[] {
  if (!baseline) return [];
  const part = (name: string) => {
    const [theirs, here] = [baseline.report.signature, firstOf(scored).signature];
    return { name, theirs: signaturePart(theirs, name), here: signaturePart(here, name) };
  };
  const unclear = ({ name, theirs, here }: ReturnType<typeof part>): boolean =>
    theirs !== here && (name === 'scheme' || otherCorpus || kindOf(theirs) !== kindOf(here));
  return [part('scheme'), part('data')]
    .filter(unclear)
    .map(({ name, theirs, here }) => warning('other-baseline', { path: baseline.path, part: name, theirs, here }));
}

/** Holds the warnings of what was done against the gates: with `strict` there may be none. */
export function checkWarnings({ strict }: Gates, subject: string, warnings: readonly Warning[]): GateResult[] {
  if (!strict) return [];
  const passed = warnings.length === 0;
  const codes = [...new Set(warnings.map(({ code }) => code))].join(', ');
  const message = passed ? 'no warning' : `${count(warnings.length, 'warning')}: ${codes}`;
  return [{ subject, metric: 'warnings', kind: 'strict', value: warnings.length, floor: 0, passed, message }];
}

/** A hash of a file and one of what it holds say nothing of each other. */
const kindOf = (data: string): string => (data === '-' ? '-' : data.startsWith(CONTENT_HASH) ? CONTENT_HASH : 'file');

/** `data:` and `scheme:` are named in every signature; '-' where one says nothing. */
const signaturePart = (signature: string, part: string): string =>
  signature
    .split('|')
    .find((piece) => piece.startsWith(`${part}:`))
    ?.slice(part.length + 1) ?? '-';

const firstOf = ({ reports }: Scored): Report => present(reports[0], 'report');

function againstBaseline(scored: Scored, metric: string, { path, report }: Baseline): GateResult {
  const current = firstOf(scored);
  if (current.convention !== report.convention) {
    throw new UserError(
      `${path}: scored by the convention ${report.convention}, here it is ${current.convention}`,
      'scores of two conventions do not compare: choose one with --convention',
    );
  }
  const before = metricValue(report, metric);
  const theirs = report.intervals && intervalOf(report.intervals, metric);
  if (theirs?.low != null) {
    const from = `the low end of the interval around the baseline's ${digits(before)} (${path})`;
    return verdict(scored, metric, 'baseline', theirs.low, from);
  }
  const ours = current.intervals && intervalOf(current.intervals, metric);
  if (scored.reports.length === 1 && ours?.high != null) {
    // The baseline has no interval: as much as ours reaches above our score may the baseline lie above it.
    const from = `the baseline's ${digits(before)} (${path}) less the ${digits(ours.high - ours.f1)} that the interval here reaches up`;
    return verdict(scored, metric, 'baseline', Math.max(0, before - (ours.high - ours.f1)), from);
  }
  throw new UserError(
    `${path}: has no confidence interval for ${metric}`,
    'F1 scores have one; write the baseline with dsc-train evaluate --json and at least one resample',
  );
}

function verdict(
  { name, reports }: Scored,
  metric: string,
  kind: GateResult['kind'],
  floor: number,
  from: string,
): GateResult {
  const values = reports.map((report) => metricValue(report, metric));
  const value = values.reduce((a, b) => a + b, 0) / values.length;
  const passed = value >= floor;
  const mean = values.length > 1 ? `, the mean of ${values.length},` : '';
  const exact = digits(value) === digits(floor) && value !== floor; // rounding must not make the two look the same
  const [shown, limit] = exact ? [String(value), String(floor)] : [digits(value), digits(floor)];
  const message = `${name}: ${metric}${mean} is ${shown}, ${passed ? 'not under' : 'under'} ${limit}, ${from}`;
  return { subject: name, metric, kind, value, floor, passed, message };
}

/** At most four digits after the point. */
const digits = (x: number): string => String(Number(x.toFixed(4)));
