import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { present } from '../../errors';
import type { runOnArrays } from '../../kernels/op';
import { bool, dtype, DTYPE, int, type Attr, type Handle, type TensorFlowBackend } from './binding';

/** As many items as the number says, where it is known when the program is compiled. */
export type Several<T, N extends number, Made extends T[] = []> = number extends N
  ? T[]
  : Made['length'] extends N
    ? Made
    : Several<T, N, [...Made, T]>;

/**
 * TensorFlow ops on raw handles, for the inside of one kernel: an op costs 5 µs here, and 20 to 30 µs by way of tensors.
 * Whatever is made is deleted when the kernel returns, but for what `out` and `bundle` hand to tfjs.
 */
export class Handles {
  private readonly made = new Set<number>();

  constructor(private readonly backend: TensorFlowBackend) {}

  /** The handle of a tensor of tfjs, which keeps owning it. */
  of(info: TensorInfo): Handle {
    const id = present(this.backend.getInputTensorIds([info])[0], 'handle');
    return { id, shape: info.shape, dtype: info.dtype === 'int32' ? DTYPE.int32 : DTYPE.float32 };
  }

  /** The values of an int32 tensor of tfjs. */
  intsOf(info: TensorInfo): Int32Array {
    return hostInts(this.backend, info);
  }

  op(name: string, inputs: readonly Handle[], attrs: readonly Attr[] = []): Handle {
    const [output] = this.ops(name, inputs, 1, attrs);
    return output;
  }

  /** @throws Error where TensorFlow refuses, or gives more or fewer outputs than asked for */
  ops<const N extends number>(
    name: string,
    inputs: readonly Handle[],
    outputs: N,
    attrs: readonly Attr[] = [],
  ): Several<Handle, N> {
    const ids = inputs.map(({ id }) => id);
    let handles: Handle[];
    try {
      handles = this.backend.binding.executeOp(name, attrs, ids, outputs);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${name}: ${message.replace(/^Invalid TF_Status: \d+\s*Message: /, '')}`, { cause: error });
    }
    for (const { id } of handles) this.made.add(id);
    if (handles.length !== outputs) throw new Error(`${name}: ${handles.length} outputs, expected ${outputs}`);
    return handles as Several<Handle, N>;
  }

  floats(values: Float32Array, shape: readonly number[] = [values.length]): Handle {
    return this.create(values, shape, DTYPE.float32);
  }

  ints(values: Int32Array, shape: readonly number[] = [values.length]): Handle {
    return this.create(values, shape, DTYPE.int32);
  }

  float(value: number): Handle {
    return this.floats(Float32Array.of(value), []);
  }

  int(value: number): Handle {
    return this.ints(Int32Array.of(value), []);
  }

  /** A scalar of 64 bits, which the addon takes as two halves, the low one first. */
  int64(value: number): Handle {
    return this.create(Int32Array.of(value, 0), [], DTYPE.int64);
  }

  zeros(...shape: number[]): Handle {
    return this.floats(new Float32Array(util.sizeFromShape(shape)), shape);
  }

  reshape(x: Handle, ...shape: number[]): Handle {
    return this.op('Reshape', [x, this.ints(Int32Array.from(shape))]);
  }

  /** Rows of x; the result has the shape of `indices` in place of x's first dimension. */
  gather(x: Handle, indices: Handle): Handle {
    return this.op('GatherV2', [x, indices, this.int(0)]);
  }

  concat(parts: readonly Handle[], axis: number): Handle {
    const first = parts.at(0);
    if (first && parts.length === 1) return first;
    const attrs = [int('N', parts.length), dtype('T', DTYPE.float32), dtype('Tidx', DTYPE.int32)];
    return this.op('ConcatV2', [...parts, this.int(axis)], attrs);
  }

  /** x cut into equal parts along an axis. */
  split<const N extends number>(x: Handle, parts: N, axis: number): Several<Handle, N> {
    if (parts === 1) return [x] as Several<Handle, N>;
    return this.ops('Split', [this.int(axis), x], parts, [int('num_split', parts)]);
  }

  /** (K, ...) -> K handles (...), without a copy. */
  unpack(x: Handle): Handle[] {
    const count = present(x.shape[0], 'dimension');
    return this.ops('Unpack', [x], count, [int('num', count), int('axis', 0)]);
  }

  /** K handles (...) -> (K, ...) */
  pack(parts: readonly Handle[]): Handle {
    return this.op('Pack', parts, [int('N', parts.length), dtype('T', DTYPE.float32), int('axis', 0)]);
  }

  matMul(a: Handle, b: Handle, { transposeA = false, transposeB = false } = {}): Handle {
    return this.op('MatMul', [a, b], [bool('transpose_a', transposeA), bool('transpose_b', transposeB)]);
  }

  /** Hands a handle to tfjs as a new tensor. */
  out(handle: Handle, shape: number[] = handle.shape): TensorInfo {
    this.made.delete(handle.id);
    const dataId = {};
    this.backend.tensorMap.set(dataId, { ...handle, shape, values: null, refCount: 1 });
    return { dataId, shape, dtype: handle.dtype === DTYPE.int32 ? 'int32' : 'float32' };
  }

  /** An empty tensor that owns handles of any type: they are deleted when it is disposed of. */
  bundle(handles: readonly Handle[]): TensorInfo {
    const info = this.out(this.zeros(0));
    bundles.set(info.dataId, handles);
    for (const { id } of handles) this.made.delete(id);
    return info;
  }

  /** Deletes the handle behind a tensor, which must get another by `replace` before the kernel returns. */
  release(info: TensorInfo): void {
    this.backend.binding.deleteTensor(this.backend.tensorMap.get(info.dataId).id);
  }

  /** Puts a new handle behind a tensor: an update in place, seen by all tensors that share its data. */
  replace(info: TensorInfo, handle: Handle): void {
    this.made.delete(handle.id);
    this.backend.tensorMap.get(info.dataId).id = handle.id;
  }

  /** What a body over typed arrays needs to run on these tensors: copies on the host. */
  onHost(): Parameters<typeof runOnArrays>[4] {
    return {
      read: ({ dataId, dtype: type }) => {
        const values = this.backend.readSync(dataId) as Float32Array | Int32Array;
        return type === 'int32' ? Int32Array.from(values) : Float32Array.from(values);
      },
      make: (values, shape) =>
        this.out(values instanceof Int32Array ? this.ints(values, shape) : this.floats(values, shape)),
      write: (info, values) => {
        const handle = this.floats(values as Float32Array, info.shape);
        this.of(info); // so that there is a handle to release
        this.release(info);
        this.replace(info, handle);
      },
    };
  }

  close(): void {
    for (const id of this.made) this.backend.binding.deleteTensor(id);
    this.made.clear();
  }

  private create(values: Float32Array | Int32Array, shape: readonly number[], type: number): Handle {
    const id = this.backend.binding.createTensor(shape, type, values);
    this.made.add(id);
    return { id, shape: [...shape], dtype: type };
  }
}

const bundles = new WeakMap<object, readonly Handle[]>();

/** The handles that a tensor of `bundle` owns. */
export function bundled({ dataId }: TensorInfo): readonly Handle[] {
  const handles = bundles.get(dataId);
  if (handles) return handles;
  throw new TypeError('this tensor bundles nothing: the forward pass ran without training set');
}

/** Makes a backend delete what a bundle owns together with the bundle. */
export function ownBundles(backend: TensorFlowBackend): void {
  const disposeData = backend.disposeData.bind(backend);
  backend.disposeData = (dataId: object, force?: boolean) => {
    const gone = disposeData(dataId, force);
    if (gone) for (const { id } of bundles.get(dataId) ?? []) backend.binding.deleteTensor(id);
    if (gone) bundles.delete(dataId);
    return gone;
  };
}

const hostCopies = new WeakMap<object, Int32Array>();

/**
 * The values of an int32 tensor. They come from JavaScript, where they wait until the first op on them; a copy is kept, since
 * reading them back would make the processor wait for everything that a GPU has in hand.
 */
function hostInts(backend: TensorFlowBackend, { dataId }: TensorInfo): Int32Array {
  let values = hostCopies.get(dataId);
  if (!values) {
    const entry = backend.tensorMap.get(dataId);
    values = Int32Array.from((entry.values ?? backend.binding.tensorDataSync(entry.id)) as Int32Array);
    hostCopies.set(dataId, values);
  }
  return values;
}
