import { type AddCommand, print } from './context';

export const addTag: AddCommand = (program, context) => {
  program
    .command('tag')
    .description('tag tokens from standard input, one a line, a blank line between sentences; adds a tag column')
    .argument('<run>', 'run folder, or a checkpoint file')
    .option('--engine <name>', 'compute engine', 'auto')
    .action(async (run: string, options: { engine: string }) => {
      const { tagStream } = await import('../tag.js');
      const { stdin } = context.proc;
      for await (const text of tagStream(run, stdin as AsyncIterable<Buffer>, options.engine)) {
        await print(context, text);
      }
    });
};
