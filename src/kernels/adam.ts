import type { Rng } from '../rng';
import { op } from './op';
import { COUNT, NUMBER, type Numbers, SHARE } from './signature';

/** `rate`: learning rate of this step; `step`: its number, from 1; `scale`: factor on the gradient (clipping). */
const attributes = { rate: NUMBER, beta1: SHARE, beta2: SHARE, epsilon: NUMBER, step: COUNT, scale: NUMBER };
export type AdamOptions = Numbers<typeof attributes>;

const example = {
  numbers: { rate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 3, scale: 0.5 },
  draw: {
    m: (rng: Rng, length: number) => Float32Array.from({ length }, () => 0.1 * rng.normal()),
    v: (rng: Rng, length: number) => Float32Array.from({ length }, () => (0.1 * rng.normal()) ** 2),
    rows: (_: Rng, length: number) => Int32Array.from({ length }, (__, u) => (u * 4) % 6),
  },
};

/**
 * Adam (Kingma and Ba 2015, algorithm 1) in place on param, m and v: with g = grad * scale,
 *   m = beta1 m + (1-beta1) g;  v = beta2 v + (1-beta2) g^2;  param -= rate * m_hat / (sqrt(v_hat) + epsilon)
 * where m_hat = m / (1 - beta1^step) and v_hat = v / (1 - beta2^step). Arithmetic in double, state in float32.
 */
export const adam = op({
  name: 'DscAdam',
  inputs: { param: '...', m: '...', v: '...', grad: '...' },
  attributes,
  outputs: {},
  inPlace: ['param', 'm', 'v'],
  body({ param, m, v, grad }, _, options) {
    update(param, m, v, grad, 0, 0, param.length, options);
    return {};
  },
  tolerance: 1e-5,
  example: { ...example, any: [[6, 4]] },
});

/**
 * Lazy Adam in place: `adam` on the named rows of a table alone, which are distinct; grad row u belongs to table row rows[u]. Rows
 * not named keep param, m and v; rows behind the moments, which may be those of the first M alone, are never named. Not the same
 * update as dense Adam, whose moments decay on every step (as PyTorch's SparseAdam and
 * TensorFlow Addons' LazyAdam).
 */
export const adamRows = op({
  name: 'DscAdamRows',
  inputs: { param: 'V E', m: 'M E', v: 'M E', rows: 'int32 U', grad: 'U E' },
  attributes,
  requires: ({ V, M }) => M <= V,
  outputs: {},
  inPlace: ['param', 'm', 'v'],
  body({ param, m, v, rows, grad }, { E: width }, options) {
    for (let u = 0; u < rows.length; u++) {
      const row = rows[u] as number;
      if (row < 0 || (row + 1) * width > m.length) throw new RangeError(`adamRows: ${row} is not a row with moments`);
      update(param, m, v, grad, row * width, u * width, width, options);
    }
    return {};
  },
  tolerance: 1e-5,
  example: { ...example, dims: { V: 8, M: 6, E: 4, U: 3 } },
});

function update(
  param: Float32Array,
  m: Float32Array,
  v: Float32Array,
  grad: Float32Array,
  at: number,
  gradAt: number,
  length: number,
  { rate, beta1, beta2, epsilon, step, scale }: AdamOptions,
): void {
  const stepSize = rate / (1 - beta1 ** step);
  const vScale = 1 / (1 - beta2 ** step);
  for (let i = 0; i < length; i++) {
    const g = (grad[gradAt + i] as number) * scale;
    const p = at + i;
    const mi = beta1 * (m[p] as number) + (1 - beta1) * g;
    const vi = beta2 * (v[p] as number) + (1 - beta2) * g * g;
    m[p] = mi;
    v[p] = vi;
    param[p] = (param[p] as number) - (stepSize * mi) / (Math.sqrt(vi * vScale) + epsilon);
  }
}
