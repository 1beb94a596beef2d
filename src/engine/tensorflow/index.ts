import { UserError } from '../../errors';
import { onReference } from '../../kernels';
import { cores } from '../../machine';
import type { Engine, EngineOptions } from '../engine';
import { BACKEND, load } from './load';
import { BLOCK } from './lstm';

let registered: string | undefined;

/** libtensorflow on the processor, through the addon of `@tensorflow/tfjs-node-gpu`. Run and tested against the other engines. */
export async function open({ threads = cores() }: EngineOptions): Promise<Engine> {
  const { backend, packageVersion, threads: inUse } = await load(['cpu', 'gpu'], threads);
  if (backend.isUsingGpuDevice)
    throw new UserError('this process uses a GPU already', 'run it alone, or with CUDA_VISIBLE_DEVICES=-1');
  const tf = await import('@tensorflow/tfjs-core');
  if (registered === undefined) {
    const { registerKernels, tensorFlowBodies } = await import('./kernels.js');
    const bodies = tensorFlowBodies(BLOCK);
    registerKernels(BACKEND, bodies);
    registered = onReference(bodies);
  }
  const { TF_Version } = backend.binding;
  return {
    name: 'tensorflow',
    backend: BACKEND,
    device: `CPU, libtensorflow ${TF_Version}, LSTM by BlockLSTMV2${registered}`,
    threads: inUse,
    versions: { 'tfjs-core': tf.version_core, 'tfjs-node-gpu': packageVersion, libtensorflow: TF_Version },
    dispose: () => tf.removeBackend(BACKEND),
  };
}
