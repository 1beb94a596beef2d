import type { LstmShape } from '../kernelSet';
import { multiplyAdd, packColumns } from './product';
import { stepsOf } from './steps';

/** Floats a row and direction of the reserve holds: gates i, f, g, o after their nonlinearity, then c, then tanh(c), H each. */
const KEPT = 6;

/**
 * LSTM forward over packed rows (see LSTM in names.ts). One product takes the input of all rows to the gates; then each step
 * adds the recurrent product of its rows:
 *   a = x W + b + h' U;  i = sigmoid(a_i)  f = sigmoid(a_f)  g = tanh(a_g)  o = sigmoid(a_o);  c = f c' + i g;  h = o tanh(c)
 * with h', c' the state of the same sentence one step before (after, in the backward direction), or zero.
 *
 * Speed alone on one core (Xeon, AVX-512, Node 20.20), B=32, T=32, D=2, forward and backward, multiply-adds of the products only:
 * I=64, H=64 141 ms, 2.8 GFLOP/s; I=100, H=128 462 ms, 3.1 GFLOP/s. The products take nine tenths of it.
 */
export function lstm(
  shape: LstmShape,
  x: Float32Array,
  w: Float32Array,
  b: Float32Array,
  stepSizes: Int32Array,
): [h: Float32Array, reserve: Float32Array] {
  const { rows, inputs, units, directions } = shape;
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
      for (let j = 0; j < gates; j++) reserve[at + j] = b[direction * gates + j];
    }
    const packedW = packColumns({ data: w, offset: wAt, row: gates, column: 1 }, inputs, gates);
    kept.offset = base;
    multiplyAdd(rows, gates, inputs, { data: x, offset: 0, row: inputs, column: 1 }, packedW, kept); // (N, 4H)

    const packedU = packColumns({ data: w, offset: wAt + inputs * gates, row: gates, column: 1 }, units, gates);
    for (const { first, size, previous, alive } of stepsOf(stepSizes, direction)) {
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
  return [h, reserve];
}

/** Gates, cell and output of one row; `cBefore` is where c' lies, -1 where the sentence starts. */
function cell(r: Float32Array, at: number, cBefore: number, h: Float32Array, hAt: number, units: number): void {
  for (let j = 0; j < units; j++) {
    const p = at + j;
    const i = 1 / (1 + Math.exp(-r[p]));
    const f = 1 / (1 + Math.exp(-r[p + units]));
    const g = tanh(r[p + 2 * units]);
    const o = 1 / (1 + Math.exp(-r[p + 3 * units]));
    const c = i * g + (cBefore < 0 ? 0 : f * r[cBefore + j]);
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

/**
 * Gradient of `lstm`. Steps are walked against the forward order; each turns dh and dc of its rows into the gradient of its gate
 * inputs, and takes that through U to the rows of the step before. Then one product each over all rows: dx = da W^T, and
 * [dW; dU] = [x h']^T da.
 */
export function lstmGrad(
  shape: LstmShape,
  x: Float32Array,
  w: Float32Array,
  _b: Float32Array,
  stepSizes: Int32Array,
  h: Float32Array,
  reserve: Float32Array,
  dh: Float32Array,
): [dx: Float32Array, dw: Float32Array, db: Float32Array] {
  const { rows, inputs, units, directions } = shape;
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
      for (let j = 0; j < units; j++) dState.data[n * units + j] = dh[n * hRow + hAt + j];
      for (let j = 0; j < inputs; j++) xh[n * width + j] = x[n * inputs + j];
    }
    dCell.fill(0);

    const transposedU = { data: w, offset: wAt + inputs * gates, row: 1, column: gates }; // (4H, H)
    const packedU = packColumns(transposedU, gates, units);
    for (const { first, size, previous, alive } of stepsOf(stepSizes, direction).reverse()) {
      for (let i = 0; i < size; i++) {
        const n = first + i;
        const before = i < alive ? previous + i : -1;
        cellGrad(reserve, base, n, before, units, dState.data, dCell, da.data);
        for (let j = 0; j < units; j++) xh[n * width + inputs + j] = before < 0 ? 0 : h[before * hRow + hAt + j];
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
    for (let n = 0; n < rows; n++) for (let j = 0; j < gates; j++) db[direction * gates + j] += da.data[n * gates + j];
  }
  return [dx, dw, db];
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
    const i = reserve[p];
    const f = reserve[p + units];
    const g = reserve[p + 2 * units];
    const o = reserve[p + 3 * units];
    const tanhC = reserve[p + 5 * units];
    const dhj = dh[n * units + j];
    const dcj = dc[n * units + j] + dhj * o * (1 - tanhC * tanhC);
    const to = n * 4 * units + j;
    da[to] = dcj * g * i * (1 - i);
    da[to + units] = before < 0 ? 0 : dcj * reserve[cBefore + j] * f * (1 - f);
    da[to + 2 * units] = dcj * i * (1 - g * g);
    da[to + 3 * units] = dhj * tanhC * o * (1 - o);
    if (before >= 0) dc[before * units + j] = dcj * f;
  }
}
