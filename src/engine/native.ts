import { availableParallelism } from 'node:os';
import { registerKernels } from '../kernels/register';
import { loadAddon } from './addon';
import { BufferPool } from './bufferPool';
import type { Engine, EngineOptions } from './engine';
import { nativeKernels } from './nativeKernels';

/** Name of our tfjs backend. */
const BACKEND = 'native';

const reserves = new BufferPool();
let registered = false;

/** Our C++ kernels on the processor; what they do not cover runs on `tfjs-backend-cpu`, whose tensors are the same arrays. */
export async function open({ threads = availableParallelism() }: EngineOptions): Promise<Engine> {
  const addon = await loadAddon();
  const tf = await import('@tensorflow/tfjs-core');
  const { MathBackendCPU, version_cpu } = await import('@tensorflow/tfjs-backend-cpu');

  /** Gives an LSTM's reserve back for the next step once its tensor is disposed. Reserves are never read from JavaScript. */
  class NativeBackend extends MathBackendCPU {
    override disposeData(dataId: Parameters<typeof this.refCount>[0], force = false): boolean {
      const values: unknown = this.data.has(dataId) ? this.data.get(dataId).values : undefined;
      const gone = super.disposeData(dataId, force);
      if (gone && values instanceof Float32Array) reserves.giveBack(values as Float32Array<ArrayBuffer>);
      return gone;
    }
  }

  if (!registered) {
    for (const kernel of tf.getKernelsForBackend('cpu')) {
      if (!kernel.kernelName.startsWith('Dsc')) tf.registerKernel({ ...kernel, backendName: BACKEND });
    }
    registerKernels(BACKEND, nativeKernels(addon, reserves));
    registered = true;
  }
  tf.removeBackend(BACKEND);
  tf.registerBackend(BACKEND, () => new NativeBackend());
  await tf.setBackend(BACKEND);
  // The backend greets its first tensor on Node with a banner on stderr, unless it believes it has seen one.
  Object.assign(tf.backend(), { firstUse: false });
  addon.setThreads(threads);
  return {
    name: 'native',
    backend: BACKEND,
    device: `CPU, native kernels (${addon.isa()})`,
    threads,
    versions: { 'tfjs-core': tf.version_core, 'tfjs-backend-cpu': version_cpu },
    dispose() {
      tf.removeBackend(BACKEND);
    },
  };
}
