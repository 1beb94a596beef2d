import type { ToldDecoding } from '../run/decoding';
import type { Warning } from '../warnings';
import type { Source } from './source';

/** What is written to one file. */
export type Content = string | Uint8Array | readonly Uint8Array[];

/** What a format makes of a tagger. */
export interface Made {
  /** Of FILE, then of each file beside it, in the order of `beside`. */
  readonly contents: readonly Content[];
  /** What a person should know of what was written, a line each. */
  readonly notes?: readonly string[];
  readonly warnings?: readonly Warning[];
}

/** What a command line may say beside the run. */
export interface ExportSettings {
  /** Decoding that is not to be as the run has it. */
  readonly decoding: ToldDecoding;
}

/** A row of EXPORTS. */
export interface ExportFormat {
  /** One line: what it writes. */
  readonly title: string;
  /** Ends of the names of files that are written beside FILE: `.json` is FILE.json. */
  readonly beside?: readonly string[];
  /** What it writes chooses tags, so that it can be told how (`--decode`, `--outside-bias`). */
  readonly decodes?: true;
  /** @throws UserError where the run has nothing to make it of */
  readonly make: (source: Source, settings: ExportSettings) => Promise<Made>;
}
