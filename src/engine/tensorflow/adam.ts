import { bool, DTYPE, dtype, shape, text, type Handle } from './binding';
import type { Handles } from './handles';
import type { TensorFlowBodies } from './bodies';

/** Names of the three tensors that Adam changes. */
const STATE = ['param', 'm', 'v'] as const;

/** A resource of this name belongs to its handle alone, and goes when that is deleted. */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/**
 * Dense Adam by ResourceApplyAdam. Tensors cannot change, variables can: each call lends the three buffers to variables, drops
 * the tensors' own handles so that the update needs no copy, and reads the buffers back into the same tensors.
 *
 * TensorFlow adds epsilon before the correction of v: with its learning rate r sqrt(1 - beta2^t) / (1 - beta1^t), our
 * r m^ / (sqrt(v^) + epsilon) is its update with epsilon sqrt(1 - beta2^t) in epsilon's place.
 */
export const adam: TensorFlowBodies['adam']['forward'] = (inputs, _, options, tf) => {
  const { rate, beta1, beta2, step, scale } = options;
  const grad = scaled(tf, tf.of(inputs.grad), scale);
  const state = STATE.map((name) => ({ info: inputs[name], variable: variableOf(tf, tf.of(inputs[name])) }));
  const variables = state.map(({ variable }) => variable);
  const [power1, power2] = [beta1 ** step, beta2 ** step];
  const epsilon = options.epsilon * Math.sqrt(1 - power2);
  const numbers = [power1, power2, rate, beta1, beta2, epsilon].map((value) => tf.float(value));
  for (const { info } of state) tf.release(info);
  try {
    tf.ops('ResourceApplyAdam', [...variables, ...numbers, grad], 0, [bool('use_locking', false)]);
  } finally {
    for (const { info, variable } of state)
      tf.replace(info, tf.op('ReadVariableOp', [variable], [dtype('dtype', DTYPE.float32)]));
  }
  return {};
};

function variableOf(tf: Handles, value: Handle): Handle {
  const attrs = [text('container', ''), text('shared_name', ANONYMOUS), dtype('dtype', DTYPE.float32)];
  const variable = tf.op('VarHandleOp', [], [...attrs, shape('shape', value.shape)]);
  tf.ops('AssignVariableOp', [variable, value], 0, [dtype('dtype', DTYPE.float32)]);
  return variable;
}

/**
 * Lazy Adam: the rows are gathered, updated and written back by InplaceUpdate, which is the one op that changes a tensor where
 * it lies. A variable's scatter would copy the whole table, as soon as it is read again as a tensor.
 */
export const adamRows: TensorFlowBodies['adamRows']['forward'] = (inputs, { M }, options, tf) => {
  const { rate, beta1, beta2, epsilon, step, scale } = options;
  const [param, m, v] = [tf.of(inputs.param), tf.of(inputs.m), tf.of(inputs.v)];
  for (const row of tf.intsOf(inputs.rows))
    if (row < 0 || row >= M) throw new RangeError(`adamRows: ${row} is not a row with moments`);
  const rows = tf.of(inputs.rows);
  const grad = scaled(tf, tf.of(inputs.grad), scale); // (U, E)
  const times = (x: Handle, factor: number): Handle => tf.op('Mul', [x, tf.float(factor)]);
  const add = (a: Handle, b: Handle): Handle => tf.op('AddV2', [a, b]);

  const newM = add(times(tf.gather(m, rows), beta1), times(grad, 1 - beta1)); // (U, E)
  const newV = add(times(tf.gather(v, rows), beta2), times(tf.op('Square', [grad]), 1 - beta2)); // (U, E)
  const root = tf.op('Sqrt', [times(newV, 1 / (1 - beta2 ** step))]);
  const quotient = tf.op('RealDiv', [newM, add(root, tf.float(epsilon))]);
  const update = times(quotient, -rate / (1 - beta1 ** step)); // (U, E)
  tf.op('InplaceUpdate', [m, rows, newM]);
  tf.op('InplaceUpdate', [v, rows, newV]);
  tf.op('InplaceUpdate', [param, rows, add(tf.gather(param, rows), update)]);
  return {};
};

function scaled(tf: Handles, grad: Handle, scale: number): Handle {
  return scale === 1 ? grad : tf.op('Mul', [grad, tf.float(scale)]);
}
