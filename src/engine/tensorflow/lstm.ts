import { present } from '../../errors';
import { bool, float, int, type Handle } from './binding';
import type { Handles } from './handles';
import type { Layout } from './layout';

/** Input width I and units H of one direction. */
export interface Widths {
  readonly inputs: number;
  readonly units: number;
}

/** One direction of a layer: its output rows, and the handles that its gradient needs. */
export interface Forward {
  /** (N, H) */
  readonly h: Handle;
  readonly reserve: readonly Handle[];
}

export interface Gradients {
  /** (N, I) */
  readonly dx: Handle;
  /** (I+H, 4H) */
  readonly dw: Handle;
  /** (4H) */
  readonly db: Handle;
}

/** A way to compute one direction: x (N, I), w (I+H, 4H) with the input's rows first, b (4H), gate columns I F C O. */
export interface Recurrence {
  forward(tf: Handles, layout: Layout, widths: Widths, x: Handle, w: Handle, b: Handle, training: boolean): Forward;
  /** `h` (N, H) and `reserve` are the forward pass's, `dh` is (N, H). */
  backward(
    tf: Handles,
    layout: Layout,
    widths: Widths,
    x: Handle,
    w: Handle,
    h: Handle,
    reserve: readonly Handle[],
    dh: Handle,
  ): Gradients;
}

/** By TensorFlow's BlockLSTMV2 over padded steps: on a CPU, and on a GPU where cuDNN does not do. */
export const BLOCK: Recurrence = { forward, backward };

function forward(tf: Handles, layout: Layout, { units }: Widths, x: Handle, w: Handle, b: Handle): Forward {
  const { steps, size, rows } = layout;
  const anyRow = layout.padded.map((row) => (row === rows ? 0 : row)); // what padding computes is never read
  const padded = tf.gather(x, tf.ints(anyRow, [steps, size])); // (T, B, I)
  const state = tf.zeros(size, units);
  const peephole = tf.zeros(units);
  const inputs = [tf.int64(steps), padded, state, state, w, peephole, peephole, peephole, b];
  const attrs = [float('cell_clip', 0), bool('use_peephole', false)];
  const outputs = tf.ops('BlockLSTMV2', inputs, 7, attrs); // i, cs, f, o, ci, co, h, each (T, B, H)
  const h = tf.gather(tf.reshape(outputs[6], steps * size, units), tf.ints(layout.placeOf)); // (N, H)
  return { h, reserve: outputs.slice(0, 6) };
}

/**
 * TensorFlow's own BlockLSTMGradV2 adds up the weight gradient step by step; here LSTMBlockCellGrad
 * gives each step's gate gradients, and one product over all real rows the weight gradient. Measured on two cores (AVX-512,
 * libtensorflow 2.21, B=32, T=32, I=100, both directions, forward and backward): H=128 38 ms against 56, H=256 82 against 125.
 */
function backward(
  tf: Handles,
  layout: Layout,
  { inputs, units }: Widths,
  x: Handle,
  w: Handle,
  h: Handle,
  reserve: readonly Handle[],
  dh: Handle,
): Gradients {
  const { steps, size, rows } = layout;
  const zeroRow = tf.zeros(1, units);
  const padded = tf.gather(tf.concat([dh, zeroRow], 0), tf.ints(layout.padded, [steps, size])); // (T, B, H)
  const dhs = tf.unpack(padded); // T of (B, H)
  const kept = reserve.map((gate) => tf.unpack(gate)); // i, cs, f, o, ci, co: T of (B, H) each
  const cs = present(kept[1], 'cs');
  const at = (t: number): Handle[] => kept.map((gate) => present(gate[t], 'step'));
  const cut = [tf.ints(Int32Array.of(inputs, units)), tf.int(0)];
  const [wx, wh] = tf.ops('SplitV', [w, ...cut], 2, [int('num_split', 2)]); // (I, 4H), (H, 4H)

  // The cell's gradient comes in the gate order of version 1, I C F O; x, h' and w only lend it their shapes.
  const [wi, wf, wc, wo] = tf.split(wh, 4, 1);
  const recurrent = tf.concat([wi, wc, wf, wo], 1); // (H, 4H)
  const state = tf.zeros(size, units);
  const peephole = tf.zeros(units);
  const bias = tf.zeros(4 * units);
  const noInput = tf.zeros(size, 0);
  const das = new Array<Handle>(steps);
  let dc = state;
  let recurrentDh: Handle | undefined;
  for (let t = steps - 1; t >= 0; t--) {
    const own = present(dhs[t], 'step');
    const dht = recurrentDh ? tf.op('AddV2', [own, recurrentDh]) : own; // (B, H)
    const cBefore = t > 0 ? present(cs[t - 1], 'step') : state;
    const cell = [noInput, cBefore, state, recurrent, peephole, peephole, peephole, bias, ...at(t), dc, dht];
    const [dcBefore, da] = tf.ops('LSTMBlockCellGrad', cell, 5, [bool('use_peephole', false)]);
    das[t] = da; // (B, 4H)
    dc = dcBefore; // (B, H)
    if (t > 0) recurrentDh = tf.matMul(da, recurrent, { transposeB: true }); // (B, H)
  }

  const da = tf.reshape(tf.pack(das), steps * size * 4, units); // (T*B*4, H)
  const daRows = tf.reshape(tf.gather(da, tf.ints(gatePlaces(layout))), rows, 4 * units); // (N, 4H), gates I F C O
  const hBefore = tf.gather(tf.concat([h, zeroRow], 0), tf.ints(layout.previous)); // (N, H)
  return {
    dx: tf.matMul(daRows, wx, { transposeB: true }), // (N, I)
    dw: tf.matMul(tf.concat([x, hBefore], 1), daRows, { transposeA: true }), // (I+H, 4H)
    db: tf.op('BiasAddGrad', [daRows]), // (4H)
  };
}

/** Where the gates I F C O of each packed row lie in padded gate gradients of the order I C F O. (N*4) */
function gatePlaces({ rows, placeOf }: Layout): Int32Array {
  const places = new Int32Array(rows * 4);
  for (let n = 0; n < rows; n++) {
    const at = (placeOf[n] as number) * 4;
    places[n * 4] = at;
    places[n * 4 + 1] = at + 2;
    places[n * 4 + 2] = at + 1;
    places[n * 4 + 3] = at + 3;
  }
  return places;
}
