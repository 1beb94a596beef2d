import { Option } from 'commander';
import type { ReadOptions } from '../data/corpus';
import type { Severity } from '../inspect';
import type { AddCommand } from './context';
import { addReadOptions } from './options';

interface Options extends ReadOptions {
  readonly train?: string;
  readonly dev?: string;
  readonly test?: string;
  readonly json?: true;
  readonly html?: string;
  readonly strict?: Severity;
}

export const addInspect: AddCommand = (program, context) => {
  const command = program
    .command('inspect')
    .description('show imbalance, leaks, label errors and fitting class weights of a corpus before training on it')
    .argument('[files...]', 'CoNLL files: train, dev and test in this order, then others; - is standard input')
    .option('--train <file>', 'training file')
    .option('--dev <file>', 'development file')
    .option('--test <file>', 'test file');
  addReadOptions(command)
    .option('--json', 'print the card as JSON, every finding included')
    .option('--html <file>', 'also write the card as a page in one file')
    .addOption(
      new Option('--strict [severity]', 'exit with 1 on a finding of this severity or higher (write --strict=warning)')
        .choices(['info', 'warning', 'error'])
        .preset('warning'),
    )
    .action(async (paths: string[], { train, dev, test, json, html, strict, ...read }: Options) => {
      const { atLeast, inspect, nameFiles } = await import('../inspect/index.js');
      const { checkInputs } = await import('../files/inputs.js');
      const { checkOutput, writeAtomic } = await import('../files/index.js');
      if (html !== undefined) await checkOutput(html);
      const files = nameFiles({ train, dev, test }, paths);
      await checkInputs(files.map(({ name, path }) => [name, path]));
      const inspection = await inspect(files, read);
      const { proc } = context;
      if (html !== undefined) {
        const { inspectionHtml } = await import('../report/inspectHtml.js');
        const { VERSION } = await import('../package.js');
        await writeAtomic(html, inspectionHtml(inspection, `dsc-train ${VERSION} inspect`));
      }
      const { toJson } = await import('../report/json.js');
      const { inspectionText } = await import('../report/inspect.js');
      proc.stdout.write(json ? toJson(inspection) : inspectionText(inspection));
      const { count } = await import('../wording.js');
      const failing = strict === undefined ? [] : atLeast(inspection.findings, strict);
      if (failing.length === 0) return;
      context.exitCode = 1;
      proc.stderr.write(`error: ${count(failing.length, 'finding')} of severity ${strict} or higher (--strict)\n`);
    });
};
