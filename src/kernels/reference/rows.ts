import type { TableLookup } from '../kernelSet';

/** Row n of the output is row ids[n] of each table, side by side: (N, sum of the widths). Ids must lie within their table. */
export function embed(rows: number, tables: readonly TableLookup[]): Float32Array {
  const stride = tables.reduce((sum, { width }) => sum + width, 0);
  const x = new Float32Array(rows * stride);
  let column = 0;
  for (const { table, ids, width } of tables) {
    for (let n = 0; n < rows; n++) {
      const from = ids[n] * width;
      if (from < 0 || from >= table.length) throw new RangeError(`embed: id ${ids[n]} is not a row of its table`);
      for (let j = 0; j < width; j++) x[n * stride + column + j] = table[from + j];
    }
    column += width;
  }
  return x;
}

/** Sums of the gradient rows of each distinct id, in the order of first appearance, added in float32 and row order. */
export function sumRows(
  ids: Int32Array,
  grad: Float32Array,
  stride: number,
  from: number,
  width: number,
): [rows: Int32Array, sums: Float32Array] {
  const slots = new Map<number, number>();
  const slotOf = new Int32Array(ids.length);
  for (let n = 0; n < ids.length; n++) {
    let slot = slots.get(ids[n]);
    if (slot === undefined) slots.set(ids[n], (slot = slots.size));
    slotOf[n] = slot;
  }
  const sums = new Float32Array(slots.size * width);
  for (let n = 0; n < ids.length; n++) {
    const to = slotOf[n] * width;
    const at = n * stride + from;
    for (let j = 0; j < width; j++) sums[to + j] += grad[at + j];
  }
  return [Int32Array.from(slots.keys()), sums];
}
