import { join } from 'node:path';
import { UserError } from '../errors';
import { ensureDir, exists, writeAtomic } from '../files';
import { readJson } from '../json';
import { VERSION } from '../version';
import type { Plan } from './plan';

const pathOf = (folder: string): string => join(folder, 'plan.json');

/** Leaves the plan in the folder of the comparison, so that its report can be made again. */
export async function writePlan(plan: Plan): Promise<void> {
  await ensureDir(plan.out);
  await writeAtomic(pathOf(plan.out), `${JSON.stringify(plan, null, 2)}\n`);
}

/** The plan of a folder; the folder may have been moved since. @throws UserError where there is none, or one of another version */
export async function readPlan(folder: string): Promise<Plan> {
  const path = pathOf(folder);
  if (!(await exists(path))) {
    throw new UserError(`${folder}: holds no comparison`, 'name the --out folder of dsc-train compare');
  }
  const plan = (await readJson(path, 'the plan of a comparison is damaged: run dsc-train compare again')) as Plan;
  if (plan.version !== VERSION) {
    throw new UserError(
      `${path}: written by dsc-train ${plan.version}, this is ${VERSION}`,
      'collect with the version that compared',
    );
  }
  return { ...plan, out: folder };
}
