import { present } from '../errors';

/*
 * What tagging needs of `@tensorflow/tfjs-core`, which this file stands in for where a tagger is bundled for a browser: tensors that
 * are typed arrays, and kernels that run at once. Nothing is differentiated, nothing is freed by hand. The bundler refuses code
 * that asks for more.
 */

type Values = Float32Array | Int32Array;
type Dtype = 'float32' | 'int32';

export class Tensor {
  /** By this a backend finds the values of a tensor. */
  readonly dataId = this;

  constructor(
    readonly values: Values,
    readonly shape: readonly number[],
    readonly dtype: Dtype,
  ) {}

  dataSync(): Values {
    return this.values;
  }

  dispose(): void {
    // whatever nobody holds goes by itself
  }
}

export const tensor = (values: Values, shape: readonly number[], dtype: Dtype = 'float32'): Tensor =>
  new Tensor(values, shape, dtype);

export const tensor1d = (values: Values, dtype: Dtype = 'float32'): Tensor => tensor(values, [values.length], dtype);

export const tensor2d = (values: Values, shape: readonly [number, number]): Tensor => tensor(values, shape);

export const reshape = ({ values, dtype }: Tensor, shape: readonly number[]): Tensor => tensor(values, shape, dtype);

/** Rows of matrices of one width, one behind the other: (A, W), (B, W), ... to (A + B + ..., W). */
export function concat(parts: readonly Tensor[], axis: 0): Tensor {
  const width = present(parts[0], 'tensor').shape[1];
  const joined = new Float32Array(parts.reduce((sum, { values }) => sum + values.length, 0));
  let at = axis;
  for (const { values } of parts) {
    joined.set(values, at);
    at += values.length;
  }
  return tensor(joined, [joined.length / (width ?? 1), width ?? 1]);
}

export const tidy = <T>(make: () => T): T => make();
export const keep = <T>(kept: T): T => kept;

/** The value alone: there is no tape. */
export const customGrad =
  (make: (...args: unknown[]) => { value: Tensor }): ((...args: Tensor[]) => Tensor) =>
  (...args) =>
    make(...args, () => undefined).value;

type KernelFunc = (call: { inputs: object; attrs: object; backend: typeof BACKEND }) => Tensor[];

/** The one backend, by the name of that of typed arrays. */
export const getBackend = (): string => 'cpu';
export const setBackend = (name: string): Promise<boolean> => Promise.resolve(name === getBackend());

const BACKEND = {
  data: { get: (held: Tensor): Tensor => held },
  makeTensorInfo: (shape: number[], dtype: Dtype, values: Values): Tensor => tensor(values, shape, dtype),
};

const kernels = new Map<string, KernelFunc>();

export function registerKernel({ kernelName, kernelFunc }: { kernelName: string; kernelFunc: KernelFunc }): void {
  kernels.set(kernelName, kernelFunc);
}

const ENGINE = {
  state: { gradientDepth: 0 },
  startScope: (): void => undefined,
  endScope: (): void => undefined,
  runKernel: (name: string, inputs: object, attrs: object): Tensor[] =>
    present(kernels.get(name), `kernel ${name}`)({ inputs, attrs, backend: BACKEND }),
};

export const engine = (): typeof ENGINE => ENGINE;
