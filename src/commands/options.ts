import { InvalidArgumentError, Option, type Command } from 'commander';
import { FORMATS } from '../data/formats';
import { SCHEMES } from '../schemes';
import { SPELLINGS } from '../data/spellings';
import { ENGINES } from '../engine';
import { UserError } from '../errors';
import { DECODE_METHODS, type DecodeMethod } from '../heads/decoding';
import { LOSSES } from '../losses';
import { PRESETS } from '../losses/presets';
import { FLAGS, READ_FLAGS } from '../config/flags';
import type { Layer } from '../config';
import type { ToldDecoding } from '../run/decoding';
import type { Told } from '../run/reading';

/** The names that a flag's help lists. */
const CHOICES: Readonly<Partial<Record<(typeof FLAGS)[number]['key'], () => string[]>>> = {
  'loss.name': () => [...Object.keys(LOSSES), 'or ./my-loss.mjs'],
  'decode.method': () => ['auto', ...Object.keys(DECODE_METHODS)],
  'engine.name': () => ['auto', ...Object.keys(ENGINES)],
  'data.format': () => ['auto', ...Object.keys(FORMATS)],
  'data.scheme': () => ['auto', ...Object.keys(SCHEMES)],
  'data.spelling': () => ['auto', ...Object.keys(SPELLINGS)],
};

/** The names that the value of a config key is one of; undefined where it is free. */
export const namesOf = (key: string): string[] | undefined => CHOICES[key as keyof typeof CHOICES]?.();

/** @param except names of flags that the command has of its own, or none of */
export function addConfigOptions(command: Command, except: readonly string[] = []): Command {
  command.option('-c, --config <file>', 'JSON config file; flags and --set win over it');
  if (!except.includes('preset'))
    command.option('--preset <name>', `a loss with published parameters: ${Object.keys(PRESETS).join(', ')}`);
  command.option('--set <key=value>', 'set any config key (repeatable); dsc-train config lists them', collect, []);
  for (const { flag, value, text, key, ...rest } of FLAGS) {
    if (except.includes(flag.slice(2))) continue;
    const names = CHOICES[key]?.();
    const flags = [...('short' in rest ? [rest.short] : []), `${flag} ${value}`].join(', ');
    // The config refuses a wrong name: one place, one message, with the nearest right one.
    command.option(flags, names ? `${text.replace(/:.*/, '')}: ${names.join(', ')}` : text);
  }
  return command;
}

/** Defaults < config file < --preset < --set < flags: the layers that a command line stands for, weakest first. */
export async function configLayers(options: Record<string, unknown>): Promise<Layer[]> {
  const { nest, parseSetting, readConfigFile, withOwnLoss } = await import('../config/index.js');
  const layers: Layer[] = [];
  if (typeof options.config === 'string') layers.push(await readConfigFile(options.config));
  const preset = typeof options.preset === 'string' ? await presetLayer(options.preset) : undefined;
  if (preset) layers.push(preset);
  layers.push(...(options.set as string[]).map(parseSetting));
  for (const { flag, key, type } of FLAGS) {
    const value = options[optionOf(flag.slice(2))];
    if (value !== undefined)
      layers.push({ source: flag, values: nest(key, type === 'number' ? asNumber(value) : value) });
  }
  if (preset) refuseOtherLoss(preset, layers.slice(layers.indexOf(preset) + 1));
  return withOwnLoss(layers);
}

async function presetLayer(name: string): Promise<Layer> {
  const { presetLoss, presetOf } = await import('../losses/presets.js');
  return { source: `--preset ${name}`, values: { loss: presetLoss(presetOf(name)) } };
}

/** @throws UserError where a stronger layer names another loss: nothing of the preset would be left */
function refuseOtherLoss(preset: Layer, stronger: readonly Layer[]): void {
  const nameOf = ({ values }: Layer): unknown => (values as { loss?: { name?: unknown } }).loss?.name;
  const other = stronger.find((layer) => nameOf(layer) !== undefined && nameOf(layer) !== nameOf(preset));
  if (!other) return;
  throw new UserError(
    `${preset.source} is loss ${String(nameOf(preset))}, ${other.source} names loss ${String(nameOf(other))}`,
    'give one of the two',
  );
}

/** Where commander keeps the value of a flag: that of `init-from` in `initFrom`. */
export const optionOf = (flag: string): string => new Option(`--${flag}`).attributeName();

/**
 * The flags that say how a file is read, as `ReadOptions` has them.
 * @param of whose tags the tag column holds, where it must be said
 * @param except names of flags that the command has of its own
 */
export function addReadOptions(command: Command, of = '', except: readonly string[] = []): Command {
  for (const { flag, value, text, key } of READ_FLAGS) {
    if (except.includes(flag.slice(2))) continue;
    const option = new Option(`${flag} ${value}`, key === 'data.tagColumn' ? text.replace(',', `${of},`) : text);
    const names = CHOICES[key]?.();
    command.addOption(names ? option.choices(names).default('auto') : option);
  }
  return command;
}

/** How tags are chosen, for the commands that take a finished tagger. */
export interface DecodeFlags {
  readonly decode?: DecodeMethod;
  readonly outsideBias?: number;
}

export function addDecodeOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--decode <method>', 'how tags are chosen (default: as the run does)').choices(
        Object.keys(DECODE_METHODS),
      ),
    )
    .option(
      '--outside-bias <number>',
      'added to the score of the outside label: above 0 fewer entities, below 0 more (default: as the run has it)',
      (text) => {
        const number = text.trim() === '' ? NaN : Number(text);
        if (Number.isFinite(number)) return number;
        throw new InvalidArgumentError('expected a number; one that is fitted on dev comes from dsc-train train.');
      },
    );
}

/** What a command line says of decoding. */
export const toldDecoding = ({ decode, outsideBias }: DecodeFlags): ToldDecoding => ({
  ...(decode !== undefined && { method: decode }),
  ...(outsideBias !== undefined && { outsideBias }),
});

/** What a command line says of reading, as a tagger's reading has it: defaults are left out, since the run has its own. */
export function toldReading(command: Command): Told {
  const names = READ_FLAGS.map(({ flag }) => optionOf(flag.slice(2)));
  const told = Object.entries(command.opts()).filter(
    ([name]) => names.includes(name) && command.getOptionValueSource(name) === 'cli',
  );
  return Object.fromEntries(told);
}

/** For a repeatable option: every value given, in order. */
export const collect = (value: string, all: string[]): string[] => [...all, value];

/** A whole number that is not too large to be meant. */
export function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number, 0 or more.');
  return Number(text);
}

/** A number where the text is one; otherwise the text, for the config's check to refuse by name. */
function asNumber(value: unknown): unknown {
  const number = Number(value);
  return value === '' || Number.isNaN(number) ? value : number;
}
