import * as tf from '@tensorflow/tfjs-core';
import { firstLine, present } from '../errors';
import { ALL_OPS, type AnyKernel, type AnyOp, type Example, gathered, shapesOf, type Values } from '../kernels';
import { createRng, type Rng } from '../rng';

/** What one kernel gave on the current engine, beside what the TypeScript kernels give. */
export interface KernelCheck {
  readonly kernel: string;
  /** Largest difference, relative to the largest magnitude expected; null when the kernel failed or gave something else. */
  readonly error: number | null;
  readonly tolerance: number;
  readonly passed: boolean;
  /** Why it failed, where it did. */
  readonly reason?: string;
}

type Numbers = ArrayLike<number>;
/** What the engine computes and what it should be. */
type Pair = readonly [actual: tf.Tensor, expected: Numbers];
type Pairs = readonly Pair[];
type ByName<T> = Record<string, T | T[]>;

/** Runs every kernel on the current engine and compares it with the TypeScript kernels. Needs no files and no training. */
export function selfTest(): KernelCheck[] {
  return ALL_OPS.flatMap(([, op]) => [
    check(op.forward, () => forward(op)),
    ...(op.gradient ? [check(op.gradient, () => backward(op))] : []),
  ]);
}

function check({ name: kernel, tolerance }: AnyKernel, run: () => Pairs): KernelCheck {
  try {
    const error = tf.tidy(() => run().reduce((worst, pair) => Math.max(worst, relativeError(...pair)), 0));
    const passed = error <= tolerance;
    return { kernel, error, tolerance, passed, ...(!passed && { reason: `error above ${tolerance}` }) };
  } catch (error) {
    return { kernel, error: null, tolerance, passed: false, reason: firstLine(error) };
  }
}

function forward(op: AnyOp): Pairs {
  const { arrays, dims, tensors: copies } = drawCall(op.forward, createRng(1, op.forward.name), op.example);
  const tensors = copies();
  const numbers = op.example.numbers ?? {};
  const made = op.run(tensors, numbers);
  const expected = op.forward.body(arrays, { ...dims, ...numbers }, numbers);
  const { outputs } = op.forward.signature;
  return [
    ...made.map((tensor, i): Pair => [tensor, expected[present(outputs[i], 'output').name] as Values]),
    ...op.forward.inPlace.map((name): Pair => [tensors[name] as tf.Tensor, arrays[name] as Values]),
  ];
}

function backward(op: AnyOp): Pairs {
  const rng = createRng(1, `${op.forward.name}Grad`);
  const { arrays, dims, tensors: copies } = drawCall(op.forward, rng, op.example);
  const tensors = copies();
  const numbers = op.example.numbers ?? {};
  const first = (made: tf.Tensor[]): tf.Tensor => present(made[0], 'output');
  const y = first(op.run(tensors, numbers));
  const dy = normals(rng, y.size);
  const of = op.of.map((name) => tensors[name] as tf.Tensor);
  const grads = tf.grads((...t) => {
    const moved = Object.fromEntries(op.of.map((name, i) => [name, present(t[i], name)]));
    return first(op.run({ ...tensors, ...moved }, numbers));
  })(of, tf.tensor(dy, y.shape));
  const all = { ...dims, ...numbers };
  const outputs = op.forward.body(arrays, all, numbers);
  const { name } = present(op.forward.signature.outputs[0], 'output');
  const back = { ...arrays, ...outputs, [`d${name}`]: dy };
  const expected = op.gradient?.body(back, all, numbers) ?? {};
  return op.of.map((input, i) => [present(grads[i], input), expected[`d${input}`] as Values]);
}

/** The inputs of an example, as typed arrays and as new tensors of the current engine, which hold copies. */
export function drawCall(
  { signature }: AnyKernel,
  rng: Rng,
  { dims = {}, any = [], draw = {} }: Example,
): { arrays: ByName<Values>; tensors: () => ByName<tf.Tensor>; dims: Record<string, number | number[]> } {
  const bound = Object.fromEntries(
    Object.entries(dims).map(([letter, value]) => [letter, typeof value === 'number' ? value : [...value]]),
  );
  const inputs = shapesOf(signature, bound, any).map(({ name, input, dtype, shape }) => {
    const values = (draw[input] ?? normals)(rng, tf.util.sizeFromShape(shape));
    return { name, dtype, shape, values };
  });
  const byName = <T>(of: (input: (typeof inputs)[0]) => T): ByName<T> =>
    gathered(signature, Object.fromEntries(inputs.map((input) => [input.name, of(input)])), (value) => value);
  return {
    arrays: byName(({ values }) => values),
    tensors: () => byName(({ values, shape, dtype }) => tf.tensor(values.slice(), shape, dtype)),
    dims: bound,
  };
}

const normals = (rng: Rng, length: number): Float32Array => Float32Array.from({ length }, () => rng.normal());

function relativeError(actual: tf.Tensor, expected: Numbers): number {
  const values = actual.dataSync<'float32'>();
  if (values.length !== expected.length) throw new Error(`${values.length} values, expected ${expected.length}`);
  let [worst, scale] = [0, 1e-6];
  for (let i = 0; i < values.length; i++) {
    const [value, right] = [values[i] as number, expected[i] as number];
    const difference = Math.abs(value - right);
    if (Number.isNaN(difference)) throw new Error(`value ${i} is ${value}, expected ${right}`);
    worst = Math.max(worst, difference);
    scale = Math.max(scale, Math.abs(right));
  }
  return worst / scale;
}
