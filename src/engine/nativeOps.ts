import {
  type KernelConfig,
  type KernelFunc,
  type NamedAttrMap,
  registerKernel,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { type Addon, SPREADS } from './addon';
import type { BufferPool } from './bufferPool';
import { reduction, spread } from './broadcast';

/*
 * tfjs's own kernels that losses are made of, by the addon: `tfjs-backend-cpu` walks a broadcast element by element through index
 * arithmetic, which took a third of a training step. What the addon does not cover (other types, odd broadcasts) falls through.
 */

const UNARY = {
  Abs: 'abs',
  Exp: 'exp',
  Log: 'log',
  Neg: 'neg',
  Sigmoid: 'sigmoid',
  Sqrt: 'sqrt',
  Square: 'square',
  Tanh: 'tanh',
} as const;

const BINARY = {
  Add: 'add',
  Maximum: 'maximum',
  Minimum: 'minimum',
  Multiply: 'mul',
  Pow: 'pow',
  RealDiv: 'div',
  SquaredDifference: 'squaredDifference',
  Sub: 'sub',
} as const;

/** The inputs by the names that tfjs gives them: a kernel has those of its kind. */
type Inputs = Readonly<Record<'x' | 'a' | 'b' | 'logits', TensorInfo>>;
type Fast = (inputs: Inputs, attrs: NamedAttrMap, backend: MathBackendCPU) => TensorInfo | undefined;

/**
 * Registers every kernel of `cpu` for `backendName`, the fast ones in place of theirs. Theirs may hand on the memory of an input
 * under another tensor (Slice does), so `pool` lets go of every input that they get.
 */
export function registerNativeOps(
  backendName: string,
  cpu: readonly KernelConfig[],
  addon: Addon,
  pool: BufferPool,
): void {
  const fast = fastKernels(addon, pool);
  for (const kernel of cpu) {
    const ours = fast.get(kernel.kernelName);
    const kernelFunc: KernelFunc = (params) => {
      const inputs = params.inputs as Record<string, TensorInfo | TensorInfo[]>;
      const backend = params.backend as unknown as MathBackendCPU;
      const made = ours?.(params.inputs as Inputs, params.attrs ?? {}, backend);
      if (made) return made;
      if (!COUNTS_REFERENCES.has(kernel.kernelName)) {
        for (const { dataId } of Object.values(inputs).flat()) {
          const values: unknown = backend.data.get(dataId).values;
          if (values instanceof Float32Array) pool.release(values);
        }
      }
      return kernel.kernelFunc(params);
    };
    registerKernel({ ...kernel, backendName, kernelFunc });
  }
}

/** Kernels that return the tensor data of their input, counted. */
const COUNTS_REFERENCES = new Set(['Identity', 'Reshape']);

function fastKernels(addon: Addon, pool: BufferPool): Map<string, Fast> {
  const made = (
    backend: MathBackendCPU,
    shape: number[],
    size: number,
    fill: (y: Float32Array) => void,
  ): TensorInfo => {
    const y = pool.take(size);
    fill(y);
    return backend.makeTensorInfo(shape, 'float32', y);
  };
  const fast = new Map<string, Fast>();
  for (const [kernel, name] of Object.entries(UNARY)) {
    fast.set(kernel, ({ x }, _, backend) => {
      const values = floats(backend, x);
      return values && made(backend, x.shape, values.length, (y) => addon[name](values, y));
    });
  }
  for (const [kernel, name] of Object.entries(BINARY)) {
    fast.set(kernel, ({ a, b }, _, backend) => {
      const [aValues, bValues] = [floats(backend, a), floats(backend, b)];
      const plan = aValues && bValues && spread(a.shape, b.shape);
      if (!plan) return undefined;
      const { shape, outer, inner } = plan;
      return made(backend, shape, outer * inner, (y) => addon[name](outer, inner, plan.a, plan.b, aValues, bValues, y));
    });
  }
  fast.set('Step', ({ x }, { alpha }, backend) => {
    const values = alpha === 0 ? floats(backend, x) : undefined;
    return values && made(backend, x.shape, values.length, (y) => addon.step(values, y));
  });
  fast.set('ClipByValue', ({ x }, { clipValueMin, clipValueMax }, backend) => {
    const values = floats(backend, x);
    if (!values) return undefined;
    const [low, high] = [Float32Array.of(clipValueMin as number), Float32Array.of(clipValueMax as number)];
    return made(backend, x.shape, values.length, (y) => {
      addon.maximum(1, y.length, SPREADS.full, SPREADS.scalar, values, low, y);
      addon.minimum(1, y.length, SPREADS.full, SPREADS.scalar, y, high, y);
    });
  });
  fast.set('Sum', ({ x }, attrs, backend) => {
    const values = floats(backend, x);
    const plan = values && reduction(x.shape, attrs.axis, attrs.keepDims);
    if (!plan) return undefined;
    const { shape, outer, inner, keepsOuter } = plan;
    return keepsOuter
      ? made(backend, shape, outer, (y) => addon.sum(outer, inner, values, y))
      : made(backend, shape, inner, (y) => addon.sumOuter(outer, inner, values, y));
  });
  fast.set('Max', ({ x }, attrs, backend) => {
    const values = floats(backend, x);
    const plan = reduction(x.shape, attrs.reductionIndices, attrs.keepDims);
    if (!values || !plan?.keepsOuter) return undefined;
    return made(backend, plan.shape, plan.outer, (y) => addon.max(plan.outer, plan.inner, values, y));
  });
  fast.set('Softmax', ({ logits }, attrs, backend) => {
    const values = floats(backend, logits);
    const columns = logits.shape.at(-1);
    if (
      !values ||
      values.length === 0 ||
      columns === undefined ||
      (attrs.dim !== logits.shape.length - 1 && attrs.dim !== -1)
    )
      return undefined;
    return made(backend, logits.shape, values.length, (y) =>
      addon.softmax(values.length / columns, columns, values, y),
    );
  });
  fast.set('BatchMatMul', ({ a, b }, attrs, backend) => {
    const [aValues, bValues] = [floats(backend, a), floats(backend, b)];
    const batch = a.shape.slice(0, -2);
    if (!aValues || !bValues || batch.join() !== b.shape.slice(0, -2).join()) return undefined;
    const [transposeA, transposeB] = [attrs.transposeA === true, attrs.transposeB === true];
    const [m, k] = matrix(a.shape, transposeA);
    const [kOfB, n] = matrix(b.shape, transposeB);
    if (k !== kOfB) return undefined; // for the message of tfjs
    const count = util.sizeFromShape(batch);
    return made(backend, [...batch, m, n], count * m * n, (c) =>
      addon.matmul(count, m, n, k, transposeA, transposeB, aValues, bValues, c),
    );
  });
  return fast;
}

function floats(backend: MathBackendCPU, x: TensorInfo): Float32Array | undefined {
  if (x.dtype !== 'float32') return undefined;
  const { values } = backend.data.get(x.dataId);
  return values instanceof Float32Array ? values : undefined;
}

/** Rows and columns of the matrices that lie in the last two dimensions, of which tfjs has made sure. */
function matrix(shape: readonly number[], transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}
