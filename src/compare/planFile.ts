import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors';
import { ensureDir, exists, list, remove, writeAtomic } from '../files';
import { readSealed, sealed } from '../files/json';
import { VERSION } from '../package';
import { type DataHashes, identity } from './job';
import { folderOf, type Plan } from './plan';

const pathOf = (folder: string): string => join(folder, 'plan.json');

export const holdsPlan = (folder: string): Promise<boolean> => exists(pathOf(folder));

/** A plan, and the data that it was made for. */
export interface Planned {
  readonly plan: Plan;
  readonly hashes: DataHashes;
}

/** The plan of a folder; the folder may have been moved since. @throws UserError where there is none, or one of another version */
export async function readPlan(folder: string): Promise<Planned> {
  const path = pathOf(folder);
  if (!(await exists(path))) {
    throw new UserError(`${folder}: holds no comparison`, 'name the --out folder of dsc-train compare');
  }
  const note = 'compare into another --out, or replace what is here with dsc-train compare --overwrite';
  const { data, ...plan } = (await readSealed(path, note)) as Plan & {
    readonly data: Readonly<Record<string, string>>;
  };
  if (plan.version !== VERSION) {
    throw new UserError(
      `${path}: written by dsc-train ${plan.version}, this is ${VERSION}`,
      `its reports stay true of what it found; to make them again take the program of that version (the repository where package.json says ${plan.version}), or compare again with this one: --overwrite`,
    );
  }
  return { plan: { ...plan, out: folder }, hashes: new Map(Object.entries(data)) };
}

/** Files that a comparison, or a run, leaves in its folder. */
const OURS =
  /^(compare\.(json|csv|md|html)|config\.json|result\.json|log\.jsonl|(best|last)\.ckpt|(dev|test)\.pred\.conll)$/;

/**
 * Leaves the plan in the folder of the comparison, so that it can go on and its report can be made again. One that is there may grow:
 * by seeds, by losses. Nothing that it holds is given up without `overwrite`, which removes it whole.
 * @throws UserError where another comparison, or a run, is in the folder
 */
export async function openFolder({ plan, hashes }: Planned, overwrite: boolean): Promise<void> {
  const { out } = plan;
  await ensureDir(out);
  if (overwrite) await removeComparison(out);
  await checkFolder({ plan, hashes });
  const file = { ...plan, data: Object.fromEntries(hashes) };
  await writeAtomic(pathOf(out), `${JSON.stringify(sealed(file), null, 2)}\n`);
}

/**
 * Whether a comparison may go into its folder, or grow there.
 * @param overwrite what is there of another comparison is to be replaced
 * @throws UserError where another comparison, or a run, is in the folder
 */
export async function checkFolder({ plan, hashes }: Planned, overwrite = false): Promise<void> {
  const { out } = plan;
  if (!(await exists(out))) return;
  const note = 'choose another --out, or replace what is here with --overwrite';
  if (await exists(pathOf(out))) {
    if (overwrite) return;
    const lost = givenUp(await readPlan(out), { plan, hashes });
    if (lost.length > 0) throw new UserError(`${out}: holds another comparison:\n${lost.join('\n')}`, note);
  } else {
    const found = (await list(out)).filter((name) => OURS.test(name));
    if (found.length > 0)
      throw new UserError(`${out}: holds a run already (${found.join(', ')})`, 'choose another --out');
  }
}

/** What of an old comparison would be no part of the new one, a line each. */
function givenUp(old: Planned, now: Planned): string[] {
  const lost = new Set<string>();
  for (const { label, config } of old.plan.entrants) {
    const same = now.plan.entrants.find((entrant) => entrant.label === label);
    if (!same) lost.add(`loss ${label} there, not here`);
    else
      for (const line of differences(identity({ ...config, seed: 0 }), identity({ ...same.config, seed: 0 })))
        lost.add(line);
  }
  for (const seed of old.plan.seeds) if (!now.plan.seeds.includes(seed)) lost.add(`seed ${seed} there, not here`);
  for (const line of differences({ tune: old.plan.tune }, { tune: now.plan.tune })) lost.add(line);
  // a comparison that was made for a number of seeds may go on so, but what was spent of the level by looks is spent
  if (old.plan.until)
    for (const line of differences({ until: old.plan.until }, { until: now.plan.until })) lost.add(line);
  for (const [path, hash] of old.hashes) {
    const here = now.hashes.get(path);
    if (here !== undefined && here !== hash) lost.add(`${path}: not the file that was compared there, it has changed`);
  }
  return [...lost];
}

/** `data.train: "a.conll" there, "b.conll" here`, for every key that differs. */
function differences(there: unknown, here: unknown, path = ''): string[] {
  if (isDeepStrictEqual(there, here)) return [];
  if (!isTree(there) || !isTree(here)) return [`${path}: ${JSON.stringify(there)} there, ${JSON.stringify(here)} here`];
  const keys = new Set([...Object.keys(there), ...Object.keys(here)]);
  return [...keys].flatMap((key) => differences(there[key], here[key], path === '' ? key : `${path}.${key}`));
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Runs and reports of the comparison in a folder; of a plan that cannot be read, what every comparison has. */
async function removeComparison(out: string): Promise<void> {
  const labels = await readPlan(out).then(
    ({ plan }) => plan.entrants.map(({ label }) => folderOf(label)),
    (error: unknown) => {
      if (error instanceof UserError) return [];
      throw error;
    },
  );
  const reports = (await list(out)).filter((name) => /^compare\.(json|csv|md|html)$/.test(name));
  for (const name of ['plan.json', ...reports, 'tune', 'slurm', ...labels]) await remove(join(out, name));
}
