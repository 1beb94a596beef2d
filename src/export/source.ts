import { basename, dirname, join, resolve } from 'node:path';
import { readCheckpoint } from '../checkpoint';
import { UserError } from '../errors';
import { exists, sha256 } from '../files';
import { readJson, readSealed } from '../files/json';
import { checkpointOf } from '../run/folder';
import type { RunResult } from '../run/result';
import { describe, type Description } from '../run/saved';

/** A run as exports see it: the tagger as it stands in its file, without tensors, and what the run says of it. */
export interface Source {
  /** What the tagger is called where a name is asked for: that of its folder, of another checkpoint that of the file too. */
  readonly name: string;
  /** The checkpoint file. */
  readonly path: string;
  /** Of that file. */
  readonly sha256: string;
  readonly tagger: Description;
  /** The config of the run; null where it is not beside the checkpoint. @throws UserError where it is damaged */
  readonly config: () => Promise<unknown>;
  /** The result of the run. @throws UserError where there is none of this checkpoint, or a damaged one */
  readonly result: () => Promise<RunResult>;
}

/** What the weights of `result.json` are those of. */
const BEST = 'best.ckpt';

/**
 * @param run run folder or checkpoint file
 * @throws UserError where there is no checkpoint, or a damaged one
 */
export async function openSource(run: string): Promise<Source> {
  const path = resolve(await checkpointOf(run));
  const [folder, file] = [dirname(path), basename(path)];
  const beside = async <T>(name: string, read: (path: string) => Promise<T>): Promise<T | null> =>
    (await exists(join(folder, name))) ? read(join(folder, name)) : null;
  return {
    name: file === BEST ? basename(folder) : `${basename(folder)}/${basename(file, '.ckpt')}`,
    path,
    sha256: await sha256(path),
    tagger: describe(await readCheckpoint(path), path),
    config: () => beside('config.json', (config) => readJson(config, 'the config of a run, as dsc-train wrote it')),
    async result() {
      const read = (result: string): Promise<object> =>
        readSealed(result, 'the result of a run, as dsc-train wrote it');
      const result = file === BEST ? await beside('result.json', read) : null;
      if (result) return result as RunResult; // its checksum says that it is what was written
      throw new UserError(
        `${run}: there are no scores of this tagger: ${file === BEST ? 'the run has no result.json' : `those of a run are of its ${BEST}`}`,
        file === BEST
          ? 'let the run come to its end (--resume goes on with it)'
          : `name the run folder, or its ${BEST}`,
      );
    },
  };
}
