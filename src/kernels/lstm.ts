import { engine, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Rng } from '../rng';
import { op } from './op';
import { multiplyAdd, packColumns } from './product';
import { FLAG, type Tensors } from './signature';

/** Floats a row and direction of the reserve holds: gates i, f, g, o after their nonlinearity, then c, then tanh(c), H each. */
const KEPT = 6;

const normals =
  (scale: number) =>
  (rng: Rng, length: number): Float32Array =>
    Float32Array.from({ length }, () => scale * rng.normal());

/**
 * A whole LSTM layer over a packed batch (see `Batch`), all directions in one call, zero initial state, no peepholes, no constant on
 * the forget bias. N packed rows, T steps, I inputs, H units, D directions (1 forward; 2 forward and backward). Gate columns are in
 * the order I F C O (input, forget, candidate, output), as in Keras, cuDNN and TensorFlow's BlockLSTM; rows of w are the I inputs
 * first, then the H recurrent. The reserve may be empty unless `training`.
 *
 * One product takes the input of all rows to the gates; then each step adds the recurrent product of its rows:
 *   a = x W + b + h' U;  i = sigmoid(a_i)  f = sigmoid(a_f)  g = tanh(a_g)  o = sigmoid(a_o);  c = f c' + i g;  h = o tanh(c)
 * with h', c' the state of the same sentence one step before (after, in the backward direction), or zero.
 *
 * Speed alone on one core (Xeon, AVX-512, Node 20.20), B=32, T=32, D=2, forward and backward, multiply-adds of the products only:
 * I=64, H=64 141 ms, 2.8 GFLOP/s; I=100, H=128 462 ms, 3.1 GFLOP/s. The products take nine tenths of it.
 */
export const LSTM = op({
  name: 'DscLstm',
  inputs: { x: 'N I', w: 'D I+H 4H', b: 'D 4H', stepSizes: 'int32 T' },
  attributes: { training: FLAG },
  outputs: { h: 'N DH', reserve: '?' },
  body({ x, w, b, stepSizes }, { N: rows, I: inputs, H: units, D: directions }) {
    const gates = 4 * units;
    const h = new Float32Array(rows * directions * units); // (N, D*H)
    const reserve = new Float32Array(directions * rows * KEPT * units); // (D, N, 6H)
    const output = { data: h, offset: 0, row: directions * units, column: 1 };
    const kept = { data: reserve, offset: 0, row: KEPT * units, column: 1 };

    for (let direction = 0; direction < directions; direction++) {
      const base = direction * rows * KEPT * units;
      const wAt = direction * (inputs + units) * gates;
      for (let n = 0; n < rows; n++) {
        const at = base + n * KEPT * units;
        for (let j = 0; j < gates; j++) reserve[at + j] = b[direction * gates + j] as number;
      }
      const packedW = packColumns({ data: w, offset: wAt, row: gates, column: 1 }, inputs, gates);
      kept.offset = base;
      multiplyAdd(rows, gates, inputs, { data: x, offset: 0, row: inputs, column: 1 }, packedW, kept); // (N, 4H)

      const packedU = packColumns({ data: w, offset: wAt + inputs * gates, row: gates, column: 1 }, units, gates);
      for (const { first, size, previous, alive } of stepsOf(stepSizes, rows, direction)) {
        output.offset = previous * output.row + direction * units;
        kept.offset = base + first * kept.row;
        multiplyAdd(alive, gates, units, output, packedU, kept); // (alive, 4H)
        for (let i = 0; i < size; i++) {
          const at = base + (first + i) * kept.row;
          const cBefore = i < alive ? base + (previous + i) * kept.row + gates : -1;
          cell(reserve, at, cBefore, h, (first + i) * output.row + direction * units, units);
        }
      }
    }
    return { h, reserve };
  },
  tolerance: 1e-5,
  gradient: {
    needs: ['x', 'w', 'stepSizes', 'h', 'reserve'],
    of: ['x', 'w', 'b'],
    /**
     * Steps are walked against the forward order; each turns dh and dc of its rows into the gradient of its gate inputs, and takes
     * that through U to the rows of the step before. Then one product each over all rows: dx = da W^T, and [dW; dU] = [x h']^T da.
     */
    body({ x, w, stepSizes, h, reserve, dh }, { N: rows, I: inputs, H: units, D: directions }) {
      const gates = 4 * units;
      const width = inputs + units;
      const dx = new Float32Array(rows * inputs); // (N, I)
      const dw = new Float32Array(directions * width * gates); // (D, I+H, 4H)
      const db = new Float32Array(directions * gates); // (D, 4H)
      const da = { data: new Float32Array(rows * gates), offset: 0, row: gates, column: 1 }; // (N, 4H)
      const dState = { data: new Float32Array(rows * units), offset: 0, row: units, column: 1 }; // (N, H)
      const dCell = new Float32Array(rows * units); // (N, H)
      const xh = new Float32Array(rows * width); // (N, I+H)

      for (let direction = 0; direction < directions; direction++) {
        const base = direction * rows * KEPT * units;
        const wAt = direction * width * gates;
        const hAt = direction * units;
        const hRow = directions * units;
        for (let n = 0; n < rows; n++) {
          for (let j = 0; j < units; j++) dState.data[n * units + j] = dh[n * hRow + hAt + j] as number;
          for (let j = 0; j < inputs; j++) xh[n * width + j] = x[n * inputs + j] as number;
        }
        dCell.fill(0);

        const transposedU = { data: w, offset: wAt + inputs * gates, row: 1, column: gates }; // (4H, H)
        const packedU = packColumns(transposedU, gates, units);
        for (const { first, size, previous, alive } of stepsOf(stepSizes, rows, direction).reverse()) {
          for (let i = 0; i < size; i++) {
            const n = first + i;
            const before = i < alive ? previous + i : -1;
            cellGrad(reserve, base, n, before, units, dState.data, dCell, da.data);
            for (let j = 0; j < units; j++)
              xh[n * width + inputs + j] = before < 0 ? 0 : (h[before * hRow + hAt + j] as number);
          }
          da.offset = first * gates;
          dState.offset = previous * units;
          multiplyAdd(alive, units, gates, da, packedU, dState); // (alive, H)
        }

        da.offset = 0;
        const packedW = packColumns({ data: w, offset: wAt, row: 1, column: gates }, gates, inputs);
        multiplyAdd(rows, inputs, gates, da, packedW, { data: dx, offset: 0, row: inputs, column: 1 }); // (N, I)
        const transposedXh = { data: xh, offset: 0, row: 1, column: width }; // (I+H, N)
        const dwView = { data: dw, offset: wAt, row: gates, column: 1 };
        multiplyAdd(width, gates, rows, transposedXh, packColumns(da, rows, gates), dwView); // (I+H, 4H)
        for (let n = 0; n < rows; n++)
          for (let j = 0; j < gates; j++)
            db[direction * gates + j] = (db[direction * gates + j] as number) + (da.data[n * gates + j] as number);
      }
      return { dx, dw, db };
    },
    tolerance: 1e-4,
  },
  // Sentences of 6, 6, 4, 2 and 1 words.
  example: {
    dims: { N: 19, I: 9, H: 8, D: 2, T: 6 },
    numbers: { training: 1 },
    draw: { w: normals(0.4), b: normals(0.4), stepSizes: () => Int32Array.of(5, 4, 3, 3, 2, 2) },
  },
});

/** The layer's output h (N, DH); differentiable in x, w and b. */
export function lstm(inputs: Tensors<typeof LSTM.forward.inputs>): Tensor2D {
  return LSTM(inputs, { training: engine().state.gradientDepth > 0 ? 1 : 0 });
}

/** Gates, cell and output of one row; `cBefore` is where c' lies, -1 where the sentence starts. */
function cell(r: Float32Array, at: number, cBefore: number, h: Float32Array, hAt: number, units: number): void {
  for (let j = 0; j < units; j++) {
    const p = at + j;
    const i = 1 / (1 + Math.exp(-(r[p] as number)));
    const f = 1 / (1 + Math.exp(-(r[p + units] as number)));
    const g = tanh(r[p + 2 * units] as number);
    const o = 1 / (1 + Math.exp(-(r[p + 3 * units] as number)));
    const c = i * g + (cBefore < 0 ? 0 : f * (r[cBefore + j] as number));
    const tanhC = tanh(c);
    r[p] = i;
    r[p + units] = f;
    r[p + 2 * units] = g;
    r[p + 3 * units] = o;
    r[p + 4 * units] = c;
    r[p + 5 * units] = tanhC;
    h[hAt + j] = o * tanhC;
  }
}

/** By Math.exp, three times as fast as Math.tanh; the error, 2e-16 absolute, is far below float32. */
function tanh(x: number): number {
  return 1 - 2 / (Math.exp(2 * x) + 1);
}

/** Gradient of `cell` for row n: reads dh and dc, writes da, and sets dc of row `before` (-1 where the sentence starts). */
function cellGrad(
  reserve: Float32Array,
  base: number,
  n: number,
  before: number,
  units: number,
  dh: Float32Array,
  dc: Float32Array,
  da: Float32Array,
): void {
  const at = base + n * KEPT * units;
  const cBefore = base + (before * KEPT + 4) * units;
  for (let j = 0; j < units; j++) {
    const p = at + j;
    const i = reserve[p] as number;
    const f = reserve[p + units] as number;
    const g = reserve[p + 2 * units] as number;
    const o = reserve[p + 3 * units] as number;
    const tanhC = reserve[p + 5 * units] as number;
    const dhj = dh[n * units + j] as number;
    const dcj = (dc[n * units + j] as number) + dhj * o * (1 - tanhC * tanhC);
    const to = n * 4 * units + j;
    da[to] = dcj * g * i * (1 - i);
    da[to + units] = before < 0 ? 0 : dcj * (reserve[cBefore + j] as number) * f * (1 - f);
    da[to + 2 * units] = dcj * i * (1 - g * g);
    da[to + 3 * units] = dhj * tanhC * o * (1 - o);
    if (before >= 0) dc[before * units + j] = dcj * f;
  }
}

/** One time step of one direction over packed rows: rows first..first+size. */
interface Step {
  readonly first: number;
  readonly size: number;
  /** Row of the first sentence at the step visited before; the first `alive` rows of this step go on from there. */
  readonly previous: number;
  /** Rows with a state; the others start here from zero. */
  readonly alive: number;
}

/**
 * The steps in the order in which a direction visits them. Sentences are sorted by length, so the rows of a sentence sit at the
 * same place within each step. Forward (0), all rows of a step were alive before; backward (1), some sentences start at it.
 */
function stepsOf(stepSizes: Int32Array, rows: number, direction: number): Step[] {
  const steps: Step[] = [];
  let first = 0;
  for (let t = 0; t < stepSizes.length; t++) {
    const size = stepSizes[t] as number;
    const [previous, alive] =
      direction === 0
        ? [t > 0 ? first - (stepSizes[t - 1] as number) : 0, t > 0 ? size : 0]
        : [first + size, t + 1 < stepSizes.length ? (stepSizes[t + 1] as number) : 0];
    steps.push({ first, size, previous, alive });
    first += size;
  }
  if (first !== rows) throw new RangeError(`lstm: stepSizes add up to ${first}, expected ${rows}`);
  return direction === 0 ? steps : steps.reverse();
}
