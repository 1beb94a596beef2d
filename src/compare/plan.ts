import { resolve } from 'node:path';
import { type Config, type Layer, nest, parseConfig } from '../config';
import { present, UserError } from '../errors';
import { isLossFile, LOSSES } from '../losses';
import { presetLoss, presetOf, PRESETS } from '../losses/presets';
import { didYouMean } from '../wording';
import { VERSION } from '../package';

/** One competitor: a loss with its parameters, and with what else of the config is its own. */
export interface Entrant {
  /** As the user wrote it: `dsc`, `dsc:alpha=0.1`, `ce@sampling=rare`, or the preset `paper-ner`. */
  readonly label: string;
  readonly config: Config;
}

/** Everything that a comparison depends on but the data: what `plan.json` holds. */
export interface Plan {
  readonly version: string;
  /** Folder of the comparison. */
  readonly out: string;
  readonly entrants: readonly Entrant[];
  readonly seeds: readonly number[];
  /** Label that the others are tested against. */
  readonly reference: string;
  /** Configs that each loss may try on dev; null without tuning. */
  readonly tune: { readonly candidates: number } | null;
  /** Resamples of the bootstrap. */
  readonly resamples: number;
  /** How seeds are added until the verdicts are safe; null where their number is told. */
  readonly until: Until | null;
}

/** How seeds are added until the verdicts are safe. */
export interface Until {
  /** No more seeds are made. */
  readonly most: number;
  /** Minutes of the clock that the runs may take; null for as long as they do. */
  readonly budget: number | null;
  /** Losses that differ by less are as good as alike; a fraction of 1. */
  readonly effect: number;
  /** Runs at a time: so many that fit side by side are added at once. */
  readonly size: number;
}

export interface PlanOptions {
  readonly out: string;
  /** `ce,dsc,dsc:alpha=0.1:form=gold`, or as a list. */
  readonly losses: string | readonly string[];
  /** How many, from the config's seed up; or which: `3,5,8`, or as a list. */
  readonly seeds: string | number | readonly number[];
  readonly reference: string;
  readonly tune: boolean;
  readonly candidates: number;
  readonly resamples: number;
}

/**
 * @param layers what train would make its config of, without a loss
 * @throws UserError for every loss that is unknown or whose parameters are wrong
 */
export function makePlan(layers: readonly Layer[], options: PlanOptions): Plan {
  const specs = labelsOf(options.losses);
  checkLosses(specs, options.reference);
  // of a run that is over nobody goes on with its training, unless its config says that it stays
  const own: Layer = { source: 'compare', values: { analysis: { gradientShare: true }, train: { keep: ['best'] } } };
  const entrants = specs.map((label): Entrant => {
    const { name, settings, others } = partsOf(label);
    const source = `--losses ${label}`;
    const loss: Layer[] = settings.map((setting) => ({ source, values: nest(...keyed(label, setting, 'loss')) }));
    const beside: Layer[] = others.map((setting) => ({ source, values: nest(...keyed(label, setting, 'train')) }));
    const named: Layer = { source: '--losses', values: { loss: lossOf(name) } };
    return { label, config: parseConfig([own, ...layers, named, ...loss, ...beside]) };
  });
  const { config } = present(entrants[0], 'loss');
  return {
    version: VERSION,
    out: options.out,
    entrants,
    seeds: seedsOf(options.seeds, config.seed),
    reference: options.reference,
    tune: options.tune ? { candidates: options.candidates } : null,
    resamples: options.resamples,
    until: null,
  };
}

/** Settings of a run that may be another for one competitor: all that belongs to it, and nothing that would be another comparison. */
const COMPETES = ['train', 'model', 'decode'];

interface Parts {
  readonly name: string;
  /** `key=value` for each parameter of the loss. */
  readonly settings: readonly string[];
  /** `key=value` for each other setting: one of `train` by its own name, others by their path. */
  readonly others: readonly string[];
}

/** A label in its parts: `dsc:alpha=0.1@sampling=rare`. The path of a file may hold both signs. */
export function partsOf(label: string): Parts {
  const [, file, tail = ''] = /^(.*?\.[cm]?js)((?:[:@].*)?)$/s.exec(label) ?? [];
  const [head = '', ...others] = (file === undefined ? label : tail).split('@');
  const [name = '', ...settings] = head.split(':');
  return { name: file ?? name, settings, others };
}

/** The files among the losses of a comparison, as its configs name them: every run has a folder of its own. */
export const lossFilesOf = (losses: PlanOptions['losses']): string[] =>
  labelsOf(losses).flatMap((label) => {
    const { name } = partsOf(label);
    return isLossFile(name) ? [resolve(name)] : [];
  });

const labelsOf = (losses: PlanOptions['losses']): readonly string[] =>
  typeof losses === 'string' ? listOf(losses) : losses;

/** A loss by its name, by its file, or by that of a preset. */
function lossOf(name: string): Record<string, unknown> {
  if (isLossFile(name)) return { name: resolve(name) };
  return Object.hasOwn(PRESETS, name) ? presetLoss(presetOf(name)) : { name };
}

/** A path for a label: `dsc:alpha=0.1` is `dsc,alpha=0.1`, `ce@ema=0.99` is `ce+ema=0.99`. */
export const folderOf = (label: string): string =>
  label
    .replaceAll(':', ',')
    .replaceAll('@', '+')
    .replace(/[^\w.,+=-]/g, '_')
    .replace(/^[._]+/, '');

function checkLosses(labels: readonly string[], reference: string): void {
  const known = [...Object.keys(LOSSES), ...Object.keys(PRESETS)];
  const problems = labels
    .map((label) => partsOf(label).name)
    .filter((name) => !known.includes(name) && !isLossFile(name))
    .map((name: string) => `--losses: no loss '${name}'; ${didYouMean(name, known)}`);
  const twice = labels.filter((label, i) => labels.indexOf(label) < i);
  if (twice.length > 0) problems.push(`--losses: ${twice.join(', ')} is named twice`);
  const folders = labels.map(folderOf);
  const shared = labels.filter((label, i) => !twice.includes(label) && folders.indexOf(folderOf(label)) < i);
  if (shared.length > 0)
    problems.push(`--losses: ${shared.join(', ')} would share a folder with another: name the files differently`);
  if (labels.length < 2) problems.push(`--losses: a comparison needs two losses or more, found ${labels.length}`);
  if (problems.length === 0 && !labels.includes(reference))
    problems.push(`--reference: '${reference}' is not compared; ${didYouMean(reference, labels)}`);
  if (problems.length > 0)
    throw new UserError(problems.join('\n'), 'for example --losses ce,fl,dl,dsc,tl --reference ce');
}

/** `alpha=0.1` as its path and value: a number or true or false where it is one, else text. @param section where a bare key stands */
function keyed(label: string, setting: string, section: 'loss' | 'train'): [path: string, value: unknown] {
  const pattern = section === 'loss' ? /^(\w+)=(.+)$/ : /^([\w.]+)=(.+)$/;
  const [, key = '', value] = pattern.exec(setting) ?? [];
  const example = section === 'loss' ? 'dsc:alpha=0.1' : 'ce@sampling=rare, ce@ema=0.995, ce@model.dropout=0.3';
  if (key === '')
    throw new UserError(`--losses ${label}: expected key=value, found '${setting}'`, `for example ${example}`);
  const path = key.includes('.') ? key : `${section}.${key}`;
  if (section === 'train' && !COMPETES.includes(path.split('.')[0] ?? ''))
    throw new UserError(
      `--losses ${label}: ${path} cannot be another for one competitor`,
      `what can: keys of ${COMPETES.join(', ')}, for example ${example}`,
    );
  const number = Number(value);
  return [path, value === 'true' ? true : value === 'false' ? false : Number.isNaN(number) ? value : number];
}

function seedsOf(given: PlanOptions['seeds'], first: number): number[] {
  const text = String(given);
  const numbers = typeof given === 'object' ? [...given] : listOf(text).map(Number);
  const isCount = typeof given !== 'object' && !text.includes(',');
  const valid = numbers.length > 0 && numbers.every((n) => Number.isInteger(n) && n >= 0 && n <= 0xffffffff);
  const [count] = numbers;
  const seeds = valid && isCount ? Array.from({ length: count ?? 0 }, (_, i) => first + i) : numbers;
  if (!valid || seeds.length === 0 || new Set(seeds).size < seeds.length) {
    throw new UserError(
      `--seeds ${text}: expected how many, or a list of different seeds`,
      'for example --seeds 5, or --seeds 3,5,8',
    );
  }
  return seeds;
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
