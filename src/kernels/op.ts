import * as tf from '@tensorflow/tfjs-core';
import { present } from '../errors';
import type { Rng } from '../rng';
import {
  type Arrays,
  bind,
  type Bound,
  type Dims,
  gathered,
  type Numbers,
  type Rules,
  shapeOf,
  type Signature,
  signature,
  type Spec,
  type Specs,
  type Tensors,
} from './signature';

export type Values = Float32Array | Int32Array;
type Name<T> = keyof T & string;
type DimsOf<I extends Specs, A extends Rules> = Dims<I[keyof I] | Extract<keyof A, Uppercase<Name<A>>>>;

/** One kernel under its name in tfjs: the signature, and the body over typed arrays that is right by definition. */
export interface Kernel<I extends Specs, A extends Rules, O extends Specs> {
  readonly name: string;
  readonly inputs: I;
  readonly attributes: A;
  readonly outputs: O;
  readonly signature: Signature;
  /** Outputs are fresh arrays; inputs stay as they are, but for those that the op changes in place. No argument is kept. */
  body(inputs: Arrays<I>, dims: DimsOf<I, A>, numbers: Numbers<A>): Arrays<O>;
  /** Largest error of another body, relative to the largest magnitude; 0 where all must agree to the bit. */
  readonly tolerance: number;
  /** Inputs whose values it changes. */
  readonly inPlace: readonly string[];
}

/** A kernel whose types are forgotten, for what treats all of them alike. */
export interface AnyKernel {
  readonly name: string;
  readonly signature: Signature;
  body(
    inputs: Readonly<Record<string, Values | readonly Values[]>>,
    dims: Bound,
    numbers: Readonly<Record<string, number>>,
  ): Readonly<Record<string, Values | readonly Values[]>>;
  readonly tolerance: number;
  readonly inPlace: readonly string[];
}

/** Sizes and numbers of one call of an op, and how its inputs are drawn where that is not from a normal distribution. */
export interface Example {
  readonly dims?: Readonly<Record<string, number | readonly number[]>>;
  /** Shapes of the inputs that may have any. */
  readonly any?: readonly (readonly number[])[];
  readonly numbers?: Readonly<Record<string, number>>;
  readonly draw?: Readonly<Record<string, (rng: Rng, length: number) => Values>>;
}

type Visible<O extends Specs> = { [K in Name<O>]: O[K] extends '?' ? never : K }[Name<O>];
type GradientInputs<I extends Specs, O extends Specs, N> = {
  readonly [K in Name<I & O> as K extends N ? K : never]: (I & O)[K];
} & { readonly [K in Visible<O> as `d${K}`]: O[K] };
type GradientOutputs<I extends Specs, G> = { readonly [K in Name<I> as K extends G ? `d${K}` : never]: I[K] };

export interface Declaration<I extends Specs, A extends Rules, O extends Specs, N, G> {
  /** The name of the kernel in tfjs, which all engines share. */
  readonly name: string;
  readonly inputs: I;
  readonly attributes: A;
  readonly outputs: O;
  readonly body: Kernel<I, A, O>['body'];
  readonly tolerance: number;
  /** What must hold of sizes and numbers beside the shapes. */
  readonly requires?: (dims: DimsOf<I, A>, numbers: Numbers<A>) => boolean;
  /** Inputs whose values the op changes. */
  readonly inPlace?: readonly Name<I>[];
  /** Of the first output, by the inputs and outputs that it needs, with respect to the inputs `of`. */
  readonly gradient?: {
    readonly needs: readonly (N & Name<I & O>)[];
    readonly of: readonly (G & Name<I>)[];
    readonly body: Kernel<GradientInputs<I, O, N>, A, GradientOutputs<I, G>>['body'];
    readonly tolerance: number;
  };
  readonly example: Example;
}

type IsUnion<T, U = T> = T extends U ? ([U] extends [T] ? false : true) : never;
/** The one output that is no secret of the engine, or all such by name, or none. */
type Result<O extends Specs> = [Visible<O>] extends [never]
  ? undefined
  : IsUnion<Visible<O>> extends true
    ? Tensors<O>
    : Tensors<O>[Extract<Visible<O>, keyof Tensors<O>>];

/** A tensor op: called with its inputs and attributes by name. Differentiable where it declares a gradient. */
export interface Op<I extends Specs, A extends Rules, O extends Specs, N = never, G = never> {
  (inputs: Tensors<I>, ...numbers: keyof A extends never ? [] : [Numbers<A>]): Result<O>;
  /** The same for what has forgotten the types: all visible outputs in order. */
  run(inputs: Tensors<I>, numbers: Numbers<A>): tf.Tensor[];
  readonly forward: Kernel<I, A, O>;
  readonly gradient: [G] extends [never] ? undefined : Kernel<GradientInputs<I, O, N>, A, GradientOutputs<I, G>>;
  readonly of: readonly string[];
  readonly example: Example;
}

/** An op whose types are forgotten. */
export interface AnyOp {
  run(
    inputs: Readonly<Record<string, tf.Tensor | readonly tf.Tensor[]>>,
    numbers: Readonly<Record<string, number>>,
  ): tf.Tensor[];
  readonly forward: AnyKernel;
  readonly gradient: AnyKernel | undefined;
  readonly of: readonly string[];
  readonly example: Example;
}

/** Makes the tensor op and its kernels from a declaration; the types of bodies and calls follow from `inputs` and `outputs`. */
export function op<
  const I extends Specs,
  const A extends Rules,
  const O extends Specs,
  const N extends string = never,
  const G extends string = never,
>(declaration: Declaration<I, A, O, N, G>): Op<I, A, O, N, G> {
  const { name, inputs, attributes, outputs, inPlace = [], example, requires, gradient } = declaration;
  const shown = Object.keys(outputs).filter((key) => outputs[key] !== '?');
  const lists = Object.keys(inputs).some((key) => key.endsWith('*'));
  const forward = {
    ...{ name, inputs, attributes, outputs, tolerance: declaration.tolerance, inPlace },
    signature: signature(name, inputs, outputs, attributes, requires as Signature['requires']),
    body: declaration.body,
  };
  const needs: readonly string[] = gradient?.needs ?? [];
  const of: readonly string[] = gradient?.of ?? [];
  const backward = gradient && gradientKernel();
  const backwardInputs = Object.keys(backward?.inputs ?? {});

  function gradientKernel(): AnyKernel & { inputs: Specs; attributes: Rules; outputs: Specs } {
    const all: Specs = { ...inputs, ...outputs };
    const specOf = (key: string): Spec => present(all[key], key);
    const y = present(shown[0], 'output to differentiate');
    const back = { ...Object.fromEntries(needs.map((key) => [key, specOf(key)])), [`d${y}`]: specOf(y) };
    const grads = Object.fromEntries(of.map((key) => [`d${key}`, specOf(key)]));
    return {
      ...{
        name: `${name}Grad`,
        inputs: back,
        attributes,
        outputs: grads,
        tolerance: gradient?.tolerance ?? 0,
        inPlace: [],
      },
      signature: signature(`${name}Grad`, back, grads, attributes, undefined),
      body: gradient?.body as AnyKernel['body'],
    };
  }

  function runForward(given: Tensors<I>, numbers: Numbers<A>): tf.Tensor[] {
    const flat = (lists ? flattened(given as Lists) : given) as unknown as tf.NamedTensorMap;
    return tf.engine().runKernel(name, flat, numbers);
  }

  /** By `customGrad` rather than a registered gradient: the tape then knows one output alone, and builds no zeros for the others. */
  function taped(given: Tensors<I>, numbers: Numbers<A>): tf.Tensor {
    const named = given as unknown as Readonly<Record<string, tf.Tensor>>;
    return tf.customGrad((...args) => {
      const made = runForward(given, numbers);
      const byName = (key: string): tf.Tensor => present(named[key] ?? made[Object.keys(outputs).indexOf(key)], key);
      (args[args.length - 1] as unknown as tf.GradSaveFunc)(needs.map(byName));
      return {
        value: present(made[0], 'output'),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
          const back: tf.NamedTensorMap = {};
          backwardInputs.forEach((key, i) => (back[key] = saved[i] ?? dy));
          return tf.engine().runKernel<tf.Tensor[]>(`${name}Grad`, back, numbers);
        },
      };
    })(...of.map((key) => present(named[key], key)));
  }

  function run(given: Tensors<I>, numbers: Numbers<A>): tf.Tensor[] {
    return gradient ? [taped(given, numbers)] : runForward(given, numbers);
  }

  function call(given: Tensors<I>, numbers = NONE as Numbers<A>): unknown {
    const made = run(given, numbers);
    return shown.length < 2 ? made[0] : Object.fromEntries(shown.map((key, i) => [key, made[i]]));
  }
  return Object.assign(call, { run, forward, gradient: backward, of, example }) as unknown as Op<I, A, O, N, G>;
}

const NONE = {};

type Lists = Readonly<Record<string, tf.Tensor | readonly tf.Tensor[]>>;

/** Lists as tfjs takes them, one name a tensor: `table0`, `table1`, ... */
function flattened<T>(inputs: Readonly<Record<string, T | readonly T[]>>): Record<string, T> {
  const flat: Record<string, T> = {};
  for (const [key, input] of Object.entries(inputs))
    if (Array.isArray(input)) (input as readonly T[]).forEach((tensor, i) => (flat[`${key}${i}`] = tensor));
    else flat[key] = input as T;
  return flat;
}

/** What we need of a backend whose tensors are typed arrays: `tfjs-backend-cpu`, or one made of its kernels. */
interface ArrayBackend {
  readonly data: { get(dataId: object): { values: unknown } };
  makeTensorInfo(shape: number[], dtype: 'float32' | 'int32', values: Values): tf.TensorInfo;
}

/** Registers a body of a kernel for the tfjs backend of that name, whose tensors are typed arrays. Once a backend. */
export function registerOnArrays(kernel: AnyKernel, backendName: string, body: AnyKernel['body']): void {
  tf.registerKernel({
    kernelName: kernel.name,
    backendName,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { data } = backend as ArrayBackend;
      return runOnArrays(kernel, body, inputs, attrs, {
        read: ({ dataId }) => data.get(dataId).values,
        make: (values, shape, dtype) => (backend as ArrayBackend).makeTensorInfo(shape, dtype, values),
      });
    },
  });
}

/** From an engine's tensors to typed arrays, and back. */
interface Exchange {
  read(info: tf.TensorInfo): unknown;
  make(values: Values, shape: number[], dtype: 'float32' | 'int32'): tf.TensorInfo;
  /** Puts values that a body changed in place back into their tensor, where `read` gave a copy. */
  write?(info: tf.TensorInfo, values: Values): void;
}

/** Runs a body over typed arrays on tensors of any engine. @throws TypeError where an input or attribute does not fit */
export function runOnArrays(
  { name, signature, inPlace }: AnyKernel,
  body: AnyKernel['body'],
  infos: tf.NamedTensorInfoMap,
  attrs: tf.NamedAttrMap = {},
  exchange: Exchange,
): tf.TensorInfo[] {
  const numbers = attrs as Readonly<Record<string, number>>;
  const bound = bind(signature, infos, numbers);
  const given = infos as Readonly<Record<string, tf.TensorInfo>>;
  const arrays = gathered(signature, given, (info) => {
    const values = exchange.read(info);
    if (values instanceof Float32Array || values instanceof Int32Array) return values;
    throw new TypeError(`${name}: an input holds no numbers`);
  });
  const made = body(arrays, bound, numbers);
  if (exchange.write) for (const key of inPlace) exchange.write(present(given[key], key), arrays[key] as Values);
  return signature.outputs.map((output) => {
    const array = made[output.name] as Values;
    return exchange.make(array, shapeOf(name, output, array.length, bound), output.dtype);
  });
}
