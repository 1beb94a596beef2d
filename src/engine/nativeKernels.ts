import { type AdamOptions, type ArrayBodies, maxPool } from '../kernels';
import type { Addon } from './addon';
import type { BufferPool } from './bufferPool';

/** Bodies of our kernels by the addon. Large outputs come from `pool`, to which the backend gives them back when their tensor dies. */
export function nativeKernels(addon: Addon, pool: BufferPool) {
  return {
    lstm: {
      forward({ x, w, b, stepSizes }, { N, I, H, D }, { training }) {
        const h = pool.take(N * D * H);
        const reserve = pool.take(addon.reserveLength(I, H, D, stepSizes));
        addon.lstm(I, H, D, stepSizes, x, w, b, h, reserve);
        if (training !== 0) return { h, reserve };
        pool.giveBack(reserve);
        return { h, reserve: EMPTY };
      },
      gradient({ x, w, stepSizes, reserve, dh }, { I, H, D }) {
        const [dx, dw, db] = [pool.take(x.length), pool.take(w.length), pool.take(D * 4 * H)];
        addon.lstmGrad(I, H, D, stepSizes, x, w, reserve, dh, dx, dw, db);
        return { dx, dw, db };
      },
    },
    dense: {
      forward({ x, w, b }, { N, I, O }) {
        const y = pool.take(N * O);
        addon.dense(N, I, O, x, w, b, y);
        return { y };
      },
      gradient({ x, w, dy }, { N, I, O }) {
        const [dx, dw, db] = [pool.take(x.length), pool.take(w.length), pool.take(O)];
        addon.denseGrad(N, I, O, x, w, dy, dx, dw, db);
        return { dx, dw, db };
      },
    },
    crfNll: {
      forward({ emissions, transitions, start, end, gold, stepSizes }, { N, C }, { training }) {
        const reserve = training === 0 ? EMPTY : pool.take((N + C + 2) * C); // the gradients one after the other
        const loss = addon.crfNll(C, stepSizes, emissions, transitions, start, end, gold, reserve);
        return { loss: Float32Array.of(loss), reserve };
      },
      gradient({ reserve, dloss }, { N, C }) {
        const scale = dloss[0] as number;
        let from = 0;
        const next = (length: number): Float32Array => {
          const grad = pool.take(length);
          for (let i = 0; i < length; i++) grad[i] = (reserve[from + i] as number) * scale;
          from += length;
          return grad;
        };
        return { demissions: next(N * C), dtransitions: next(C * C), dstart: next(C), dend: next(C) };
      },
    },
    crfMarginals: {
      forward({ emissions, transitions, start, end, stepSizes }, { N, C }, { training }) {
        const logMarginals = pool.take(N * C);
        const reserve = training === 0 ? EMPTY : pool.take(addon.crfReserveLength(C, stepSizes));
        addon.crfMarginals(C, stepSizes, emissions, transitions, start, end, logMarginals, reserve);
        return { logMarginals, reserve };
      },
      gradient({ emissions, transitions, start, end, stepSizes, reserve, dlogMarginals }, { N, C }) {
        const [demissions, dtransitions] = [pool.take(N * C), pool.take(C * C)];
        const [dstart, dend] = [pool.take(C), pool.take(C)];
        const gradients = [demissions, dtransitions, dstart, dend] as const;
        addon.crfMarginalsGrad(
          ...([C, stepSizes, emissions, transitions, start, end, reserve, dlogMarginals] as const),
          ...gradients,
        );
        return { demissions, dtransitions, dstart, dend };
      },
    },
    decode: {
      forward({ emissions, transitions, start, end, stepSizes }, { N, C }, { outside, bias }) {
        const ids = new Int32Array(N);
        addon.decode(C, stepSizes, emissions, transitions, start, end, outside, bias, ids);
        return { ids };
      },
    },
    embed: {
      forward({ table, ids }, { N, E }) {
        const widths = Int32Array.from(E);
        const x = pool.take(N * widths.reduce((sum, width) => sum + width, 0));
        addon.embed(N, table, ids, widths, x);
        return { x };
      },
    },
    dropout: {
      forward: ({ x }, _, { rate, seed }) => ({ y: dropout(x, rate, seed) }),
      gradient: ({ dy }, _, { rate, seed }) => ({ dx: dropout(dy, rate, seed) }),
    },
    sumRows: {
      forward({ ids, grad }, { G, E }, { from }) {
        const rows = new Int32Array(ids.length);
        const slotOf = new Int32Array(ids.length);
        const count = addon.distinct(ids, rows, slotOf);
        const sums = pool.take(count * E);
        addon.sumRows(count, slotOf, G, from, E, grad, sums);
        return { rows: rows.slice(0, count), sums };
      },
    },
    // a look at each number that `dense` has just made: the loops of the reference are a small part of that
    maxPool: {
      forward: (inputs, dims) => maxPool.forward.body(inputs, dims, {}),
      gradient: (inputs, dims) => maxPool.gradient.body(inputs, dims, {}),
    },
    globalNorm: { forward: ({ x }) => ({ norm: Float32Array.of(addon.globalNorm(x)) }) },
    adam: {
      forward({ param, m, v, grad }, _, options) {
        addon.adam(param, m, v, grad, ...settings(options));
        return {};
      },
    },
    adamRows: {
      forward({ param, m, v, rows, grad }, { E }, options) {
        addon.adamRows(E, param.subarray(0, m.length), m, v, rows, grad, ...settings(options));
        return {};
      },
    },
  } satisfies ArrayBodies;

  function dropout(x: Float32Array, rate: number, seed: number): Float32Array {
    const y = pool.take(x.length);
    addon.dropout(x, y, rate, seed);
    return y;
  }
}

const EMPTY = new Float32Array(0);

type Settings = [rate: number, beta1: number, beta2: number, epsilon: number, step: number, scale: number];

function settings({ rate, beta1, beta2, epsilon, step, scale }: AdamOptions): Settings {
  return [rate, beta1, beta2, epsilon, step, scale];
}
