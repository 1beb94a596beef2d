import { join } from 'node:path';
import { UserError } from '../../errors';
import { exists } from '../../files';
import type { Step } from '../engine';
import { gpuSteps } from './gpu';
import { BINDING, type Build, PACKAGE, PACKAGE_VERSION, readManifest } from './home';
import { findPackage } from './load';

/** The steps on the way to an engine on the package, as far as files tell; nothing is loaded. */
export async function inspect(builds: readonly Build[]): Promise<Step[]> {
  const gpu = builds[0] === 'gpu';
  const mend = `run: dsc-train setup tensorflow${gpu ? ' --gpu' : ''}`;
  const steps: Step[] = [];
  let folder = '';
  let tensorflow = '2.21'; // what setup brings
  try {
    folder = await findPackage(builds);
    const manifest = await readManifest(join(folder, '../../..'));
    tensorflow = manifest?.tensorflow ?? '2.9'; // what the package itself brings
    const binding = join(folder, BINDING);
    const built = await exists(binding);
    steps.push({ step: 'package', found: `${PACKAGE} ${PACKAGE_VERSION} in ${folder}` });
    steps.push({ step: 'binding', ...(built ? { found: binding } : { problem: `${binding} is missing`, mend }) });
    const from = manifest
      ? `${manifest.tensorflow} for the ${manifest.build.toUpperCase()}, from ${manifest.from}`
      : 'its own';
    steps.push({ step: 'libtensorflow', found: from });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    steps.push({ step: 'package', problem: error.message.replace('package: ', ''), mend });
  }
  return gpu ? [...steps, ...(await gpuSteps(folder, tensorflow))] : steps;
}
