import { createRequire } from 'node:module';
import { join } from 'node:path';
import { env } from 'node:process';
import util from 'node:util';
import { firstLine, UserError } from '../../errors';
import { exists } from '../../files';
import { ownBundles } from './handles';
import type { TensorFlowBackend } from './binding';
import { BINDING, type Build, installFolder, PACKAGE, packageFolder, readManifest } from './home';

/** The addon, loaded: there is one in a process, and it cannot be unloaded. */
export interface Loaded {
  readonly backend: TensorFlowBackend;
  readonly folder: string;
  readonly packageVersion: string;
  readonly threads: number;
}

/** Name of the package's tfjs backend. */
export const BACKEND = 'tensorflow';

let loaded: Loaded | undefined;

/**
 * Loads the package from the first place that has it: the builds that `dsc-train setup tensorflow` made, in the order given, then
 * the package itself where a user installed it.
 * @throws UserError that names the step that failed: package, binding or libtensorflow
 */
export async function load(builds: readonly Build[], threads: number): Promise<Loaded> {
  loaded ??= await loadFrom(await findPackage(builds), builds, threads);
  await select(loaded.backend);
  return loaded;
}

/** @throws UserError when no place has the package */
export async function findPackage(builds: readonly Build[]): Promise<string> {
  for (const build of builds) {
    const install = installFolder(build);
    if (await readManifest(install)) return packageFolder(install);
  }
  try {
    return join(createRequire(__filename).resolve(`${PACKAGE}/package.json`), '..');
  } catch {
    const flag = builds[0] === 'gpu' ? ' --gpu' : '';
    throw new UserError(`package: ${PACKAGE} is not installed`, `run: dsc-train setup tensorflow${flag}`);
  }
}

async function loadFrom(folder: string, builds: readonly Build[], threads: number): Promise<Loaded> {
  const again = `run: dsc-train setup tensorflow${builds[0] === 'gpu' ? ' --gpu' : ''}`;
  if (!(await exists(join(folder, BINDING))))
    throw new UserError(
      `binding: ${join(folder, BINDING)} is missing, the package's install step did not finish`,
      again,
    );
  if (builds[0] === 'cpu') setDefault('CUDA_VISIBLE_DEVICES', '-1');
  // Products of 10 bits would tell the GPU's numbers from those of every other engine.
  else setDefault('NVIDIA_TF32_OVERRIDE', '0');
  setDefault('TF_FORCE_GPU_ALLOW_GROWTH', 'true');
  setDefault('TF_CPP_MIN_LOG_LEVEL', '2');
  setDefault('TF_NUM_INTRAOP_THREADS', String(threads));
  restoreUtil();

  const tf = await import('@tensorflow/tfjs-core');
  // Ours must register before the package's copy does: only the second one is told to keep its warnings to itself.
  await import('@tensorflow/tfjs-backend-cpu');
  const quiet = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  try {
    const require = createRequire(join(folder, 'package.json'));
    require(folder);
    const { version } = require(join(folder, 'package.json')) as { version: string };
    const backend = tf.findBackend(BACKEND) as unknown as TensorFlowBackend;
    ownBundles(backend);
    return { backend, folder, packageVersion: version, threads: Number(env.TF_NUM_INTRAOP_THREADS) };
  } catch (error) {
    throw explain(error, again);
  } finally {
    tf.env().set('PROD', quiet);
  }
}

/** Makes the backend current, also after `removeBackend` took it from tfjs. */
async function select(backend: TensorFlowBackend): Promise<void> {
  const tf = await import('@tensorflow/tfjs-core');
  if (!(BACKEND in tf.engine().registryFactory)) tf.registerBackend(BACKEND, () => backend);
  await tf.setBackend(BACKEND);
}

/** The user's own setting wins. */
function setDefault(name: string, value: string): void {
  env[name] ??= value;
}

/** Two functions that the package calls and Node 23 dropped. */
function restoreUtil(): void {
  const old = util as { isNullOrUndefined?: (x: unknown) => boolean; isArray?: (x: unknown) => boolean };
  old.isNullOrUndefined ??= (x) => x === null || x === undefined;
  old.isArray ??= (x) => Array.isArray(x);
}

/** Which step a failure to load belongs to. */
function explain(error: unknown, again: string): UserError {
  const message = firstLine(error);
  if (message.includes('libtensorflow')) return new UserError(`libtensorflow: ${message}`, again);
  if (message.includes('libcudnn')) return new UserError(`cuDNN: ${message}`, again);
  if (/lib(cu|nv)\w+\.so/.test(message)) return new UserError(`CUDA libraries: ${message}`, again);
  if (/GLIBC|\.node|ELF|self-register/.test(message)) return new UserError(`binding: ${message}`, again);
  return new UserError(`package: ${message}`, again);
}
