import { basename, dirname, join } from 'node:path';
import { seenFrom } from '../config';
import { mistaken, UserError } from '../errors';
import * as files from '../files';
import { LOGS } from '../train/logs';
import type { Keep } from '../train/state';

/**
 * What a run leaves behind. Every file is written under a temporary name and renamed, so a crash, a signal or a full disk never
 * costs one that is already there; `log.jsonl` alone grows, by whole lines.
 *
 * Until its first checkpoint a run is kept in a hidden folder inside its own: a run that was there before stays as it is. Then that
 * one is removed as a whole, and the new one takes its place; from there on files go where they belong.
 */
export interface RunFolder {
  readonly path: string;
  /** Whether there is anything of this run in the folder. */
  readonly isThere: boolean;
  /** Written within a second. @throws UserError where earlier entries could not be written */
  log(entry: object): void;
  /** Bytes of `log.jsonl`, everything logged so far on disk. @throws UserError as `log` */
  logged(): number;
  /** Appends to the log that `FolderOptions.records` asks for, as `log` does; does nothing where it asks for none. */
  record(bytes: Uint8Array | null): void;
  /** Bytes of the log of a resumed run that are no longer there. */
  readonly lost: number;
  /** After an epoch: `<name>.ckpt` for each, in this order. */
  saveEpoch(checkpoints: readonly NamedCheckpoint[]): Promise<void>;
  /** `last.ckpt` in the middle of an epoch. It is not worth a run that was there before. */
  saveUnfinished(checkpoint: readonly Uint8Array[]): Promise<void>;
  savePredictions(split: string, text: string): Promise<void>;
  /** Ends the run: `last.ckpt` goes where it is not one of those that stay. */
  saveResult(result: object, keep: readonly Keep[]): Promise<void>;
  /** To be called on every way out. Without a checkpoint, all is as it was before. */
  close(): Promise<void>;
}

export interface NamedCheckpoint {
  /** `best`, `last`, `epoch-5`. */
  readonly name: string;
  readonly pieces: Pieces;
}

/** A file in pieces: those that are there, or as they come. */
export type Pieces = readonly Uint8Array[] | AsyncIterable<Uint8Array>;

export interface FolderOptions {
  /** Replaces a run that is already there. */
  readonly overwrite: boolean;
  /** Goes on with the run in this folder, of whose log so many bytes are kept. */
  readonly resume?: { readonly path: string; readonly logBytes: number } | null;
  /** Names the folder where the config does not. */
  readonly now: Date;
  /** Files of the run that are there before it begins, and stay. */
  readonly keep?: readonly string[];
  /** A log in bytes beside `log.jsonl`. */
  readonly records?: RecordLog | null;
}

/** A log of a run that is made of records. */
export interface RecordLog {
  /** Its name in the folder. */
  readonly file: string;
  /** What a new file begins with. */
  readonly begin: () => Uint8Array;
  /** How many bytes of the log that is there a resumed run keeps. */
  readonly kept: (there: Uint8Array) => number;
}

/** The part of a config that names the folder. */
interface Named {
  readonly out: string | null;
  readonly seed: number;
  readonly loss: { readonly name: string };
}

/** What a tagger says of the split that is scored, where a comparison asks for it: no part of the outcome, and gone when it was read. */
export const PROBABILITIES = 'probabilities.bin';

/** Every file that belongs to a run, those of `compare` included. Anything else in its folder is the user's. */
const OURS = new RegExp(
  `^(config\\.json|log\\.jsonl|(best|last|epoch-\\d+)\\.ckpt|(train|dev|test)\\.pred\\.conll|(result|job|analysis)\\.json|probabilities\\.bin|${Object.values(
    LOGS,
  )
    .map(({ file }) => file.replaceAll('.', '\\.'))
    .join('|')})$`,
);

/** What makes a folder that of a comparison. */
const COMPARISON = /^(plan|compare)\.json$/;

/** What a run leaves at its end. */
const OUTCOME = /^((train|dev|test)\.pred\.conll|(result|analysis)\.json|probabilities\.bin)$/;

/**
 * The hidden folder `.dsc-train-<process>.run` says who is writing here. Inside it, what is there tells how far a run came, at
 * whatever moment its process is killed:
 * `staged` holds a run without a checkpoint; `ready` one that replaces what is in the folder; `moving` the rest of one that does so,
 * when nothing of the old one is left. Whoever comes next ends what was begun.
 */
const [CLAIM, STAGED, READY, MOVING] = ['.run', 'staged', 'ready', 'moving'];

/** Milliseconds between two signs of life to those on other machines. */
const SIGN_OF_LIFE = 60_000;

/**
 * Makes the folder `out`, or `runs/<date>-<loss>-<seed>` where that is null. The paths in `config.json` are relative to that
 * folder, so that `--config` reads it there.
 * @throws UserError when a run is already there and `overwrite` is not set, or one is being written
 */
export async function openRunFolder(config: Named, options: FolderOptions): Promise<RunFolder> {
  const { resume = null } = options;
  const named = resume?.path ?? config.out;
  const { path, isNew } = named === null ? await newFolder(config, options.now) : await givenFolder(named);
  const claim = join(path, files.ownName(CLAIM));
  const abandon = async (): Promise<void> => {
    await files.remove(claim);
    if (isNew) await files.removeEmpty(path);
  };
  try {
    await files.ensureDir(join(claim, STAGED));
    await settle(path, claim);
    const replaces = (await oldRun(path, options)).length > 0 && !resume;
    return await begin(config, path, claim, { isNew, replaces, keep: options.keep ?? [], resume, records: options.records ?? null }); // prettier-ignore
  } catch (error) {
    await abandon();
    throw error;
  }
}

/** The files of the run that is in a folder. @throws UserError where it may not be replaced, or a comparison is there */
async function oldRun(path: string, { keep, overwrite, resume = null }: FolderOptions): Promise<string[]> {
  const there = await files.list(path);
  if (there.some((name) => COMPARISON.test(name))) {
    throw new UserError(
      `${path}: holds a comparison`,
      'choose another --out: a run and a comparison cannot share a folder',
    );
  }
  const old = there.filter((name) => OURS.test(name) && !keep?.includes(name));
  if (old.length > 0 && !overwrite && !resume) {
    throw new UserError(
      `${path}: holds a run already (${old.join(', ')})`,
      'choose another --out, or replace it with --overwrite',
    );
  }
  return old;
}

/**
 * The folder that `openRunFolder` would make, with what can be checked of it beforehand. Nothing is made, and what is saved is gone.
 * @throws UserError as `openRunFolder`, and where no folder could be made
 */
export async function rehearseRunFolder(config: Named, options: FolderOptions): Promise<RunFolder> {
  const path = options.resume?.path ?? config.out ?? nameOf(config, options.now);
  if (await files.exists(path)) {
    await oldRun(path, options);
    const [other] = (await files.leftIn(path, CLAIM)).filter(({ dead }) => !dead);
    if (other) throw writtenBy(path, other);
  }
  let there = path;
  while (!(await files.exists(there)) && dirname(there) !== there) there = dirname(there);
  await files.list(there);
  await files.checkOutput(join(there, files.ownName(CLAIM)));
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    path,
    isThere: false,
    log: () => undefined,
    logged: () => 0,
    record: () => undefined,
    lost: 0,
    saveEpoch: nothing,
    saveUnfinished: nothing,
    savePredictions: nothing,
    saveResult: nothing,
    close: nothing,
  };
}

interface Beginning {
  readonly isNew: boolean;
  readonly replaces: boolean;
  readonly keep: readonly string[];
  readonly resume: NonNullable<FolderOptions['resume']> | null;
  readonly records: RecordLog | null;
}

async function begin(
  config: Named,
  path: string,
  claim: string,
  { isNew, replaces, keep, resume, records }: Beginning,
): Promise<RunFolder> {
  let at = resume ? path : join(claim, STAGED);
  const save = (name: string, data: string | Pieces): Promise<void> => files.writeAtomic(join(at, name), data);
  for (const name of resume ? [] : keep) {
    if (await files.exists(join(path, name))) await files.copy(join(path, name), join(at, name));
  }
  const saveConfig = (): Promise<void> => save('config.json', json(seenFrom(path, config)));
  if (!resume) await saveConfig();
  const log = files.openLines(join(at, 'log.jsonl'), resume?.logBytes);
  const other = records && files.openRecords(join(at, records.file), resume ? records.kept : () => 0);
  if (records && other?.size() === 0) other.add(records.begin());
  const lost = Math.max(0, (resume?.logBytes ?? 0) - log.size());
  let isRenewed = !resume;
  let signed = performance.now();

  /** Before a resumed run leaves anything: its config, and no outcome of another one. */
  async function renew(): Promise<void> {
    if (isRenewed) return;
    isRenewed = true;
    for (const name of await files.list(path)) if (OUTCOME.test(name)) await files.remove(join(path, name));
    await saveConfig();
  }

  async function settleIn(): Promise<void> {
    log.flush();
    other?.flush();
    if (performance.now() - signed > SIGN_OF_LIFE) {
      signed = performance.now();
      await files.touch(claim);
    }
    if (at === path) return;
    await files.move(at, join(claim, READY));
    await takePlace(path, claim);
    at = path;
  }
  return {
    path,
    get isThere() {
      return at === path;
    },
    log: (entry) => log.add(JSON.stringify(entry)),
    logged: () => log.size(),
    record: (bytes) => bytes && other?.add(bytes),
    lost,
    async saveEpoch(checkpoints) {
      await renew();
      await log.sync(); // a state never speaks of lines that are not on disk
      await other?.sync();
      for (const { name, pieces } of checkpoints) await save(`${name}.ckpt`, pieces);
      await settleIn();
    },
    async saveUnfinished(checkpoint) {
      if (replaces && at !== path) return;
      await renew();
      await log.sync();
      await other?.sync();
      await save('last.ckpt', checkpoint);
      await settleIn();
    },
    async savePredictions(split, text) {
      await renew();
      await save(`${split}.pred.conll`, text);
    },
    async saveResult(result, keep) {
      await save('result.json', json(result));
      if (!keep.includes('last')) await files.remove(join(at, 'last.ckpt'));
    },
    async close() {
      try {
        log.close();
        other?.close();
      } finally {
        await files.remove(claim);
        if (isNew && at !== path) await files.removeEmpty(path);
      }
    },
  };
}

/**
 * Makes a run that was killed before its first checkpoint one that can be gone on with: it takes its place, unless another run has
 * it.
 * @throws UserError where a run is being written here
 */
export async function adoptRun(path: string): Promise<void> {
  await settle(path, '', async (left) => {
    const there = (await files.list(path)).some((name) => OURS.test(name));
    const staged = join(left, STAGED);
    if (there || !(await files.exists(join(staged, 'config.json')))) return;
    for (const name of await files.list(staged)) await files.move(join(staged, name), join(path, name));
  });
}

/**
 * Ends what killed runs began here.
 * @param rescue what else to do with the hidden folder of one before it is removed
 * @throws UserError where another run is being written
 */
async function settle(path: string, claim: string, rescue?: (left: string) => Promise<void>): Promise<void> {
  const others = (await files.leftIn(path, CLAIM)).filter(({ name }) => join(path, name) !== claim);
  const living = others.find(({ dead }) => !dead);
  if (living) throw writtenBy(path, living);
  for (const { name } of others) {
    await takePlace(path, join(path, name));
    await rescue?.(join(path, name));
    await files.remove(join(path, name));
  }
}

const writtenBy = (path: string, { name, pid }: files.Left): UserError =>
  new UserError(
    `${path}: process ${pid} is writing a run here`,
    `wait for it, or choose another --out; if there is no such process on any machine, remove ${join(path, name)}`,
  );

/** Removes the old run as a whole, then moves the new one in. It goes on where it was killed. */
async function takePlace(path: string, claim: string): Promise<void> {
  const [ready, moving] = [join(claim, READY), join(claim, MOVING)];
  if (await files.exists(ready)) {
    for (const name of await files.list(path)) if (OURS.test(name)) await files.remove(join(path, name));
    await files.move(ready, moving);
  }
  if (!(await files.exists(moving))) return;
  for (const name of await files.list(moving)) await files.move(join(moving, name), join(path, name));
}

/** The checkpoint that a run folder or a checkpoint file stands for. @throws UserError where there is none */
export async function checkpointOf(run: string): Promise<string> {
  if (typeof run !== 'string') throw mistaken('run', run, 'the path of a run folder, or of a checkpoint');
  if (run.endsWith('.ckpt')) return run;
  const hidden = (await files.leftIn(run, CLAIM)).flatMap(({ name }) => [join(name, READY), join(name, MOVING)]);
  for (const folder of ['', ...hidden]) {
    const path = join(run, folder, 'best.ckpt');
    if (await files.exists(path)) return path;
  }
  const why = (await files.exists(run)) ? '' : ': there is no such folder';
  throw new UserError(`${run}: holds no best.ckpt${why}`, 'name a run folder of dsc-train train, or a .ckpt file');
}

async function givenFolder(path: string): Promise<{ path: string; isNew: boolean }> {
  const isNew = await files.makeDir(path);
  if (!isNew) await files.ensureDir(path); // it may be a file
  return { path, isNew };
}

/** `runs/20260131-235959-dsc-1`. */
function nameOf({ loss, seed }: Named, now: Date): string {
  const date = now
    .toISOString()
    .replace(/[-:]|\.\d+Z/g, '')
    .replace('T', '-');
  const named = basename(loss.name).replace(/\.[cm]?js$/, ''); // that of a file by the file
  return join('runs', `${date}-${named}-${seed}`);
}

/** A folder of that name, with `-2`, `-3`, ... behind it when that is taken: by whoever made the folder first. */
async function newFolder(config: Named, now: Date): Promise<{ path: string; isNew: boolean }> {
  const base = nameOf(config, now);
  let path = base;
  for (let n = 2; !(await files.makeDir(path)); n++) path = `${base}-${n}`;
  return { path, isNew: true };
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
