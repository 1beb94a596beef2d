import { Option } from 'commander';
import type { ReadOptions } from '../data/corpus';
import { FORMATS } from '../data/formats';
import { SCHEMES } from '../data/schemes';
import { ENGINES } from '../engine';
import type { AddCommand } from './context';

interface Options extends ReadOptions {
  readonly engine: string;
  readonly json?: true;
}

export const addEvaluate: AddCommand = (program, context) => {
  program
    .command('evaluate')
    .description("score a run's tagger on a file")
    .argument('<run>', 'run folder, or a checkpoint file')
    .argument('<file>', 'CoNLL file with gold tags')
    .addOption(
      new Option('--engine <name>', 'compute engine').choices(['auto', ...Object.keys(ENGINES)]).default('auto'),
    )
    .addOption(new Option('--format <name>', 'file format').choices(['auto', ...Object.keys(FORMATS)]).default('auto'))
    .option('--token-column <column>', 'token column, by 1-based number or name')
    .option('--tag-column <column>', 'tag column, by 1-based number or name')
    .addOption(
      new Option('--scheme <name>', 'tagging scheme').choices(['auto', ...Object.keys(SCHEMES)]).default('auto'),
    )
    .option('--json', 'print the report as JSON')
    .action(async (run: string, file: string, { engine, json, ...read }: Options) => {
      const { evaluate } = await import('../evaluate.js');
      const { reportJson } = await import('../report/json.js');
      const { reportText } = await import('../report/text.js');
      const reports = { [file]: await evaluate(run, file, engine, read) };
      context.proc.stdout.write(json ? reportJson(reports) : reportText(reports));
    });
};
