import { join, resolve } from 'node:path';
import { env } from 'node:process';
import { UserError } from '../../errors';
import { exists, list, readText } from '../../files';
import type { Step } from '../engine';

/** What the Linux driver says of itself; WSL has the second in its place. */
const DRIVER = '/proc/driver/nvidia/version';
const WSL_DRIVER = '/usr/lib/wsl/lib/libcuda.so.1';
const GPUS = '/proc/driver/nvidia/gpus';

/** Folders in which the system's loader finds CUDA libraries, beside those of LD_LIBRARY_PATH. */
const SYSTEM_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/local/cuda/lib64',
];

/** What a libtensorflow opens of CUDA's runtime and of cuDNN, by its minor version 2.x from above. */
type Wanted = readonly [since: number, cudart: string, cudnn: string];
const NEWEST: Wanted = [18, 'libcudart.so.12', 'libcudnn.so.9'];
const WANTED: readonly Wanted[] = [
  NEWEST,
  [15, 'libcudart.so.12', 'libcudnn.so.8'],
  [0, 'libcudart.so.11.0', 'libcudnn.so.8'],
];

/** Model of the first GPU as its driver names it. */
export async function gpuModel(): Promise<string> {
  const first = (await exists(GPUS)) ? (await list(GPUS)).at(0) : undefined;
  if (first === undefined) return 'GPU';
  const text = await readText(join(GPUS, first, 'information'));
  return /^Model:\s*(.+)$/m.exec(text)?.[1] ?? 'GPU';
}

/** libtensorflow is loaded and shows no GPU: the first step on the way to one that fails, and how to mend it. */
export async function whyNoGpu(packageFolder: string, tensorflow: string): Promise<UserError> {
  for (const step of await gpuSteps(packageFolder, tensorflow))
    if ('problem' in step) return new UserError(`${step.step}: ${step.problem}`, step.mend);
  return new UserError(
    `libtensorflow: ${tensorflow} does not use the GPU, though driver, CUDA and cuDNN are there`,
    'TF_CPP_MIN_LOG_LEVEL=0 makes it say why; a build for the CPU alone does so too: dsc-train setup tensorflow --gpu',
  );
}

/** Driver, CUDA and cuDNN as they are found here, for a libtensorflow of this version. */
export async function gpuSteps(packageFolder: string, tensorflow: string): Promise<Step[]> {
  const minor = Number(tensorflow.split('.')[1]);
  const [, cudart, cudnn] = WANTED.find(([since]) => minor >= since) ?? NEWEST;
  const site = resolve(packageFolder, '../../../site');
  const libraries = [];
  for (const [step, name] of [
    ['CUDA libraries', cudart],
    ['cuDNN', cudnn],
  ] as const) {
    const found = await findLibrary(name, site);
    const problem = `libtensorflow ${tensorflow} needs ${name}, which is nowhere to be found`;
    const mend = 'run: dsc-train setup tensorflow --gpu, which brings it along; or put it on LD_LIBRARY_PATH';
    libraries.push(found === undefined ? { step, problem, mend } : { step, found });
  }
  return [await driverStep(), ...libraries];
}

async function driverStep(): Promise<Step> {
  const step = 'driver';
  const hidden = env.CUDA_VISIBLE_DEVICES;
  if (hidden !== undefined && !/^\d|^GPU|^MIG/.test(hidden))
    return { step, problem: `CUDA_VISIBLE_DEVICES=${hidden} hides every GPU`, mend: 'unset CUDA_VISIBLE_DEVICES' };
  if (await exists(WSL_DRIVER)) return { step, found: WSL_DRIVER };
  if (!(await exists(DRIVER)))
    return {
      step,
      problem: `no NVIDIA driver is loaded (${DRIVER} is not there)`,
      mend: 'install the NVIDIA driver, or in a container start it with the GPU (docker run --gpus all); nvidia-smi must list the GPU',
    };
  if (!(await exists(GPUS)) || (await list(GPUS)).length === 0)
    return { step, problem: 'the NVIDIA driver sees no GPU', mend: 'check that nvidia-smi lists one' };
  const [version = ''] = (await readText(DRIVER)).split('\n');
  return { step, found: `${await gpuModel()}, ${version.trim()}` };
}

/** Where a library lies, among ours, on LD_LIBRARY_PATH or in the system's folders. */
async function findLibrary(name: string, site: string): Promise<string | undefined> {
  const ours = join(site, 'nvidia');
  const parts = (await exists(ours)) ? await list(ours) : [];
  const folders = [
    ...parts.map((part) => join(ours, part, 'lib')),
    ...(env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== ''),
    ...SYSTEM_FOLDERS,
  ];
  for (const folder of folders) if (await exists(join(folder, name))) return join(folder, name);
  return undefined;
}
