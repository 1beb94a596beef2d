import { basename, extname, join, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { FORMATS, type FormatName } from '../data/formats';
import { UserError } from '../errors';
import { OFFSET_UNITS, type OffsetUnit } from '../spans/text';
import { OUTPUT_FORMATS, type OutputFormat, type OutputName } from '../tag/outputs';
import { type Warning, warningText } from '../warnings';
import { visible } from '../wording';
import { type AddCommand, type Context, print } from './context';
import { addDecodeOptions, addReadOptions, type DecodeFlags, toldDecoding, toldReading, whole } from './options';

interface Options extends DecodeFlags {
  readonly engine: string;
  readonly format: Formats;
  readonly probabilities?: true;
  readonly top: number;
  readonly raw?: true;
  readonly offsets: OffsetUnit;
  readonly outDir?: string;
  readonly overwrite?: true;
}

/** What `--format` says: what comes out, and how a file is laid out. */
interface Formats {
  readonly output?: OutputName;
  readonly layout?: FormatName | 'auto';
}

export const addTag: AddCommand = (program, context) => {
  const command = program
    .command('tag')
    .description(
      'tag CoNLL files or standard input, laid out as the training file or one token a line: every line comes back, ' +
        'a row with its tag added (CoNLL-U: with the tag in the column that was trained); or running text, with --raw',
    )
    .argument('<run>', 'run folder, or a checkpoint file')
    .argument('[files...]', "files to tag, or patterns such as 'texts/*.conll'; - or none is standard input")
    .option('--engine <name>', 'compute engine', 'auto')
    .option('--format <name>', formatHelp(), addFormat, {})
    .option(
      '--probabilities',
      'also the probability of every tag, and of every entity: that the model reads exactly it, whatever --decode and --outside-bias say (conll: columns behind the tag)',
    )
    .option('--top <n>', 'also the n likeliest labels of every token, as the tagger has them inside (IOB2)', whole, 0)
    .option(
      '--raw',
      'running text: blank lines end paragraphs; sentences and words are split by the rules of Unicode, where a tagger trained on the tokens of a treebank expects those',
    )
    .addOption(
      new Option(
        '--offsets <unit>',
        `what character offsets count: ${Object.entries(OFFSET_UNITS)
          .map(([name, title]) => `${name}: ${title}`)
          .join('; ')};`,
      )
        .choices(Object.keys(OFFSET_UNITS))
        .default('codepoints'),
    )
    .option('-o, --out-dir <dir>', 'write one file for each input into this folder, in place of standard output')
    .option('--overwrite', 'replace files that are already there');
  addReadOptions(addDecodeOptions(command), '', ['format']).action(
    async (run: string, paths: string[], options: Options, self: Command) => {
      const { openTagging } = await import('../tag/index.js');
      const { ensureDir, expand, nameOf, STDIN, writeAtomic } = await import('../files/index.js');
      const { checkInputs } = await import('../files/inputs.js');
      const { stderr } = context.proc;
      const files = await expand(paths.length > 0 ? paths : [STDIN]);
      await checkInputs(files.map((file) => ['a file', file]));
      const { output: format = 'conll', layout } = options.format;
      const { raw = false, probabilities = false, top, offsets: unit, outDir, overwrite = false } = options;
      const columns = Object.entries(toldReading(self)).filter(([name]) => name !== 'format');
      const told = { ...Object.fromEntries(columns), ...(layout !== undefined && { format: layout }) };
      if (raw) refuseColumns(Object.keys(told));
      const outputs = outDir === undefined ? null : await outputsOf(files, outDir, format, overwrite);
      const { read, tagged, end } = await progressOf(context, files, outputs !== null);
      const session = await openTagging(run, {
        engine: options.engine,
        told,
        decoding: toldDecoding(options),
        output: { format, raw, probabilities, top, unit },
        warn: (warning: Warning) => void stderr.write(warningText(warning)),
        note: (line: string) => void stderr.write(`${visible(line)}\n`),
        progress: tagged,
      });
      try {
        if (outDir !== undefined) await ensureDir(outDir);
        let last = '\n\n'; // what the output ends with
        for (const [f, file] of files.entries()) {
          const texts = session.tag(read(file), nameOf(file));
          const path = outputs?.[f];
          if (path !== undefined) await writeAtomic(path, encoded(texts));
          else
            for await (const text of betweenFiles(texts, format, last)) {
              await print(context, text);
              last = text.slice(-4);
            }
        }
      } finally {
        end();
        session.dispose();
      }
    },
  );
};

const formatHelp = (): string =>
  `what comes out (default: conll): ${Object.entries(OUTPUT_FORMATS)
    .map(([name, { title }]) => `${name}: ${title}`)
    .join(
      '; ',
    )}; or how the files are laid out (default: as the training file): auto, ${Object.keys(FORMATS).join(', ')}`;

/** One flag says both: no name means one thing here and another there. */
function addFormat(name: string, before: Formats): Formats {
  if (Object.hasOwn(OUTPUT_FORMATS, name)) return { ...before, output: name as OutputName };
  if (name === 'auto' || Object.hasOwn(FORMATS, name)) return { ...before, layout: name as FormatName };
  throw new InvalidArgumentError(
    `expected ${Object.keys(OUTPUT_FORMATS).join(', ')} for what comes out, or how the files are laid out: auto, ${Object.keys(FORMATS).join(', ')}.`,
  );
}

/** @param told what was said of reading */
function refuseColumns(told: readonly string[]): void {
  const wrong = told.filter((name) => ['format', 'tokenColumn', 'tagColumn', 'comment'].includes(name));
  if (wrong.length > 0) {
    throw new UserError(
      `--raw: running text has no ${wrong.includes('comment') ? 'comments' : 'columns'}`,
      'leave --raw out where the file has rows, or the flags that say how they are laid out',
    );
  }
}

/**
 * Where each input goes in the folder.
 * @throws UserError where two would go to one place, or a file is there
 */
async function outputsOf(
  files: readonly string[],
  folder: string,
  format: OutputName,
  overwrite: boolean,
): Promise<string[]> {
  const { exists, streamAt } = await import('../files/index.js');
  const { extension }: OutputFormat = OUTPUT_FORMATS[format];
  const taken = new Map<string, string>();
  for (const file of files) {
    if ((await streamAt(file)) !== null)
      throw new UserError(
        `--out-dir: ${file} has no name that its output could have`,
        'name files, or leave --out-dir out',
      );
    const plain = basename(file, '.gz'); // what is written is not packed
    const path = join(folder, extension === null ? plain : basename(plain, extname(plain)) + extension);
    const other = taken.get(path);
    if (other !== undefined)
      throw new UserError(`--out-dir: ${other} and ${file} would both be ${path}`, 'tag them into two folders');
    if (resolve(path) === resolve(file))
      throw new UserError(`${path}: the output would replace the file that is tagged`, 'choose another --out-dir');
    if (!overwrite && (await exists(path)))
      throw new UserError(
        `${path}: there is such a file already`,
        'choose another --out-dir, or replace it with --overwrite',
      );
    taken.set(path, file);
  }
  return [...taken.keys()];
}

/** The texts of a file behind those of others: rows are no part of a sentence that stands before. */
async function* betweenFiles(texts: AsyncIterable<string>, format: OutputName, last: string): AsyncGenerator<string> {
  const { keepsLines }: OutputFormat = OUTPUT_FORMATS[format];
  let gap = keepsLines && !/\n\r?\n$/.test(last) ? (last.endsWith('\n') ? '\n' : '\n\n') : '';
  for await (const text of texts) {
    yield gap + text;
    gap = '';
  }
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text);
}

/** A bar where a person watches and nothing else is written to the terminal. */
async function progressOf({ proc }: Context, files: readonly string[], toFiles: boolean) {
  const { readChunks, sizeOf, streamAt } = await import('../files/index.js');
  const { createTagProgress } = await import('../report/progress.js');
  if (!proc.stderr.isTTY || (!toFiles && proc.stdout.isTTY))
    return { read: readChunks, tagged: () => undefined, end: () => undefined };
  let bytes: number | null = 0;
  for (const file of files)
    bytes = bytes === null || (await streamAt(file)) !== null ? null : bytes + (await sizeOf(file));
  const { read: took, tagged, end } = createTagProgress(proc.stderr, bytes);
  async function* read(file: string): AsyncGenerator<Buffer, void> {
    for await (const chunk of readChunks(file)) {
      took(chunk.length);
      yield chunk;
    }
  }
  return { read, tagged, end };
}
