import { InvalidArgumentError } from 'commander';
import type { ReadOptions } from '../data/corpus';
import { UserError } from '../errors';
import { warningText } from '../warnings';
import type { AddCommand } from './context';
import { addReadOptions } from './options';

interface Options extends ReadOptions {
  readonly parts?: string;
  readonly folds?: number;
  readonly seed: number;
  readonly out?: string;
  readonly overwrite?: true;
  readonly json?: true;
}

export const addSplit: AddCommand = (program, context) => {
  const command = program
    .command('split')
    .description(
      'split a CoNLL file into stratified parts or folds: every class on every side, duplicates kept together',
    )
    .argument('<file>', 'CoNLL file with tags; - is standard input')
    .option('--parts <shares>', 'shares of the sentences (default: 0.8,0.1,0.1 for train, dev and test)')
    .option('--folds <k>', 'k folds for cross-validation instead: fold-1.train and fold-1.test, ...', whole)
    .option('--seed <n>', 'seed of the random draws', whole, 1)
    .option('-o, --out <dir>', 'folder of the parts (default: <name of the file>-split)')
    .option('--overwrite', 'replace files that are already there');
  addReadOptions(command)
    .option('--json', 'print what went where as JSON')
    .action(async (file: string, options: Options) => {
      const { parts, folds, seed, out = null, overwrite = false, json, ...read } = options;
      if (parts !== undefined && folds !== undefined) throw new UserError('split: either --parts or --folds, not both');
      if (folds !== undefined && folds < 2) throw new UserError('--folds: there must be at least 2');
      const { parseShares, splitFile } = await import('../split/index.js');
      const { splitText } = await import('../report/split.js');
      const { toJson } = await import('../report/json.js');
      const shares = folds === undefined ? parseShares(parts ?? '0.8,0.1,0.1') : { folds };
      const result = await splitFile(file, { ...read, shares, seed, out, overwrite });
      context.proc.stderr.write(warningText(...result.warnings));
      context.proc.stdout.write(json ? toJson(result) : splitText(result));
    });
};

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number.');
  return Number(text);
}
