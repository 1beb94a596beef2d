import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { Command, CommanderError, Help, type Option } from 'commander';
import { COMMANDS } from './commands';
import type { Context, Proc } from './commands/context';
import { STDOUT } from './commands/context';
import { ClosedPipe, explain, UserError } from './errors';
import { writeFully } from './files';
import { VERSION } from './package';
import { painted, wantsColour } from './report/paint';
import { visibleLines } from './wording';

/**
 * The whole program. Results go to stdout, everything else to stderr. Nothing heavy is loaded before a command needs it.
 * @returns the exit code: 0 done, 1 user error, 2 a floor was missed, 3 training failed to learn, 129/130/143 stopped by a signal,
 *   141 when whoever read the output is gone
 */
export async function run(proc: Proc): Promise<number> {
  const context: Context = { proc, exitCode: 0 };
  let failure: unknown;
  // Who listens decides what becomes of an error; without a listener it would end the program in the middle of its work.
  proc.stderr.on('error', () => undefined); // progress and messages are lost with it, the work is not
  proc.stdout.on('error', (error: unknown) => (failure ??= explain(error, STDOUT)));
  const code = await carryOut(context);
  await new Promise<void>((done) => proc.stdout.write('', () => done()));
  return failure === undefined || code !== 0 ? code : report(failure, proc);
}

async function carryOut(context: Context): Promise<number> {
  try {
    await buildProgram(context).parseAsync(context.proc.argv);
    return context.exitCode;
  } catch (error) {
    return report(error, context.proc);
  }
}

/**
 * The process that we are, with a standard output that says when it could not be written (Node's own drops the rest of a full disk), and
 * colour in its messages where that is wanted.
 */
export function thisProcess(): Proc {
  const write = (chunk: Buffer, _: string, done: (error?: Error | null) => void): void => {
    try {
      writeFully(1, chunk);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
  const stdout = Object.assign(new Writable({ write }), { isTTY: isatty(1) });
  const { argv, stdin, stderr, env } = process;
  if (wantsColour(stderr.isTTY, env)) {
    const plain = stderr.write.bind(stderr) as (chunk: unknown, ...rest: unknown[]) => boolean;
    stderr.write = (chunk: unknown, ...rest: unknown[]) =>
      plain(typeof chunk === 'string' ? painted(chunk) : chunk, ...rest);
  }
  return { argv, stdin, stdout, stderr, on: process.on.bind(process), off: process.off.bind(process) };
}

/** The commands with their help. Loads none of what they do. */
export function buildProgram(context: Context): Command {
  const { stdout, stderr } = context.proc;
  const program = new Command('dsc-train')
    .description('Train BiLSTM sequence taggers on imbalanced CoNLL data, with a choice of losses.')
    .version(VERSION, '-V, --version')
    .showHelpAfterError('(dsc-train --help shows the commands and options)')
    .configureHelp({ optionDescription: withoutEmptyDefault })
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) });
  for (const add of COMMANDS) add(program, context);
  program.hook('preAction', (_, command) => checkValues(command));
  const train = program.commands.find((command) => command.name() === 'train');
  program.addHelpText('after', () => `\nOptions of train, the command when none is named:\n${optionLines(train)}`);
  return program;
}

/** A flag whose value is forgotten takes the next flag for it. @throws UserError where one did */
function checkValues(command: Command): void {
  const flags = new Set(command.options.flatMap(({ long, short }) => [long, short]));
  for (const option of command.options) {
    if (!option.required || command.getOptionValueSource(option.attributeName()) !== 'cli') continue;
    for (const value of [command.getOptionValue(option.attributeName()) as unknown].flat()) {
      if (typeof value !== 'string' || !flags.has(value)) continue;
      const name = option.long ?? option.flags;
      throw new UserError(
        `${name}: no value before ${value}`,
        `write it as ${name} VALUE; a file of this name is ./${value}`,
      );
    }
  }
}

/** An empty list is where a repeatable option begins, and no default that a person could be told of. */
const withoutEmptyDefault = (option: Option): string =>
  new Help().optionDescription(option).replace(/ \(default: (\[\]|\{\})\)$/, '');

/** The option list of a command, as its own help prints it. */
function optionLines(command: Command | undefined): string {
  const [, options = ''] = command?.helpInformation().split('Options:\n') ?? [];
  return options;
}

function report(thrown: unknown, { stderr }: Proc): number {
  const error = explain(thrown);
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof ClosedPipe) return 141; // as a shell has it: 128 + SIGPIPE
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
