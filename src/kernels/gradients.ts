import * as tf from '@tensorflow/tfjs-core';
import { present } from '../errors';

type Gradients = Record<string, () => tf.Tensor> | (() => tf.Tensor)[];

/** The inputs that an op saves for its gradient: by name, or all of a list. */
type Kept = readonly string[] | 'all';
type Tensors<Names> = { readonly [I in keyof Names]: tf.Tensor };
type Saved<K extends Kept, Out extends boolean> = K extends readonly string[]
  ? Tensors<Out extends true ? readonly [...K, 'output'] : K>
  : readonly tf.Tensor[];

/** Gradient of one op: `saved` holds what `save` names, in that order, then the output when `out`; `all` the dy of all outputs. */
interface Row<Inputs> {
  readonly save: Kept;
  readonly out: boolean;
  readonly grad: (dy: tf.Tensor, saved: Inputs, attrs: tf.NamedAttrMap, all: tf.Tensor[]) => Gradients;
}
type AnyRow = Row<readonly tf.Tensor[]>;

/** A row whose gradient can take apart no more than is saved for it. */
const row = <const K extends Kept = [], Out extends boolean = false>(
  declared: { readonly save?: K; readonly out?: Out } & Pick<Row<Saved<K, Out>>, 'grad'>,
): AnyRow => ({ save: [], out: false, ...declared }) as unknown as AnyRow;

/** Elementwise f(x) whose derivative is a function of x. */
const ofInput = (derivative: (x: tf.Tensor) => tf.Tensor): AnyRow =>
  row({
    save: ['x'],
    grad: (dy, [x]) => ({ x: () => tf.mul(dy, derivative(x)) }),
  });

/** Elementwise y = f(x) whose derivative is a function of y. */
const ofOutput = (derivative: (y: tf.Tensor) => tf.Tensor): AnyRow =>
  row({
    out: true,
    grad: (dy, [y]) => ({ x: () => tf.mul(dy, derivative(y)) }),
  });

/** Flat wherever it is not stepping. */
const FLAT = row({ grad: (dy) => ({ x: () => tf.zerosLike(dy) }) });

/** The largest or smallest of a slice: its gradient goes to that element, in equal parts where several are. */
const EXTREME = row({
  save: ['x'],
  out: true,
  grad: (dy, [x, y], { axis, reductionIndices = axis }) => ({
    x: () => {
      const { axes, kept } = reduced(x.shape, reductionIndices);
      const mask = isZero(tf.sub(x, tf.reshape(y, kept)));
      return tf.mul(tf.div(mask, tf.sum(mask, axes, true)), tf.reshape(dy, kept));
    },
  }),
});

/**
 * The ops that losses, heads and features are made of, by the name of their kernel, and their derivatives. To add one: its row
 * here; the test by finite differences on every engine asks for a case.
 */
export const GRADIENTS: Readonly<Record<string, AnyRow>> = {
  Add: row({
    save: ['a', 'b'],
    grad: (dy, [a, b]) => ({ a: () => fold(dy, a.shape), b: () => fold(dy, b.shape) }),
  }),
  Sub: row({
    save: ['a', 'b'],
    grad: (dy, [a, b]) => ({ a: () => fold(dy, a.shape), b: () => fold(tf.neg(dy), b.shape) }),
  }),
  Multiply: row({
    save: ['a', 'b'],
    grad: (dy, [a, b]) => ({
      a: () => fold(tf.mul(dy, b), a.shape),
      b: () => fold(tf.mul(dy, a), b.shape),
    }),
  }),
  RealDiv: row({
    save: ['a', 'b'],
    out: true,
    grad: (dy, [a, b, y]) => ({
      a: () => fold(tf.div(dy, b), a.shape),
      b: () => fold(tf.neg(tf.mul(tf.div(dy, b), y)), b.shape),
    }),
  }),
  // The exponent is a constant of the loss.
  Pow: row({
    save: ['a', 'b'],
    grad: (dy, [a, b]) => ({
      a: () => fold(tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))), a.shape),
    }),
  }),
  SquaredDifference: row({
    save: ['a', 'b'],
    grad: (dy, [a, b]) => ({
      a: () => fold(tf.mul(dy, tf.mul(tf.sub(a, b), 2)), a.shape),
      b: () => fold(tf.mul(dy, tf.mul(tf.sub(b, a), 2)), b.shape),
    }),
  }),
  Maximum: row({
    save: ['a', 'b'],
    grad: (dy, [a, b]) => ({
      a: () => fold(tf.mul(dy, tf.sub(1, tf.step(tf.sub(b, a)))), a.shape),
      b: () => fold(tf.mul(dy, tf.step(tf.sub(b, a))), b.shape),
    }),
  }),
  Minimum: row({
    save: ['a', 'b'],
    grad: (dy, [a, b]) => ({
      a: () => fold(tf.mul(dy, tf.sub(1, tf.step(tf.sub(a, b)))), a.shape),
      b: () => fold(tf.mul(dy, tf.step(tf.sub(a, b))), b.shape),
    }),
  }),
  Select: row({
    save: ['condition'],
    grad: (dy, [condition]) => ({
      t: () => tf.mul(dy, tf.cast(condition, 'float32')),
      e: () => tf.mul(dy, tf.cast(tf.logicalNot(condition), 'float32')),
    }),
  }),

  Neg: row({ grad: (dy) => ({ x: () => tf.neg(dy) }) }),
  Exp: ofOutput((y) => y),
  Log: row({ save: ['x'], grad: (dy, [x]) => ({ x: () => tf.div(dy, x) }) }),
  Log1p: row({ save: ['x'], grad: (dy, [x]) => ({ x: () => tf.div(dy, tf.add(x, 1)) }) }),
  Sqrt: row({ out: true, grad: (dy, [y]) => ({ x: () => tf.div(dy, tf.mul(y, 2)) }) }),
  Square: ofInput((x) => tf.mul(x, 2)),
  Abs: ofInput(tf.sign),
  Relu: ofInput((x) => tf.step(x)),
  Softplus: ofInput(tf.sigmoid),
  Sigmoid: ofOutput((y) => tf.mul(y, tf.sub(1, y))),
  Tanh: ofOutput((y) => tf.sub(1, tf.square(y))),
  Step: FLAT,
  Sign: FLAT,
  OnesLike: FLAT,
  ZerosLike: FLAT,
  // Always a new tensor, since the tape disposes what it has added up.
  Identity: row({ grad: (dy) => ({ x: () => tf.clone(dy) }) }),
  ClipByValue: row({
    save: ['x'],
    out: true,
    // In real numbers throughout, 1 where x was moved: comparisons would make booleans, which take several times as long.
    grad: (dy, [x, y]) => ({ x: () => tf.mul(dy, isZero(tf.sub(x, y))) }),
  }),

  Sum: row({
    save: ['x'],
    grad: (dy, [x], { axis }) => ({ x: () => spread(dy, x, axis) }),
  }),
  Mean: row({
    save: ['x'],
    grad: (dy, [x], { axis }) => ({ x: () => tf.div(spread(dy, x, axis), x.size / dy.size) }),
  }),
  Max: EXTREME,
  Min: EXTREME,
  Cumsum: row({
    grad: (dy, _, { axis, exclusive, reverse }) => ({
      x: () => tf.cumsum(dy, axis as number, exclusive as boolean, reverse !== true),
    }),
  }),
  Softmax: row({
    out: true,
    grad: (dy, [p]) => ({
      logits: () => {
        const dyp = tf.mul(dy, p);
        return tf.sub(dyp, tf.mul(tf.sum(dyp, -1, true), p));
      },
    }),
  }),
  BatchMatMul: row({
    save: ['a', 'b'],
    grad: (dy, [a, b], { transposeA, transposeB }) => {
      const [ta, tb] = [transposeA === true, transposeB === true];
      return {
        a: () => fold(ta ? tf.matMul(b, dy, tb, true) : tf.matMul(dy, b, false, !tb), a.shape),
        b: () => fold(tb ? tf.matMul(dy, a, true, ta) : tf.matMul(a, dy, !ta, false), b.shape),
      };
    },
  }),

  Reshape: row({ save: ['x'], grad: (dy, [x]) => ({ x: () => tf.reshape(dy, x.shape) }) }),
  ExpandDims: row({ save: ['input'], grad: (dy, [input]) => ({ input: () => tf.reshape(dy, input.shape) }) }),
  Transpose: row({
    grad: (dy, _, { perm }) => {
      const order = perm as number[];
      const undo = order.map((_, i) => order.indexOf(i));
      return { x: () => tf.transpose(dy, undo) };
    },
  }),
  Reverse: row({ grad: (dy, _, { dims }) => ({ x: () => tf.reverse(dy, dims as number[]) }) }),
  Concat: row({
    save: 'all',
    grad: (dy, parts, { axis }) => {
      const along = axisOf(axis, dy.shape);
      const sizes = parts.map(({ shape }) => sizeOf(shape, along));
      return tf.split(dy, sizes, along).map((part) => () => part);
    },
  }),
  SplitV: row({ grad: (_, __, { axis }, all) => ({ x: () => tf.concat(all, axis as number) }) }),
  Pack: row({ save: 'all', grad: (dy, _, { axis }) => tf.unstack(dy, axis as number).map((part) => () => part) }),
  Unpack: row({ grad: (_, __, { axis }, all) => ({ value: () => tf.stack(all, axis as number) }) }),
  Slice: row({
    save: ['x'],
    grad: (dy, [x], { begin }) => {
      const starts = begin as number[];
      const around = x.shape.map((size, i): [number, number] => {
        const start = present(starts[i], 'start');
        return [start, size - start - sizeOf(dy.shape, i)];
      });
      return { x: () => tf.pad(dy, around) };
    },
  }),
  PadV2: row({
    save: ['x'],
    grad: (dy, [x], { paddings }) => ({
      x: () =>
        tf.slice(
          dy,
          (paddings as [number, number][]).map(([before]) => before),
          x.shape,
        ),
    }),
  }),
  // scatterND adds the rows of equal index, in one pass over them.
  GatherV2: row({
    save: ['x', 'indices'],
    grad: (dy, [x, indices], { axis }) => ({
      x: () => {
        const along = axisOf(axis, x.shape);
        const [before, after] = [x.shape.slice(0, along), x.shape.slice(along + 1)];
        const back = after.map((_, i) => along + 1 + i);
        const rows = tf.reshape(dy, [...before, indices.size, ...after]);
        const first = tf.transpose(rows, [along, ...before.map((_, i) => i), ...back]); // the gathered axis in front
        const at = tf.reshape(indices, [indices.size, 1]);
        const sums = tf.scatterND(at, first, [sizeOf(x.shape, along), ...before, ...after]);
        return tf.transpose(sums, [...before.map((_, i) => i + 1), 0, ...back]);
      },
    }),
  }),
};

/**
 * Registers the gradients above, in place of any other: those that come with the package of the tensorflow engine do not undo the
 * broadcasting of Maximum, Minimum and SquaredDifference. The CommonJS bundle of the tensor API registers none at all (its ES
 * modules do, but Node cannot load those).
 */
export function registerGradients(): void {
  for (const [kernelName, { save, out, grad }] of Object.entries(GRADIENTS))
    tf.registerGradient({
      kernelName,
      inputsToSave: save === 'all' ? [] : [...save],
      saveAllInputs: save === 'all',
      outputsToSave: [out],
      gradFunc: (dy, saved, attrs) => {
        const all = Array.isArray(dy) ? dy : [dy];
        return grad(present(all[0], 'gradient'), saved, attrs, all) as Record<string, () => tf.Tensor>;
      },
    });
}

/** Undoes broadcasting: sums `dy` down to `shape`. Always a new tensor, since the tape disposes what it has added up. */
function fold(dy: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, dy.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(dy, axes) : dy, shape);
}

/** The one axis that an op names, counted from the front. */
const axisOf = (axis: unknown, shape: number[]): number =>
  present(tf.util.parseAxisParam(axis as number, shape)[0], 'axis');

const sizeOf = (shape: readonly number[], axis: number): number => present(shape[axis], 'size of an axis');

/** Undoes a sum over axes: every element of a slice gets its dy. */
function spread(dy: tf.Tensor, x: tf.Tensor, axis: unknown): tf.Tensor {
  const { kept } = reduced(x.shape, axis);
  const lead = kept.findIndex((size) => size > 1); // without leading ones, broadcasting needs no index arithmetic
  return tf.mul(tf.onesLike(x), tf.reshape(dy, lead < 0 ? [] : kept.slice(lead)));
}

/** The axes that a reduction went over, and the shape with ones in their place. */
function reduced(shape: number[], axis: unknown): { axes: number[]; kept: number[] } {
  const axes = tf.util.parseAxisParam(axis as number[], shape);
  return { axes, kept: shape.map((size, i) => (axes.includes(i) ? 1 : size)) };
}

/** 1 where x is 0, else 0, in real numbers. */
const isZero = (x: tf.Tensor): tf.Tensor => tf.sub(1, tf.step(tf.abs(x)));
