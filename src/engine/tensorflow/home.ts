import { join } from 'node:path';
import { UserError } from '../../errors';
import { exists } from '../../files';
import { homeFolder } from '../../files/home';
import { readJson } from '../../files/json';

/** The package whose addon the engines `cuda` and `tensorflow` run on, and the version whose insides we know. */
export const PACKAGE = '@tensorflow/tfjs-node-gpu';
export const PACKAGE_VERSION = '4.22.0';

/** What libtensorflow was built for. */
export type Build = 'cpu' | 'gpu';

/** What `dsc-train setup tensorflow` leaves in `installed.json`, as its last act. */
export interface Manifest {
  readonly build: Build;
  /** Version of libtensorflow. */
  readonly tensorflow: string;
  /** Version of PACKAGE. */
  readonly package: string;
  /** Where libtensorflow came from. */
  readonly from: string;
  /** SHA-256 of each wheel, by file name. */
  readonly wheels: Readonly<Record<string, string>>;
}

export const MANIFEST = 'installed.json';

/** Where `dsc-train setup tensorflow` puts a build. */
export function installFolder(build: Build): string {
  return join(homeFolder(), build === 'gpu' ? 'tensorflow-gpu' : 'tensorflow');
}

/** Where PACKAGE lies in an installed build. */
export function packageFolder(install: string): string {
  return join(install, 'node_modules', ...PACKAGE.split('/'));
}

/** The shared library that Node loads, within PACKAGE's folder; Node 20 and later speak version 8 of the interface. */
export const BINDING = join('lib', 'napi-v8', 'tfjs_binding.node');

/** What is installed in a folder, or undefined. @throws UserError where the manifest is damaged */
export async function readManifest(install: string): Promise<Manifest | undefined> {
  const path = join(install, MANIFEST);
  if (!(await exists(path))) return undefined;
  const mend = 'it is written by dsc-train setup tensorflow: run that again';
  const found = (await readJson(path, mend)) as Record<string, unknown> | null;
  const texts = [found?.build, found?.tensorflow, found?.package, found?.from];
  const whole = texts.every((text) => typeof text === 'string') && typeof found?.wheels === 'object';
  if (!whole || !['cpu', 'gpu'].includes(String(found.build)) || found.wheels === null) {
    throw new UserError(`${path}: does not say what is installed`, mend);
  }
  return found as unknown as Manifest;
}
