import type { AdamOptions } from '../kernelSet';

/** Adam (Kingma and Ba 2015, algorithm 1) in place; formula in names.ts. Arithmetic in double, state in float32. */
export function adam(
  param: Float32Array,
  m: Float32Array,
  v: Float32Array,
  grad: Float32Array,
  options: AdamOptions,
): void {
  update(param, m, v, grad, 0, 0, param.length, options);
}

/** The same for the named rows of a table alone: grad row u belongs to table row rows[u]. */
export function adamRows(
  param: Float32Array,
  m: Float32Array,
  v: Float32Array,
  rows: Int32Array,
  grad: Float32Array,
  width: number,
  options: AdamOptions,
): void {
  for (let u = 0; u < rows.length; u++) {
    if (rows[u] < 0 || (rows[u] + 1) * width > param.length)
      throw new RangeError(`adamRows: ${rows[u]} is not a row of the table`);
    update(param, m, v, grad, rows[u] * width, u * width, width, options);
  }
}

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
    const g = grad[gradAt + i] * scale;
    const p = at + i;
    const mi = beta1 * m[p] + (1 - beta1) * g;
    const vi = beta2 * v[p] + (1 - beta2) * g * g;
    m[p] = mi;
    v[p] = vi;
    param[p] -= (stepSize * mi) / (Math.sqrt(vi * vScale) + epsilon);
  }
}
