import { Option } from 'commander';
import { CUTS, type ConvertOptions, OVERLAPS, TAG_TARGETS } from '../convert/options';
import type { ReadOptions } from '../data/corpus';
import { UserError } from '../errors';
import { SCHEMES } from '../schemes';
import { SPAN_FORMATS } from '../spans/formats';
import { OFFSET_UNITS, TOKENISERS } from '../spans/text';
import { warningText } from '../warnings';
import { type AddCommand, print } from './context';
import { addReadOptions } from './options';

interface Options extends ReadOptions, Pick<ConvertOptions, 'from' | 'to' | 'overlap' | 'cut'> {
  readonly toScheme?: NonNullable<ConvertOptions['toScheme']>;
  readonly mapTypes?: string;
  readonly keepTypes?: string;
  readonly repair?: true;
  readonly merge?: true;
  readonly textTokens?: NonNullable<ConvertOptions['tokens']>;
  readonly fromOffsets?: NonNullable<ConvertOptions['fromOffsets']>;
  readonly offsets?: NonNullable<ConvertOptions['offsets']>;
  readonly tokens: boolean;
  readonly out?: string;
  readonly overwrite?: true;
  readonly json?: true;
}

export const addConvert: AddCommand = (program, context) => {
  const schemes = Object.keys(SCHEMES).filter((name) => name !== 'plain');
  const choice = (flags: string, text: string, names: readonly string[]): Option =>
    new Option(flags, text).choices(names);
  const command = program
    .command('convert')
    .description(
      'convert a corpus: its scheme, its format, the names of its types. What the target cannot hold is an error, never a silent loss',
    )
    .argument('<file>', 'CoNLL file, or a file of texts with spans; - is standard input')
    .addOption(
      choice('--to <format>', 'what to write', [...Object.keys(TAG_TARGETS), ...Object.keys(SPAN_FORMATS)]).default(
        'same',
      ),
    )
    .addOption(
      choice('--from <format>', 'what the file is; conll is any format of rows, which --format tells', [
        'auto',
        'conll',
        ...Object.keys(SPAN_FORMATS),
      ]).default('auto'),
    )
    .addOption(choice('--to-scheme <name>', 'scheme to write (default: that of the file; of spans iob2)', schemes))
    .option('--map-types <pairs>', 'new names of types, OLD=NEW separated by commas; several may become one')
    .option('--keep-types <names>', 'types that stay, by their new names, separated by commas')
    .option('--repair', 'read invalid tags as conlleval does, write what it reads, and count them')
    .option('--merge', 'make one entity of adjacent ones of a type where the target cannot tell them apart (io)')
    .addOption(
      choice(
        '--overlap <how>',
        'spans that overlap or are nested, where tags are written',
        Object.keys(OVERLAPS),
      ).default('error'),
    )
    .addOption(choice('--cut <how>', 'spans that begin or end inside a token', Object.keys(CUTS)).default('error'))
    .addOption(
      choice(
        '--text-tokens <how>',
        'how running text becomes tokens (default: those that the file tells, else words)',
        Object.keys(TOKENISERS),
      ),
    )
    .addOption(
      choice(
        '--offsets <unit>',
        "what offsets that are written count (default: as the format's own program)",
        Object.keys(OFFSET_UNITS),
      ),
    )
    .addOption(choice('--from-offsets <unit>', 'what offsets of the file count', Object.keys(OFFSET_UNITS)))
    .option('--no-tokens', 'leave out where the tokens of a text are, which this program takes up again')
    .option(
      '-o, --out <file>',
      'file to write, packed with gzip where its name ends with .gz (default: standard output)',
    )
    .option('--overwrite', 'replace a file that is already there')
    .option('--json', 'tell what was done as JSON, on standard error')
    .addHelpText(
      'after',
      () =>
        `\nFormats:\n${lines(TAG_TARGETS)}${lines(titles(SPAN_FORMATS))}\nHow:\n${lines({ ...OVERLAPS, error: 'refused' })}${lines(CUTS)}${lines(titles(TOKENISERS))}${lines(OFFSET_UNITS)}`,
    );
  addReadOptions(command).action(async (file: string, options: Options) => {
    const { convertFile } = await import('../convert/index.js');
    const { checkOutput, pack, isReplaced, isSameFile, writeAtomic } = await import('../files/index.js');
    const { conversionText } = await import('../report/convert.js');
    const { toJson } = await import('../report/json.js');
    const { out, overwrite, json, mapTypes, keepTypes, textTokens, tokens, ...rest } = options;
    if (out !== undefined) {
      if (await isSameFile(file, out))
        throw new UserError(`${out}: the output would replace the file that is converted`, 'choose another --out');
      if (!overwrite && (await isReplaced(out)))
        throw new UserError(
          `${out}: there is such a file already`,
          'choose another --out, or replace it with --overwrite',
        );
      await checkOutput(out);
    }
    const { text, summary, warnings } = await convertFile(file, {
      ...rest,
      toScheme: options.toScheme ?? null,
      mapTypes: pairsOf(mapTypes),
      keepTypes: keepTypes === undefined ? null : new Set(namesOf('--keep-types', keepTypes)),
      repair: options.repair === true,
      merge: options.merge === true,
      tokens: textTokens ?? null,
      fromOffsets: options.fromOffsets ?? null,
      offsets: options.offsets ?? null,
      withTokens: tokens,
    });
    const { stderr } = context.proc; // standard output may be the file
    stderr.write(warningText(...warnings));
    if (out === undefined) await print(context, text);
    else await writeAtomic(out, out.endsWith('.gz') ? pack(text) : text);
    stderr.write(json ? toJson({ ...summary, warnings }) : conversionText(summary));
  });
};

/** `A=B,C=D`. @throws UserError where it is no such list, or names a type twice */
function pairsOf(text: string | undefined): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const pair of text === undefined ? [] : namesOf('--map-types', text)) {
    const at = pair.indexOf('=');
    const [from, to] = [pair.slice(0, at), pair.slice(at + 1)];
    if (at < 1 || to === '')
      throw new UserError(`--map-types: '${pair}' is no OLD=NEW`, 'for example --map-types PERSON=PER,LOCATION=LOC');
    if (pairs.has(from)) throw new UserError(`--map-types: ${from} is mapped twice`, 'give each type one new name');
    pairs.set(from, to);
  }
  return pairs;
}

function namesOf(flag: string, text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new UserError(`${flag} '${text}': a name is empty`, 'separate names by commas');
  return names;
}

const titles = (table: Readonly<Record<string, { readonly title: string }>>): Record<string, string> =>
  Object.fromEntries(Object.entries(table).map(([name, { title }]) => [name, title]));

const lines = (table: Readonly<Record<string, string>>): string =>
  Object.entries(table)
    .map(([name, title]) => `  ${name.padEnd(11)}  ${title}\n`)
    .join('');
