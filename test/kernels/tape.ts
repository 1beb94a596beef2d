/** Reverse-mode autodiff over scalars in double precision: slow, and plain enough to be believed. */
export class Scalar {
  grad = 0;
  constructor(
    readonly value: number,
    private readonly parents: readonly Scalar[] = [],
    private readonly partials: readonly number[] = [],
  ) {
    tape.push(this);
  }
  back(): void {
    this.parents.forEach((parent, i) => (parent.grad += this.grad * this.partials[i]));
  }
}

let tape: Scalar[] = [];

/** Runs f on a fresh tape, then takes the gradient that f left on its outputs back to every scalar. */
export function backward(f: () => void): void {
  tape = [];
  f();
  for (let i = tape.length - 1; i >= 0; i--) tape[i].back();
  tape = [];
}

export const leaf = (value: number): Scalar => new Scalar(value);
export const leaves = (values: ArrayLike<number>): Scalar[] => Array.from(values, leaf);
export const mul = (a: Scalar, b: Scalar): Scalar => new Scalar(a.value * b.value, [a, b], [b.value, a.value]);
export const add = (a: Scalar, b: Scalar): Scalar => new Scalar(a.value + b.value, [a, b], [1, 1]);

export function tanh(a: Scalar): Scalar {
  const y = Math.tanh(a.value);
  return new Scalar(y, [a], [1 - y * y]);
}

export function sigmoid(a: Scalar): Scalar {
  const y = 1 / (1 + Math.exp(-a.value));
  return new Scalar(y, [a], [y * (1 - y)]);
}

/** bias + sum of as[i] * bs[i] */
export function affine(as: readonly Scalar[], bs: readonly Scalar[], bias: Scalar): Scalar {
  const value = as.reduce((sum, a, i) => sum + a.value * bs[i].value, bias.value);
  return new Scalar(value, [...as, ...bs, bias], [...bs.map((b) => b.value), ...as.map((a) => a.value), 1]);
}
