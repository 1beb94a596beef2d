import { type Command, InvalidArgumentError, Option } from 'commander';
import { join } from 'node:path';
import type { Compared } from '../compare/collect';
import type { CorpusEntry } from '../compare/corpora';
import type { NamedComparison } from '../compare/joint';
import type { ThinnedCorpora } from '../compare/thinned';
import type { Layer } from '../config';
import { UserError } from '../errors';
import { COMPARE_DEFAULTS } from '../compare/defaults';
import { visibleLines } from '../wording';
import type { Context, AddCommand } from './context';
import { interruptible } from './context';
import type { Gates } from '../gates';
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
  readonly corpus: string[];
  readonly corpora?: string;
  readonly collect?: string;
  readonly thin?: string;
  readonly plan?: string | true;
  readonly effect: number;
  readonly untilDecided?: true;
  readonly mostSeeds: number;
  readonly budget?: number;
  readonly power: number;
  readonly overwrite?: true;
  readonly launcher: 'local' | 'slurm';
  readonly slurmOption: string[];
  readonly dryRun?: true;
  readonly json?: true;
  readonly quiet?: true;
}

export const addCompare: AddCommand = (program, context) => {
  const command = program
    .command('compare')
    .description('train several losses with several seeds, and say which is better and whether it is real')
    .option(
      '--losses <list>',
      'losses, with parameters or other settings if need be, or presets: ce,dsc:alpha=0.1:form=gold,ce@sampling=rare@ema=0.995,paper-ner',
      COMPARE_DEFAULTS.losses,
    )
    .option('--seeds <n>', 'how many seeds, or a list of them', COMPARE_DEFAULTS.seeds)
    .option(
      '--corpus <name=train,dev,test>',
      'a corpus by name (repeatable): every loss is compared on each, and then on all together',
      (text, all: string[]) => [...all, text],
      [],
    )
    .option('--corpora <file>', 'JSON file of corpora by name: { "wnut": { "train", "dev", "test", "set" } }')
    .option(
      '--thin <class=shares>',
      'train each loss with ever fewer sentences of one class, such as PER=1,1/2,1/4,...,1/64: at what count does each break?',
    )
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
    .option(
      '--until-decided',
      'add seeds until every average of every loss is settled; in at most 5 % of comparisons is any verdict on averages false, however often it looks',
    )
    .option('--most-seeds <n>', 'no more seeds than these with --until-decided', positive, COMPARE_DEFAULTS.mostSeeds)
    .option('--budget <minutes>', 'no more seeds with --until-decided than fit in these minutes', minutes)
    .option(
      '--plan [dir]',
      'say how many seeds, test sentences and minutes are needed to show a difference, by the runs in this folder or in --out; makes two seeds where there are none',
    )
    .option(
      '--effect <points>',
      'the difference in points that --plan asks for; losses that --until-decided shows to be nearer are alike',
      points,
      COMPARE_DEFAULTS.effect,
    )
    .option('--power <percent>', 'how often --plan wants to see it', likely, COMPARE_DEFAULTS.power)
    .option('--overwrite', 'replace another comparison that is already in --out')
    .option(
      '--dry-run',
      'read and check everything, say what would run and about how long it would take; write nothing but the cache of new vectors',
    )
    .option('--json', 'print the comparison as JSON')
    .option('--quiet', 'no progress');
  addGateOptions(addConfigOptions(command, ['loss', 'preset', 'out'])).action((options: Options, self: Command) =>
    act(
      context,
      options,
      self.options.map((option) => option.attributeName()).filter((name) => self.getOptionValueSource(name) === 'cli'),
    ),
  );
};

/** @param told names of the options that the command line gives */
async function act(context: Context, options: Options, told: readonly string[]): Promise<void> {
  const { checkInputs } = await import('../files/inputs.js');
  await checkInputs(
    ['config', 'baseline', 'corpora'].map((flag) => [`--${flag}`, options[flag] as string | undefined]),
  );
  if (options.dryRun) return rehearse(context, options);
  if (options.plan !== undefined) return actOnPlan(context, options, told);
  const alone = ['budget', 'mostSeeds'].find((name) => told.includes(name));
  if (alone !== undefined && !options.untilDecided)
    throw new UserError(
      `--${alone === 'budget' ? alone : 'most-seeds'}: it is for --until-decided`,
      'give both, or none',
    );
  if (options.untilDecided && told.includes('seeds'))
    throw new UserError('--seeds: not with --until-decided, which begins with five', 'limit them with --most-seeds');
  const gates = await openGates(options);
  const thinned = await thinnedCorpora(context, options);
  if (thinned) {
    const { joinThinned } = await import('../compare/thinned.js');
    const { saveThinned, thinnedText } = await import('../report/thinned.js');
    return actOnSeveral(context, options, gates, thinned.entries, async (folder, named) => {
      const curves = joinThinned(thinned, named);
      return { result: curves, text: thinnedText(curves), files: await saveThinned(folder, curves) };
    });
  }
  const entries = await corpusEntries(options);
  if (entries) {
    const { joinComparisons } = await import('../compare/joint.js');
    const { jointText, saveJoint } = await import('../report/joint.js');
    return actOnSeveral(context, options, gates, entries, async (folder, named) => {
      const joint = await joinComparisons(named);
      return { result: joint, text: jointText(joint), files: await saveJoint(folder, joint) };
    });
  }
  const layers = options.collect === undefined ? await configLayers(options) : [];
  const compared = await runOrCollect(context, options, layers);
  if (!compared) {
    sayInterrupted(context, options);
    return;
  }
  const { comparisonText } = await import('../report/compareText.js');
  const { toJson } = await import('../report/json.js');
  const { stdout } = context.proc;
  stdout.write(options.json ? toJson(compared.comparison) : comparisonText(compared.comparison));
  await finish(context, options, gates, compared);
}

/** What would run, for every corpus. */
async function rehearse(context: Context, options: Options): Promise<void> {
  const clash = ['plan', 'thin', 'collect', 'launcher'].find(
    (flag) => options[flag] !== undefined && options[flag] !== 'local',
  );
  if (clash !== undefined)
    throw new UserError(`--dry-run: not with --${clash}`, 'it tells of the runs of one comparison on this machine');
  await openGates(options);
  const { rehearseCompare } = await import('../library/compare.js');
  const { compareRehearsalText } = await import('../report/rehearsal.js');
  const { toJson } = await import('../report/json.js');
  const { stdout } = context.proc;
  const entries = (await corpusEntries(options)) ?? [{ name: null, layers: [] }];
  const layers = await configLayers(options);
  const { losses, seeds, reference, candidates, resamples, jobs, tune, overwrite } = options;
  const told = { losses, seeds, reference, candidates, resamples, tune: tune === true, overwrite: overwrite === true };
  const all: object[] = [];
  for (const { name, layers: own } of entries) {
    const out = name === null ? options.out : join(options.out, name);
    const found = await interruptible(context, (signal) =>
      rehearseCompare([...layers, ...own], { ...told, ...(jobs !== undefined && { jobs }), out, signal }),
    );
    if (!found) return;
    all.push(found);
    if (!options.json) stdout.write(`${name === null ? '' : `corpus ${name}\n`}${compareRehearsalText(found)}`);
  }
  if (options.json) stdout.write(toJson(all.length === 1 ? all[0] : all));
}

/** The corpora of a class that is thinned, or those of a folder that is collected; null where none is. */
async function thinnedCorpora(context: Context, options: Options): Promise<ThinnedCorpora | null> {
  const { readThinList, thinCorpora } = await import('../compare/thinned.js');
  const { collect, corpora, corpus, out, quiet, thin } = options;
  if (collect !== undefined && thin === undefined) return readThinList(collect);
  if (thin === undefined) return null;
  const clash = Object.entries({ collect, corpora, corpus: corpus[0] }).find(([, value]) => value !== undefined);
  if (clash) throw new UserError(`--thin: not with --${clash[0]}`, 'thin the training file of one corpus');
  const { parseConfig } = await import('../config/index.js');
  const { parseThinning } = await import('../split/thin.js');
  const { thinStepsText } = await import('../report/thinned.js');
  const thinned = await thinCorpora(parseConfig(await configLayers(options)), parseThinning(thin), out);
  if (!quiet) context.proc.stderr.write(thinStepsText(thinned.name, thinned.steps));
  return thinned;
}

/** The runs of a pilot, where they are not there yet, and what they say of the seeds that are needed. */
async function actOnPlan(context: Context, options: Options, told: readonly string[]): Promise<void> {
  const { planFolder, planIn } = await import('../compare/index.js');
  const { seedPlanText } = await import('../report/seedPlan.js');
  const { saveForms } = await import('../report/compareFiles.js');
  const { toJson } = await import('../report/json.js');
  const { stdout, stderr } = context.proc;
  const clash = ['corpus', 'corpora', 'collect', 'thin'].find((flag) => [options[flag]].flat()[0] !== undefined);
  if (clash !== undefined)
    throw new UserError(`--plan: not with --${clash}`, 'plan the comparison of each corpus: --plan and its folder');
  const out = options.plan === true ? options.out : String(options.plan);
  const there = options.overwrite ? null : ((await planIn(out))?.seeds ?? null);
  const ofRuns = told.filter((name) => !NOT_OF_RUNS.includes(name));
  if (ofRuns.length > 0 || there === null || there.length < PILOT_SEEDS) {
    if (there === null && ofRuns.length === 0)
      throw new UserError(
        `${out}: holds no comparison`,
        'name its files (--train, --dev, --test) to make two seeds there',
      );
    const pilot = there !== null && there.length >= PILOT_SEEDS ? there.join(',') : String(PILOT_SEEDS);
    const its = { ...options, out, seeds: told.includes('seeds') ? options.seeds : pilot };
    const compared = await runOrCollect(context, its, await configLayers(options));
    if (!compared) {
      sayInterrupted(context, its);
      return;
    }
  }
  const { effect, power, jobs = null } = options;
  const plan = await planFolder(out, { effect: effect / 100, power: power / 100, jobs });
  const files = await saveForms(out, { 'power.json': toJson(plan) });
  stdout.write(options.json ? toJson(plan) : seedPlanText(plan));
  if (!options.quiet) stderr.write(`the numbers are in ${files.join(', ')}\n`);
}

/** Options of a plan that say nothing of its runs: with these alone, the runs that are there are taken as they are. */
const NOT_OF_RUNS = ['plan', 'out', 'effect', 'power', 'jobs', 'json', 'quiet'];

/** Fewer have no spread. */
const PILOT_SEEDS = 2;

/** The corpora that a command names, or those of a folder that is collected; null where there is but the one of the config. */
async function corpusEntries(options: Options): Promise<CorpusEntry[] | null> {
  const { checkCorpora, parseCorpus, readCorporaFile, readCorporaList } = await import('../compare/corpora.js');
  if (options.collect !== undefined) return readCorporaList(options.collect);
  const told = [
    ...(options.corpora === undefined ? [] : await readCorporaFile(options.corpora)),
    ...options.corpus.map(parseCorpus),
  ];
  if (told.length === 0) return null;
  const twice = ['train', 'dev', 'test'].find((part) => options[part] !== undefined);
  if (twice !== undefined)
    throw new UserError(
      `--${twice}: each corpus names its own files`,
      'leave it out, or leave out --corpus and --corpora',
    );
  checkCorpora(told);
  return told;
}

/** One comparison a corpus, each in its folder, and then what they say together. */
async function actOnSeveral(
  context: Context,
  options: Options,
  gates: Gates,
  entries: readonly CorpusEntry[],
  joinAll: (
    folder: string,
    named: readonly NamedComparison[],
  ) => Promise<{ readonly result: unknown; readonly text: string; readonly files: readonly string[] }>,
): Promise<void> {
  const { writeCorporaList } = await import('../compare/corpora.js');
  const { toJson } = await import('../report/json.js');
  const { stdout, stderr } = context.proc;
  const folder = options.collect ?? options.out;
  const layers = options.collect === undefined ? await configLayers(options) : [];
  if (options.collect === undefined) await writeCorporaList(folder, entries);
  const named: NamedComparison[] = [];
  for (const [i, { name, layers: own }] of entries.entries()) {
    const at = join(folder, name);
    const its = { ...options, out: at, ...(options.collect !== undefined && { collect: at }) };
    if (!options.quiet) stderr.write(`corpus ${name}, ${i + 1} of ${entries.length}\n`);
    const compared = await runOrCollect(context, its, [...layers, ...own]);
    if (compared) {
      named.push({ name, comparison: compared.comparison });
      await finish(context, its, gates, compared, name);
    } else if (context.exitCode > 0) {
      sayInterrupted(context, options);
      return;
    }
  }
  if (named.length < entries.length) return; // under way elsewhere
  const { result, text, files } = await joinAll(folder, named);
  stdout.write(options.json ? toJson(result) : text);
  if (!options.quiet) stderr.write(`the report is in ${files.join(', ')}\n`);
}

function sayInterrupted({ exitCode, proc }: Context, options: Options): void {
  if (exitCode === 0) return;
  const command = options.overwrite ? 'the same command without --overwrite' : 'the same command';
  proc.stderr.write(`interrupted; the finished runs are in ${options.out}: ${command} goes on with the rest\n`);
}

/** Leaves the report of one comparison in its folder, and holds it against the gates. */
async function finish(
  context: Context,
  options: Options,
  gates: Gates,
  { comparison, reports }: Compared,
  name = '',
): Promise<void> {
  const { saveComparison } = await import('../report/compareFiles.js');
  const { timeText } = await import('../report/compareText.js');
  const { count } = await import('../wording.js');
  const { stderr } = context.proc;
  const files = await saveComparison(options.collect ?? options.out, comparison);
  stderr.write(warningText(...comparison.warnings));
  if (!options.quiet) stderr.write(`${timeText(comparison)}\nthe report is in ${files.join(', ')}\n`);
  const title = name === '' ? 'dsc-train compare' : `dsc-train compare, ${name}`;
  await applyGates(context, gates, title, reports, comparison.warnings, options);
  const runs = comparison.losses.flatMap((loss) => loss.runs);
  const failed = runs.filter(({ status }) => status !== 'done');
  if (failed.length === 0) return;
  stderr.write(
    `exit 3: ${failed.length} of ${count(runs.length, 'run')} did not come to an end; the report names them\n`,
  );
  context.exitCode = 3;
}

async function runOrCollect(context: Context, options: Options, layers: readonly Layer[]): Promise<Compared | null> {
  const { stderr } = context.proc;
  if (options.collect !== undefined) return (await import('../compare/index.js')).collectFolder(options.collect);
  const { compare } = await import('../library/compare.js');
  const { createCompareProgress } = await import('../report/compareProgress.js');
  const { jobs, launcher, losses, seeds, reference, tune, candidates, resamples, out, overwrite } = options;
  const say = (text: string): void => void stderr.write(visibleLines(text));
  const { untilDecided, mostSeeds, budget, effect } = options;
  const until = { mostSeeds, effect: effect / 100, ...(budget !== undefined && { budget }) };
  const told = {
    losses,
    seeds,
    reference,
    candidates,
    resamples,
    out,
    launcher,
    say,
    ...(untilDecided && { untilDecided: until }),
  };
  const settings = { ...told, tune: tune === true, overwrite: overwrite === true, ...(jobs !== undefined && { jobs }) };
  if (launcher === 'slurm') return compare(layers, { ...settings, slurmOptions: options.slurmOption });
  const { listen, end } = createCompareProgress(stderr, options.quiet === true);
  return interruptible(context, (signal) => compare(layers, { ...settings, signal, on: listen }).finally(end));
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1 up.');
  return value;
}

function points(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 100)) throw new InvalidArgumentError('expected points above 0 and below 100.');
  return value;
}

function likely(text: string): number {
  const value = Number(text);
  if (!(value >= 50 && value <= 99)) throw new InvalidArgumentError('expected per cent from 50 to 99.');
  return value;
}

function minutes(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('expected minutes above 0.');
  return value;
}
