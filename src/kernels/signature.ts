import type { NamedTensorInfoMap, Rank, Scalar, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { present } from '../errors';

/**
 * Shapes in words, one dimension each: `'N I'`, `'D I+H 4H'`, `''` for a scalar. A letter has one value throughout a call; letters
 * and a number side by side are multiplied. `int32 ` in front names the type, which else is float32. `...` is any shape, the same
 * wherever it stands; `?` is whatever the engine's own gradient needs. An input `table*` is a list of tensors; a letter `E*` has a
 * value for each of them, and is their sum in an output.
 */
export type Spec = string;
export type Specs = Readonly<Record<string, Spec>>;

/** What an attribute must be. One named by a capital letter is a dimension. */
export interface Rule {
  readonly what: string;
  readonly fits: (value: number) => boolean;
}
export type Rules = Readonly<Record<string, Rule>>;

export const NUMBER: Rule = { what: 'a finite number', fits: Number.isFinite };
export const SHARE: Rule = { what: 'a number in [0, 1)', fits: (value) => value >= 0 && value < 1 };
export const WHOLE: Rule = { what: 'a whole number from 0', fits: (value) => Number.isInteger(value) && value >= 0 };
export const COUNT: Rule = { what: 'a whole number from 1', fits: (value) => Number.isInteger(value) && value >= 1 };
export const FLAG: Rule = { what: '0 or 1', fits: (value) => value === 0 || value === 1 };
export const UINT32: Rule = { what: 'an unsigned integer of 32 bits', fits: (value) => value >>> 0 === value };

type ShapeIn<S extends Spec> = S extends `int32 ${infer Shape}` ? Shape : S extends 'int32' ? '' : S;
type ValuesOf<S extends Spec> = S extends `int32${string}` ? Int32Array : Float32Array;
type TensorOf<S extends Spec> = S extends '...' | '...*' | '?'
  ? Tensor
  : S extends ''
    ? Scalar
    : S extends `${string} ${string} ${string}`
      ? Tensor<Rank.R3>
      : S extends `${string} ${string}`
        ? Tensor<Rank.R2>
        : Tensor<Rank.R1>;
type Listed<T, Of extends 'values' | 'tensor' | 'info'> = {
  readonly [K in keyof T as K extends `${infer Name}*` ? Name : K]: T[K] extends Spec
    ? K extends `${string}*`
      ? readonly { values: ValuesOf<T[K]>; tensor: TensorOf<ShapeIn<T[K]>>; info: TensorInfo }[Of][]
      : { values: ValuesOf<T[K]>; tensor: TensorOf<ShapeIn<T[K]>>; info: TensorInfo }[Of]
    : never;
};

/** Typed arrays, tensors, or an engine's own tensors by name; lists where the name has a star. */
export type Arrays<T> = Listed<T, 'values'>;
export type Tensors<T> = Listed<T, 'tensor'>;
export type Infos<T> = Listed<T, 'info'>;
export type Numbers<A> = { readonly [K in keyof A]: number };

type Capital<C extends string> = C extends Lowercase<C> ? never : C;
type Letters<S extends string> = S extends `${infer C}${infer Rest}`
  ? Rest extends `*${infer After}`
    ? Letters<After>
    : Capital<C> | Letters<Rest>
  : never;
type StarredLetters<S extends string> = S extends `${infer C}${infer Rest}`
  ? Rest extends `*${infer After}`
    ? Capital<C> | StarredLetters<After>
    : StarredLetters<Rest>
  : never;

/** The values of the letters of some shapes. */
export type Dims<S extends Spec> = Readonly<Record<Letters<S>, number>> &
  Readonly<Record<StarredLetters<S>, readonly number[]>>;

interface Term {
  readonly factor: number;
  readonly letters: readonly string[];
}

interface Tensorial {
  readonly name: string;
  readonly list: boolean;
  readonly spec: Spec;
  readonly dtype: 'float32' | 'int32';
  /** Sums of products; or of no fixed number of dimensions. */
  readonly dims: readonly (readonly Term[])[] | 'any' | 'opaque';
}

/** Everything about the tensors and numbers of a kernel, read once from its declaration. */
export interface Signature {
  readonly kernel: string;
  readonly inputs: readonly Tensorial[];
  readonly outputs: readonly Tensorial[];
  readonly attributes: readonly (readonly [name: string, rule: Rule])[];
  readonly requires: ((dims: Bound, numbers: Readonly<Record<string, number>>) => boolean) | undefined;
}

export function signature(
  kernel: string,
  inputs: Specs,
  outputs: Specs,
  attributes: Rules,
  requires?: Signature['requires'],
): Signature {
  const read = (specs: Specs): Tensorial[] => Object.entries(specs).map(([name, spec]) => tensorial(name, spec));
  return { kernel, inputs: read(inputs), outputs: read(outputs), attributes: Object.entries(attributes), requires };
}

function tensorial(name: string, spec: Spec): Tensorial {
  const [, int, shape = ''] = /^(int32)?\s*(.*)$/.exec(spec) ?? [];
  const list = name.endsWith('*');
  const dims = /^\.{3}\*?$/.test(shape) ? 'any' : shape === '?' ? 'opaque' : shape.split(' ').filter(Boolean).map(sum);
  return { name: list ? name.slice(0, -1) : name, list, spec, dtype: int ? 'int32' : 'float32', dims };

  function sum(words: string): Term[] {
    return words.split('+').map((word) => {
      const [found, factor, letters = ''] = /^(\d*)((?:[A-Z]\*?)*)$/.exec(word) ?? [];
      if (!found) throw new Error(`input or output ${name}: '${spec}' is no shape`);
      return { factor: factor === '' ? 1 : Number(factor), letters: letters.match(/[A-Z]\*?/g) ?? [] };
    });
  }
}

/** The values of the letters in one call; of those with a star a list; under `...` the shape that is any. */
export type Bound = Record<string, number | number[]>;

/**
 * Reads the dimensions of a call off its inputs.
 * @throws TypeError naming the input or attribute that is missing or does not fit
 */
export function bind(
  { kernel, inputs, attributes, requires }: Signature,
  given: NamedTensorInfoMap,
  numbers: Readonly<Record<string, number>>,
): Bound {
  const bound: Bound = {};
  for (const [name, { what, fits }] of attributes) {
    const value: unknown = numbers[name];
    if (typeof value !== 'number' || !fits(value))
      throw new TypeError(`${kernel}: attribute ${name} must be ${what}, is ${String(value)}`);
    if (CAPITAL.test(name)) bound[name] = value;
  }
  for (const input of inputs)
    if (!input.list) bindOne(kernel, input, input.name, given[input.name], bound, 0);
    else {
      // At least one, and as many as of the first list.
      const first = inputs.find(({ list }) => list) ?? input;
      const count = Math.max(1, lengthOf(given, input.name), lengthOf(given, first.name));
      for (let i = 0; i < count; i++) bindOne(kernel, input, `${input.name}${i}`, given[`${input.name}${i}`], bound, i);
    }
  if (requires?.(bound, numbers) === false)
    throw new TypeError(`${kernel}: ${JSON.stringify(numbers)} does not fit ${JSON.stringify(bound)}`);
  return bound;
}

const CAPITAL = /^[A-Z]$/;

/** The inputs of a call by the names of the declaration, lists as lists. */
export function gathered<S, T>(
  { inputs }: Signature,
  given: Readonly<Record<string, S>>,
  read: (input: S) => T,
): Record<string, T | T[]> {
  const found: Record<string, T | T[]> = {};
  const one = (name: string): T => read(present(given[name], name));
  for (const { name, list } of inputs)
    found[name] = list ? Array.from({ length: lengthOf(given, name) }, (_, i) => one(`${name}${i}`)) : one(name);
  return found;
}

/** How many tensors a list of a call has. */
function lengthOf(given: object, name: string): number {
  let count = 0;
  while (`${name}${count}` in given) count++;
  return count;
}

function bindOne(
  kernel: string,
  { spec, dtype, dims, list }: Tensorial,
  name: string,
  info: TensorInfo | undefined,
  bound: Bound,
  at: number,
): void {
  if (!info) throw new TypeError(`${kernel}: input ${name} is missing`);
  if (dims === 'opaque') return;
  if (info.dtype !== dtype) throw new TypeError(`${kernel}: input ${name} is ${info.dtype}, expected ${dtype}`);
  let fits = true;
  if (dims === 'any') {
    const before = bound['...'] as number[] | undefined;
    if (before) fits = sameShape(before, info.shape);
    else if (!list) bound['...'] = info.shape;
  } else {
    fits = info.shape.length === dims.length;
    for (let d = 0; fits && d < dims.length; d++)
      fits = solve(present(dims[d], 'dimension'), present(info.shape[d], 'dimension'), bound, at);
  }
  if (!fits)
    throw new TypeError(`${kernel}: input ${name} has the shape (${info.shape.join(', ')}), expected ${described()}`);

  function described(): string {
    const known = Object.entries(bound).map(([letter, value]) => `${letter} = ${String(value)}`);
    return known.length > 0 ? `(${spec}) with ${known.join(', ')}` : `(${spec})`;
  }
}

/** Whether a sum of products is `size`; where one letter of it has no value yet, it gets the one that makes it so. */
function solve(terms: readonly Term[], size: number, bound: Bound, at: number): boolean {
  let rest = size;
  let open: string | undefined;
  let times = 1;
  for (const { factor, letters } of terms) {
    let product = factor;
    let unknown: string | undefined;
    for (const letter of letters) {
      const value = valueAt(bound, letter, at);
      if (value === undefined) unknown = letter;
      else product *= value;
    }
    if (unknown === undefined) rest -= product;
    else {
      open = unknown;
      times = product;
    }
  }
  if (open === undefined) return rest === 0;
  const value = rest / times;
  if (!Number.isInteger(value) || value < 0) return false;
  if (open.length === 1) bound[open] = value;
  else ((bound[open.charAt(0)] ??= []) as number[])[at] = value;
  return true;
}

function valueAt(bound: Bound, letter: string, at: number): number | undefined {
  const value = bound[letter.charAt(0)];
  return typeof value === 'object' ? value[at] : value;
}

/**
 * The shape of an output, given the values that a body returned for it: the first that has a letter of its own gives it its value.
 * @throws Error where they are more or fewer than declared
 */
export function shapeOf(kernel: string, { name, spec, dims }: Tensorial, length: number, bound: Bound): number[] {
  if (dims === 'opaque') return [length];
  const shape = dims === 'any' ? (bound['...'] as number[]) : dims.map((terms) => evaluate(terms, length, bound));
  let size = 1;
  for (const dim of shape) size *= dim;
  if (size === length) return shape;
  throw new Error(`${kernel}: output ${name} has ${length} values, expected (${spec}) = (${shape.join(', ')})`);
}

/** A letter without a value stands alone, in an output of one dimension. */
function evaluate(terms: readonly Term[], length: number, bound: Bound): number {
  let total = 0;
  for (const { factor, letters } of terms) {
    let product = factor;
    for (const letter of letters) {
      const value = (bound[letter.charAt(0)] ??= length);
      product *= typeof value === 'number' ? value : value.reduce((a, b) => a + b, 0);
    }
    total += product;
  }
  return total;
}

/** The shapes of a call's inputs by the names of tfjs, from values of the letters; `any` are those of `...`. */
export function shapesOf(
  { inputs }: Signature,
  dims: Bound,
  any: readonly (readonly number[])[],
): { name: string; input: string; dtype: 'float32' | 'int32'; shape: number[] }[] {
  const lists = Object.values(dims).find((value) => typeof value === 'object');
  const count = typeof lists === 'object' ? lists.length : any.length;
  return inputs.flatMap(({ name: input, list, dtype, dims: shape }) =>
    Array.from({ length: list ? count : 1 }, (_, i) => ({
      name: list ? `${input}${i}` : input,
      ...{ input, dtype },
      shape:
        typeof shape === 'string'
          ? [...present(any[i], 'shape')]
          : shape.map((terms) =>
              terms.reduce(
                (sum, { factor, letters }) =>
                  sum + letters.reduce((product, letter) => product * (valueAt(dims, letter, i) ?? NaN), factor),
                0,
              ),
            ),
    })),
  );
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
