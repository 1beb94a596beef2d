import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands';
import type { Context, Proc } from './commands/context';
import { UserError } from './errors';
import { VERSION } from './version';
import { visibleLines } from './visible';

/**
 * The whole program. Results go to stdout, everything else to stderr. Nothing heavy is loaded before a command needs it.
 * @returns the exit code: 0 done, 1 user error, 2 a floor was missed, 3 training failed to learn, 130/143 stopped by a signal
 */
export async function run(proc: Proc): Promise<number> {
  const context: Context = { proc, exitCode: 0 };
  try {
    await buildProgram(context).parseAsync(proc.argv);
    return context.exitCode;
  } catch (error) {
    return report(error, proc);
  }
}

function buildProgram(context: Context): Command {
  const { stdout, stderr } = context.proc;
  const program = new Command('dsc-train')
    .description('Train BiLSTM sequence taggers on imbalanced CoNLL data, with a choice of losses.')
    .version(VERSION, '-V, --version')
    .showHelpAfterError('(dsc-train --help shows the commands and options)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) });
  for (const add of COMMANDS) add(program, context);
  const train = program.commands.find((command) => command.name() === 'train');
  program.addHelpText('after', () => `\nOptions of train, the command when none is named:\n${optionLines(train)}`);
  return program;
}

/** The option list of a command, as its own help prints it. */
function optionLines(command: Command | undefined): string {
  const [, options = ''] = command?.helpInformation().split('Options:\n') ?? [];
  return options;
}

function report(error: unknown, { stderr }: Proc): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof UserError) {
    const note = error.note ? `note: ${error.note}\n` : '';
    const end = error.exitCode === 3 ? 'exit 3: training broke down, as the error says\n' : '';
    stderr.write(visibleLines(`error: ${error.message}\n${note}${end}`));
    return error.exitCode;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(
    `error: this is a bug in dsc-train ${VERSION}; please report it with the command and these lines\n${trace}\n`,
  );
  return 70;
}
