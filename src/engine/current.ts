import * as tf from '@tensorflow/tfjs-core';

/** Makes an engine the one that computes. Tensors of any engine can be read and disposed of at any time. */
export type Activate = () => void;

let current: Activate | undefined;

/**
 * TensorFlow.js has one current backend in a process. Where several engines are open, whatever makes tensors after an `await` makes
 * its own current first: until the next `await` nobody comes between.
 * @param backend  name of its tfjs backend, which has been current before
 * @param prepare  what else must be as it was, such as the number of threads
 */
export function activator(backend: string, prepare: () => void = () => undefined): Activate {
  return function activate() {
    if (current === activate && tf.getBackend() === backend) return;
    if (tf.getBackend() !== backend) void tf.setBackend(backend).catch(() => undefined); // done when the call returns
    if (tf.getBackend() !== backend) throw new Error(`the engine of backend ${backend} is closed`);
    prepare();
    current = activate;
  };
}

/** The engine that computes now, to come back to. */
export function currentEngine(): Activate {
  return current ?? activator(tf.getBackend());
}
