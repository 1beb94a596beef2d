import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import type { ReadOptions } from '../data/corpus';
import { ENGINES } from '../engine';
import { UserError } from '../errors';
import type { EvaluateOptions } from '../evaluate/evaluation';
import type { PredictionOptions } from '../evaluate/predictions';
import { CONVENTION_NAMES, CONVENTIONS } from '../metrics/conventions';
import type { Evaluated } from '../report/evaluation';
import { warningText } from '../warnings';
import type { AddCommand } from './context';
import { addGateOptions, applyGates, openGates, type GateOptions } from './gates';
import { addDecodeOptions, addReadOptions, type DecodeFlags, toldDecoding, toldReading, whole } from './options';
import type { Told } from '../run/reading';

interface Options extends PredictionOptions, GateOptions, DecodeFlags {
  readonly format: NonNullable<ReadOptions['format']>;
  readonly scheme: NonNullable<ReadOptions['scheme']>;
  readonly pred?: string;
  readonly tagColumn?: string;
  readonly convention?: string;
  readonly train?: string;
  readonly seed: number;
  readonly resamples: number;
  readonly wrong?: number;
  readonly engine: string;
  readonly json?: true;
}

export const addEvaluate: AddCommand = (program, context) => {
  const command = program
    .command('evaluate')
    .description('score a file of predictions (--pred FILE, no model needed), or the tagger of a run on a file')
    .argument('[run]', 'run folder, or a checkpoint file')
    .argument('[file]', 'CoNLL file with gold tags; - is standard input')
    .option(
      '--pred <file>',
      'CoNLL file with predicted tags, and gold tags unless --gold names their file; - is standard input',
    )
    .option('--gold <file>', 'CoNLL file with the gold tags, the same tokens in the same order')
    .option('--gold-column <column>', 'gold column, by 1-based number or name (default: last but one; of --gold, last)')
    .option('--pred-column <column>', 'predicted column, by 1-based number or name (default: last)')
    .option('--allow-token-differences', 'score by position even where the two files have other tokens');
  command.addOption(
    new Option('--engine <name>', 'compute engine').choices(['auto', ...Object.keys(ENGINES)]).default('auto'),
  );
  addReadOptions(addDecodeOptions(command), ' of a run')
    .addOption(new Option('--convention <name>', conventionHelp()).choices(CONVENTION_NAMES))
    .option('--train <file>', 'training file: scores entities (or words) that it holds and those that it does not')
    .option('--seed <n>', 'seed of the resamples', whole, 1)
    .option('--resamples <n>', 'bootstrap resamples for the confidence intervals; 0 for none', whole, 1000)
    .option('--wrong <n>', 'wrong spans to list (default: 20, with --json all)', whole)
    .option('--json', 'print everything as JSON, which --baseline can read');
  addGateOptions(command).action(
    async (run: string | undefined, file: string | undefined, options: Options, self: Command) => {
      const { checkInputs } = await import('../files/inputs.js');
      const { pred, gold, train, baseline } = options;
      await checkInputs([
        ['the file', file],
        ['--pred', pred],
        ['--gold', gold],
        ['--train', train],
        ['--baseline', baseline],
      ]);
      const gates = await openGates(options);
      const { evaluationData, evaluationText } = await import('../report/evaluation.js');
      const { toJson } = await import('../report/json.js');
      const { name, evaluated } = await evaluateEither(run, file, options, toldReading(self));
      context.proc.stderr.write(warningText(...evaluated.warnings));
      const { wrong } = options;
      context.proc.stdout.write(
        options.json ? toJson(evaluationData(name, evaluated, wrong)) : evaluationText(name, evaluated, wrong),
      );
      await applyGates(
        context,
        gates,
        `dsc-train evaluate ${basename(name)}`,
        [{ name, reports: [evaluated.report] }],
        evaluated.warnings,
        options,
      );
    },
  );
};

const conventionHelp = (): string =>
  `how entities are counted (default: conlleval): ${CONVENTION_NAMES.map((name) => `${name}: ${CONVENTIONS[name].title}`).join('; ')};`;

/** Predictions from a file, or those of a run's tagger. */
async function evaluateEither(
  run: string | undefined,
  file: string | undefined,
  options: Options,
  told: Told,
): Promise<{ readonly name: string; readonly evaluated: Evaluated }> {
  const { pred, seed, resamples, convention, train } = options;
  const settings: EvaluateOptions = { seed, resamples, convention };
  if (pred !== undefined) {
    if (run !== undefined) throw new UserError('evaluate: either --pred FILE or a run, not both');
    if (options.tagColumn !== undefined) {
      throw new UserError('--tag-column is for a run', 'with --pred, name --gold-column and --pred-column');
    }
    if (options.decode !== undefined || options.outsideBias !== undefined) {
      throw new UserError('--decode and --outside-bias are for a run', 'predictions are scored as they are');
    }
    const { nameOf } = await import('../files/index.js');
    const { readPredictions } = await import('../evaluate/predictions.js');
    const { evaluateTags } = await import('../evaluate/evaluation.js');
    const { readTraining } = await import('../evaluate/training.js');
    const name = nameOf(pred);
    const predictions = await readPredictions(pred, options);
    const { sentences, sources, warnings, tagging } = predictions;
    if (train !== undefined && !sources.hasTokens) {
      throw new UserError(`${name}: holds no tokens to look up in ${train}`, 'leave --train out');
    }
    const training = await readTraining(train, { path: sources.gold.path, tagging });
    return {
      name,
      evaluated: { ...evaluateTags(predictions, { ...settings, training }), sentences, sources, warnings },
    };
  }
  if (run === undefined || file === undefined) {
    throw new UserError(
      'evaluate: nothing to score',
      'name a file of predictions with --pred FILE, or a run folder and a CoNLL file with gold tags',
    );
  }
  const { nameOf } = await import('../files/index.js');
  const { evaluate } = await import('../evaluate/index.js');
  const evaluated = await evaluate(run, file, {
    ...settings,
    engine: options.engine,
    reading: told,
    train,
    decoding: toldDecoding(options),
  });
  return { name: nameOf(file), evaluated };
}
