import { UserError } from '../errors';
import { checkOutput, isReplaced, isSameFile, remove, sizeOf, writeAtomic } from '../files';
import { didYouMean } from '../wording';
import type { Warning } from '../warnings';
import { EXPORTS } from '.';
import type { ExportFormat, ExportSettings } from './format';
import { openSource } from './source';

export interface ExportOptions extends ExportSettings {
  /** Replaces files that are already there. */
  readonly overwrite: boolean;
}

/** What was written where. */
export interface Exported {
  readonly files: readonly { readonly path: string; readonly bytes: number | null }[];
  readonly notes: readonly string[];
  readonly warnings: readonly Warning[];
}

/**
 * Writes the tagger of a run in another format.
 * @param run  run folder or checkpoint file
 * @param name a row of EXPORTS
 * @param file where to; files beside it have its name and an end of their own
 * @throws UserError for an unknown format, a bad run, and files that are already there: then nothing is written
 */
export async function exportRun(run: string, name: string, file: string, options: ExportOptions): Promise<Exported> {
  const format = formatOf(name);
  const told = Object.keys(options.decoding);
  if (!format.decodes && told.length > 0)
    throw new UserError(`--to ${name} chooses no tags: it cannot be told how`, 'leave --decode and --outside-bias out');
  const source = await openSource(run);
  const paths = [file, ...(format.beside ?? []).map((end) => file + end)];
  const old: string[] = [];
  for (const path of paths) {
    if (await isSameFile(path, source.path))
      throw new UserError(`${path}: is the checkpoint that is exported`, 'choose another file with --out');
    if (await isReplaced(path)) {
      if (!options.overwrite)
        throw new UserError(
          `${path}: there is such a file already`,
          'choose another --out, or replace it with --overwrite',
        );
      old.push(path);
    }
    await checkOutput(path);
  }
  const { contents, notes = [], warnings = [] } = await format.make(source, options);
  if (contents.length !== paths.length)
    throw new Error(`${name}: ${contents.length} contents for ${paths.length} files`);
  const written: string[] = [];
  try {
    for (const [i, content] of contents.entries()) {
      await writeAtomic(paths[i] as string, content);
      written.push(paths[i] as string);
    }
  } catch (error) {
    for (const path of written) if (!old.includes(path) && (await isReplaced(path))) await remove(path);
    throw error;
  }
  const bytes = async (path: string): Promise<number | null> => ((await isReplaced(path)) ? sizeOf(path) : null);
  return { files: await Promise.all(paths.map(async (path) => ({ path, bytes: await bytes(path) }))), notes, warnings };
}

function formatOf(name: string): ExportFormat {
  if (Object.hasOwn(EXPORTS, name)) return EXPORTS[name as keyof typeof EXPORTS];
  throw new UserError(`--to ${name}: there is no such format; ${didYouMean(name, Object.keys(EXPORTS))}`);
}
