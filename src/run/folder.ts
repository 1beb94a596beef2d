import { join } from 'node:path';
import { seenFrom } from '../config';
import { UserError } from '../errors';
import { appendLine, ensureDir, exists, writeAtomic } from '../files';

/**
 * What a run leaves behind. Every file is written under a temporary name and renamed, so a crash, a signal or a full disk never
 * costs one that is already there; `log.jsonl` alone is appended to, a line per event.
 */
export interface RunFolder {
  readonly path: string;
  log(entry: object): Promise<void>;
  /** `best.ckpt`: the best epoch so far. `last.ckpt`: the last finished epoch or, after a signal, the last finished batch. */
  saveCheckpoint(which: 'best' | 'last', pieces: readonly Uint8Array[]): Promise<void>;
  savePredictions(split: string, text: string): Promise<void>;
  saveResult(result: object): Promise<void>;
}

export interface FolderOptions {
  /** Replaces a run that is already there. */
  readonly overwrite: boolean;
  /** Names the folder where the config does not. */
  readonly now: Date;
}

/** The part of a config that names the folder. */
interface Named {
  readonly out: string | null;
  readonly seed: number;
  readonly loss: { readonly name: string };
}

/**
 * Makes the folder `out`, or `runs/<date>-<loss>-<seed>` where that is null, and writes `config.json`, its paths
 * relative to that folder, so that `--config` reads it there.
 * @throws UserError when a run is already there and `overwrite` is not set
 */
export async function openRunFolder(config: Named, options: FolderOptions): Promise<RunFolder> {
  const path = config.out ?? (await freeName(config, options.now));
  const configPath = join(path, 'config.json');
  if (!options.overwrite && (await exists(configPath))) {
    throw new UserError(`${path}: holds a run already`, 'choose another --out, or replace it with --overwrite');
  }
  await ensureDir(path);
  await writeAtomic(join(path, 'log.jsonl'), '');
  await writeAtomic(configPath, json(seenFrom(path, config)));
  return {
    path,
    log: (entry) => appendLine(join(path, 'log.jsonl'), JSON.stringify(entry)),
    saveCheckpoint: (which, pieces) => writeAtomic(join(path, `${which}.ckpt`), pieces),
    savePredictions: (split, text) => writeAtomic(join(path, `${split}.pred.conll`), text),
    saveResult: (result) => writeAtomic(join(path, 'result.json'), json(result)),
  };
}

/** The checkpoint that a run folder or a checkpoint file stands for. @throws UserError where there is none */
export async function checkpointOf(run: string): Promise<string> {
  if (run.endsWith('.ckpt')) return run;
  const path = join(run, 'best.ckpt');
  if (await exists(path)) return path;
  throw new UserError(`${run}: holds no best.ckpt`, 'name a run folder of dsc-train train, or a .ckpt file');
}

/** `runs/20260131-235959-dsc-1`, with `-2`, `-3`, ... behind it when that is taken. */
async function freeName({ loss, seed }: Named, now: Date): Promise<string> {
  const date = now
    .toISOString()
    .replace(/[-:]|\.\d+Z/g, '')
    .replace('T', '-');
  const base = join('runs', `${date}-${loss.name}-${seed}`);
  let path = base;
  for (let n = 2; await exists(path); n++) path = `${base}-${n}`;
  return path;
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
