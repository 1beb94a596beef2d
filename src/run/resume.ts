import { join } from 'node:path';
import { readCheckpoint } from '../checkpoint';
import { type Config, type Layer, parseConfig, readConfigFile, withOwnLoss } from '../config';
import { UserError } from '../errors';
import { exists } from '../files';
import { EARLIER_DECODING } from '../heads/decoding';
import type { OwnLoss } from '../losses';
import type { Weight } from '../model/spec';
import type { Corpora } from './corpora';
import { adoptRun } from './folder';
import { describe } from './saved';
import { SCHEDULES } from '../train/schedule';
import { type DataHashes, decodeTraining, hashesOf, type Training } from './training';

/** A training with the weights that it had reached. */
export interface SavedTraining extends Training {
  readonly weights: readonly Weight[];
}

/**
 * The training to go on with in a folder; null where none is to be, or where the run had saved nothing yet and begins anew.
 * @throws UserError where it cannot be gone on with
 */
export async function savedTraining(
  folder: string | null,
  corpora: Corpora,
  lossFile: OwnLoss | null = null,
): Promise<SavedTraining | null> {
  if (folder === null) return null;
  const path = join(folder, 'last.ckpt');
  if (!(await exists(path))) {
    for (const name of ['best.ckpt', 'result.json']) if (await exists(join(folder, name))) throw noState(path, name);
    return null;
  }
  const checkpoint = await readCheckpoint(path);
  const { meta, weights } = describe(checkpoint, path);
  const training = decodeTraining(checkpoint, meta.training, weights);
  if (!training) {
    throw new UserError(
      `${path}: holds a tagger, and no training to go on with`,
      'it is of a version that could not resume; train from its weights with --init-from, or train again',
    );
  }
  checkData(folder, training.data, hashesOf(corpora, lossFile));
  return { ...training, weights };
}

const noState = (path: string, name: string): UserError =>
  new UserError(
    `${path}: is missing, and ${name} is there: this run has no state to go on from`,
    'a run whose train.keep leaves "last" out removes it at its end; take another copy, or train again with another --out',
  );

/** The config of a run that is resumed, and what is new in it. */
export interface Resumed {
  readonly config: Config;
  readonly changes: readonly Change[];
}

/** What a saved config says that has no word of it yet: it was all there was. */
const EARLIER: Layer = { source: 'earlier runs', values: { decode: { method: EARLIER_DECODING.method } } };

/**
 * The saved config of a run with other settings over it.
 * @throws UserError where there is no run, one is being written, or a setting may not change
 */
export async function resumedConfig(folder: string, layers: readonly Layer[]): Promise<Resumed> {
  await adoptRun(folder);
  const path = join(folder, 'config.json');
  if (!(await exists(path))) {
    throw new UserError(`${folder}: holds no run to resume`, 'name the folder of a run of dsc-train train');
  }
  const saved = await withOwnLoss([EARLIER, await readConfigFile(path)]);
  const config = parseConfig(await withOwnLoss([...saved, ...layers]));
  return { config, changes: changesOf(folder, parseConfig(saved), config) };
}

/** What may be another in a run that is the same all the same. */
const SAME_RUN = ['engine.threads', 'train.keep', 'train.saveSeconds'];

/**
 * Is there an unfinished run of this config, to go on with? Of a damaged one, or of another config, no.
 */
export async function isResumable(config: Config & { readonly out: string }): Promise<boolean> {
  try {
    const { out } = config;
    if (!(await exists(join(out, 'config.json'))) || !(await exists(join(out, 'last.ckpt')))) return false;
    const saved = parseConfig(await withOwnLoss([EARLIER, await readConfigFile(join(out, 'config.json'))]));
    if (changesOf(out, saved, config).some(({ key }) => !SAME_RUN.includes(key))) return false;
    const path = join(out, 'last.ckpt');
    return describe(await readCheckpoint(path), path).meta.training !== undefined;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** Keys that a run may be resumed with other values of: they say how long and on what it trains, not what it computes. */
const MAY_CHANGE: readonly RegExp[] = [
  /^(out|log)$/,
  /^train\.(epochs|patience|keep|saveSeconds)$/,
  /^engine\.(name|threads)$/,
  /^model\.embedVectors$/,
];

/** A config key whose value is another than in the saved run. */
export interface Change {
  readonly key: string;
  readonly from: unknown;
  readonly to: unknown;
}

/**
 * What is new in the config of a resumed run.
 * @throws UserError listing every key that has another value and may not
 */
export function changesOf(path: string, saved: Config, wanted: Config): Change[] {
  const [before, now] = [leavesOf(saved), leavesOf(wanted)];
  const keys = [...new Set([...before.keys(), ...now.keys()])].filter((key) => before.get(key) !== now.get(key));
  const parse = (json: string | undefined): unknown => (json === undefined ? undefined : JSON.parse(json));
  const changes = keys.map((key): Change => ({ key, from: parse(before.get(key)), to: parse(now.get(key)) }));
  const { schedule } = saved.train;
  const isFixed = (key: string): boolean => key === 'train.epochs' && !SCHEDULES[schedule].followsDev;
  const refused = changes.filter(({ key }) => isFixed(key) || !MAY_CHANGE.some((pattern) => pattern.test(key)));
  if (refused.length > 0) {
    throw new UserError(
      refused.map((change) => `${path}: cannot resume with ${changeText(change)}`).join('\n'),
      refused.some(({ key }) => isFixed(key))
        ? `with train.schedule=${schedule} every update's learning rate depends on train.epochs: choose another --out, and --init-from to train on from these weights`
        : 'a resumed run may have other epochs, patience, threads, engine, logs and packed vectors; anything else is another run: choose another --out',
    );
  }
  return changes.filter(({ key }) => key !== 'out');
}

export const changeText = ({ key, from, to }: Change): string =>
  `${key} ${to === undefined ? 'unset' : JSON.stringify(to)} where the run has ${from === undefined ? 'none' : JSON.stringify(from)}`;

/** Every value of a config by its path, as JSON. */
function leavesOf(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) into.set(path, JSON.stringify(value));
  else for (const [key, inner] of Object.entries(value)) leavesOf(inner, path === '' ? key : `${path}.${key}`, into);
  return into;
}

/** @throws UserError naming every file that is another than when the run was stopped */
export function checkData(path: string, saved: DataHashes, now: DataHashes): void {
  const [before, after] = [saved.features ?? {}, now.features ?? {}];
  const changed = [
    ...(['train', 'dev', 'test'] as const).filter((part) => saved[part] !== now[part]),
    ...[...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key]),
  ];
  if (changed.length === 0) return;
  throw new UserError(
    `${path}: cannot resume: the ${changed.join(' and ')} file is another than when the run was stopped`,
    'bring the old file back, or train again with another --out',
  );
}
