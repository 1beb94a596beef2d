import { registerOps } from '../kernels';
import type { Engine } from './engine';

let registered = false;

/** Plain JavaScript: `tfjs-backend-cpu` with our kernels in TypeScript. One thread. */
export async function open(): Promise<Engine> {
  const tf = await import('@tensorflow/tfjs-core');
  const { MathBackendCPU, version_cpu } = await import('@tensorflow/tfjs-backend-cpu');
  if (!registered) registerOps('cpu', {});
  registered = true;
  await tf.setBackend('cpu');
  // The backend greets its first tensor on Node with a banner on stderr, unless it believes it has seen one.
  Object.assign(tf.findBackend('cpu'), { firstUse: false });
  return {
    name: 'js',
    backend: 'cpu',
    device: 'CPU, plain JavaScript',
    threads: 1,
    versions: { 'tfjs-core': tf.version_core, 'tfjs-backend-cpu': version_cpu },
    dispose() {
      tf.removeBackend('cpu');
      tf.registerBackend('cpu', () => new MathBackendCPU()); // for the next open
    },
  };
}
