import { type KernelConfig, registerKernel, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { present } from '../../errors';
import { ALL_OPS, type AnyKernel, type Bound, masked } from '../../kernels';
import { runOnArrays } from '../../kernels/op';
import { bind, gathered } from '../../kernels/signature';
import { adam, adamRows } from './adam';
import type { TensorFlowBodies } from './bodies';
import { bool, dtype, DTYPE, type Handle, type TensorFlowBackend } from './binding';
import { bundled, Handles } from './handles';
import { layoutsOf } from './layout';
import type { Recurrence } from './lstm';

/** A body whose types are forgotten. */
type AnyBody = (
  inputs: Readonly<Record<string, TensorInfo | readonly TensorInfo[]>>,
  dims: Bound,
  numbers: Readonly<Record<string, number>>,
  tf: Handles,
) => Readonly<Record<string, TensorInfo>>;

/** Registers our kernels for the tfjs backend `tensorflow`: by the bodies below, else by the reference on the host. Once a process. */
export function registerKernels(backendName: string, bodies: Partial<TensorFlowBodies>): void {
  const register = (kernel: AnyKernel, body: AnyBody | undefined): void => {
    const kernelFunc: KernelConfig['kernelFunc'] = ({ inputs, backend, attrs = {} }) => {
      const tf = new Handles(backend as unknown as TensorFlowBackend);
      try {
        if (!body) return runOnArrays(kernel, (...args) => kernel.body(...args), inputs, attrs, tf.onHost());
        const { signature } = kernel;
        const numbers = attrs as Readonly<Record<string, number>>;
        const bound = bind(signature, inputs, numbers);
        const made = body(
          gathered(signature, inputs as Readonly<Record<string, TensorInfo>>, (info) => info),
          bound,
          numbers,
          tf,
        );
        return signature.outputs.map(({ name }) => present(made[name], name));
      } finally {
        tf.close();
      }
    };
    registerKernel({ kernelName: kernel.name, backendName, kernelFunc });
  };
  for (const [name, { forward, gradient }] of ALL_OPS) {
    const own = bodies[name] as { forward: AnyBody; gradient?: AnyBody } | undefined;
    register(forward, own?.forward);
    if (gradient) register(gradient, own?.gradient);
  }
}

export function tensorFlowBodies(recurrence: Recurrence) {
  return {
    lstm: {
      forward({ x: xInfo, w: wInfo, b, stepSizes }, { N, I, H, D }, { training }, tf) {
        if (N === 0) return { h: tf.out(tf.zeros(0, D * H)), reserve: tf.bundle([]) };
        const x = tf.of(xInfo);
        const layouts = layoutsOf(tf.intsOf(stepSizes));
        const widths = { inputs: I, units: H };
        const [ws, bs] = [tf.unpack(tf.of(wInfo)), tf.unpack(tf.of(b))]; // D of (I+H, 4H), D of (4H)
        const done = ws.map((wd, d) =>
          recurrence.forward(tf, directionOf(layouts, d), widths, x, wd, directionOf(bs, d), training !== 0),
        );
        const hs = done.map((direction) => direction.h); // D of (N, H)
        const reserve = tf.bundle(training !== 0 ? done.flatMap((direction) => direction.reserve) : []);
        return { h: tf.out(tf.concat(hs, 1)), reserve }; // (N, D*H)
      },
      gradient({ x: xInfo, w: wInfo, stepSizes, h: hInfo, reserve: bundle, dh: dhInfo }, { N, I, H, D }, _, tf) {
        const [x, w] = [tf.of(xInfo), tf.of(wInfo)];
        const zeros = (...shape: number[]): TensorInfo => tf.out(tf.zeros(...shape));
        if (N === 0) return { dx: zeros(0, I), dw: zeros(...w.shape), db: zeros(D, 4 * H) };
        const layouts = layoutsOf(tf.intsOf(stepSizes));
        const widths = { inputs: I, units: H };
        const reserve = bundled(bundle);
        const each = reserve.length / D;
        const [ws, hs, dhs] = [tf.unpack(w), tf.split(tf.of(hInfo), D, 1), tf.split(tf.of(dhInfo), D, 1)];
        const grads = ws.map((wd, d) => {
          const own = reserve.slice(d * each, (d + 1) * each);
          const [h, dh] = [directionOf(hs, d), directionOf(dhs, d)];
          return recurrence.backward(tf, directionOf(layouts, d), widths, x, wd, h, own, dh);
        });
        return {
          dx: tf.out(grads.map((grad) => grad.dx).reduce((sum, part) => tf.op('AddV2', [sum, part]))), // (N, I)
          dw: tf.out(tf.pack(grads.map((grad) => grad.dw))), // (D, I+H, 4H)
          db: tf.out(tf.pack(grads.map((grad) => grad.db))), // (D, 4H)
        };
      },
    },
    dense: {
      forward({ x, w, b }, _, __, tf) {
        return { y: tf.out(tf.op('BiasAdd', [tf.matMul(tf.of(x), tf.of(w)), tf.of(b)])) }; // (N, O)
      },
      gradient({ x: xInfo, w: wInfo, dy: dyInfo }, { N, O }, _, tf) {
        const [x, w, dy] = [tf.of(xInfo), tf.of(wInfo), tf.of(dyInfo)];
        const dx = tf.out(tf.matMul(dy, w, { transposeB: true })); // (N, I)
        const dw = tf.out(tf.matMul(x, dy, { transposeA: true })); // (I, O)
        const db = tf.out(N === 0 ? tf.zeros(O) : tf.op('BiasAddGrad', [dy])); // (O)
        return { dx, dw, db };
      },
    },
    embed: {
      forward({ table: tables, ids }, { V }, _, tf) {
        const parts = tables.map((table, i) => {
          const [own, rows] = [present(ids[i], 'ids'), present(V[i], 'size of a table')];
          // TensorFlow refuses a wrong id on a CPU, and reads zeros for it on a GPU.
          for (const id of tf.intsOf(own))
            if (id < 0 || id >= rows) throw new RangeError(`embed: id ${id} is not a row of its table`);
          return tf.gather(tf.of(table), tf.of(own)); // (N, E)
        });
        return { x: tf.out(tf.concat(parts, 1)) }; // (N, E0+E1+...)
      },
    },
    dropout: {
      forward: ({ x }, _, { rate, seed }, tf) => ({ y: dropout(tf, tf.of(x), rate, seed) }),
      gradient: ({ dy }, _, { rate, seed }, tf) => ({ dx: dropout(tf, tf.of(dy), rate, seed) }),
    },
    sumRows: {
      forward({ ids: idsInfo, grad: gradInfo }, { N, G, E }, { from }, tf) {
        const grad = tf.of(gradInfo);
        const { rows, slotOf } = distinct(tf.intsOf(idsInfo));
        const corner = tf.ints(Int32Array.of(0, from));
        const size = tf.ints(Int32Array.of(N, E));
        const columns = E === G ? grad : tf.op('Slice', [grad, corner, size]); // (N, E)
        const sums = tf.op('UnsortedSegmentSum', [columns, tf.ints(slotOf), tf.int(rows.length)]); // (U, E)
        return { rows: tf.out(tf.ints(rows)), sums: tf.out(sums) };
      },
    },
    globalNorm: {
      forward({ x }, _, __, tf) {
        // L2Loss is half of the sum of squares.
        const halves = x.map((info) => {
          const wide = tf.op('Cast', [tf.of(info)], [dtype('DstT', DTYPE.float64), bool('Truncate', false)]);
          return tf.op('L2Loss', [wide]);
        });
        const sum = halves.reduce((total, half) => tf.op('AddV2', [total, half]));
        const norm = tf.op('Sqrt', [tf.op('AddV2', [sum, sum])]);
        return { norm: tf.out(tf.op('Cast', [norm], [dtype('DstT', DTYPE.float32), bool('Truncate', false)])) };
      },
    },
    adam: { forward: adam },
    adamRows: { forward: adamRows },
  } satisfies Partial<TensorFlowBodies>;
}

const directionOf = <T>(all: readonly T[], d: number): T => present(all[d], 'direction');

/** Distinct ids in the order of their first appearance, and the place of each id among them. */
function distinct(ids: Int32Array): { rows: Int32Array; slotOf: Int32Array } {
  const slots = new Map<number, number>();
  const slotOf = ids.map((id) => {
    const slot = slots.get(id) ?? slots.size;
    slots.set(id, slot);
    return slot;
  });
  return { rows: Int32Array.from(slots.keys()), slotOf };
}

let lastMasks: { key: string; mask: Float32Array }[] = [];

/**
 * The mask comes from the reference's own function, so it is the same to the bit on every engine. TensorFlow's
 * StatelessRandomUniform draws by another generator (Philox), which the other engines would have to repeat.
 */
function dropout(tf: Handles, x: Handle, rate: number, seed: number): TensorInfo {
  const mask = dropoutMask(util.sizeFromShape(x.shape), rate, seed);
  return tf.out(tf.op('Mul', [x, tf.floats(mask, x.shape)]));
}

/** Zeros and scales. The last few are kept, since the gradient asks for the same mask again. */
function dropoutMask(length: number, rate: number, seed: number): Float32Array {
  const key = `${length}/${rate}/${seed}`;
  const kept = lastMasks.find((entry) => entry.key === key);
  if (kept) {
    lastMasks = lastMasks.filter((entry) => entry !== kept);
    return kept.mask;
  }
  const mask = masked(new Float32Array(length).fill(1), rate, seed);
  lastMasks = [...lastMasks.slice(-3), { key, mask }];
  return mask;
}
