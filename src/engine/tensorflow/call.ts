import type { NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { Handle, TensorFlowBackend } from './binding';
import { Handles, hostInts } from './handles';

/** One call of a kernel: its inputs, attributes, and the ops to compute with. */
export interface Call {
  readonly tf: Handles;
  readonly inputs: NamedTensorInfoMap;
  readonly info: (name: string) => TensorInfo;
  /** The handle of an input. */
  readonly handle: (name: string) => Handle;
  /** The values of an int32 input. */
  readonly ints: (name: string) => Int32Array;
  readonly attr: (name: string) => number;
}

export type Kernel = (call: Call) => TensorInfo | TensorInfo[];

/** Runs a kernel, and deletes every handle that it made and did not hand out. */
export function call(
  kernel: string,
  run: Kernel,
  inputs: NamedTensorInfoMap,
  backend: TensorFlowBackend,
  attrs: Record<string, number>,
): TensorInfo | TensorInfo[] {
  const tf = new Handles(backend);
  const info = (name: string): TensorInfo => {
    const found = inputs[name];
    if (found) return found;
    throw new TypeError(`${kernel}: input ${name} is missing`);
  };
  try {
    return run({
      tf,
      inputs,
      info,
      handle: (name) => tf.of(info(name)),
      ints: (name) => hostInts(backend, info(name)),
      attr(name) {
        if (name in attrs) return attrs[name];
        throw new TypeError(`${kernel}: attribute ${name} is missing`);
      },
    });
  } finally {
    tf.close();
  }
}
