import { compare as comparePlan, finalJobs, planIn, rehearse as rehearsePlan } from '../compare';
import type { Compared } from '../compare/collect';
import { COMPARE_DEFAULTS } from '../compare/defaults';
import { type CompareEvent, locally } from '../compare/launch';
import { lossFilesOf, makePlan, type Plan, type Until } from '../compare/plan';
import type { CompareRehearsal } from '../compare/rehearsal';
import { onSlurm } from '../compare/slurm';
import { atOnce } from '../compare/cores';
import { FEWEST_SEEDS } from '../compare/statistics';
import { type ConfigInput, type ConfigValues, layersOf } from '../config';
import { UserError } from '../errors';
import { prepareFeatures } from '../features';
import { refuseStreams } from '../files/inputs';
import { loadLossFile } from '../losses/file';
import { corporaOf } from './train';
import { ownProgram } from '../machine/program';

export interface CompareOptions {
  /** Values that win over the config. */
  readonly overrides?: ConfigValues;
  /** Losses with parameters where need be, or presets: `['ce', 'dsc:alpha=0.1:form=gold']`, or the same with commas between. */
  readonly losses?: string | readonly string[];
  /** How many, from the config's seed up; or which, as a list. */
  readonly seeds?: string | number | readonly number[];
  /** The one of `losses` that the others are tested against. */
  readonly reference?: string;
  /** Tunes every loss on dev first, all with the same number of runs. */
  readonly tune?: boolean;
  /** Configs that each loss tries with `tune`. */
  readonly candidates?: number;
  /** Of the bootstrap. */
  readonly resamples?: number;
  /** Adds seeds until the verdicts are safe, instead of a number of seeds. */
  readonly untilDecided?: {
    /** No more seeds are made; 20 by default. */
    readonly mostSeeds?: number;
    /** Minutes of the clock that the runs may take. */
    readonly budget?: number;
    /** Losses that are shown to differ by less are as good as alike: a fraction of 1, 0.01 by default. */
    readonly effect?: number;
  };
  /** Folder of the comparison: the same call goes on where it stopped. */
  readonly out?: string;
  /** Replaces another comparison that is in the folder. */
  readonly overwrite?: boolean;
  /** Runs, and so child processes, at a time; one a core by default, or one where a GPU computes. */
  readonly jobs?: number;
  /** Where the runs are made: in child processes, or as an array of Slurm tasks. */
  readonly launcher?: 'local' | 'slurm';
  /** Lines for sbatch, such as `--partition=gpu`. */
  readonly slurmOptions?: readonly string[];
  /** Raised to stop the runs after the batch that each has in hand. */
  readonly signal?: AbortSignal;
  /** Called with every event of the runs as it happens. */
  readonly on?: (event: CompareEvent) => void;
  /** Called with what a person should know besides, in lines. */
  readonly say?: (text: string) => void;
}

/**
 * Trains several losses with several seeds in child processes, and tests which is better and whether it is real:
 * paired tests over seeds and sentences. Scores are shares from 0 to 1.
 * @param config of every run, but for its loss
 * @returns null where runs are missing yet: it was stopped, or Slurm has them
 * @throws UserError for a bad config, loss or corpus, a folder that holds something else, and where no run came to an end
 * @example
 * ```ts
 * import { compare } from 'dsc-train';
 *
 * const compared = await compare(
 *   { data: { train: 'train.conll', dev: 'dev.conll' }, model: { hidden: 16 }, train: { epochs: 1 } },
 *   { losses: ['ce', 'dsc:alpha=0.1'], seeds: 2, resamples: 200, out: 'runs/compared' },
 * );
 * for (const { label, runs } of compared?.comparison.losses ?? []) console.log(label, `${runs.length} runs`);
 * console.log(compared?.comparison.verdicts.join('\n'));
 * ```
 */
export async function compare(config: ConfigInput, options: CompareOptions = {}): Promise<Compared | null> {
  const { jobs = null, launcher = 'local', overwrite = false } = options;
  const { signal = new AbortController().signal, on = () => undefined, say = () => undefined } = options;
  const plan = await planOf(config, options);
  for (const { config: each } of plan.entrants) await prepareFeatures(each.model);
  const common = { command: ownProgram(), jobs };
  const stage =
    launcher === 'slurm'
      ? onSlurm({ ...common, out: plan.out, options: options.slurmOptions ?? [], say })
      : locally({ ...common, plan, signal, listen: on });
  return comparePlan(plan, stage, { overwrite, say });
}

/**
 * What `compare` would run with these settings, and about how long: files and settings are read and checked, each loss is tried for two
 * seconds, and nothing is written. Null where the signal was raised before.
 * @throws UserError as `compare`
 */
export async function rehearseCompare(
  config: ConfigInput,
  options: CompareOptions = {},
): Promise<CompareRehearsal | null> {
  const { jobs = null, overwrite = false, signal = new AbortController().signal } = options;
  return rehearsePlan(await planOf(config, options), { jobs, overwrite, signal });
}

async function planOf(config: ConfigInput, options: CompareOptions): Promise<Plan> {
  const planned = { ...COMPARE_DEFAULTS, tune: false, ...given(options) };
  for (const file of lossFilesOf(planned.losses)) await loadLossFile(file);
  const { untilDecided, jobs, overwrite } = options;
  const there = untilDecided && !overwrite ? await planIn(planned.out) : null;
  const seeds = untilDecided ? (there?.seeds ?? FEWEST_SEEDS) : planned.seeds;
  const plan = makePlan(await layersOf(config, options.overrides), { ...planned, seeds });
  for (const { config: each } of plan.entrants) {
    await refuseStreams(corporaOf(each), 'any', 'every run of a comparison reads it');
  }
  if (!untilDecided) return plan;
  const size = there?.until?.size ?? jobs ?? (await atOnce(finalJobs(plan, plan.entrants)));
  return { ...plan, until: untilOf(untilDecided, planned.tune, size) };
}

/**
 * The rule by which seeds are added. What looks have spent of the level is spent: as many runs at a time as there were, and so looks.
 * @throws UserError for a rule that cannot be kept
 */
function untilOf(
  { mostSeeds = COMPARE_DEFAULTS.mostSeeds, budget, effect = COMPARE_DEFAULTS.effect / 100 }: UntilDecided,
  tune: boolean,
  size: number,
): Until {
  if (tune)
    throw new UserError(
      '--until-decided: not with --tune, whose seeds follow those that are compared',
      'tune first, and compare the configs that come out',
    );
  if (!Number.isInteger(mostSeeds) || mostSeeds < FEWEST_SEEDS || mostSeeds > MOST_SEEDS)
    throw new UserError(
      `--most-seeds ${mostSeeds}: expected a whole number from ${FEWEST_SEEDS} to ${MOST_SEEDS}`,
      'a verdict needs five seeds, and every look is one more to be paid for',
    );
  return { most: mostSeeds, budget: budget ?? null, effect, size };
}

const MOST_SEEDS = 100;

type UntilDecided = NonNullable<CompareOptions['untilDecided']>;

/** What is not given does not stand in the way of a default. */
const given = (options: CompareOptions): CompareOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
