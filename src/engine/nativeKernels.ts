import type { AdamOptions, KernelSet } from '../kernels/kernelSet';
import type { Addon } from './addon';
import type { BufferPool } from './bufferPool';

/** Our kernels by the addon. Large outputs come from `pool`, to which the backend gives them back when their tensor dies. */
export function nativeKernels(addon: Addon, pool: BufferPool): KernelSet {
  return {
    lstm({ rows, inputs, units, directions }, x, w, b, stepSizes, training) {
      const h = pool.take(rows * directions * units);
      const reserve = pool.take(addon.reserveLength(inputs, units, directions, stepSizes));
      addon.lstm(inputs, units, directions, stepSizes, x, w, b, h, reserve);
      if (training) return [h, reserve];
      pool.giveBack(reserve);
      return [h, new Float32Array(0)];
    },
    lstmGrad({ inputs, units, directions }, x, w, b, stepSizes, _h, reserve, dh) {
      const [dx, dw, db] = [pool.take(x.length), pool.take(w.length), pool.take(b.length)];
      addon.lstmGrad(inputs, units, directions, stepSizes, x, w, reserve, dh, dx, dw, db);
      return [dx, dw, db];
    },
    dense(rows, inputs, outputs, x, w, b) {
      const y = pool.take(rows * outputs);
      addon.dense(rows, inputs, outputs, x, w, b, y);
      return y;
    },
    denseGrad(rows, inputs, outputs, x, w, dy) {
      const [dx, dw, db] = [pool.take(x.length), pool.take(w.length), pool.take(outputs)];
      addon.denseGrad(rows, inputs, outputs, x, w, dy, dx, dw, db);
      return [dx, dw, db];
    },
    embed(rows, tables) {
      const widths = Int32Array.from(tables, ({ width }) => width);
      const x = pool.take(rows * widths.reduce((sum, width) => sum + width, 0));
      addon.embed(
        rows,
        tables.map(({ table }) => table),
        tables.map(({ ids }) => ids),
        widths,
        x,
      );
      return x;
    },
    dropout(x, rate, seed) {
      const y = pool.take(x.length);
      addon.dropout(x, y, rate, seed >>> 0);
      return y;
    },
    sumRows(ids, grad, stride, from, width) {
      const rows = new Int32Array(ids.length);
      const slotOf = new Int32Array(ids.length);
      const count = addon.distinct(ids, rows, slotOf);
      const sums = pool.take(count * width);
      addon.sumRows(count, slotOf, stride, from, width, grad, sums);
      return [rows.slice(0, count), sums];
    },
    globalNorm: (tensors) => addon.globalNorm(tensors),
    adam(param, m, v, grad, options) {
      addon.adam(param, m, v, grad, ...settings(options));
    },
    adamRows(param, m, v, rows, grad, width, options) {
      addon.adamRows(width, param, m, v, rows, grad, ...settings(options));
    },
  };
}

type Settings = [rate: number, beta1: number, beta2: number, epsilon: number, step: number, scale: number];

function settings({ rate, beta1, beta2, epsilon, step, scale }: AdamOptions): Settings {
  return [rate, beta1, beta2, epsilon, step, scale];
}
