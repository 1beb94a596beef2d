import { readingSchema, type Reading } from '../config/reading';
import { UserError } from '../errors';
import type { TaggerMeta } from './saved';
import { type Warning, warning } from '../warnings';

/** What a command line says of reading; what it leaves out is as it was in training. */
export type Told = Partial<Reading>;

/** How a file is read for a tagger, and what a person should know of that. */
export interface FileReading {
  readonly reading: Reading;
  /** Where it is not how the training file was read. */
  readonly notice: Warning | null;
  /** For the note of whatever is wrong with the file. */
  readonly why: string;
}

/**
 * How a file is read for the tagger of a checkpoint: as its training file was, but for what is told. Where another format is told,
 * its own columns hold. Checkpoints of version 1 do not know how their training file was read.
 */
export function readingFor({ reading }: TaggerMeta, told: Told): FileReading {
  const options = Object.entries(told).map(([key, value]) => `${flagOf(key)} ${String(value)}`);
  if (!reading) {
    const found = readingSchema.parse(told);
    const read = options.length > 0 ? `it is read by ${options.join(' ')}` : 'format and columns are guessed';
    const notice = warning('old-checkpoint', { read });
    return { reading: found, notice, why: notice.message };
  }
  const moved = told.format !== undefined && told.format !== reading.format;
  const own = moved ? { ...reading, tokenColumn: null, tagColumn: null } : reading;
  const merged = { ...own, ...told };
  const differs = Object.entries(told).some(([key, value]) => String(reading[key as keyof Reading]) !== String(value));
  return {
    reading: merged,
    notice: differs ? warning('other-reading', { told: options.join(' '), trained: inWords(reading) }) : null,
    why: differs
      ? `read with ${options.join(' ')}; the training file of the tagger: ${inWords(reading)}`
      : `it is read as the training file of the tagger was (${inWords(reading)}); ${FLAGS} say otherwise`,
  };
}

const FLAGS = '--format, --token-column, --tag-column, --scheme';

const flagOf = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const inWords = ({ format, tokenColumn, tagColumn, scheme }: Reading): string =>
  `${format}, token column ${String(tokenColumn)}, tag column ${String(tagColumn)}, tags ${scheme}`;

/** Does `read`, and says with whatever is wrong how the file was read. */
export async function explained<T>({ why }: FileReading, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode !== 1) throw error;
    throw new UserError(error.message, error.note === '' ? why : `${error.note}\n${why}`);
  }
}
