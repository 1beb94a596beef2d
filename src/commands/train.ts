import type { Command } from 'commander';
import { UserError } from '../errors';
import { didYouMean, visible } from '../wording';
import type { AddCommand } from './context';
import { interruptible } from './context';
import { addGateOptions, applyGates, openGates, type GateOptions } from './gates';
import type { Config, Layer } from '../config';
import type { BeginEvent } from '../library/train';
import { addConfigOptions, configLayers, optionOf } from './options';
import { WARNINGS, warningText } from '../warnings';

interface Options extends GateOptions, Record<string, unknown> {
  readonly resume?: string;
  readonly dryRun?: true;
  readonly html?: string;
}

export const addTrain: AddCommand = (program, context) => {
  const command = program
    .command('train', { isDefault: true })
    .description('train a tagger, report F1 per class on dev and test, leave a run folder')
    .option('--json', 'print the result as JSON')
    .option(
      '--html <file>',
      'also write scores, learning curves, confusion and where the gradient came from as a page in one file',
    )
    .option('--quiet', 'no progress')
    .option(
      '--dry-run',
      'read and check everything, say what would run and about how long it would take; write nothing but the cache of new vectors',
    )
    .option('--overwrite', 'replace a run that is already in --out')
    .option('--resume <dir>', 'go on with the run in this folder, to the same result as if it had never stopped');
  // As the default command it is handed every word that names none.
  command.allowExcessArguments();
  addGateOptions(addConfigOptions(command)).action(async (options: Options, { args }: Command) => {
    const word = args.at(0);
    if (word !== undefined) throw unknownCommand(word, program);
    const { checkInputs } = await import('../files/inputs.js');
    const { checkBaselineData, checkMetrics } = await import('../gates/index.js');
    const { corporaOf, train } = await import('../library/train.js');
    const { createProgress, createQuietProgress } = await import('../report/progress.js');
    const { setupText } = await import('../report/setup.js');
    const { resultText } = await import('../report/text.js');
    const { toJson } = await import('../report/json.js');
    const { stdout, stderr } = context.proc;

    const given = ['config', 'baseline'].map((flag) => [`--${flag}`, options[flag]] as [string, string | undefined]);
    await checkInputs(given);
    const { config, changes } = await configOf(options);
    await checkInputs([...given, ...corporaOf(config)]);
    if (!options.quiet) for (const change of changes) stderr.write(`resumed with ${visible(change)}\n`);
    const { checkOutput, writeAtomic } = await import('../files/index.js');
    if (options.html !== undefined) await checkOutput(options.html);
    const gates = await openGates(options);
    const listen = options.quiet ? createQuietProgress(stderr) : createProgress(stderr, config.train.epochs);
    const begin = ({ setup }: BeginEvent): void => {
      const { corpus } = setup.corpora.test ?? setup.corpora.dev;
      checkBaselineData(gates, corpus.sha256);
      checkMetrics(gates, corpus);
      if (!options.quiet) stderr.write(setupText(setup));
      stderr.write(warningText(...setup.warnings));
    };
    if (options.dryRun) {
      const { rehearse } = await import('../library/train.js');
      const { rehearsalData, rehearsalText } = await import('../report/rehearsal.js');
      const found = await interruptible(context, (signal) =>
        rehearse(config, {
          signal,
          overwrite: options.overwrite === true,
          ...(options.resume !== undefined && { resume: options.resume }),
          on: (event) => (event.kind === 'begin' ? begin(event) : listen(event)),
        }),
      );
      if (found) stdout.write(options.json ? toJson(rehearsalData(found)) : rehearsalText(found));
      return;
    }
    const { folder, isThere, result } = await interruptible(context, (signal) =>
      train(config, {
        signal,
        overwrite: options.overwrite === true,
        ...(options.resume !== undefined && { resume: options.resume }),
        on(event) {
          if (event.kind === 'begin') begin(event);
          else listen(event);
        },
      }),
    );
    if (!result) {
      const kept = `before the end of an epoch; the run that was in ${folder} is still there`;
      const how = `; it goes on with: dsc-train --resume ${folder}`;
      stderr.write(`interrupted${isThere ? how : ` ${kept}`}\n`);
      return;
    }
    stdout.write(options.json ? toJson(result) : resultText(result));
    const ofScores = result.warnings.filter(({ code }) => WARNINGS[code].of === 'scores'); // the others were told as they came
    stderr.write(warningText(...ofScores));
    if (options.html !== undefined) {
      const { runHtml } = await import('../report/trainHtml.js');
      await writeAtomic(options.html, runHtml(result));
    }
    if (!options.quiet) stderr.write(`the run is in ${folder}\n`);
    const name = result.test ? 'test' : 'dev';
    const scored = { name, reports: [result.test ?? result.dev] };
    await applyGates(context, gates, `dsc-train train, loss ${config.loss.name}`, [scored], result.warnings, options);
    if (!result.learned) {
      const { learnedNothing } = await import('../report/text.js');
      stderr.write(learnedNothing(result.metric));
      context.exitCode = 3;
    }
  });
};

/** What a page shows is measured, unless the config says otherwise. */
const SHOWN: Layer = { source: '--html', values: { analysis: { gradientShare: true } } };

/** The config of the flags, or that of the run that is resumed with what the flags change of it. */
async function configOf(options: Options): Promise<{ readonly config: Config; readonly changes: readonly string[] }> {
  const { parseConfig } = await import('../config/index.js');
  const told = await configLayers(options);
  if (options.resume === undefined) {
    const shown = options.html === undefined ? [] : [SHOWN];
    return { config: parseConfig([...shown, ...told]), changes: [] };
  }
  const clash = ['out', 'overwrite', 'config', 'init-from'].find((flag) => options[optionOf(flag)] !== undefined);
  if (clash !== undefined) {
    throw new UserError(
      `--resume: not together with --${clash}`,
      'a resumed run goes on in its folder, with its config',
    );
  }
  const { changeText, resumedConfig } = await import('../run/resume.js');
  const { config, changes } = await resumedConfig(options.resume, told);
  return { config, changes: changes.map(changeText) };
}

function unknownCommand(word: string, program: Command): UserError {
  const names = program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name());
  return new UserError(`no command '${word}'; ${didYouMean(word, names)}`, 'dsc-train --help explains them');
}
