import { present } from '../errors';
import type { Column } from '../features';
import type { Rng } from '../rng';
import { type OutputBias, OUTPUT_BIASES } from './outputBias';
import { type TaggerSpec, type Weight, weightShapes } from './spec';

/**
 * Initial weights, drawn in JavaScript from a generator per weight: the same on every engine.
 *   embeddings        uniform in +-sqrt(3 / width): standard deviation 1 / sqrt(width) (as Ma and Hovy 2016); then what the
 *                     feature puts in their place
 *   filters           Glorot; bias = 0
 *   LSTM input        uniform in +-sqrt(6 / (inputs + units)), gate by gate (Glorot and Bengio 2010)
 *   LSTM recurrent    orthogonal, gate by gate (Saxe et al. 2014)
 *   LSTM bias         0, the forget gate's 1 (Jozefowicz et al. 2015)
 *   output            Glorot; bias = log of the smoothed class priors, (count + 1) / (tokens + C): the untrained tagger predicts
 *                     the class distribution, which with rare classes saves the epochs of learning it (as Lin et al. 2017)
 *   head              0
 * @param counts training tokens of each label (C)
 * @param columns of the features, where they have values of their own for their tables
 */
export function initialWeights(
  spec: TaggerSpec,
  counts: readonly number[],
  rng: Rng,
  columns: readonly Column[] = [],
  outputBias: OutputBias = 'priors',
): Weight[] {
  const units = spec.hidden;
  const tables = new Set(spec.tables.map(({ name }) => name));
  const filters = new Set(spec.tables.map((table) => `${table.name}.w`));
  return weightShapes(spec).map(({ name, shape }) => {
    const draw = rng.split(name);
    const axis = (a: number): number => present(shape[a], `axis ${a} of ${name}`);
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (tables.has(name)) {
      uniform(values, Math.sqrt(3 / axis(1)), draw);
      columns.find((column) => column.name === name)?.initial?.(values);
    } else if (name === 'output.b') values.set(OUTPUT_BIASES[outputBias].of(counts));
    else if (name === 'output.w') uniform(values, Math.sqrt(6 / (axis(0) + axis(1))), draw);
    else if (filters.has(name)) uniform(values, Math.sqrt(6 / (axis(0) + axis(1))), draw);
    else if (/^lstm\d+\.w$/.test(name)) recurrentLayer(values, axis(1) - units, units, draw);
    else if (/^lstm\d+\.b$/.test(name)) for (const d of [0, 4]) values.fill(1, (d + 1) * units, (d + 2) * units);
    return { name, shape, values };
  });
}

function uniform(values: Float32Array, limit: number, rng: Rng): void {
  for (let i = 0; i < values.length; i++) values[i] = (2 * rng.float() - 1) * limit;
}

/** w (2, I+H, 4H): the input rows, then the recurrent rows with an orthogonal (H, H) block for each gate. */
function recurrentLayer(w: Float32Array, inputs: number, units: number, rng: Rng): void {
  const gates = 4 * units;
  for (let direction = 0; direction < 2; direction++) {
    const input = direction * (inputs + units) * gates;
    const recurrent = input + inputs * gates;
    uniform(w.subarray(input, recurrent), Math.sqrt(6 / (inputs + units)), rng);
    for (let gate = 0; gate < 4; gate++) {
      orthogonal(units, rng).forEach((row, i) => w.set(row, recurrent + i * gates + gate * units));
    }
  }
}

/**
 * A random orthogonal matrix: rows of normals made orthonormal by modified Gram-Schmidt, in double precision, each row twice
 * so that rounding does not add up. 8 matrices of 256 x 256 take about half a second.
 */
export function orthogonal(n: number, rng: Rng): Float64Array[] {
  const rows: Float64Array[] = [];
  while (rows.length < n) {
    const row = Float64Array.from({ length: n }, () => rng.normal());
    for (let pass = 0; pass < 2; pass++) {
      for (const other of rows) subtract(row, other, dot(row, other));
    }
    const norm = Math.sqrt(dot(row, row));
    if (norm < 1e-6) continue; // drawn inside the span of the others: draw again
    for (let i = 0; i < n; i++) row[i] = (row[i] as number) / norm;
    rows.push(row);
  }
  return rows;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function subtract(a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] as number) - factor * (b[i] as number);
}
