import { InvalidArgumentError, Option } from 'commander';
import { COMPARE_DEFAULTS } from '../compare/defaults';
import { visibleLines } from '../wording';
import type { Context, AddCommand } from './context';
import { interruptible } from './context';
import { addGateOptions, applyGates, type GateOptions, openGates } from './gates';
import { addConfigOptions, configLayers } from './options';
import { warningText } from '../warnings';

interface Options extends GateOptions, Record<string, unknown> {
  readonly losses: string;
  readonly seeds: string;
  readonly reference: string;
  readonly jobs?: number;
  readonly tune?: true;
  readonly candidates: number;
  readonly resamples: number;
  readonly out: string;
  readonly collect?: string;
  readonly overwrite?: true;
  readonly launcher: 'local' | 'slurm';
  readonly slurmOption: string[];
  readonly json?: true;
  readonly quiet?: true;
}

export const addCompare: AddCommand = (program, context) => {
  const command = program
    .command('compare')
    .description('train several losses with several seeds, and say which is better and whether it is real')
    .option(
      '--losses <list>',
      'losses, with parameters if need be, or presets: ce,dsc,dsc:alpha=0.1:form=gold,paper-ner',
      COMPARE_DEFAULTS.losses,
    )
    .option('--seeds <n>', 'how many seeds, or a list of them', COMPARE_DEFAULTS.seeds)
    .option('--reference <loss>', 'the loss that the others are tested against', COMPARE_DEFAULTS.reference)
    .option('-j, --jobs <n>', 'runs at a time (default: one a core)', positive)
    .option('--tune', 'tune every loss on dev first, all with the same number of runs')
    .option('--candidates <n>', 'configs that each loss tries with --tune', positive, COMPARE_DEFAULTS.candidates)
    .option('--resamples <n>', 'resamples of the bootstrap', positive, COMPARE_DEFAULTS.resamples)
    .option(
      '-o, --out <dir>',
      'folder of the comparison: the same command goes on where it stopped',
      COMPARE_DEFAULTS.out,
    )
    .addOption(
      new Option('--launcher <name>', 'where to run: here, or on a cluster')
        .choices(['local', 'slurm'])
        .default('local'),
    )
    .option(
      '--slurm-option <text>',
      'line for sbatch, such as --partition=gpu (repeatable)',
      (text, all: string[]) => [...all, text],
      [],
    )
    .option('--collect <dir>', 'make the report again from the runs in this folder; runs nothing')
    .option('--overwrite', 'replace another comparison that is already in --out')
    .option('--json', 'print the comparison as JSON')
    .option('--quiet', 'no progress');
  addGateOptions(addConfigOptions(command, ['loss', 'preset', 'out'])).action((options: Options) =>
    act(context, options),
  );
};

async function act(context: Context, options: Options): Promise<void> {
  const { saveComparison } = await import('../report/compareFiles.js');
  const { comparisonText, timeText } = await import('../report/compareText.js');
  const { toJson } = await import('../report/json.js');
  const { count } = await import('../wording.js');
  const { stdout, stderr } = context.proc;

  const { checkInputs } = await import('../files/inputs.js');
  await checkInputs(['config', 'baseline'].map((flag) => [`--${flag}`, options[flag] as string | undefined]));
  const gates = await openGates(options);
  const compared = await runOrCollect(context, options);
  if (!compared) {
    const command = options.overwrite ? 'the same command without --overwrite' : 'the same command';
    if (context.exitCode > 0)
      stderr.write(`interrupted; the finished runs are in ${options.out}: ${command} goes on with the rest\n`);
    return;
  }
  const { comparison, reports } = compared;
  const files = await saveComparison(options.collect ?? options.out, comparison);
  stdout.write(options.json ? toJson(comparison) : comparisonText(comparison));
  stderr.write(warningText(...comparison.warnings));
  if (!options.quiet) stderr.write(`${timeText(comparison)}\nthe report is in ${files.join(', ')}\n`);
  await applyGates(context, gates, 'dsc-train compare', reports, comparison.warnings, options);
  const runs = comparison.losses.flatMap((loss) => loss.runs);
  const failed = runs.filter(({ status }) => status !== 'done');
  if (failed.length === 0) return;
  stderr.write(
    `exit 3: ${failed.length} of ${count(runs.length, 'run')} did not come to an end; the report names them\n`,
  );
  context.exitCode = 3;
}

async function runOrCollect(context: Context, options: Options) {
  const { stderr } = context.proc;
  if (options.collect !== undefined) return (await import('../compare/index.js')).collectFolder(options.collect);
  const { compare } = await import('../library/compare.js');
  const { createCompareProgress } = await import('../report/compareProgress.js');
  const { jobs, launcher, losses, seeds, reference, tune, candidates, resamples, out, overwrite } = options;
  const say = (text: string): void => void stderr.write(visibleLines(text));
  const told = { losses, seeds, reference, candidates, resamples, out, launcher, say };
  const settings = { ...told, tune: tune === true, overwrite: overwrite === true, ...(jobs !== undefined && { jobs }) };
  const layers = await configLayers(options);
  if (launcher === 'slurm') return compare(layers, { ...settings, slurmOptions: options.slurmOption });
  const { listen, end } = createCompareProgress(stderr, options.quiet === true);
  return interruptible(context, (signal) => compare(layers, { ...settings, signal, on: listen }).finally(end));
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1 up.');
  return value;
}
