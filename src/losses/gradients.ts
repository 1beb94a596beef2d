import type * as tf from '@tensorflow/tfjs-core';

/** The tensor API, handed to a loss by its caller: the table of losses can be read (for help, config) without loading it. */
export type Tf = typeof tf;

type Gradients = Record<string, () => tf.Tensor>;

/** Gradient of one op: `saved` holds the inputs named in `save`, in order, then the output when `out`. */
interface Row {
  readonly save?: readonly string[];
  readonly out?: boolean;
  readonly grad: (tf: Tf, dy: tf.Tensor, saved: tf.Tensor[], attrs: tf.NamedAttrMap) => Gradients;
}

/** The ops that losses are made of, and their derivatives. */
const GRADIENTS: Readonly<Record<string, Row>> = {
  Add: {
    save: ['a', 'b'],
    grad: (tf, dy, [a, b]) => ({ a: () => fold(tf, dy, a.shape), b: () => fold(tf, dy, b.shape) }),
  },
  Sub: {
    save: ['a', 'b'],
    grad: (tf, dy, [a, b]) => ({ a: () => fold(tf, dy, a.shape), b: () => fold(tf, tf.neg(dy), b.shape) }),
  },
  Multiply: {
    save: ['a', 'b'],
    grad: (tf, dy, [a, b]) => ({
      a: () => fold(tf, tf.mul(dy, b), a.shape),
      b: () => fold(tf, tf.mul(dy, a), b.shape),
    }),
  },
  RealDiv: {
    save: ['a', 'b'],
    out: true,
    grad: (tf, dy, [a, b, y]) => ({
      a: () => fold(tf, tf.div(dy, b), a.shape),
      b: () => fold(tf, tf.neg(tf.mul(tf.div(dy, b), y)), b.shape),
    }),
  },
  // The exponent is a constant of the loss.
  Pow: {
    save: ['a', 'b'],
    grad: (tf, dy, [a, b]) => ({
      a: () => fold(tf, tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))), a.shape),
    }),
  },
  Neg: { grad: (tf, dy) => ({ x: () => tf.neg(dy) }) },
  Exp: { out: true, grad: (tf, dy, [y]) => ({ x: () => tf.mul(dy, y) }) },
  Square: { save: ['x'], grad: (tf, dy, [x]) => ({ x: () => tf.mul(dy, tf.mul(x, 2)) }) },
  ClipByValue: {
    save: ['x'],
    out: true,
    // In real numbers throughout, 1 where x was moved: comparisons would make booleans, which take several times as long.
    grad: (tf, dy, [x, y]) => ({ x: () => tf.mul(dy, tf.sub(1, tf.step(tf.abs(tf.sub(x, y))))) }),
  },
  Sum: {
    save: ['x'],
    grad: (tf, dy, [x], { axis }) => ({
      x: () => {
        const axes = tf.util.parseAxisParam(axis as number[], x.shape);
        const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
        const lead = kept.findIndex((size) => size > 1); // without leading ones, broadcasting needs no index arithmetic
        return tf.mul(tf.onesLike(x), tf.reshape(dy, lead < 0 ? [] : kept.slice(lead)));
      },
    }),
  },
  Softmax: {
    out: true,
    grad: (tf, dy, [p]) => ({
      logits: () => {
        const dyp = tf.mul(dy, p);
        return tf.sub(dyp, tf.mul(tf.sum(dyp, -1, true), p));
      },
    }),
  },
};

/**
 * Registers what is missing of the gradients above. The CommonJS bundle of the tensor API registers none at all (its ES modules
 * do, but Node cannot load those); an engine that brings its own keeps them.
 */
export function registerGradients(tf: Tf): void {
  for (const [kernelName, { save = [], out = false, grad }] of Object.entries(GRADIENTS))
    // getGradient answers undefined for an op that has none, whatever its type says.
    if ((tf.getGradient(kernelName) as tf.GradConfig | undefined) === undefined)
      tf.registerGradient({
        kernelName,
        inputsToSave: [...save],
        outputsToSave: [out],
        gradFunc: (dy, saved, attrs) => grad(tf, dy as tf.Tensor, saved, attrs),
      });
}

/** Undoes broadcasting: sums `dy` down to `shape`. Always a new tensor, since the tape disposes what it has added up. */
function fold(tf: Tf, dy: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, dy.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(dy, axes) : dy, shape);
}
