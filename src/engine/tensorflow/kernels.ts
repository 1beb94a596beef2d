import { registerKernel } from '@tensorflow/tfjs-core';
import * as names from '../../kernels/names';
import { dropout } from '../../kernels/reference/dropout';
import { bool, dtype, DTYPE, type Handle, type TensorFlowBackend } from './binding';
import { adam, adamRows } from './adam';
import { bundled } from './handles';
import { call, type Kernel } from './call';
import { layoutsOf } from './layout';
import type { Recurrence } from './lstm';

/** Registers our kernels for the tfjs backend `tensorflow`; inputs, outputs and shapes as in names.ts. Once a process. */
export function registerKernels(backendName: string, recurrence: Recurrence): void {
  for (const [kernelName, run] of Object.entries(kernels(recurrence)))
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend, attrs }) =>
        call(kernelName, run, inputs, backend as unknown as TensorFlowBackend, (attrs ?? {}) as Record<string, number>),
    });
}

function kernels(recurrence: Recurrence): Record<string, Kernel> {
  return {
    [names.LSTM]({ tf, handle, ints, attr }) {
      const [x, w, b] = [handle('x'), handle('w'), handle('b')];
      const [directions, , gates] = w.shape;
      const units = gates / 4;
      const training = attr('training') !== 0;
      if (x.shape[0] === 0) return [tf.out(tf.zeros(0, directions * units)), tf.bundle([])];
      const layouts = layoutsOf(ints('stepSizes'));
      const widths = { inputs: x.shape[1], units };
      const [ws, bs] = [tf.unpack(w), tf.unpack(b)]; // D of (I+H, 4H), D of (4H)
      const done = ws.map((wd, d) => recurrence.forward(tf, layouts[d], widths, x, wd, bs[d], training));
      const h = tf.out(
        tf.concat(
          done.map((direction) => direction.h),
          1,
        ),
      ); // (N, D*H)
      return [h, tf.bundle(training ? done.flatMap(({ reserve }) => reserve) : [])];
    },
    [names.LSTM_GRAD]({ tf, info, handle, ints }) {
      const [x, w] = [handle('x'), handle('w')];
      const [directions, width, gates] = w.shape;
      if (x.shape[0] === 0)
        return [tf.zeros(...x.shape), tf.zeros(...w.shape), tf.zeros(directions, gates)].map((zero) => tf.out(zero));
      const layouts = layoutsOf(ints('stepSizes'));
      const units = gates / 4;
      const widths = { inputs: width - units, units };
      const reserve = bundled(info('reserve'));
      const each = reserve.length / directions;
      const [ws, hs, dhs] = [tf.unpack(w), tf.split(handle('h'), directions, 1), tf.split(handle('dh'), directions, 1)];
      const grads = ws.map((wd, d) => {
        const own = reserve.slice(d * each, (d + 1) * each);
        return recurrence.backward(tf, layouts[d], widths, x, wd, hs[d], own, dhs[d]);
      });
      const dx = grads.map((grad) => grad.dx).reduce((sum, part) => tf.op('AddV2', [sum, part])); // (N, I)
      const dw = tf.pack(grads.map((grad) => grad.dw)); // (D, I+H, 4H)
      const db = tf.pack(grads.map((grad) => grad.db)); // (D, 4H)
      return [dx, dw, db].map((grad) => tf.out(grad));
    },
    [names.DENSE]: ({ tf, handle }) => tf.out(tf.op('BiasAdd', [tf.matMul(handle('x'), handle('w')), handle('b')])), // (N, O)
    [names.DENSE_GRAD]({ tf, handle }) {
      const [x, w, dy] = [handle('x'), handle('w'), handle('dy')];
      const dx = tf.matMul(dy, w, { transposeB: true }); // (N, I)
      const dw = tf.matMul(x, dy, { transposeA: true }); // (I, O)
      const db = x.shape[0] === 0 ? tf.zeros(w.shape[1]) : tf.op('BiasAddGrad', [dy]); // (O)
      return [dx, dw, db].map((grad) => tf.out(grad));
    },
    [names.EMBED]({ tf, inputs, handle, ints }) {
      const parts: Handle[] = [];
      for (let i = 0; `table${i}` in inputs; i++) {
        const table = handle(`table${i}`);
        const ids = ints(`ids${i}`);
        // TensorFlow refuses a wrong id on a CPU, and reads zeros for it on a GPU.
        for (const id of ids)
          if (id < 0 || id >= table.shape[0]) throw new RangeError(`embed: id ${id} is not a row of its table`);
        parts.push(tf.gather(table, handle(`ids${i}`))); // (N, E)
      }
      return tf.out(tf.concat(parts, 1)); // (N, E0+E1+...)
    },
    /**
     * The mask comes from the reference's own function, so it is the same to the bit on every engine. TensorFlow's
     * StatelessRandomUniform draws by another generator (Philox), which the other engines would have to repeat.
     */
    [names.DROPOUT]({ tf, handle, attr }) {
      const x = handle('x');
      const mask = dropoutMask(
        x.shape.reduce((product, n) => product * n, 1),
        attr('rate'),
        attr('seed'),
      );
      return tf.out(tf.op('Mul', [x, tf.floats(mask, x.shape)]));
    },
    [names.SUM_ROWS]({ tf, handle, ints, attr }) {
      const grad = handle('grad');
      const ids = ints('ids');
      const [from, width] = [attr('from'), attr('width')];
      const { rows, slotOf } = distinct(ids);
      const corner = tf.ints(Int32Array.of(0, from));
      const size = tf.ints(Int32Array.of(ids.length, width));
      const columns = width === grad.shape[1] ? grad : tf.op('Slice', [grad, corner, size]); // (N, E)
      const sums = tf.op('UnsortedSegmentSum', [columns, tf.ints(slotOf), tf.int(rows.length)]); // (U, E)
      return [tf.out(tf.ints(rows)), tf.out(sums)];
    },
    [names.GLOBAL_NORM]({ tf, inputs, handle }) {
      // L2Loss is half of the sum of squares.
      const halves = Object.keys(inputs).map((name) => {
        const wide = tf.op('Cast', [handle(name)], [dtype('DstT', DTYPE.float64), bool('Truncate', false)]);
        return tf.op('L2Loss', [wide]);
      });
      const sum = halves.reduce((total, half) => tf.op('AddV2', [total, half]));
      const norm = tf.op('Sqrt', [tf.op('AddV2', [sum, sum])]);
      return tf.out(tf.op('Cast', [norm], [dtype('DstT', DTYPE.float32), bool('Truncate', false)]));
    },
    [names.ADAM]: adam,
    [names.ADAM_ROWS]: adamRows,
  };
}

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

/** Zeros and scales. The last few are kept, since the gradient asks for the same mask again. */
function dropoutMask(length: number, rate: number, seed: number): Float32Array {
  const key = `${length}/${rate}/${seed}`;
  const kept = lastMasks.find((entry) => entry.key === key);
  if (kept) {
    lastMasks = lastMasks.filter((entry) => entry !== kept);
    return kept.mask;
  }
  const mask = dropout(new Float32Array(length).fill(1), rate, seed);
  lastMasks = [...lastMasks.slice(-3), { key, mask }];
  return mask;
}
