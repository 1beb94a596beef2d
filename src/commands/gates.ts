import type { Command } from 'commander';
import { EXIT_CODES, UserError } from '../errors';
import type { Gates, Scored } from '../gates';
import { visible } from '../wording';
import type { Context } from './context';
import { type Warning, warningText } from '../warnings';

export interface GateOptions {
  readonly failUnder?: string;
  readonly baseline?: string;
  readonly baselineMetrics?: string;
  readonly baselineOtherCorpus?: true;
  readonly strict?: true;
  readonly summary?: string;
  readonly junit?: string;
}

/** The flags that turn a score into an exit code, for every command that scores. */
export function addGateOptions(command: Command): Command {
  return command
    .option('--fail-under <floors>', 'exit with 2 when a metric is under its floor: micro-f1=0.8,PER.f1=0.5')
    .option('--baseline <file>', 'exit with 2 when worse than this earlier result beyond its confidence interval')
    .option('--baseline-metrics <list>', 'what to hold against the baseline (default: micro-f1,macro-f1)')
    .option('--baseline-other-corpus', 'the baseline was scored on another corpus, and that is meant')
    .option('--strict', 'exit with 2 on any warning')
    .option('--summary <file.md>', 'append scores and floors as Markdown, for the page of a CI job')
    .option('--junit <file.xml>', 'write the floors as a JUnit report')
    .addHelpText('after', exitCodes);
}

const exitCodes = (): string =>
  [
    '',
    'Exit codes:',
    ...Object.entries(EXIT_CODES).map(([code, what]) => `  ${code.padEnd(4)} ${what.replace(/`/g, '')}`),
  ].join('\n');

/** Reads the flags and the baseline: before the work begins, so that a mistake in them costs nothing. @throws UserError */
export async function openGates(options: GateOptions): Promise<Gates> {
  const { failUnder, baseline, baselineMetrics, baselineOtherCorpus, strict = false, summary, junit } = options;
  if (junit !== undefined && failUnder === undefined && baseline === undefined && !strict) {
    throw new UserError(
      '--junit: there is no floor to report',
      'name one with --fail-under or --baseline, or say --strict',
    );
  }
  if (baselineMetrics !== undefined && baseline === undefined) {
    throw new UserError('--baseline-metrics: there is no baseline', 'name one with --baseline FILE');
  }
  if (baselineOtherCorpus && baseline === undefined) {
    throw new UserError('--baseline-other-corpus: there is no baseline', 'name one with --baseline FILE');
  }
  const { checkOutput } = await import('../files/index.js');
  if (summary !== undefined) await checkOutput(summary, true);
  if (junit !== undefined) await checkOutput(junit);
  const { parseFloors, parseMetrics } = await import('../gates/index.js');
  return {
    floors: failUnder === undefined ? [] : parseFloors(failUnder),
    baseline: baseline === undefined ? null : await (await import('../gates/baseline.js')).readBaseline(baseline),
    baselineMetrics: parseMetrics(baselineMetrics ?? 'micro-f1,macro-f1'),
    otherCorpus: baselineOtherCorpus === true,
    strict,
  };
}

/**
 * Holds the scores against the gates, writes the files asked for, and says each missed floor: exit code 2 if there is one.
 * @param warnings that were printed already: those of the gates themselves come on top
 */
export async function applyGates(
  context: Context,
  gates: Gates,
  title: string,
  scored: readonly Scored[],
  warnings: readonly Warning[],
  { summary, junit }: GateOptions,
): Promise<void> {
  const { baselineWarnings, checkGates, checkWarnings } = await import('../gates/index.js');
  const { stderr } = context.proc;
  const floors = scored.flatMap((one) => checkGates(gates, one));
  const ofBaseline = scored.flatMap((one) => baselineWarnings(gates, one));
  const own = [...new Map(ofBaseline.map((one) => [one.message, one])).values()]; // once, however many were scored
  stderr.write(warningText(...own));
  const all = [...warnings, ...own];
  const results = [...floors, ...checkWarnings(gates, title, all)];
  for (const { passed, kind, message } of results) {
    if (!passed) stderr.write(`${kind === 'strict' ? '--strict' : 'floor missed'}: ${visible(message)}\n`);
  }
  if (results.some(({ passed }) => !passed)) context.exitCode = 2;

  const { appendSection, writeAtomic } = await import('../files/index.js');
  if (summary !== undefined) {
    const { summaryMarkdown } = await import('../report/summary.js');
    await appendSection(summary, summaryMarkdown(title, scored, floors, all));
  }
  if (junit !== undefined) {
    const { junitXml } = await import('../report/junit.js');
    await writeAtomic(junit, junitXml(title, results, performance.now() / 1000));
  }
}
