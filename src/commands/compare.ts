import { InvalidArgumentError, Option } from 'commander';
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
  readonly launcher: string;
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
      'ce,fl,dl,dsc,tl',
    )
    .option('--seeds <n>', 'how many seeds, or a list of them', '5')
    .option('--reference <loss>', 'the loss that the others are tested against', 'ce')
    .option('-j, --jobs <n>', 'runs at a time (default: one a core)', positive)
    .option('--tune', 'tune every loss on dev first, all with the same number of runs')
    .option('--candidates <n>', 'configs that each loss tries with --tune', positive, 8)
    .option('--resamples <n>', 'resamples of the bootstrap', positive, 2000)
    .option('-o, --out <dir>', 'folder of the comparison: the same command goes on where it stopped', 'runs/compare')
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

  const { checkInputs } = await import('./inputs.js');
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
  const { collectFolder, compare } = await import('../compare/index.js');
  const { locally } = await import('../compare/launch.js');
  const { refuseStreams } = await import('./inputs.js');
  const { makePlan } = await import('../compare/plan.js');
  const { prepareFeatures } = await import('../features/index.js');
  const { onSlurm } = await import('../compare/slurm.js');
  const { createCompareProgress } = await import('../report/compareProgress.js');
  const { argv, stderr } = context.proc;
  if (options.collect !== undefined) return collectFolder(options.collect);
  const plan = makePlan(await configLayers(options), { ...options, tune: options.tune === true });
  for (const { config } of plan.entrants) {
    const { train, dev, test } = config.data;
    const corpora = Object.entries({ train, dev, test }).map(([part, path]) => [`--${part}`, path] as const);
    await refuseStreams(corpora, 'any', 'every run of a comparison reads it');
  }
  for (const { config } of plan.entrants) await prepareFeatures(config.model);
  const common = { out: options.out, command: argv.slice(0, 2), jobs: options.jobs ?? null }; // node and this program
  const say = (text: string): void => void stderr.write(visibleLines(text));
  const host = { overwrite: options.overwrite === true, say };
  if (options.launcher === 'slurm') {
    return compare(plan, onSlurm({ ...common, options: options.slurmOption, say }), host);
  }
  const { listen, end } = createCompareProgress(stderr, options.quiet === true);
  return interruptible(context, (signal) => compare(plan, locally({ ...common, signal, listen }), host).finally(end));
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1 up.');
  return value;
}
