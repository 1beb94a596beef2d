import { Option, type Command } from 'commander';
import { FORMATS } from '../data/formats';
import { SCHEMES } from '../data/schemes';
import { ENGINES } from '../engine';
import { LOSSES } from '../losses';
import type { Layer } from '../config';

/** The flags that every command which trains has in common, and the config keys they set. */
const FLAGS = [
  { flags: '-l, --loss <name>', text: 'loss', key: 'loss.name', names: () => Object.keys(LOSSES) },
  { flags: '--train <file>', text: 'training file (default: the bundled sample corpus)', key: 'data.train' },
  { flags: '--dev <file>', text: 'development file', key: 'data.dev' },
  { flags: '--test <file>', text: 'test file', key: 'data.test' },
  { flags: '--seed <n>', text: 'seed of every random draw', key: 'seed', number: true },
  {
    flags: '--engine <name>',
    text: 'compute engine',
    key: 'engine.name',
    names: () => ['auto', ...Object.keys(ENGINES)],
  },
  { flags: '--threads <n>', text: 'CPU threads', key: 'engine.threads', number: true },
  { flags: '--epochs <n>', text: 'epochs at the most', key: 'train.epochs', number: true },
  { flags: '-o, --out <dir>', text: 'run folder (default: runs/<date>-<loss>-<seed>)', key: 'out' },
] as const satisfies readonly { flags: string; text: string; key: string; number?: true; names?: () => string[] }[];

/** @param except names of flags that the command has of its own, or none of */
export function addConfigOptions(command: Command, except: readonly string[] = []): Command {
  command.option('-c, --config <file>', 'JSON config file; flags and --set win over it');
  command.option('--set <key=value>', 'set any config key (repeatable); dsc-train config lists them', collect, []);
  for (const flag of FLAGS) {
    if (except.includes(new Option(flag.flags).attributeName())) continue;
    // The config refuses a wrong name: one place, one message, with the nearest right one.
    command.option(flag.flags, 'names' in flag ? `${flag.text}: ${flag.names().join(', ')}` : flag.text);
  }
  return command;
}

/** Defaults < config file < --set < flags: the layers that a command line stands for, weakest first. */
export async function configLayers(options: Record<string, unknown>): Promise<Layer[]> {
  const { nest, parseSetting, readConfigFile } = await import('../config.js');
  const layers: Layer[] = [];
  if (typeof options.config === 'string') layers.push(await readConfigFile(options.config));
  layers.push(...(options.set as string[]).map(parseSetting));
  for (const flag of FLAGS) {
    const name = new Option(flag.flags).attributeName();
    const value = options[name];
    if (value !== undefined)
      layers.push({ source: `--${name}`, values: nest(flag.key, 'number' in flag ? asNumber(value) : value) });
  }
  return layers;
}

/** The flags that say how a file is read, as `ReadOptions` has them. @param of whose tags the tag column holds, where it must be said */
export const addReadOptions = (command: Command, of = ''): Command =>
  command
    .addOption(new Option('--format <name>', 'file format').choices(['auto', ...Object.keys(FORMATS)]).default('auto'))
    .option('--token-column <column>', 'token column, by 1-based number or name')
    .option('--tag-column <column>', `tag column${of}, by 1-based number or name`)
    .addOption(
      new Option('--scheme <name>', 'tagging scheme').choices(['auto', ...Object.keys(SCHEMES)]).default('auto'),
    );

/** For a repeatable option: every value given, in order. */
export const collect = (value: string, all: string[]): string[] => [...all, value];

/** A number where the text is one; otherwise the text, for the config's check to refuse by name. */
function asNumber(value: unknown): unknown {
  const number = Number(value);
  return value === '' || Number.isNaN(number) ? value : number;
}
