import type { Command, Help } from 'commander';
import { EXIT_CODES } from '../errors';
import { VERSION } from '../package';

/** What the program asks the environment for. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  DSC_TRAIN_HOME: 'folder of libtensorflow and of vectors that were read (default: ~/.cache/dsc-train)',
  DSC_TRAIN_ISA: 'instruction set of the native kernels, below the best that the processor has, such as avx2',
  NO_COLOR: 'set to anything: no colour in the terminal',
  FORCE_COLOR: 'set to 1, 2 or 3: colour wherever the output goes',
};

/** The manual page of the program in roff, as man(1) shows it: everything that its help says, command by command. */
export function manualPage(program: Command): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((command) => command.name() !== 'help');
  const name = program.name();
  return [
    `.TH ${name.toUpperCase().replace(/-/g, '\\-')} 1 "" "${name} ${VERSION}" "User Commands"`,
    '.SH NAME',
    `${roff(name)} \\- ${roff(program.description().replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    ...commands.flatMap((command) => ['.PP', bold(help.commandUsage(command))]),
    '.SH DESCRIPTION',
    'The result goes to standard output, everything else to standard error. Settings: defaults < \\-\\-config < \\-\\-preset < \\-\\-set < flags.',
    `Without a command, ${bold('train')} is meant.`,
    '.SH COMMANDS',
    ...commands.flatMap((command) => section(command, help)),
    '.SH EXIT STATUS',
    ...Object.entries(EXIT_CODES).flatMap(([code, what]) => term(code, what.replace(/`/g, ''))),
    '.SH ENVIRONMENT',
    ...Object.entries(ENVIRONMENT).flatMap(([key, what]) => term(key, what)),
    '.SH EXAMPLES',
    ...EXAMPLES.flatMap(([text, command]) => ['.PP', roff(text), '.PP', '.RS', '.nf', roff(command), '.fi', '.RE']),
    '',
  ].join('\n');
}

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['Train on the bundled corpus:', 'dsc-train --loss dsc'],
  [
    'Ask which loss is better on a corpus:',
    'dsc-train compare --losses ce,dsc --seeds 5 --train a.conll --dev b.conll --test c.conll',
  ],
  ['Score predictions, as a gate:', 'dsc-train evaluate --pred predictions.conll --fail-under micro-f1=0.8'],
];

function section(command: Command, help: Help): string[] {
  const told = (title: string, rows: string[]): string[] => (rows.length > 0 ? ['.PP', title, ...rows] : []);
  const options = help
    .visibleOptions(command)
    .flatMap((option) => term(help.optionTerm(option), help.optionDescription(option)));
  const words = help
    .visibleArguments(command)
    .flatMap((word) => term(help.argumentTerm(word), help.argumentDescription(word)));
  return [
    `.SS ${bold(help.commandUsage(command))}`,
    roff(help.commandDescription(command)),
    ...told('Arguments:', words),
    ...told('Options:', options),
  ];
}

const term = (name: string, what: string): string[] => ['.TP', bold(name), roff(what)];

const bold = (text: string): string => `\\fB${roff(text).replace(/^\\&/, '')}\\fR`;

/** Text that roff takes as it is: a backslash, and a line that begins like a request, are not read as one; a dash is one to search for. */
function roff(text: string): string {
  const plain = text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/^(?=[.'])/gm, '\\&');
  return plain.replace(/[^ -~\n]/gu, (char) => `\\[u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`); // prettier-ignore
}
