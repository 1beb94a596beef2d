import { present } from '../errors';
import { op } from './op';

/**
 * Rows of several tables side by side: row n is table0[ids0[n]], table1[ids1[n]], ... Ids must lie within their table (RangeError).
 * Not differentiable on the tape, which would make gradients of whole tables: see `sumRows`.
 */
export const embed = op({
  name: 'DscEmbed',
  inputs: { 'table*': 'V* E*', 'ids*': 'int32 N' },
  attributes: {},
  outputs: { x: 'N E*' },
  body({ table: tables, ids }, { N: rows, E: widths }) {
    const stride = widths.reduce((sum, width) => sum + width, 0);
    const x = new Float32Array(rows * stride);
    let column = 0;
    for (const [i, table] of tables.entries()) {
      const [width, own] = [present(widths[i], 'width'), present(ids[i], 'ids')];
      for (let n = 0; n < rows; n++) {
        const id = own[n] as number;
        const from = id * width;
        if (from < 0 || from >= table.length) throw new RangeError(`embed: id ${id} is not a row of its table`);
        for (let j = 0; j < width; j++) x[n * stride + column + j] = table[from + j] as number;
      }
      column += width;
    }
    return { x };
  },
  tolerance: 0,
  example: {
    dims: { N: 20, V: [11, 11], E: [4, 3] },
    draw: { ids: (rng, length) => Int32Array.from({ length }, () => rng.int(11)) },
  },
});
