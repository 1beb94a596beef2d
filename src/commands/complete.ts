import type { Argument, Command, Option } from 'commander';
import { FLAGS } from '../config/flags';
import { RECIPES } from '../config/recipes';
import { ENGINES } from '../engine';
import { EXPORTS } from '../export';
import { LOSSES } from '../losses';
import type { Param } from '../losses/loss';
import { PRESETS } from '../losses/presets';
import { namesOf } from './options';

/** What may stand where a word is being typed. */
export interface Offer {
  readonly value: string;
  /** What it is, in a few words. */
  readonly what: string;
}

export interface Offers {
  readonly offers: readonly Offer[];
  /** A path may stand there too, which the shell itself completes. */
  readonly files: boolean;
}

/** What has been typed: the command, the flags with their values, and what else stands there. */
interface Typed {
  readonly command: Command;
  /** The command was named: without one, `train` is meant, and a name may still come. */
  readonly named: boolean;
  readonly given: readonly (readonly [flag: string, value: string])[];
  readonly others: readonly string[];
  /** The flag whose value comes next. */
  readonly open: Option | undefined;
  /** Behind `--` nothing is a flag. */
  readonly ended: boolean;
}

/**
 * What may come next on a command line.
 * @param words what stands behind the program's name; the last one is being typed, and is empty behind a blank
 */
export async function complete(program: Command, words: readonly string[]): Promise<Offers> {
  const word = words.at(-1) ?? '';
  const typed = read(program, words.slice(0, -1));
  const { offers, files } = await possible(program, typed, word);
  return { offers: offers.filter(({ value }) => value.startsWith(word)), files };
}

function read(program: Command, words: readonly string[]): Typed {
  const train = program.commands.find((command) => command.name() === 'train') ?? program;
  const given: [string, string][] = [];
  const others: string[] = [];
  let command: Command | undefined;
  let open: Option | undefined;
  let ended = false;
  for (const word of words) {
    if (open) {
      given.push([open.long ?? '', word]);
      open = undefined;
    } else if (!ended && word === '--') ended = true;
    else if (!ended && /^-./.test(word)) {
      const [, name = '', value] = /^([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
      const option = optionOf(command ?? train, name);
      if (option?.required && value === undefined) open = option;
      else given.push([option?.long ?? name, value ?? '']);
    } else if (!command && others.length === 0 && given.length === 0) {
      command = program.commands.find((one) => one.name() === word);
      if (!command) others.push(word);
    } else others.push(word);
  }
  return { command: command ?? train, named: command !== undefined, given, others, open, ended };
}

const optionOf = (command: Command, name: string): Option | undefined =>
  command.options.find(({ long, short }) => long === name || short === name);

async function possible(program: Command, typed: Typed, word: string): Promise<Offers> {
  const { command, named, given, others, open, ended } = typed;
  if (open) return valuesOf(open, typed, word);
  const help = program.createHelp();
  if (!ended && word.startsWith('-')) {
    const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    const option = flag === undefined ? undefined : optionOf(command, flag);
    if (option && value !== undefined) {
      const found = await valuesOf(option, typed, value);
      return { ...found, offers: found.offers.map((one) => ({ ...one, value: `${flag}=${one.value}` })) };
    }
    const once = new Set(given.map(([name]) => name));
    const left = help
      .visibleOptions(command)
      .filter((one) => !once.has(one.long ?? '') || Array.isArray(one.defaultValue));
    return { offers: left.map((one) => ({ value: one.long ?? one.short ?? '', what: one.description })), files: false };
  }
  const commands = help.visibleCommands(program).map((one) => ({ value: one.name(), what: one.description() }));
  if (others[0] === 'help') return { offers: commands, files: false };
  if (!named) return { offers: given.length === 0 && others.length === 0 ? commands : [], files: false };
  const args = command.registeredArguments;
  const last = args.at(-1);
  const arg = args[others.length] ?? (last?.variadic ? last : undefined);
  return arg ? argumentValues(arg) : NOTHING;
}

const NOTHING: Offers = { offers: [], files: false };
const FILES: Offers = { offers: [], files: true };

const plain = (names: readonly string[]): Offer[] => names.map((value) => ({ value, what: '' }));

const rows = (table: Readonly<Record<string, { readonly what: string }>>): Offer[] =>
  Object.entries(table).map(([value, { what }]) => ({ value, what }));

const losses = (): Offer[] => Object.values(LOSSES).map(({ name, title }) => ({ value: name, what: title }));

const metrics = (end: string): Offer[] => plain(['micro-f1', 'macro-f1', 'accuracy'].map((name) => name + end));

/** What the value of a flag may be, where neither its choices nor the table of flags say. */
const VALUES: Readonly<Record<string, (typed: Typed, word: string) => Offers | Promise<Offers>>> = {
  '--loss': () => ({ offers: losses(), files: true }),
  '--reference': () => ({ offers: [...losses(), ...rows(PRESETS)], files: true }),
  '--losses': (_, word) => ({ offers: lossList(word), files: false }),
  '--preset': () => ({ offers: rows(PRESETS), files: false }),
  '--config': () => ({
    offers: Object.entries(RECIPES).map(([name, why]) => ({ value: `bundled:${name}`, what: why })),
    files: true,
  }),
  '--set': async (typed, word) => {
    const offers = await settings(typed, word);
    return { offers, files: offers.length === 0 && word.includes('=') };
  },
  '--engine': () => ({ offers: [{ value: 'auto', what: 'the first that opens' }, ...rows(ENGINES)], files: false }),
  '--to': () => ({ offers: plain(Object.keys(EXPORTS)), files: false }),
  '--embed-vectors': () => ({ offers: plain(['float16', 'int8']), files: false }),
  '--outside-bias': () => ({ offers: [{ value: 'dev', what: 'what scores best on dev' }], files: false }),
  '--fail-under': () => ({ offers: metrics('='), files: false }),
  '--baseline-metrics': () => ({ offers: metrics(''), files: false }),
};

async function valuesOf(option: Option, typed: Typed, word: string): Promise<Offers> {
  if (option.argChoices) return { offers: plain(option.argChoices), files: false };
  const flag = option.long ?? '';
  if (Object.hasOwn(VALUES, flag)) return VALUES[flag]?.(typed, word) ?? NOTHING;
  const key = FLAGS.find((one) => one.flag === flag)?.key;
  const names = key === undefined ? [] : (namesOf(key) ?? (await import('../config/jsonSchema.js')).choicesOf(key));
  if (names.length > 0) return { offers: plain(names), files: false };
  return isPath(option.flags) ? FILES : NOTHING;
}

/** What the help calls a path. */
const isPath = (flags: string): boolean => /[<[](\w+=)?(file|files|dir|run|jobs|folder|train|\w+\.\w+)\b/.test(flags);

function argumentValues(arg: Argument): Offers {
  if (arg.argChoices) return { offers: plain(arg.argChoices), files: false };
  if (arg.name() === 'name') return { offers: [...losses(), ...rows(PRESETS)], files: true };
  return isPath(`<${arg.name()}>`)
    ? FILES
    : { offers: plain(arg.name() === 'what' ? ['tensorflow'] : []), files: false };
}

/** `ce,dsc:alpha=`: losses between commas, their parameters between colons. */
function lossList(word: string): Offer[] {
  const [, before = '', name = '', params, inner = ''] = /^(.*,)?([^,:]*)((?::[^,:]*)*:)?([^,:]*)$/s.exec(word) ?? [];
  const told = params === undefined ? [...losses(), ...rows(PRESETS)] : parameters(name, inner);
  const head = before + (params === undefined ? '' : name + params);
  return told.map(({ value, what }) => ({ value: head + value, what }));
}

/** The parameters of a loss with `=`, and behind that their values. */
function parameters(loss: string, word: string, prefix = ''): Offer[] {
  if (!Object.hasOwn(LOSSES, loss)) return [];
  const params: Readonly<Record<string, Param>> = LOSSES[loss as keyof typeof LOSSES].params;
  return Object.entries(params).flatMap(([name, param]) => {
    const key = `${prefix}${name}=`;
    if (!word.startsWith(key)) return [{ value: key, what: param.meaning }];
    return worth(param).map((value) => ({
      value: key + value,
      what: value === JSON.stringify(param.default).replace(/"/g, '') ? 'default' : '',
    }));
  });
}

/** Values that a parameter may have: all, or of numbers the default and those worth trying. */
function worth(param: Param): string[] {
  if (param.type === 'boolean') return ['true', 'false'];
  if (param.type === 'number') return [...new Set([param.default, ...(param.tune ?? [])].map(String))];
  return [...param.choices];
}

/** Keys of the config with `=`, those of the loss at hand among them, and behind that the values that a key may have. */
async function settings(typed: Typed, word: string): Promise<Offer[]> {
  if (typed.command.name() === 'losses') return parameters(typed.others[0] ?? 'dsc', word);
  const { configKeys } = await import('../config/index.js');
  const { choicesOf } = await import('../config/jsonSchema.js');
  const [, key] = /^([^=]+)=/.exec(word) ?? [];
  const own = lossesOf(typed)
    .flatMap((loss) => parameters(loss, word, 'loss.'))
    .filter(({ value }) => value.startsWith(word));
  if (key === undefined) return [...configKeys().map((one) => ({ value: `${one.key}=`, what: one.meaning })), ...own];
  return [...plain(choicesOf(key).map((value) => `${key}=${value}`)), ...own];
}

/** The losses that a command line names so far. */
function lossesOf({ given }: Typed): string[] {
  const named = given.flatMap(([flag, value]) => {
    if (flag === '--loss') return [value];
    if (flag === '--losses') return value.split(',').map((one) => one.replace(/:.*/, ''));
    if (flag === '--set') return value.startsWith('loss.name=') ? [value.slice('loss.name='.length)] : [];
    if (flag === '--preset' && Object.hasOwn(PRESETS, value)) return [PRESETS[value]?.loss ?? ''];
    return [];
  });
  return named.length > 0 ? [...new Set(named)] : ['dsc'];
}

/** The words of a line as a shell has them, up to where it ends; the last is being typed. Quotes and backslashes are undone. */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  let begun = false;
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    if (char === '\\' && quote !== "'" && i + 1 < line.length) word += line.charAt(++i);
    else if (quote !== '' ? char === quote : char === '"' || char === "'") quote = quote === '' ? char : '';
    else if (quote === '' && /\s/.test(char)) {
      if (begun) words.push(word);
      word = '';
      begun = false;
      continue;
    } else word += char;
    begun = true;
  }
  return [...words, word];
}
