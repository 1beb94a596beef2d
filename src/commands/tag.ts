import type { Command } from 'commander';
import { type AddCommand, print } from './context';
import { addDecodeOptions, addReadOptions, type DecodeFlags, toldDecoding, toldReading } from './options';
import { type Warning, warningText } from '../warnings';
import { visible } from '../wording';

export const addTag: AddCommand = (program, context) => {
  const command = program
    .command('tag')
    .description(
      'tag a CoNLL file or standard input, laid out as the training file or one token a line: every line comes back, ' +
        'a row with its tag added (CoNLL-U: with the tag in the column that was trained)',
    )
    .argument('<run>', 'run folder, or a checkpoint file')
    .argument('[file]', 'file to tag; - or none is standard input')
    .option('--engine <name>', 'compute engine', 'auto');
  addReadOptions(addDecodeOptions(command)).action(
    async (run: string, file: string | undefined, options: DecodeFlags & { engine: string }, self: Command) => {
      const { tagStream } = await import('../tag/index.js');
      const { nameOf, readChunks, STDIN } = await import('../files/index.js');
      const { stderr } = context.proc;
      const input = file ?? STDIN;
      const host = {
        engine: options.engine,
        told: await toldReading(self),
        decoding: toldDecoding(options),
        warn: (warning: Warning) => void stderr.write(warningText(warning)),
        note: (line: string) => void stderr.write(`${visible(line)}\n`),
      };
      for await (const text of tagStream(run, readChunks(input), nameOf(input), host)) {
        await print(context, text);
      }
    },
  );
};
