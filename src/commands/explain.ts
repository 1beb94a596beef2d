import { Option } from 'commander';
import { ENGINES } from '../engine';
import type { AddCommand } from './context';
import { collect } from './options';

interface Options {
  readonly class: readonly string[];
  readonly engine: string;
  readonly json?: true;
}

export const addExplain: AddCommand = (program, context) => {
  program
    .command('explain')
    .description(
      'say why classes of a finished run are at 0 or weak: ranked answers, with numbers and a command for each',
    )
    .argument('<run>', 'run folder')
    .option('--class <name>', 'explain this class (repeatable; default: all that are at 0 or weak)', collect, [])
    .addOption(
      new Option('--engine <name>', 'compute engine').choices(['auto', ...Object.keys(ENGINES)]).default('auto'),
    )
    .option('--json', 'print everything as JSON, the evidence included')
    .action(async (run: string, { class: classes, engine, json }: Options) => {
      const { explain } = await import('../evaluate/explain.js');
      const { explanationText } = await import('../report/explain.js');
      const { toJson } = await import('../report/json.js');
      const asked = classes.length > 0;
      const found = await explain(run, { engine, ...(asked && { classes }) });
      context.proc.stdout.write(json ? toJson(found) : explanationText(found, asked));
    });
};
