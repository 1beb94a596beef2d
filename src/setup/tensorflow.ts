import { join, resolve } from 'node:path';
import {
  type Build,
  installFolder,
  type Manifest,
  MANIFEST,
  PACKAGE_VERSION,
  readManifest,
} from '../engine/tensorflow/home';
import { UserError } from '../errors';
import { copy, ensureDir, exists, list, move, readText, remove, sha256, writeAtomic } from '../files';
import { compileAddon, downloadAddon, findSite, installPackage } from './addon';
import { checkBuild } from './check';
import type { Run, Tools } from './tools';
import { downloadCuda, downloadWheels, TENSORFLOW, unpackWheel } from './wheels';

/** What a folder is being filled with: compared before work in it goes on. */
const PLAN = 'plan.json';

export interface SetupOptions {
  readonly build: Build;
  /** `npm`: the package's own download; `pypi`: wheels by pip; otherwise a folder with wheels or an unpacked libtensorflow. */
  readonly from: string;
  /** Node's names of system and processor. */
  readonly platform: string;
  readonly arch: string;
  readonly tools: Tools;
  readonly say: (line: string) => void;
}

/** What was set up, and where. */
export interface SetupResult extends Manifest {
  readonly folder: string;
  /** libtensorflow sees a GPU on this machine. */
  readonly gpu: boolean;
}

/**
 * Builds the engine `tensorflow`, or with a GPU build `cuda`, in the user's cache folder. All work happens in a folder beside the
 * final one, which takes its place in one rename at the end: whatever goes wrong, an engine that was there stays whole, and the
 * next call goes on where this one stopped.
 * @throws UserError that says which step failed, and what to do
 */
export async function setupTensorflow(options: SetupOptions): Promise<SetupResult> {
  const { build, from, tools, say } = options;
  const folder = installFolder(build);
  const stage = `${folder}.partial`;
  const site = join(stage, 'site');
  const run: Run = { cwd: stage, mend: '' };
  const plan = JSON.stringify({ from, package: PACKAGE_VERSION, tensorflow: TENSORFLOW });
  // What a folder holds may have changed since.
  const same = ['npm', 'pypi'].includes(from) && (await planIn(folder)) === plan;
  // A damaged one is what this command mends.
  const there = same ? await readManifest(folder).catch(unlessDamaged) : undefined;
  if (there) {
    say('it is there already; loading it');
    const { gpu } = await checkBuild(folder, tools, { ...run, cwd: folder });
    return { ...there, folder, gpu };
  }
  await openStage(stage, plan);

  say(`[1/4] @tensorflow/tfjs-node-gpu ${PACKAGE_VERSION} from the npm registry`);
  await installPackage(stage, tools, run);
  let wheels: Record<string, string> = {};
  if (from === 'npm') {
    say(`[2/4] libtensorflow from the package's own host`);
    await downloadAddon(stage, build === 'gpu', tools, run);
    say('[3/4] the addon came with it');
  } else {
    wheels = await fetchLibrary(options, stage, site, run);
    say('[3/4] compiling the addon');
    await compileAddon(stage, await findSite(site), tools, run);
  }
  say('[4/4] loading it');
  const { tensorflow, gpu } = await checkBuild(stage, tools, run);

  await remove(join(stage, 'wheels'));
  const manifest: Manifest = { build, tensorflow, package: PACKAGE_VERSION, from, wheels };
  await writeAtomic(join(stage, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  await remove(`${folder}.old`);
  if (await exists(folder)) await move(folder, `${folder}.old`);
  await move(stage, folder);
  await remove(`${folder}.old`);
  return { ...manifest, folder, gpu };
}

function unlessDamaged(error: unknown): undefined {
  if (!(error instanceof UserError)) throw error;
}

/** A stage that another plan left is of no use to this one. */
async function openStage(stage: string, plan: string): Promise<void> {
  if ((await planIn(stage)) !== plan) await remove(stage);
  await ensureDir(stage);
  await writeAtomic(join(stage, PLAN), plan);
}

async function planIn(folder: string): Promise<string | undefined> {
  const path = join(folder, PLAN);
  return (await exists(path)) ? readText(path) : undefined;
}

/** Fills `site` with libtensorflow. @returns SHA-256 of the wheels that it came from */
async function fetchLibrary(
  options: SetupOptions,
  stage: string,
  site: string,
  run: Run,
): Promise<Record<string, string>> {
  const { build, from, platform, arch, tools, say } = options;
  const gpu = build === 'gpu';
  if (from !== 'pypi') return fromFolder(resolve(from), site, options, run);
  if (platform !== 'linux' || !['x64', 'arm64'].includes(arch))
    throw new UserError(`there are no wheels that we know to work on ${platform} ${arch}`, 'try --from npm');
  const folder = join(stage, 'wheels');
  say(
    `[2/4] libtensorflow from the Python package index${gpu ? ', with CUDA and cuDNN (about 4 GB)' : ' (about 270 MB)'}`,
  );
  await downloadWheels(folder, gpu, arch, tools, run);
  const hashes = await unpackAll(folder, site, tools, run);
  if (!gpu) return hashes;
  await downloadCuda(site, folder, arch, tools, run);
  return unpackAll(folder, site, tools, run);
}

async function fromFolder(
  folder: string,
  site: string,
  { tools, say }: SetupOptions,
  run: Run,
): Promise<Record<string, string>> {
  say(`[2/4] libtensorflow from ${folder}`);
  if ((await list(folder)).some((name) => name.endsWith('.whl'))) return unpackAll(folder, site, tools, run);
  if (!(await exists(join(folder, 'include/tensorflow/c/c_api.h'))))
    throw new UserError(
      `${folder}: neither a wheel nor a libtensorflow is here`,
      'a folder with tensorflow*.whl, or with lib/libtensorflow.so.2 and include/tensorflow/c/c_api.h',
    );
  for (const part of ['lib', 'include']) await copy(join(folder, part), join(site, part));
  return {};
}

async function unpackAll(folder: string, site: string, tools: Tools, run: Run): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const name of (await list(folder)).filter((file) => file.endsWith('.whl'))) {
    await unpackWheel(join(folder, name), site, tools, run);
    hashes[name] = await sha256(join(folder, name));
  }
  return hashes;
}

/** Removes a build, finished or not. @returns the folders that went */
export async function removeTensorflow(build: Build): Promise<string[]> {
  const folder = installFolder(build);
  const there: string[] = [];
  for (const path of [folder, `${folder}.partial`, `${folder}.old`]) {
    if (!(await exists(path))) continue;
    await remove(path);
    there.push(path);
  }
  return there;
}
