/**
 * Names, inputs and outputs of our fused kernels. Each engine registers an implementation of every one of them for its tfjs
 * backend; `reference/` holds the TypeScript one, which is also the oracle that the others are tested against.
 *
 * Shapes: B sentences, N packed rows, T steps (see `Batch`), I input width, H units, D directions (1 forward; 2 forward and
 * backward), V table rows, E row width. All float32 unless said. Gate columns are in the order I F C O (input, forget,
 * candidate, output), as in Keras, cuDNN and TensorFlow's BlockLSTM; rows of `w` are the I inputs first, then the H recurrent.
 */

/**
 * A whole LSTM layer over a packed batch, all directions in one call, zero initial state, no peepholes, no forget-bias constant.
 *   in:  x (N, I), w (D, I+H, 4H), b (D, 4H), stepSizes (T) int32; attrs: training (false: reserve may be empty)
 *   out: [h (N, D*H), reserve (any shape; what this engine's gradient needs)]
 */
export const LSTM = 'DscLstm';

/**
 * Gradient of LSTM.
 *   in:  x, w, b, stepSizes, h, reserve as above, dh (N, D*H)
 *   out: [dx (N, I), dw (D, I+H, 4H), db (D, 4H)]
 */
export const LSTM_GRAD = 'DscLstmGrad';

/**
 * A dense layer, y = x w + b.
 *   in:  x (N, I), w (I, O), b (O)
 *   out: y (N, O)
 */
export const DENSE = 'DscDense';

/**
 * Gradient of DENSE.
 *   in:  x, w as above, dy (N, O)
 *   out: [dx (N, I), dw (I, O), db (O)]
 */
export const DENSE_GRAD = 'DscDenseGrad';

/**
 * Rows of several tables side by side: row n of the output is table0[ids0[n]], table1[ids1[n]], ...
 *   in:  table0 (V0, E0), ids0 (N) int32, table1 (V1, E1), ids1 (N) int32, ...
 *   out: x (N, E0+E1+...)
 */
export const EMBED = 'DscEmbed';

/**
 * Inverted dropout with a stateless, counter-based mask: element i is kept when hash(seed, i) >= rate * 2^32, and is then
 * scaled by 1 / (1 - rate). The same seed gives the same mask on every engine; the gradient is the kernel itself on dy.
 *   in:  x (any shape); attrs: rate in [0, 1), seed uint32
 *   out: y like x
 */
export const DROPOUT = 'DscDropout';

/**
 * Sums the gradient rows of equal ids, in the order of their first appearance; reads columns from..from+width of grad alone, so
 * that the gradient of one table is taken from that of the rows side by side (EMBED). Added up in float32, in row order.
 *   in:  ids (N) int32, grad (N, G); attrs: from, width E
 *   out: [rows (U) int32, sums (U, E)]   U = number of distinct ids
 */
export const SUM_ROWS = 'DscSumRows';

/**
 * Euclidean norm over a list of tensors, accumulated in double precision.
 *   in:  '0', '1', ... any shapes
 *   out: scalar
 */
export const GLOBAL_NORM = 'DscGlobalNorm';

/**
 * Adam (Kingma and Ba 2015) IN PLACE on param, m and v: with g = grad * scale,
 *   m = beta1 m + (1-beta1) g;  v = beta2 v + (1-beta2) g^2;  param -= rate * m_hat / (sqrt(v_hat) + epsilon)
 * where m_hat = m / (1 - beta1^step) and v_hat = v / (1 - beta2^step).
 *   in:  param, m, v, grad (all one shape); attrs: rate, beta1, beta2, epsilon, step (1-based), scale
 *   out: scalar 0 (the update is the side effect)
 */
export const ADAM = 'DscAdam';

/**
 * Lazy Adam IN PLACE: ADAM on the named rows of a table alone; rows not named keep param, m and v. Not the same update as dense
 * Adam, whose moments decay on every step (as PyTorch's SparseAdam and TensorFlow Addons' LazyAdam).
 *   in:  param, m, v (V, E), rows (U) int32 distinct, grad (U, E); attrs as ADAM
 *   out: scalar 0
 */
export const ADAM_ROWS = 'DscAdamRows';
