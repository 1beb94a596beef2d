import { present } from '../errors';
import { weightOf } from '../heads';
import type { Weight } from '../model/spec';
import type { Tagger } from '../model/tagger';
import type { RowGradient } from './optimiser';

/**
 * Exponential moving averages of the weights of a tagger, on the host: after update t, average = d average + (1 - d) weight with
 * d = min(decay, (1 + t) / (10 + t)), which forgets the first weights sooner (as TensorFlow's ExponentialMovingAverage and spaCy).
 * Before the first update they are the weights. Tables that keep their values have none.
 *
 * An update changes a few rows of a table: the average of every other row only comes nearer to it, by a factor that is made up
 * for when the row is changed next, or when all are asked for. That is exact, and costs what the rows of a batch cost.
 */
export interface Averages {
  /** Does an update of the tagger, and follows it. @param tables by name, the rows that the update changes */
  follow(tables: ReadonlyMap<string, Pick<RowGradient, 'rows'>>, update: () => void): void;
  /** Makes up for every row that is behind. */
  catchUp(): void;
  /** Names of the weights that have one. */
  readonly names: ReadonlySet<string>;
  /** Copies of the averages as they are. */
  weights(): Weight[];
  /** Of each table, the updates that its rows are behind. (V) each */
  behind(): Weight[];
  /** Takes both. @param update updates done so far. @throws Error where they are not of this tagger */
  load(weights: readonly Weight[], behind: readonly Weight[], update: number): void;
}

export function createAverages(tagger: Tagger, decay: number): Averages {
  const tables = new Map(tagger.spec.tables.map((table) => [table.name, table]));
  const averages = new Map<string, Weight>();
  const current = new Map<string, Int32Array>(); // of each row, the update that its average is of. (V) each
  let update = 0;
  for (const weight of tagger.weights()) {
    if (tables.get(weight.name)?.rate === 0) continue;
    averages.set(weight.name, weight);
    const table = tables.get(weight.name);
    if (table) current.set(weight.name, new Int32Array(table.rows));
  }
  const valuesOf = (name: string): Float32Array => weightOf(tagger.variables, name).dataSync<'float32'>();
  const averageOf = (name: string): Float32Array => present(averages.get(name), name).values;

  /** Brings some rows of a table to the update before `to`, where they had the values that they have now. */
  function makeUp(name: string, rows: Iterable<number>, to: number): void {
    const [average, values, at] = [averageOf(name), valuesOf(name), present(current.get(name), name)];
    const width = values.length / at.length;
    let [from, factor] = [-1, 1]; // rows are mostly behind by the same
    for (const row of rows) {
      const since = at[row] as number;
      if (since === to) continue;
      if (since !== from) [from, factor] = [since, left(since, to, decay)];
      approach(average, values, row * width, (row + 1) * width, factor);
      at[row] = to;
    }
  }

  return {
    names: new Set(averages.keys()),
    follow(changed, change) {
      const rowsOf = new Map([...changed].map(([name, { rows }]) => [name, rows.dataSync<'int32'>()]));
      for (const [name, rows] of rowsOf) makeUp(name, rows, update);
      change();
      update++;
      for (const [name, rows] of rowsOf) makeUp(name, rows, update);
      const factor = left(update - 1, update, decay);
      for (const { name, values } of averages.values())
        if (!tables.has(name)) approach(values, valuesOf(name), 0, values.length, factor);
    },
    catchUp() {
      for (const [name, { length }] of current) makeUp(name, Array(length).keys(), update);
    },
    weights: () => [...averages.values()].map((weight) => ({ ...weight, values: weight.values.slice() })),
    behind: () =>
      [...current].map(([name, at]) => ({
        name,
        shape: [at.length],
        values: Float32Array.from(at, (t) => update - t),
      })),
    load(weights, behind, now) {
      const find = (all: readonly Weight[], name: string, length: number): Float32Array => {
        const found = all.find((weight) => weight.name === name)?.values;
        if (found?.length === length) return found;
        throw new Error(`averages: ${name} does not fit`);
      };
      update = now;
      for (const { name, values } of averages.values()) values.set(find(weights, name, values.length));
      for (const [name, at] of current) {
        const steps = find(behind, name, at.length);
        steps.forEach((count, row) => (at[row] = now - count));
      }
    },
  };
}

/** average = value + factor (average - value), from one place to another. */
function approach(average: Float32Array, values: Float32Array, from: number, to: number, factor: number): void {
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    average[i] = value + factor * ((average[i] as number) - value);
  }
}

/** The share of an average that is left of it after the updates behind `from` up to `to`: the product of their d. */
export function left(from: number, to: number, decay: number): number {
  const steady = Math.max(0, Math.ceil((10 * decay - 1) / (1 - decay))); // from here on d is the decay
  const middle = Math.min(to, Math.max(from, steady - 1));
  let share = decay ** (to - middle);
  for (let j = 2; j <= 10; j++) share *= (from + j) / (middle + j); // of (1 + t) / (10 + t) all else cancels
  return share;
}
