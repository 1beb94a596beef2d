import { EXPORTS } from '../export';
import { count } from '../wording';
import { warningText } from '../warnings';
import type { AddCommand } from './context';
import { addDecodeOptions, type DecodeFlags, toldDecoding } from './options';

interface Options extends DecodeFlags {
  readonly to: string;
  readonly out: string;
  readonly overwrite?: boolean;
}

export const addExport: AddCommand = (program, context) => {
  const command = program
    .command('export')
    .description('write the tagger of a run in another format, for other programs and for people')
    .argument('<run>', 'run folder, or a checkpoint file')
    .requiredOption('--to <format>', `format: ${Object.keys(EXPORTS).join(', ')}`)
    .requiredOption('-o, --out <file>', 'file to write; what is written beside it has its name and an end of its own')
    .option('--overwrite', 'replace files that are already there')
    .addHelpText('after', `\nFormats:\n${formatLines()}`);
  addDecodeOptions(command).action(async (run: string, { to, out, overwrite = false, ...flags }: Options) => {
    const { exportRun } = await import('../export/write.js');
    const { files, notes, warnings } = await exportRun(run, to, out, { overwrite, decoding: toldDecoding(flags) });
    const { stderr } = context.proc; // FILE may be standard output
    stderr.write(warningText(...warnings));
    for (const note of notes) stderr.write(`${note}\n`);
    for (const { path, bytes } of files)
      stderr.write(bytes === null ? `${path}\n` : `${path}: ${count(bytes, 'byte')}\n`);
  });
};

function formatLines(): string {
  const width = Math.max(...Object.keys(EXPORTS).map(({ length }) => length));
  return Object.entries(EXPORTS)
    .map(([name, { title }]) => `  ${name.padEnd(width)}  ${title}\n`)
    .join('');
}
