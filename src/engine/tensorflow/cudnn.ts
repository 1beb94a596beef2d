import { bool, DTYPE, dtype, float, int, text, type Attr, type Handle } from './binding';
import type { Handles } from './handles';
import type { Layout } from './layout';
import type { Forward, Gradients, Recurrence, Widths } from './lstm';

/**
 * One direction by cuDNN, through TensorFlow's CudnnRNNV3, which knows the length of each sentence. Written from the
 * documentation of the op; what it hands to cuDNN and reads from it is held against what cuDNN 9.19 itself gave on an H100
 * (`test/engine/cudnn.cc`), while TensorFlow's op between the two HAS NOT YET RUN ON A GPU. The engine therefore compares it with
 * BLOCK on a small batch each time it opens, uses it only where both agree, and says which one it uses.
 *
 * Always batch-major, since the op's cache of descriptors overlooks the flag that padding goes with.
 */
export const CUDNN: Recurrence = { forward, backward };

const ATTRS: readonly Attr[] = [
  text('rnn_mode', 'lstm'),
  text('input_mode', 'linear_input'),
  text('direction', 'unidirectional'),
  float('dropout', 0),
  int('seed', 0),
  int('seed2', 0),
  int('num_proj', 0),
  bool('time_major', false),
];

type Reserve = [
  padded: Handle,
  params: Handle,
  /** (B, T, H) */
  output: Handle,
  lastH: Handle,
  lastC: Handle,
  space: Handle,
  /** int8 */
  hostSpace: Handle,
];

function forward(
  tf: Handles,
  layout: Layout,
  { units }: Widths,
  x: Handle,
  w: Handle,
  b: Handle,
  training: boolean,
): Forward {
  const { rows, size, steps, lengths } = layout;
  const anyRow = batchMajor(layout).map((row) => (row === rows ? 0 : row));
  const padded = tf.gather(x, tf.ints(anyRow, [size, steps])); // (B, T, I)
  const state = tf.zeros(size, 1, units); // (B, layers, H)
  const params = pack(tf, units, w, b);
  const inputs = [padded, state, state, params, tf.ints(lengths)];
  const outputs = tf.ops('CudnnRNNV3', inputs, 5, [...ATTRS, bool('is_training', training)]);
  const h = tf.gather(tf.reshape(outputs[0], size * steps, units), tf.ints(places(layout))); // (N, H)
  const kept: Reserve = [padded, params, ...outputs];
  return { h, reserve: kept };
}

function backward(
  tf: Handles,
  layout: Layout,
  { inputs, units }: Widths,
  _x: Handle,
  _w: Handle,
  _h: Handle,
  reserve: readonly Handle[],
  dh: Handle,
): Gradients {
  const { size, steps, lengths } = layout;
  const [padded, params, output, lastH, lastC, space, hostSpace] = reserve as Reserve;
  const rows = tf.ints(batchMajor(layout), [size, steps]);
  const dOutput = tf.gather(tf.concat([dh, tf.zeros(1, units)], 0), rows); // (B, T, H)
  const state = tf.zeros(size, 1, units);
  const before = [padded, state, state, params, tf.ints(lengths), output, lastH, lastC];
  const [dPadded, , , dParams] = tf.ops(
    'CudnnRNNBackpropV3',
    [...before, dOutput, state, state, space, hostSpace],
    4,
    ATTRS,
  );

  const gates = 4 * units;
  const sizes = tf.ints(Int32Array.of(gates * inputs, gates * units, gates, gates));
  const parts = tf.ops('SplitV', [dParams, sizes, tf.int(0)], 4, [int('num_split', 4)]);
  const dwx = transpose(tf, tf.reshape(parts[0], gates, inputs)); // (I, 4H)
  const dwh = transpose(tf, tf.reshape(parts[1], gates, units)); // (H, 4H)
  return {
    dx: tf.gather(tf.reshape(dPadded, size * steps, inputs), tf.ints(places(layout))), // (N, I)
    dw: tf.concat([dwx, dwh], 0), // (I+H, 4H)
    db: parts[3], // (4H)
  };
}

/** cuDNN's flat weights: W of the gates i, f, c, o, each transposed, then U likewise, four biases of W (zero), four of U (b). */
function pack(tf: Handles, units: number, w: Handle, b: Handle): Handle {
  const [width, gates] = w.shape as [number, number];
  const cut = [tf.ints(Int32Array.of(width - units, units)), tf.int(0)];
  const [wx, wh] = tf.ops('SplitV', [w, ...cut], 2, [int('num_split', 2)]);
  const flat = [wx, wh].map((part) => tf.reshape(transpose(tf, part), -1));
  return tf.concat([...flat, tf.zeros(gates), b], 0);
}

function transpose(tf: Handles, matrix: Handle): Handle {
  return tf.op('Transpose', [matrix, tf.ints(Int32Array.of(1, 0))], [dtype('Tperm', DTYPE.int32)]);
}

/** Layout.padded with the sentence first. (B*T) */
function batchMajor({ padded, size, steps }: Layout): Int32Array {
  return padded.map((_, at) => padded[(at % steps) * size + Math.floor(at / steps)] as number);
}

/** Layout.placeOf with the sentence first. (N) */
function places({ placeOf, size, steps }: Layout): Int32Array {
  return placeOf.map((at) => (at % size) * steps + Math.floor(at / size));
}
