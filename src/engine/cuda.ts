import { onReference } from '../kernels';
import { cores } from '../machine';
import type { Engine, EngineOptions } from './engine';
import { chooseRecurrence } from './tensorflow/choose';
import { gpuModel, whyNoGpu } from './tensorflow/gpu';
import { BACKEND, load } from './tensorflow/load';

let registered: string | undefined;

/**
 * An NVIDIA GPU, through `@tensorflow/tfjs-node-gpu`: the code of the engine `tensorflow` on another device, and cuDNN for the
 * LSTM. The kernels have run on libtensorflow for CPUs alone so far; `dsc-train doctor --engine cuda` checks every one of them
 * against the TypeScript kernels on the GPU at hand.
 */
export async function open({ threads = cores() }: EngineOptions): Promise<Engine> {
  const { backend, folder, packageVersion, threads: inUse } = await load(['gpu'], threads);
  if (!backend.isUsingGpuDevice) throw await whyNoGpu(folder, backend.binding.TF_Version);
  const tf = await import('@tensorflow/tfjs-core');
  if (registered === undefined) {
    const { recurrence, what } = chooseRecurrence(backend);
    const { registerKernels, tensorFlowBodies } = await import('./tensorflow/kernels.js');
    const bodies = tensorFlowBodies(recurrence);
    registerKernels(BACKEND, bodies);
    registered = `${what}${onReference(bodies)}`;
  }
  const { TF_Version } = backend.binding;
  return {
    name: 'cuda',
    backend: BACKEND,
    device: `${await gpuModel()}, libtensorflow ${TF_Version}, LSTM by ${registered}`,
    threads: inUse,
    versions: { 'tfjs-core': tf.version_core, 'tfjs-node-gpu': packageVersion, libtensorflow: TF_Version },
    dispose: () => tf.removeBackend(BACKEND),
  };
}
