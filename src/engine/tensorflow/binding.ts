import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/** Values of TensorFlow's C enums TF_DataType and TF_AttrType, which are part of its stable interface. */
export const DTYPE = { float32: 1, float64: 2, int32: 3, int64: 9 } as const;
const ATTR = { int: 1, float: 2, bool: 3, type: 4, shape: 5, string: 0 } as const;

/** A tensor inside TensorFlow. It lives until `deleteTensor`; JavaScript's garbage collector does not see it. */
export interface Handle {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

export interface Attr {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean | string | number[];
}

/** The part that we use of the addon of `@tensorflow/tfjs-node(-gpu)` 4.22. */
export interface Binding {
  readonly TF_Version: string;
  createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array;
  executeOp(name: string, attrs: readonly Attr[], inputs: readonly number[], outputs: number): Handle[];
  getNumOfTensors(): number;
}

/** What the backend knows of one tensor: `values` waits to be handed to TensorFlow, after which `id` names the handle. */
interface TensorEntry {
  shape: number[];
  dtype: number;
  id: number;
  values: ArrayBufferView | null;
  refCount: number;
}

/** The part that we use of its tfjs backend. `tensorMap` and `getInputTensorIds` are private there: the version is pinned. */
export interface TensorFlowBackend extends KernelBackend {
  readonly binding: Binding;
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: {
    get(dataId: object): TensorEntry;
    set(dataId: object, entry: TensorEntry): void;
  };
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  getNumOfTFTensors(): number;
}

export const int = (name: string, value: number): Attr => ({ name, type: ATTR.int, value });
export const float = (name: string, value: number): Attr => ({ name, type: ATTR.float, value });
export const bool = (name: string, value: boolean): Attr => ({ name, type: ATTR.bool, value });
export const dtype = (name: string, value: number): Attr => ({ name, type: ATTR.type, value });
export const shape = (name: string, value: readonly number[]): Attr => ({ name, type: ATTR.shape, value: [...value] });
export const text = (name: string, value: string): Attr => ({ name, type: ATTR.string, value });
