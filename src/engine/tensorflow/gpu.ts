import { join, resolve } from 'node:path';
import { env } from 'node:process';
import { UserError } from '../../errors';
import { exists, list, readText } from '../../files';

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
const WANTED: readonly [since: number, cudart: string, cudnn: string][] = [
  [18, 'libcudart.so.12', 'libcudnn.so.9'],
  [15, 'libcudart.so.12', 'libcudnn.so.8'],
  [0, 'libcudart.so.11.0', 'libcudnn.so.8'],
];

/** Model of the first GPU as its driver names it. */
export async function gpuModel(): Promise<string> {
  const gpus = (await exists(GPUS)) ? await list(GPUS) : [];
  if (gpus.length === 0) return 'GPU';
  const text = await readText(join(GPUS, gpus[0], 'information'));
  return /^Model:\s*(.+)$/m.exec(text)?.[1] ?? 'GPU';
}

/** libtensorflow is loaded and shows no GPU: the first step on the way to one that fails, and how to mend it. */
export async function whyNoGpu(packageFolder: string, tensorflow: string): Promise<UserError> {
  const site = resolve(packageFolder, '../../../site');
  if (env.CUDA_VISIBLE_DEVICES !== undefined && !/^\d|^GPU|^MIG/.test(env.CUDA_VISIBLE_DEVICES))
    return new UserError(
      `driver: CUDA_VISIBLE_DEVICES=${env.CUDA_VISIBLE_DEVICES} hides every GPU`,
      'unset CUDA_VISIBLE_DEVICES',
    );
  if (!(await exists(DRIVER)) && !(await exists(WSL_DRIVER)))
    return new UserError(
      `driver: no NVIDIA driver is loaded (${DRIVER} is not there)`,
      'install the NVIDIA driver, or in a container start it with the GPU (docker run --gpus all); nvidia-smi must list the GPU',
    );
  if ((await exists(GPUS)) && (await list(GPUS)).length === 0)
    return new UserError('driver: the NVIDIA driver sees no GPU', 'check that nvidia-smi lists one');
  const minor = Number(tensorflow.split('.')[1]);
  const [, cudart, cudnn] = WANTED.find(([since]) => minor >= since) ?? WANTED[0];
  const mend = `run: dsc-train setup tensorflow --gpu, which brings them along; or put them on LD_LIBRARY_PATH`;
  for (const [step, library] of [
    ['CUDA libraries', cudart],
    ['cuDNN', cudnn],
  ])
    if (!(await findLibrary(library, site)))
      return new UserError(`${step}: libtensorflow ${tensorflow} needs ${library}, which is nowhere to be found`, mend);
  return new UserError(
    `libtensorflow: ${tensorflow} does not use the GPU, though driver, CUDA and cuDNN are there`,
    'TF_CPP_MIN_LOG_LEVEL=0 makes it say why; a build for the CPU alone does so too: dsc-train setup tensorflow --gpu',
  );
}

async function findLibrary(name: string, site: string): Promise<boolean> {
  const ours = join(site, 'nvidia');
  const parts = (await exists(ours)) ? await list(ours) : [];
  const folders = [
    ...parts.map((part) => join(ours, part, 'lib')),
    ...(env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== ''),
    ...SYSTEM_FOLDERS,
  ];
  for (const folder of folders) if (await exists(join(folder, name))) return true;
  return false;
}
