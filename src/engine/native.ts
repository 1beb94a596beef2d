import { onReference, registerOps } from '../kernels';
import { cores as coresHere } from '../machine';
import { type Addon, loadAddon } from './addon';
import { BufferPool } from './bufferPool';
import { type Engine, type EngineOptions, ThreadsRefused } from './engine';
import { nativeKernels } from './nativeKernels';
import { registerNativeOps } from './nativeOps';

/** Name of our tfjs backend. */
const BACKEND = 'native';

const pool = new BufferPool();
let registered = false;

/** Our C++ kernels on the processor; what they do not cover runs on `tfjs-backend-cpu`, whose tensors are the same arrays. */
export async function open({ threads: asked }: EngineOptions): Promise<Engine> {
  const addon = await loadAddon();
  const [cores, most] = [coresHere(), addon.mostThreads()];
  const threads = Math.min(asked ?? cores, most);
  useThreads(addon, threads);
  const bodies = nativeKernels(addon, pool);
  const tf = await import('@tensorflow/tfjs-core');
  const { MathBackendCPU, version_cpu } = await import('@tensorflow/tfjs-backend-cpu');

  /** Gives the memory of large outputs back for the next step when their tensor is disposed, unless it was read or handed on. */
  class NativeBackend extends MathBackendCPU {
    override disposeData(dataId: Parameters<typeof this.refCount>[0], force = false): boolean {
      const values: unknown = this.data.has(dataId) ? this.data.get(dataId).values : undefined;
      const gone = super.disposeData(dataId, force);
      if (gone && values instanceof Float32Array) pool.giveBack(values);
      return gone;
    }
    override readSync(dataId: Parameters<typeof this.refCount>[0]) {
      const values = super.readSync(dataId);
      pool.release(values);
      return values;
    }
  }

  if (!registered) {
    const cpu = tf.getKernelsForBackend('cpu').filter(({ kernelName }) => !kernelName.startsWith('Dsc'));
    registerNativeOps(BACKEND, cpu, addon, pool);
    registerOps(BACKEND, bodies);
    registered = true;
  }
  if (!(BACKEND in tf.engine().registryFactory)) tf.registerBackend(BACKEND, () => new NativeBackend());
  await tf.setBackend(BACKEND);
  // The backend greets its first tensor on Node with a banner on stderr, unless it believes it has seen one.
  Object.assign(tf.findBackend(BACKEND), { firstUse: false });
  return {
    name: 'native',
    backend: BACKEND,
    device: `CPU, native kernels (${addon.isa()})${onReference(bodies)}${asked === undefined && cores > most ? `, on ${most} of ${cores} cores` : ''}`,
    threads,
    versions: { 'tfjs-core': tf.version_core, 'tfjs-backend-cpu': version_cpu },
    prepare: () => useThreads(addon, threads),
    dispose() {
      tf.removeBackend(BACKEND);
      pool.clear();
    },
  };
}

let inUse = 0;

/** There is one pool of threads in a process. */
function useThreads(addon: Addon, threads: number): void {
  if (threads === inUse) return;
  try {
    addon.setThreads(threads);
    inUse = threads;
  } catch (error) {
    inUse = 1;
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_THREADS')) throw error;
    throw new ThreadsRefused(error.message, 'ask for fewer with --threads, or raise the limit (ulimit -u, ulimit -v)');
  }
}
